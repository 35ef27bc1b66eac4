// Proves that the one argv → shell string function gives back every argument, byte for byte, through real shells.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteArgv } from '../../src/sandbox/process.ts';

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom("'", '"', '\\', '$', '(', ')', '`', '\n', ' ', '!', '*', '~', '#', '=', '-', 'é'),
    maxLength: 20,
  }),
  fc.constantFrom(
    '',
    '-n',
    '--',
    "it's",
    '$(id)',
    '`id`',
    '${HOME}',
    '\r\n',
    '\\',
    "'\\''",
    '=ls',
    '{a,b}',
    '\u{1f600}',
  ),
);
const argv = fc.array(
  word.map((text) => text.replaceAll('\0', '')),
  { minLength: 1, maxLength: 30 },
);

test.each(['sh', 'bash'])('%s reads back what was quoted', (shell) => {
  fc.assert(
    fc.property(argv, (words) => {
      const script = `printf '%s\\0' ${quoteArgv(words)}`;
      const said = spawnSync(shell, ['-c', script], { encoding: 'utf8' });
      expect(said.stdout.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60 },
  );
});

test('nothing quoted is nothing', () => {
  expect(quoteArgv([])).toBe('');
});
