// Owns the row about what every job downloads: the archive of this repository, as GitHub packs it for a runner.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleInUse, ROOT } from '../../src/cli/bundle.ts';
import { mb } from './row.ts';
import type { Row } from './row.ts';

const ARCHIVE_MAX_BYTES = 2_500_000;
const OUTPUT_BYTES_MAX = 512 * 1024 * 1024;

export function measureDownload(): Row {
  const committed =
    execFileSync('git', ['ls-tree', '--name-only', 'HEAD', 'dist/index.js'], { cwd: ROOT, encoding: 'utf8' }) !== '';
  const archive = packed(['archive', '--format=tar', 'HEAD'], 'git', ROOT);
  // A checkout without a committed bundle still has the one it runs.
  const { file, which } = bundleInUse(process.env);
  const bundle = committed ? 0 : packed(['-cf', '-', '-C', path.dirname(path.dirname(file)), 'dist'], 'tar', ROOT);
  const bytes = archive + bundle;
  return {
    what: 'what every job downloads',
    budget: 'repository archive ≤ 2.5 MB',
    measured: `${mb(bytes)} (tar.gz)${committed ? '' : `, of which ${mb(bundle)} is ${which}/`}`,
    met: bytes <= ARCHIVE_MAX_BYTES,
    figures: { bytes },
  };
}

function packed(args: readonly string[], program: string, cwd: string): number {
  return gzipSync(execFileSync(program, [...args], { cwd, maxBuffer: OUTPUT_BYTES_MAX })).length;
}
