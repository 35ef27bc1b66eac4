// Proves that the page of the configuration says of each key what it is, and the defaults that people ask for.
import { expect, test } from 'vitest';
import { renderPage } from '../../.ci/schema.ts';
import { VERBS } from '../../src/domain/command.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';

/** By key: what it does, what it takes, its default. */
const ROWS = new Map(
  renderPage()
    .split('\n')
    .flatMap((line): [string, readonly string[]][] => {
      const [, key = '', ...cells] = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
      const [, name = ''] = /^\| `([^`]+)`/.exec(line) ?? [];
      return name === '' ? [] : [[name, [key, ...cells]]];
    }),
);

const defaultOf = (key: string) => ROWS.get(key)?.at(-1);

test('each key says what it does', () => {
  const mute = [...ROWS].filter(([, [about = '']]) => about === '').map(([key]) => key);
  expect([ROWS.size > 100, mute]).toEqual([true, []]);
});

test('defaults are named, also those that are tables or differ by engine', () => {
  expect(['timeout_minutes', 'engines', 'engines.<name>.weight', 'attempts_max'].map(defaultOf)).toEqual([
    '`{"simple":20,"medium":40,"complex":90}`',
    '`claude`, `codex`',
    '`1`',
    '`3`',
  ]);
  for (const path of DEFAULT_POLICY.gate.protected_paths) expect(defaultOf('gate.protected_paths')).toContain(path);
  expect(ROWS.get('timeout')).toEqual(['time limit', '`longer`', '2', '']);
  expect(renderPage()).not.toContain('see the code');
});

test('each command stands beside the weakest role that may say it', () => {
  const said = [...ROWS].filter(([key]) => ['read', 'triage', 'write', 'maintain', 'admin'].includes(key));
  const verbs = said.flatMap(([role, [cell = '']]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, verb = '']) => [verb, role]),
  );
  expect(Object.fromEntries(verbs)).toEqual(DEFAULT_POLICY.commands);
  expect(verbs).toHaveLength(VERBS.length);
});
