// Owns which bundle the demo and the tests run: what a build just wrote, or what is committed.
import { globSync, statSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** A checkout writes its files one after the other; what differs by less was not edited. */
const CHECKOUT_MS = 120_000;

export interface Bundle {
  /** Absolute path of the bundle's entry. */
  readonly file: string;
  readonly which: 'build' | 'dist';
  /** One line for people: which bundle runs, and whether it is what the sources give. */
  readonly says: string;
}

type Env = Readonly<Record<string, string | undefined>>;

export function bundleInUse(env: Env): Bundle {
  return chooseBundle(ROOT, env);
}

/**
 * On a laptop a fresh build wins, so that a change can be tried without committing `dist/`. CI never looks at `build/`:
 * what it proves is what users download, and it has compared that with the sources before.
 */
export function chooseBundle(root: string, env: Env): Bundle {
  const dist = path.join(root, 'dist', 'index.js');
  const build = path.join(root, 'build', 'dist', 'index.js');
  if (isCi(env['CI'])) return { file: dist, which: 'dist', says: 'Running the committed bundle, dist/.' };
  if (changedAt(build) > changedAt(dist)) {
    return {
      file: build,
      which: 'build',
      says: `Running build/dist/, which is newer than dist/.${stale(root, build)}`,
    };
  }
  return { file: dist, which: 'dist', says: `Running the committed bundle, dist/.${stale(root, dist)}` };
}

function isCi(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false';
}

function stale(root: string, bundle: string): string {
  const newest = Math.max(...globSync('src/**/*.ts', { cwd: root }).map((name) => changedAt(path.join(root, name))));
  const edited = newest > changedAt(bundle) + CHECKOUT_MS;
  return edited ? ' Its sources have changed since: `npm run build` brings it up to date.' : '';
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
