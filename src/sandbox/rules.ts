// Owns what a sandbox allows and how that reads as the runtime's configuration; the types other wings see.
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { FilesystemPathEntry, SandboxRuntimeConfig } from '@anthropic-ai/sandbox-runtime';
import { bugFault, personFault } from '../domain/fault.ts';

/**
 * Over TLS this works for every client that trusts the certificates its environment names (a pinning client fails,
 * closed). Over plain HTTP, on loopback alone, for clients that ask the proxy in absolute form: curl, node:http,
 * claude and codex do; Node's fetch tunnels instead, and the server gets the stand-in.
 */
export interface MaskedCredential {
  /** Variable that holds a stand-in inside, the real value outside only. */
  readonly env: string;
  readonly value: string;
  /** Host names without wildcard; only requests to these carry the real value, on any port. */
  readonly hosts: readonly string[];
}

/** A server on this machine's loopback, reachable from inside under a made-up name (`model.test`). */
export interface LoopbackName {
  readonly name: string;
  readonly port: number;
}

export interface SandboxRules {
  /** Existing folders; everything else is read-only. */
  readonly write_paths: readonly string[];
  /** Files and folders hidden from reading. `/tmp` is hidden and private anyway. */
  readonly read_deny_paths: readonly string[];
  /** Readable again beneath a hidden folder; needed for whatever lies below `/tmp`. */
  readonly read_paths: readonly string[];
  /** `host`, `host:port` or `*.host`; nothing else can be reached. */
  readonly allowed_hosts: readonly string[];
  readonly masked_credentials: readonly MaskedCredential[];
  readonly loopback_names: readonly LoopbackName[];
  /** `…/seccomp/<x64|arm64>/apply-seccomp`; without it nothing starts. */
  readonly seccomp_helper_path: string;
  /** Lets the real key travel over plain HTTP, to loopback names alone. */
  readonly plaintext_to_loopback: boolean;
}

export type Sink = (chunk: Buffer) => void;

export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Complete: nothing is inherited. Without HOME, the sandbox's own empty one. */
  readonly env: Readonly<Record<string, string>>;
  /** `undefined` closes stdin. */
  readonly stdin: string | undefined;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Inside isolation a death by signal n shows as code 128 + n, as in a shell. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StopGrace {
  readonly interrupt_ms: number;
  readonly terminate_ms: number;
}

export interface RunningProcess {
  /** Leader of a process group of its own, on this side of the sandbox. */
  readonly pid: number;
  wait(): Promise<ProcessEnd>;
  /** SIGINT to the program itself and its group, past the wrappers. */
  interrupt(): void;
  terminate(): void;
  kill(): void;
  /** Interrupt, then terminate, then kill, each after its grace. */
  stop(grace: StopGrace): Promise<ProcessEnd>;
}

export interface Sandbox {
  /** False when policy switched isolation off: reports show it in red. */
  readonly isolated: boolean;
  spawn(request: SpawnRequest): Promise<RunningProcess>;
  /** A loopback URL as the program inside must spell it; others unchanged. */
  urlInside(url: string): string;
  /** What was refused so far, the last hundred, oldest first. */
  violations(): readonly string[];
  /** Kills what still runs, removes what it left; idempotent. */
  close(): Promise<void>;
}

/** Folders one sandbox owns on disk; `own` is read-only inside. */
export interface Scratch {
  readonly root: string;
  readonly own: string;
  readonly tmp: string;
  readonly home: string;
  readonly seccomp_helper: string;
  /** Teaches a JVM the proxy's address; absent where a build does not ship it. */
  readonly java_agent: string | undefined;
}

/** Tokens and the runner's file commands travel in these: nobody inside gets them, whoever asks. */
const WITHHELD = /^(GITHUB_|ACTIONS_|INPUT_|RUNNER_TRACKING_ID$)/i;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface InsideEnv {
  readonly env: Readonly<Record<string, string>>;
  readonly withheld: readonly string[];
}

/** The environment a program gets; HOME is always one of ours. */
export function renderEnv(request: SpawnRequest, rules: SandboxRules, scratch: Scratch): InsideEnv {
  const given = Object.entries(request.env);
  const withheld = given.map(([name]) => name).filter((name) => WITHHELD.test(name));
  const env = Object.fromEntries(given.filter(([name]) => !WITHHELD.test(name)));
  const bad = Object.keys(env).find((name) => !NAME.test(name));
  if (bad !== undefined) throw misuse(`"${bad}" is no variable name a shell would pass on`);
  const home = env.HOME ?? scratch.home;
  if (![scratch.home, ...rules.write_paths].some((root) => isBeneath(home, root))) {
    throw misuse(`HOME is ${home}, which is not below a writable path`);
  }
  // Node sends fetch and http through the proxy only when told to: https://nodejs.org/api/cli.html#node_use_env_proxy1
  return { env: { TMPDIR: scratch.tmp, NODE_USE_ENV_PROXY: '1', ...env, HOME: home }, withheld };
}

/** The real key may stand in no argument, variable or input of a program that is to see a stand-in. */
export function refuseRealKeys(request: SpawnRequest, rules: SandboxRules): void {
  const texts = [...request.argv, ...Object.values(request.env), request.stdin ?? ''];
  for (const { env, value } of rules.masked_credentials) {
    if (texts.some((text) => text.includes(value)))
      throw misuse(`the real value of ${env} was handed to a program inside`);
  }
}

export function renderUrlInside(url: string, rules: SandboxRules): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  const mapped = rules.loopback_names.find(({ port }) => LOOPBACK.has(parsed.hostname) && parsed.port === String(port));
  if (mapped === undefined) return url;
  // Replaced in the text: URL would add a slash some CLIs then double.
  return url.replace(parsed.host, `${mapped.name}:${mapped.port}`);
}

