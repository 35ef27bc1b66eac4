// Owns a real git client for tests: commands in a work tree, with a token in a header, as the action does it.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Ran {
  readonly ok: boolean;
  readonly out: string;
  readonly err: string;
}

export interface GitClient {
  readonly folder: string;
  (...args: readonly string[]): Promise<Ran>;
  /** Writes files and commits them; gives back the commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): Promise<string>;
}

export function gitClient(folder: string, token: string, scheme: 'basic' | 'bearer' = 'basic'): GitClient {
  const secret = scheme === 'basic' ? Buffer.from(`x-access-token:${token}`).toString('base64') : token;
  mkdirSync(folder, { recursive: true });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: '3',
    GIT_CONFIG_KEY_0: 'http.extraheader',
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: ${scheme} ${secret}`,
    GIT_CONFIG_KEY_1: 'user.name',
    GIT_CONFIG_VALUE_1: 'Ada',
    GIT_CONFIG_KEY_2: 'user.email',
    GIT_CONFIG_VALUE_2: 'ada@example.test',
  };
  const git = async (...args: readonly string[]): Promise<Ran> => {
    try {
      const { stdout, stderr } = await run('git', args, { cwd: folder, env });
      return { ok: true, out: stdout.trim(), err: stderr };
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, out: stdout.trim(), err: stderr };
    }
  };
  const commit = async (files: Readonly<Record<string, string>>, message = 'Change'): Promise<string> => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    await git('add', '--all');
    const made = await git('commit', '--quiet', '--allow-empty', '-m', message);
    if (!made.ok) throw new Error(made.err);
    return (await git('rev-parse', 'HEAD')).out;
  };
  return Object.assign(git, { folder, commit });
}
