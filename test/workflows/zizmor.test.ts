// Proves that zizmor, which hunts for insecure workflows, finds nothing in any of ours at its strictest.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const VERSION = '1.32.0';
const INSTALLED_BY_CI = path.join(ROOT, 'build', 'tools', 'zizmor', 'bin', 'zizmor');

const zizmor = existsSync(INSTALLED_BY_CI) ? INSTALLED_BY_CI : 'zizmor';
const run = (...args: readonly string[]) => spawnSync(zizmor, args, { cwd: ROOT, encoding: 'utf8' });

test('the version we know is installed', () => {
  expect(run('--version').stdout, `install it: pip install zizmor==${VERSION} (.ci/run does)`).toContain(VERSION);
});

test('[SEC-08] zizmor finds nothing in the workflows, the caller file and the action', () => {
  const outcome = run(
    '--offline',
    '--no-progress',
    '--pedantic',
    '--color=never',
    '--config=test/workflows/zizmor.yml',
    '.github/workflows',
    'docs/caller.yml',
    'action.yml',
  );
  expect(outcome.stderr).toContain('completed docs/caller.yml');
  expect(outcome.stdout).toContain('No findings to report');
  expect(outcome.status).toBe(0);
});
