// Owns reading many git objects at once: one `cat-file --batch`, parsed from its bytes.
import type { Git } from './git.ts';

export interface GitObject {
  readonly type: string;
  readonly content: Buffer;
}

const NEWLINE = 0x0a;

/** Every object of our bare repository, which holds nothing but what we fetched. */
export async function readAllObjects(git: Git): Promise<ReadonlyMap<string, GitObject>> {
  const { stdout } = await git.run(['cat-file', '--batch', '--batch-all-objects', '--unordered', '--buffer']);
  return parseBatch(stdout);
}

/** The named objects; missing ones are left out. */
export async function readObjects(git: Git, names: readonly string[]): Promise<ReadonlyMap<string, GitObject>> {
  const { stdout } = await git.run(['cat-file', '--batch', '--buffer'], {
    input: Buffer.from(`${names.join('\n')}\n`),
  });
  return parseBatch(stdout);
}

/** `<oid> SP <type> SP <size> LF <content> LF`, or `<name> missing LF`. */
export function parseBatch(bytes: Buffer): ReadonlyMap<string, GitObject> {
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

export interface CommitObject {
  readonly tree: string;
  readonly parent: string | null;
  readonly message: string;
}

export function parseCommit(content: Buffer): CommitObject {
  const text = content.toString('utf8');
  const split = text.indexOf('\n\n');
  const head = text.slice(0, split).split('\n');
  const header = (name: string): string | null =>
    head.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
  return { tree: header('tree') ?? '', parent: header('parent'), message: text.slice(split + 2) };
}
