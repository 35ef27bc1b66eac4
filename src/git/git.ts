// Owns running git: argument arrays, no shell, no configuration but ours, credentials in the environment only.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '@actions/exec';
import { Fault, personFault, retryFault } from '../domain/fault.ts';

/** More than any answer we ask for; a repository that makes git say more is stopped. */
const OUTPUT_BYTES_MAX = 512 * 1024 * 1024;
const ERROR_TEXT_MAX = 2_000;

export interface GitRemote {
  /** `https://github.com/owner/name.git`; never with a credential in it. */
  readonly url: string;
  readonly token: string;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a mode adds: the way out of the machine, and the pace of writing. */
export interface GitOptions {
  /** The process environment; only proxies and certificate files are taken from it. */
  readonly surroundings?: Readonly<Record<string, string | undefined>>;
  /** Awaited before every push. */
  readonly beforePush?: () => Promise<void>;
}

export interface RunOptions {
  readonly input?: Buffer;
  /** Endings other than exit code 0 that the caller reads by itself. */
  readonly allowed?: (code: number, stderr: string) => boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the output as it comes; `stdout` of the result is then empty. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** For who takes the output as it comes and keeps little of it. */
  readonly output_bytes_max?: number;
}

export interface Git {
  /** The bare repository's folder. */
  readonly dir: string;
  readonly remote: GitRemote;
  run(args: readonly string[], options?: RunOptions): Promise<GitResult>;
  beforePush(): Promise<void>;
  /** Processes started so far; the benches count them. */
  processes(): number;
}

/**
 * A fresh bare repository of ours. Written by hand: `git init` would cost a process and copy the machine's templates,
 * hooks included.
 */
export async function openGit(dir: string, remote: GitRemote, given: GitOptions = {}): Promise<Git> {
  await mkdir(path.join(dir, 'objects'), { recursive: true });
  await mkdir(path.join(dir, 'refs'), { recursive: true });
  await writeFile(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(path.join(dir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  const env = { ...environment(remote), ...passedOn(given.surroundings ?? {}) };
  let processes = 0;
  return {
    dir,
    remote,
    processes: () => processes,
    beforePush: given.beforePush ?? (() => Promise.resolve()),
    run: (args, options = {}) => {
      processes += 1;
      return runGit({ dir, remote, args, options, env });
    },
  };
}

interface Running {
  readonly dir: string;
  readonly remote: GitRemote;
  readonly args: readonly string[];
  readonly options: RunOptions;
  readonly env: Readonly<Record<string, string>>;
}

async function runGit({ dir, remote, args, options, env }: Running): Promise<GitResult> {
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  let bytes = 0;
  const bytes_max = options.output_bytes_max ?? OUTPUT_BYTES_MAX;
  const code = await exec('git', [`--git-dir=${dir}`, ...args], {
    silent: true,
    ignoreReturnCode: true,
    cwd: dir,
    env: { ...env, ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
    listeners: {
      stdout: (chunk) => {
        bytes += chunk.length;
        if (bytes > bytes_max) return;
        if (options.onOutput === undefined) chunks.push(chunk);
        else options.onOutput(chunk);
      },
      stderr: (chunk) => errors.push(chunk),
    },
  });
  const stderr = redacted(Buffer.concat(errors).toString('utf8'), remote);
  if (bytes > bytes_max) throw tooMuch(args, bytes_max);
  if (code !== 0 && options.allowed?.(code, stderr) !== true) throw gitFault(args, code, stderr);
  return { code, stdout: Buffer.concat(chunks), stderr };
}

/** Nothing of the machine's git configuration counts, and nothing may ask a question. */
function environment(remote: GitRemote): Readonly<Record<string, string>> {
  const basic = Buffer.from(`x-access-token:${remote.token}`).toString('base64');
  const settings: readonly (readonly [string, string])[] = [
    [`http.${new URL(remote.url).origin}/.extraheader`, `AUTHORIZATION: basic ${basic}`],
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['credential.helper', ''],
    // This repository dies with the job; waiting for the disk, once for every ref, would be most of a large fetch.
    ['core.fsync', 'none'],
    ['http.followRedirects', 'false'],
    // Nothing else ends a connection that stays open and says nothing: `@actions/exec` cannot stop a process.
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '120'],
    ['protocol.allow', 'never'],
    ['protocol.http.allow', 'always'],
    ['protocol.https.allow', 'always'],
    ['protocol.file.allow', 'never'],
  ];
  const pairs = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(pairs),
  };
}

/** How a self-hosted runner reaches the network. Everything else of the machine's environment stays outside. */
const PASSED_ON: readonly string[] = [
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
];

function passedOn(surroundings: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const pairs = PASSED_ON.map((name): [string, string | undefined] => [name, surroundings[name]]);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function redacted(text: string, { token }: GitRemote): string {
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return text.replaceAll(token, '***').replaceAll(basic, '***').slice(0, ERROR_TEXT_MAX);
}

export function tooMuch(args: readonly string[], bytes_max: number): Fault {
  return personFault({
    title: 'git said more than Orch reads',
    cause: `git ${args[0] ?? ''} printed more than ${bytes_max} bytes`,
    remedy: 'The repository is larger than Orch supports in this place; please report it.',
  });
}

/** What git itself says of an answer; a number alone could be part of an object id. */
const DENIED =
  /returned error: 40[13]|HTTP (?:code = )?40[13]|Authentication failed|could not read Username|Permission to .* denied|not accessible by/i;
const HIDDEN = /returned error: 404|repository '.*' not found|Repository not found/i;
const LIMITED = /returned error: 429/;

export function isDenied(stderr: string): boolean {
  return DENIED.test(stderr);
}

function gitFault(args: readonly string[], code: number, stderr: string): Fault {
  const text = { title: `git ${args[0] ?? ''} failed`, cause: `exit ${code}: ${stderr.trim()}` };
  if (isDenied(stderr)) {
    return personFault({
      ...text,
      remedy: 'Give the job the permissions of docs/caller.yml; `contents: write` is needed to push.',
    });
  }
  if (HIDDEN.test(stderr)) {
    return personFault({ ...text, remedy: 'Check that the token reaches this repository: `contents: read` at least.' });
  }
  const remedy = 'Passing trouble is retried by the next tick; if it stays, see the message above.';
  return LIMITED.test(stderr) ? new Fault({ ...text, remedy, consequence: 'wait' }) : retryFault({ ...text, remedy });
}