/** Refuses rules that would quietly promise less than they say. */
export function checkRules(rules: SandboxRules): void {
  const empty = rules.masked_credentials.find(({ value }) => value === '');
  if (empty !== undefined) throw misuse(`the masked credential ${empty.env} is empty`);
  if (!rules.plaintext_to_loopback) return;
  const names = new Set(rules.loopback_names.map(({ name }) => name.toLowerCase()));
  const host = rules.masked_credentials.flatMap(injectionHosts).find((each) => !names.has(each));
  if (host !== undefined) throw misuse(`the key for ${host} would leave this machine over plain HTTP`);
}

export function injectionHosts(credential: MaskedCredential): string[] {
  return credential.hosts.map((host) => withoutPort(host.toLowerCase()));
}

/** The runtime's configuration; `proxy_port` is our loopback proxy's, when names are mapped. */
export function renderConfig(
  rules: SandboxRules,
  scratch: Scratch,
  proxy_port: number | undefined,
): SandboxRuntimeConfig {
  const hosts = rules.allowed_hosts.map((host) => host.toLowerCase());
  const names = rules.loopback_names.map(({ name, port }) => `${name}:${port}`);
  const masked = new Set(rules.masked_credentials.flatMap(injectionHosts));
  const direct = hosts.map(withoutPort).filter((host) => !rules.loopback_names.some(({ name }) => covers(host, name)));
  return {
    network: {
      allowedDomains: [...hosts, ...names],
      deniedDomains: [],
      strictAllowlist: true,
      ...(proxy_port === undefined
        ? {}
        : {
            parentProxy: {
              http: `http://127.0.0.1:${proxy_port}`,
              https: `http://127.0.0.1:${proxy_port}`,
              noProxy: direct.join(','),
            },
          }),
      ...(masked.size > 0 && !rules.plaintext_to_loopback
        ? {
            tlsTerminate: {
              excludeDomains: hosts.map(withoutPort).filter((host) => ![...masked].some((name) => covers(host, name))),
            },
          }
        : {}),
    },
    filesystem: renderFilesystem(rules, scratch),
    // No variable is listed: the runtime would read the real value from our own environment, where it must not be.
    credentials: { envVars: [], allowPlaintextInject: rules.plaintext_to_loopback },
    seccomp: { applyPath: scratch.seccomp_helper },
    // Left out, the runtime asks `npm root -g` where it may be.
    javaAgentJarPath: scratch.java_agent ?? scratch.seccomp_helper,
    // Looks for shell and editor settings below *our* working directory, which nobody inside can write.
    mandatoryDenySearchDepth: 1,
  };
}

export function renderFilesystem(rules: SandboxRules, scratch: Scratch): SandboxRuntimeConfig['filesystem'] {
  const writable = [...rules.write_paths, scratch.tmp, scratch.home];
  // A private /tmp: nothing is read from or left to another task, and scripts that insist on /tmp still work.
  const private_tmp = writable.some((root) => isBeneath('/tmp', root)) ? [] : ['/tmp'];
  return {
    denyRead: [...private_tmp, ...rules.read_deny_paths].map(literal),
    allowRead: [
      ...rules.read_paths.flatMap((root) => readableAround(root, writable, hiddenBelow(root, rules))),
      scratch.own,
    ].map(literal),
    allowWrite: writable.map(literal),
    denyWrite: [...runtimeExtras(), scratch.own].map(literal),
  };
}

/** A hidden folder above does not count: a path that is named beneath it is the exception to it. */
function hiddenBelow(root: string, { read_deny_paths }: SandboxRules): readonly string[] {
  return read_deny_paths.filter((hidden) => !isBeneath(root, hidden));
}

/** Beyond this the kernel's and bubblewrap's own limits are near. */
const READABLE_MAX = 500;

/**
 * The runtime mounts readable paths after writable ones, so one above the other would make it read-only:
 * such a folder is given as its entries, leaving out those on the way to a writable or hidden path.
 */
export function readableAround(
  root: string,
  writable: readonly string[],
  hidden: readonly string[],
): readonly string[] {
  if ([...writable, ...hidden].some((each) => isBeneath(root, each))) return [];
  if (!writable.some((each) => isBeneath(each, root))) return [root];
  const found = readdirSync(root).flatMap((name) => readableAround(path.join(root, name), writable, hidden));
  if (found.length > READABLE_MAX)
    throw refusedRules(`${root} has more than ${READABLE_MAX} entries beside the writable folder in it`);
  return found;
}

/** The runtime makes these writable unasked; shared between tasks, they are a channel. */
function runtimeExtras(): readonly string[] {
  return ['/tmp/claude', path.join(homedir(), '.npm/_logs'), path.join(homedir(), '.claude/debug')];
}

/** Written out as a literal, `[x]` in a folder's name is no pattern. */
export function literal(name: string): FilesystemPathEntry {
  return { path: name, literal: true };
}

export function isBeneath(name: string, root: string): boolean {
  const relative = path.relative(root, name);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Both ways: a pattern that reaches the host, and a host that is the pattern. */
function covers(pattern: string, host: string): boolean {
  return pattern === host.toLowerCase() || (pattern.startsWith('*.') && host.toLowerCase().endsWith(pattern.slice(1)));
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

export function misuse(cause: string): Error {
  return bugFault({
    title: 'The sandbox was asked for something unsafe',
    cause,
    remedy: 'Please report this as a bug, with the run link.',
  });
}

export function refusedRules(cause: string): Error {
  return personFault({
    title: 'The sandbox refuses its rules',
    cause,
    remedy: 'Correct the hosts and paths in .github/orch.yml.',
  });
}
