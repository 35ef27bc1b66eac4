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

test('any other ending on the same key since shows that it works again', () => {
  const limited = task(1, { records: history([['rate_limit', { at: minutes(-5) }]]) });
  const worked = (at: number) => task(2, { records: history([['failed', { at: minutes(at) }]]) });
  expect(cooldownsOf(snapshot([limited, worked(-6)]), policy()).size).toBe(1);
  expect(cooldownsOf(snapshot([limited, worked(-4)]), policy()).size).toBe(0);
});
