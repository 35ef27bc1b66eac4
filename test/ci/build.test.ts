// Proves that the comparison of dist and the licence notices notice what they are there for.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differingFiles } from '../../.ci/build.ts';
import { licenceNotices, packagesIn } from '../../.ci/notices.ts';

let room: string;
beforeEach(() => {
  room = mkdtempSync(path.join(tmpdir(), 'orch-build-'));
});
afterEach(() => rmSync(room, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(room, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const differing = (): readonly string[] => differingFiles(path.join(room, 'a'), path.join(room, 'b'));

test('two bundles are equal when every byte of every file is', () => {
  for (const side of ['a', 'b']) write(`${side}/vendor/x64/apply`, 'program');
  expect(differing()).toEqual([]);
});

test('a changed byte, a missing file and a lost right to be executed are each named', () => {
  for (const side of ['a', 'b']) write(`${side}/index.js`, `code of ${side}`);
  write('a/1.index.js', 'only here');
  write('a/vendor/apply', 'program');
  chmodSync(write('b/vendor/apply', 'program'), 0o755);
  expect(differing()).toEqual(['1.index.js', 'index.js', 'vendor/apply']);
});

test('notices hold each package once, nested copies of other versions too, in order, with their texts', () => {
  const place = (folder: string, version: string, licence?: string): string => {
    const name = folder.split('node_modules/').at(-1) ?? '';
    write(`${folder}/package.json`, JSON.stringify({ name, version, license: 'MIT', author: 'Somebody' }));
    if (licence !== undefined) write(`${folder}/LICENSE`, licence);
    return path.join(room, folder, 'lib', 'index.js');
  };
  const outer = place('node_modules/@scope/b', '2.0.0', 'Text of b.');
  const nested = place('node_modules/@scope/b/node_modules/a', '1.0.0');
  const stats = write(
    'stats.json',
    JSON.stringify({
      modules: [
        { nameForCondition: outer, modules: [{ nameForCondition: nested }, { nameForCondition: outer }] },
        { nameForCondition: null },
      ],
    }),
  );
  const [head, b, a] = licenceNotices(packagesIn(stats)).split(`\n${'-'.repeat(78)}\n\n`);
  expect(head).toContain('each under its own licence');
  expect(b).toBe('@scope/b 2.0.0 (MIT)\n\nText of b.\n');
  expect(a).toBe('a 1.0.0 (MIT)\n\nThe package ships no text. Author: Somebody.\n');
});
