// Owns running git: argument arrays, no shell, no configuration but ours, credentials in the environment only.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exec } from '@actions/exec';
import { Fault, retryFault } from '../domain/fault.ts';

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

export interface RunOptions {
  readonly input?: Buffer;
  /** Exit codes other than 0 that the caller reads by itself. */
  readonly allowed?: (code: number) => boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Git {
  /** The bare repository's folder. */
  readonly dir: string;
  readonly remote: GitRemote;
  run(args: readonly string[], options?: RunOptions): Promise<GitResult>;
  /** Processes started so far; the benches count them. */
  processes(): number;
}

/**
 * A fresh bare repository of ours. Written by hand: `git init` would cost a process and copy the machine's templates,
 * hooks included.
 */
export async function openGit(dir: string, remote: GitRemote): Promise<Git> {
  await mkdir(path.join(dir, 'objects'), { recursive: true });
  await mkdir(path.join(dir, 'refs'), { recursive: true });
  await writeFile(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(path.join(dir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
  let processes = 0;
  return {
    dir,
    remote,
    processes: () => processes,
    run: (args, options = {}) => {
      processes += 1;
      return runGit({ dir, remote, args, options });
    },
  };
}

interface Running {
  readonly dir: string;
  readonly remote: GitRemote;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

async function runGit({ dir, remote, args, options }: Running): Promise<GitResult> {
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  let bytes = 0;
  const code = await exec('git', [`--git-dir=${dir}`, ...args], {
    silent: true,
    ignoreReturnCode: true,
    cwd: dir,
    env: environment(remote, options.env ?? {}),
    ...(options.input === undefined ? {} : { input: options.input }),
    listeners: {
      stdout: (chunk) => {
        bytes += chunk.length;
        if (bytes <= OUTPUT_BYTES_MAX) chunks.push(chunk);
      },
      stderr: (chunk) => errors.push(chunk),
    },
  });
  const stderr = redacted(Buffer.concat(errors).toString('utf8'), remote);
  if (bytes > OUTPUT_BYTES_MAX) throw tooMuch(args);
  if (code !== 0 && options.allowed?.(code) !== true) throw gitFault(args, code, stderr);
  return { code, stdout: Buffer.concat(chunks), stderr };
}

/** Nothing of the machine's git configuration counts, and nothing may ask a question. */
function environment(remote: GitRemote, extra: Readonly<Record<string, string>>): Record<string, string> {
  const basic = Buffer.from(`x-access-token:${remote.token}`).toString('base64');
  const settings: readonly (readonly [string, string])[] = [
    [`http.${new URL(remote.url).origin}/.extraheader`, `AUTHORIZATION: basic ${basic}`],
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['credential.helper', ''],
    ['http.followRedirects', 'false'],
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
    ...extra,
  };
}

function redacted(text: string, { token }: GitRemote): string {
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return text.replaceAll(token, '***').replaceAll(basic, '***').slice(0, ERROR_TEXT_MAX);
}

function tooMuch(args: readonly string[]): Fault {
  return new Fault({
    consequence: 'person',
    title: 'git said more than Orch reads',
    cause: `git ${args[0] ?? ''} printed more than ${OUTPUT_BYTES_MAX} bytes`,
    remedy: 'The repository is larger than Orch supports in this place; please report it.',
  });
}

function gitFault(args: readonly string[], code: number, stderr: string): Fault {
  const text = { title: `git ${args[0] ?? ''} failed`, cause: `exit ${code}: ${stderr.trim()}` };
  if (/40[13]|Authentication failed|Permission to .* denied|not accessible/i.test(stderr)) {
    return new Fault({
      ...text,
      consequence: 'person',
      remedy: 'Give the job the permissions of docs/caller.yml; `contents: write` is needed to push.',
    });
  }
  return retryFault({
    ...text,
    remedy: 'Passing trouble is retried by the next tick; if it stays, see the message above.',
  });
}
