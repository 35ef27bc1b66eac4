// Owns reading refs straight from the repository's files: a request asks for several, and a process for each is slow.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A commit's hash, null where there is none. */
type Resolve = (revision: string) => string | null;

const HASH = /^[0-9a-f]{40}$/;
const HASHES_MAX = 100_000;

/** `ask` is git itself: for short names, for what is no plain file, and once for every hash. */
export function createResolver(directory: string, ask: Resolve): Resolve {
  const commits = new Map<string, string>();
  const peeled = (hash: string): string | null => {
    const known = commits.get(hash);
    if (known !== undefined) return known;
    const commit = ask(hash);
    // Objects never go away here, so only what was found is kept: what is missing may be pushed later.
    if (commit !== null && commits.size < HASHES_MAX) commits.set(hash, commit);
    return commit;
  };
  return (revision) => {
    if (HASH.test(revision)) return peeled(revision);
    if (!/^refs\/[^~^:?*[\\\s]+$/.test(revision) || revision.includes('..')) return ask(revision);
    const held = looseRef(directory, revision);
    if (held === 'elsewhere') return ask(revision);
    return held === null ? null : peeled(held);
  };
}

/** `elsewhere` when the answer is not a file with a hash in it: a symbolic ref, or one that may be packed. */
function looseRef(directory: string, ref: string): string | null {
  const text = textOf(join(directory, ref));
  if (text === null) return existsSync(join(directory, 'packed-refs')) ? 'elsewhere' : null;
  const hash = text.trimEnd();
  return HASH.test(hash) ? hash : 'elsewhere';
}

/** null also for a folder: `refs/heads/orch` is no ref where `refs/heads/orch/1-a` is one. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
