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

export interface Commit {
  readonly oid: string;
  readonly parent: string | null;
  readonly message: string;
}

/**
 * Every commit that `refs` (names, or `--glob=…`) lead to, children before parents and one chain after the other, each
 * handed over as it is read: ten thousand journals are never in memory at once. Commits alone: all objects would bring
 * every version of the history's files, and the trees of a base that was fetched.
 */
export async function eachCommit(git: Git, refs: readonly string[], take: (commit: Commit) => void): Promise<void> {
  let rest = Buffer.alloc(0);
  await git.run(['log', '-z', '--topo-order', '--no-color', '--no-notes', '--format=%H %P%n%B', ...refs, '--'], {
    onOutput: (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (let end = bytes.indexOf(0, at); end >= 0; end = bytes.indexOf(0, at)) {
        take(commitIn(bytes.subarray(at, end)));
        at = end + 1;
      }
      rest = Buffer.from(bytes.subarray(at));
    },
  });
  if (rest.length > 0) take(commitIn(rest));
}

function commitIn(bytes: Buffer): Commit {
  const line = bytes.indexOf(NEWLINE);
  const [oid = '', parent = ''] = bytes.toString('latin1', 0, line).split(' ');
  return { oid, parent: parent === '' ? null : parent, message: bytes.toString('utf8', line + 1) };
}
