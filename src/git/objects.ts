// Owns reading many git objects at once: commits by one `log`, anything else by one `cat-file --batch`.
import { tooMuch } from './git.ts';
import type { Git } from './git.ts';

export interface GitObject {
  readonly type: string;
  readonly bytes: number;
  /** null: larger than was asked to be kept. */
  readonly content: Buffer | null;
}

const NEWLINE = 0x0a;
/** What is kept of one reading. */
const KEPT_BYTES_MAX = 512 * 1024 * 1024;
/** What may flow by: whoever made it large had to make git unpack it first. */
const FLOW_BYTES_MAX = 64 * 1024 * 1024 * 1024;

/**
 * The named objects in the order asked, by object id; missing ones are left out. Sizes and contents in one process:
 * what is larger than `content_bytes_max` flows by unkept.
 */
export async function readObjects(
  git: Git,
  names: readonly string[],
  content_bytes_max: number = KEPT_BYTES_MAX,
): Promise<ReadonlyMap<string, GitObject>> {
  const args = ['cat-file', '--batch', '--buffer'];
  const parser = createBatchParser(content_bytes_max);
  await git.run(args, {
    input: Buffer.from(`${names.join('\n')}\n`),
    onOutput: parser.take,
    output_bytes_max: FLOW_BYTES_MAX,
  });
  if (parser.kept_bytes() > KEPT_BYTES_MAX) throw tooMuch(args, KEPT_BYTES_MAX);
  return parser.objects;
}

interface Under {
  readonly oid: string;
  readonly type: string;
  readonly bytes: number;
  readonly is_kept: boolean;
  readonly parts: Buffer[];
  /** Of the content and the line's end after it. */
  left: number;
}

/** `<oid> SP <type> SP <size> LF <content> LF`, or `<name> missing LF`, cut anywhere. */
function createBatchParser(content_bytes_max: number) {
  const objects = new Map<string, GitObject>();
  let head = '';
  let under: Under | null = null;
  let kept_bytes = 0;

  const begin = (line: string): Under | null => {
    const [oid = '', type = '', size = ''] = line.split(' ');
    if (size === '') return null;
    const bytes = Number(size);
    const is_kept = bytes <= content_bytes_max && kept_bytes + bytes <= KEPT_BYTES_MAX;
    if (bytes <= content_bytes_max) kept_bytes += bytes;
    return { oid, type, bytes, is_kept, parts: [], left: bytes + 1 };
  };
  /** Gives back how far it read. */
  const readHead = (chunk: Buffer, at: number): number => {
    const end = chunk.indexOf(NEWLINE, at);
    head += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.length;
    under = begin(head);
    head = '';
    return end + 1;
  };
  const readBody = (chunk: Buffer, at: number, object: Under): number => {
    const taken = chunk.subarray(at, at + object.left);
    object.left -= taken.length;
    if (object.is_kept) object.parts.push(taken);
    if (object.left === 0) {
      const { oid, type, bytes, is_kept, parts } = object;
      objects.set(oid, { type, bytes, content: is_kept ? Buffer.concat(parts).subarray(0, bytes) : null });
      under = null;
    }
    return at + taken.length;
  };
  return {
    objects,
    kept_bytes: () => kept_bytes,
    take: (chunk: Buffer): void => {
      for (let at = 0; at < chunk.length;) at = under === null ? readHead(chunk, at) : readBody(chunk, at, under);
    },
  };
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
