// Owns the globs of `gate.protected_paths`: matched without case and from the root, as a careful reader expects.
import path from 'node:path';

/**
 * `matchesGlob` of Node; patterns without a slash match at every depth, as in .gitignore, because
 * a nested `AGENTS.md` instructs agents as well as the one at the root.
 */
export function matchesGlob(file: string, pattern: string): boolean {
  const name = file.normalize('NFC').toLowerCase();
  const glob = pattern.normalize('NFC').toLowerCase();
  if (path.posix.matchesGlob(name, glob)) return true;
  return !glob.includes('/') && path.posix.matchesGlob(path.posix.basename(name), glob);
}
