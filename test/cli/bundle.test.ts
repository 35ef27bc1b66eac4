// Proves which bundle the demo and the tests run.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseBundle } from '../../src/cli/bundle.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'orch-bundle-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes a file that was last changed on the given day of an epoch all tests share. */
function changedOn(day: number, file: string): void {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, '');
  utimesSync(full, day * 86_400, day * 86_400);
}

const choice = (env: { CI?: string } = {}) => {
  const { file, ...rest } = chooseBundle(root, env);
  return { file: path.relative(root, file), ...rest };
};

test('a fresh clone runs what is committed', () => {
  changedOn(1, 'src/main.ts');
  changedOn(1, 'dist/index.js');
  expect(choice()).toEqual({ file: 'dist/index.js', which: 'dist', says: 'Running the committed bundle, dist/.' });
});

test('a build that is newer than dist wins, and says so', () => {
  changedOn(1, 'dist/index.js');
  changedOn(2, 'src/main.ts');
  changedOn(3, 'build/dist/index.js');
  expect(choice()).toEqual({
    file: 'build/dist/index.js',
    which: 'build',
    says: 'Running build/dist/, which is newer than dist/.',
  });
});

test('an older build is passed over', () => {
  changedOn(1, 'src/main.ts');
  changedOn(2, 'build/dist/index.js');
  changedOn(3, 'dist/index.js');
  expect(choice().which).toBe('dist');
});

test('a bundle older than its sources says how to renew it', () => {
  changedOn(1, 'dist/index.js');
  changedOn(2, 'src/main.ts');
  expect(choice().says).toBe(
    'Running the committed bundle, dist/. Its sources have changed since: `npm run build` brings it up to date.',
  );
});

test('CI runs dist alone, however new a build is', () => {
  changedOn(1, 'dist/index.js');
  changedOn(2, 'build/dist/index.js');
  expect(choice({ CI: 'true' })).toMatchObject({ which: 'dist', says: 'Running the committed bundle, dist/.' });
});
