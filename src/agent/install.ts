// Owns having an engine's CLI at its pinned version: the one on PATH when it is that one, else a fresh install from npm.
import { accessSync, constants, realpathSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { retryFault, personFault } from '../domain/fault.ts';
import type { Engine, EnginePackage } from './engine.ts';
import type { Env } from './environment.ts';
import { runProgram } from './run-program.ts';
import type { Installed } from './ports.ts';

const INSTALL_MS_MAX = 300_000;
const VERSION_MS_MAX = 20_000;

export interface InstallAsk {
  readonly engine: Engine;
  /** null: whatever is on PATH. */
  readonly version: string | null;
  /** Where installs go: `<folder>/<engine>-<version>`; kept between attempts on runners that keep files. */
  readonly folder: string;
  readonly env: Env;
  readonly platform: string;
  readonly arch: string;
}

export async function installEngine(ask: InstallAsk): Promise<Installed> {
  const cli = ask.engine.package;
  if (cli === null)
    return { executable: null, version: null, how: 'runs the command of the configuration', read_paths: [] };
  return (await onPath(ask, cli)) ?? (await fromNpm(ask, cli));
}

async function onPath(ask: InstallAsk, cli: EnginePackage): Promise<Installed | null> {
  const found = findProgram(cli.program, ask.env['PATH'] ?? '');
  if (found === null) return null;
  const said = await runProgram({
    argv: [found, ...cli.version_args],
    cwd: '/',
    env: toolEnv(ask.env),
    timeout_ms: VERSION_MS_MAX,
  });
  const words = said.stdout.split(/\s+/);
  const is_pinned = ask.version === null || words.includes(ask.version);
  if (said.code !== 0 || !is_pinned) return null;
  const version = ask.version ?? words.find((word) => /^\d+\.\d+\.\d+/.test(word)) ?? null;
  // What is on PATH is often a link, and the folder it stands in may be hidden inside the sandbox.
  const executable = realpathSync(found);
  return { executable, version, how: `found ${found}`, read_paths: [path.dirname(executable)] };
}

/**
 * Without install scripts: they would run with the job's rights, and the platform packages are programs already.
 * Installed beside its place and moved there, so that a cancelled install is never mistaken for a whole one.
 */
async function fromNpm(ask: InstallAsk, cli: EnginePackage): Promise<Installed> {
  const binary = cli.binary(ask.platform, ask.arch);
  if (binary === null || ask.version === null) throw notOffered(cli, ask);
  const folder = path.join(ask.folder, `${ask.engine.id}-${ask.version}`);
  const executable = path.join(folder, 'node_modules', binary);
  const installed: Installed = {
    executable,
    version: ask.version,
    how: `installed ${cli.name}@${ask.version}`,
    read_paths: [folder],
  };
  if (isExecutable(executable)) return { ...installed, how: `found ${cli.name}@${ask.version}` };
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  const npm = findProgram('npm', ask.env['PATH'] ?? '');
  if (npm === null) throw noNpm(cli);
  const flags = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--save-exact',
    '--loglevel=error',
  ];
  const argv = [npm, 'install', '--prefix', partial, ...flags, `${cli.name}@${ask.version}`];
  const ran = await runProgram({ argv, cwd: partial, env: toolEnv(ask.env), timeout_ms: INSTALL_MS_MAX });
  if (ran.code !== 0 || !isExecutable(path.join(partial, 'node_modules', binary))) {
    await rm(partial, { recursive: true, force: true });
    throw notInstalled(cli, ask.version, ran.stderr);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return installed;
}

/** npm finds its registry, proxy and certificates by these; no token of the job is among them. */
const TOOL_VARIABLE =
  /^(?:PATH|HOME|LANG|LC_ALL|TMPDIR|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|npm_config_\w+)$/i;

function toolEnv(env: Env): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && TOOL_VARIABLE.test(name) ? [[name, value]] : [],
    ),
  );
}

export function findProgram(program: string, search_path: string): string | null {
  const folders = search_path.split(':').filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, program)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notOffered(cli: EnginePackage, { platform, arch, version }: InstallAsk): Error {
  return personFault({
    title: `${cli.program} cannot be installed here`,
    cause: version === null ? 'no version is pinned' : `${cli.name} offers no program for ${platform} on ${arch}`,
    remedy: `Run attempts on Linux (x64 or arm64), or put \`${cli.program}\` on PATH.`,
  });
}

function noNpm(cli: EnginePackage): Error {
  return personFault({
    title: 'npm is missing',
    cause: `npm is not on PATH, and neither is ${cli.program} at its pinned version`,
    remedy: `Install npm on the runner, or put \`${cli.program}\` on PATH.`,
  });
}

function notInstalled(cli: EnginePackage, version: string, stderr: string): Error {
  return retryFault({
    title: `${cli.name}@${version} was not installed`,
    cause: stderr.trim().split('\n').slice(-3).join(' ') || 'npm gave no reason',
    remedy: 'A passing registry problem is retried; if it stays, check the version in `engines` and the registry.',
  });
}
