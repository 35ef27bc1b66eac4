// Owns reading many git objects at once: commits by one `log`, anything else by one `cat-file --batch`.
import type { Git } from './git.ts';

export interface GitObject {
  readonly type: string;
  readonly content: Buffer;
}

const NEWLINE = 0x0a;

/** The named objects; missing ones are left out. */
export async function readObjects(git: Git, names: readonly string[]): Promise<ReadonlyMap<string, GitObject>> {
  const { stdout } = await git.run(['cat-file', '--batch', '--buffer'], {
    input: Buffer.from(`${names.join('\n')}\n`),
  });
  return parseBatch(stdout);
}

/** `<oid> SP <type> SP <size> LF <content> LF`, or `<name> missing LF`. */
function parseBatch(bytes: Buffer): ReadonlyMap<string, GitObject> {
  const objects = new Map<string, GitObject>();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) break;
    const [oid = '', type = '', size = ''] = bytes.toString('latin1', at, end).split(' ');
    if (size === '') {
      at = end + 1;
      continue;
    }
    const start = end + 1;
    const stop = start + Number(size);
    objects.set(oid, { type, content: bytes.subarray(start, stop) });
    at = stop + 1;
  }
  return objects;
}

export interface CommitText {
  readonly parent: string | null;
  readonly message: string;
}

/**
 * Every commit that the refs lead to, by id. Commits alone: asking for all objects would bring every version of the
 * history's files, and the trees of a base that was fetched.
 */
export async function readCommits(git: Git, refs: readonly string[]): Promise<ReadonlyMap<string, CommitText>> {
  const { stdout } = await git.run(['log', '-z', '--no-color', '--no-notes', '--format=%H %P%n%B', ...refs]);
  const commits = new Map<string, CommitText>();
  for (let at = 0; at < stdout.length;) {
    const nul = stdout.indexOf(0, at);
    const end = nul < 0 ? stdout.length : nul;
    const line = stdout.indexOf(NEWLINE, at);
    const [oid = '', parent] = stdout.toString('latin1', at, line).split(' ');
    commits.set(oid, { parent: parent || null, message: stdout.toString('utf8', line + 1, end) });
    at = end + 1;
  }
  return commits;
}
