// Owns the choice between the two bundles: what a build just wrote, or what is committed.
import { globSync, statSync } from 'node:fs';
import path from 'node:path';

/** A checkout writes its files one after the other; what differs by less was not edited. */
const CHECKOUT_MS = 120_000;

export interface BundleChoice {
  /** Absolute path of the bundle's entry. */
  readonly path: string;
  readonly which: 'build' | 'dist';
  /** One line for people: which bundle runs, and why. */
  readonly says: string;
}

/**
 * On a laptop a fresh build wins, so that a change can be tried without committing `dist/`. CI never looks at `build/`:
 * what it proves is what users download.
 */
export function chooseBundle(root: string, env: { readonly CI?: string | undefined }): BundleChoice {
  const dist = path.join(root, 'dist', 'index.js');
  const build = path.join(root, 'build', 'dist', 'index.js');
  if (env.CI !== undefined && env.CI !== '' && env.CI !== 'false') {
    return { path: dist, which: 'dist', says: 'Running dist/, as CI always does.' };
  }
  if (changedAt(build) > changedAt(dist)) {
    return {
      path: build,
      which: 'build',
      says: `Running build/dist/, which is newer than dist/.${stale(root, build)}`,
    };
  }
  return { path: dist, which: 'dist', says: `Running dist/.${stale(root, dist)}` };
}

function stale(root: string, bundle: string): string {
  const newest = Math.max(...globSync('src/**/*.ts', { cwd: root }).map((file) => changedAt(path.join(root, file))));
  return newest > changedAt(bundle) + CHECKOUT_MS
    ? ' Its sources have changed since: `npm run build` brings it up to date.'
    : '';
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
