// Owns which bundle the demo and the tests run: a fresh build when there is one, the committed one else.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

export interface Bundle {
  readonly file: string;
  readonly which: 'build' | 'dist';
}

/** On CI the committed bundle is what counts, and it was compared with the source before. */
export function bundleInUse(env: Readonly<Record<string, string | undefined>>): Bundle {
  const dist: Bundle = { file: path.join(ROOT, 'dist', 'index.js'), which: 'dist' };
  const build: Bundle = { file: path.join(ROOT, 'build', 'dist', 'index.js'), which: 'build' };
  if (env['CI'] === 'true' || !existsSync(build.file)) return dist;
  return !existsSync(dist.file) || newest(path.dirname(build.file)) > newest(path.dirname(dist.file)) ? build : dist;
}

function newest(folder: string): number {
  return Math.max(...readdirSync(folder).map((name) => statSync(path.join(folder, name)).mtimeMs));
}
