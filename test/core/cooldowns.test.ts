// Owns the proof of which engines rest for all tasks, and for how long.
import { expect, test } from 'vitest';
import { cooldownsOf } from '../../src/core/cooldowns.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import { history, minutes, policy, snapshot, task } from './facts.ts';

function resting(outcome: OutcomeKind, at: number, not_before: number | null = null): Readonly<Record<string, string>> {
  const reset = not_before === null ? null : minutes(not_before);
  const limited = task(1, { records: history([[outcome, { at: minutes(at), not_before: reset }]]) });
  const ends = [...cooldownsOf(snapshot([limited]), policy())].map(([key, { until }]) => [key.trim(), until]);
  return Object.fromEntries(ends);
}

test('half an hour for a key, an hour for a model, or as long as the vendor says [BLT-04]', () => {
  expect(resting('rate_limit', -1)).toEqual({ claude: minutes(29) });
  expect(resting('model_unavailable', -1)).toEqual({ claude: minutes(59) });
  expect(resting('rate_limit', -1, 200)).toEqual({ claude: minutes(200) });
  expect(resting('rate_limit', -30)).toEqual({});
  expect(resting('crashed', -1)).toEqual({});
});

test('a vendor is believed for eight days, and only of a limit', () => {
  expect(resting('rate_limit', 0, 60 * 24 * 7)).toEqual({ claude: minutes(60 * 24 * 7) });
  expect(resting('rate_limit', 0, 60 * 24 * 365)).toEqual({ claude: minutes(60 * 24 * 8) });
  expect(resting('model_unavailable', -1, 60 * 24 * 7)).toEqual({ claude: minutes(59) });
});

function restsAfter(outcome: OutcomeKind, at: number): boolean {
  const limited = task(1, { records: history([['rate_limit', { at: minutes(-5) }]]) });
  const other = task(2, { records: history([[outcome, { at: minutes(at) }]]) });
  return cooldownsOf(snapshot([limited, other]), policy()).has('claude');
}

test.each(['delivered', 'no_change', 'proof_failed'] as const)(
  'work that gets through since ends it: %s',
  (outcome) => {
    expect(restsAfter(outcome, -6)).toBe(true);
    expect(restsAfter(outcome, -4)).toBe(false);
  },
);

test.each(['cancelled', 'crashed', 'auth', 'timeout', 'stalled', 'failed', 'model_unavailable'] as const)(
  'an attempt that was %s since says nothing of the limit',
  (outcome) => expect(restsAfter(outcome, -4)).toBe(true),
);
