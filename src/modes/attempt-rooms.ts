// Owns what an attempt's rooms allow: which folders, hosts and keys, and when a room may stand open.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Brief } from '../domain/brief.ts';
import { personFault } from '../domain/fault.ts';
import type { Room, RoomRules } from '../agent/ports.ts';
import type { Env } from '../input/action-inputs.ts';
import { describeSandbox, seccompHelperIn } from '../sandbox/describe.ts';
import { ensureSandbox } from '../sandbox/ensure.ts';
import { openSandbox, openUnsandboxed } from '../sandbox/sandbox.ts';
import type { SandboxRules } from '../sandbox/rules.ts';
import type { Log } from '../reconcile/ports.ts';

export interface RoomPlaces {
  readonly env: Env;
  readonly log: Log;
  readonly bundle_dir: string;
  /** RUNNER_TEMP: hidden, since other actions leave credentials there. */
  readonly temp: string;
  readonly write_paths: readonly string[];
  /** Below `temp`, and needed inside. */
  readonly read_paths: readonly string[];
}

/** Name of the model's server inside, when it stands on this machine's loopback. */
const LOOPBACK_NAME = 'model.test';
const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The demo's own scripted engine may run where no sandbox is; nothing else may. */
const UNSANDBOXED_CUSTOM = 'ORCH_DEMO_UNSANDBOXED';

/** Beside the fetch and the engine's install, so that it costs the engine none of its minutes. */
export async function prepareRooms({ env, log, bundle_dir }: RoomPlaces, { sandbox }: Brief): Promise<void> {
  if (sandbox === 'off') return;
  const host = { seccomp_helper_path: seccompHelper(bundle_dir) };
  await ensureSandbox({ host, runner_environment: env['RUNNER_ENVIRONMENT'] ?? '', log });
}

export async function openRoom(places: RoomPlaces, brief: Brief, wanted: RoomRules): Promise<Room> {
  const rules = sandboxRules(places, wanted);
  if (brief.sandbox === 'off') {
    places.log.warning('Not isolated: `sandbox: off` in .github/orch.yml. The agent can read what this job can read.');
    return openUnsandboxed(rules);
  }
  if (brief.engine.id === 'custom' && places.env[UNSANDBOXED_CUSTOM] === 'true') {
    const state = await describeSandbox(rules);
    if (!state.available) {
      places.log.warning(`Not isolated: ${state.missing.join(', ')} is missing here. ${state.remedy}`);
      return openUnsandboxed(rules);
    }
  }
  return openSandbox(rules);
}

function sandboxRules(places: RoomPlaces, { hosts, model, read_paths }: RoomRules): SandboxRules {
  const url = model !== null && URL.canParse(model.url) ? new URL(model.url) : null;
  const is_loopback = url !== null && LOOPBACK_HOSTS.has(url.hostname);
  const key_host = url === null ? null : is_loopback ? LOOPBACK_NAME : url.hostname;
  const has_key = model !== null && (model.key ?? '') !== '';
  return {
    write_paths: places.write_paths,
    read_deny_paths: hiddenPaths(places),
    read_paths: [...places.read_paths, ...read_paths],
    allowed_hosts: is_loopback ? hosts.filter((host) => host !== url.host) : hosts,
    masked_credentials:
      has_key && key_host !== null ? [{ env: model.key_env, value: model.key ?? '', hosts: [key_host] }] : [],
    loopback_names: is_loopback
      ? [{ name: LOOPBACK_NAME, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) }]
      : [],
    seccomp_helper_path: seccompHelper(places.bundle_dir),
    plaintext_to_loopback: is_loopback && url.protocol === 'http:',
  };
}

/** Where people and tools keep credentials below HOME, and where earlier steps of the job left theirs. */
const HOME_SECRETS = [
  '.ssh',
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/gh',
  '.config/git',
  '.docker',
  '.kube',
  '.gnupg',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.gitconfig',
  '.git-credentials',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.m2/settings.xml',
  '.claude',
  '.claude.json',
  '.codex',
];

function hiddenPaths({ env, temp }: RoomPlaces): readonly string[] {
  const home = env['HOME'] ?? '';
  const workspace = env['GITHUB_WORKSPACE'] ?? '';
  const event = env['GITHUB_EVENT_PATH'] ?? '';
  const paths = [
    temp,
    ...(home === '' ? [] : HOME_SECRETS.map((name) => path.join(home, name))),
    ...(workspace === '' ? [] : [path.join(workspace, '.git')]),
    ...(event === '' ? [] : [path.dirname(event)]),
  ];
  return paths.filter((each) => existsSync(each));
}

/** Beside the bundle as shipped; in the package when the sources or a local build run. */
function seccompHelper(bundle_dir: string): string {
  const vendors = ['vendor', '../vendor', '../node_modules/@anthropic-ai/sandbox-runtime/vendor'];
  const found = vendors
    .map((vendor) => seccompHelperIn(path.join(bundle_dir, vendor)))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw personFault({
    title: 'The sandbox cannot start',
    cause: `apply-seccomp for ${process.arch} is not beside ${bundle_dir}`,
    remedy: 'Use a released version of the action: it ships the helper for x64 and arm64.',
  });
}
