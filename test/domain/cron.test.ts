// Owns the proof of schedules: the wall clock of a zone, both changes of its clocks, and no look at our own clock.
import { afterEach, describe, expect, test, vi } from 'vitest';
import fc from 'fast-check';
import { lastDue, nextDue } from '../../src/domain/cron.ts';
import { Instant } from '../../src/domain/ids.ts';
import { scheduleProblem } from '../../src/domain/schedule.ts';

const berlin = (cron: string) => ({ cron, timezone: 'Europe/Berlin' });
const at = (text: string): Instant => Instant.parse(text);

function dueFrom(cron: string, from: string, count: number): readonly string[] {
  const due: string[] = [];
  let now = at(from);
  for (let index = 0; index < count; index += 1) {
    now = nextDue(berlin(cron), now) ?? now;
    due.push(now.slice(0, 16));
  }
  return due;
}

describe('a schedule means the clock on the wall of its zone', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a time that the clocks jump over comes right after the gap, once', () => {
    expect(dueFrom('30 2 * * *', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  test('a time that the clocks show twice counts once, the first time', () => {
    expect(dueFrom('30 2 * * *', '2026-10-24T00:00:00Z', 3)).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  test('what comes every hour comes every hour, whatever the clocks do', () => {
    expect(dueFrom('30 * * * *', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
    expect(dueFrom('30 * * * *', '2026-10-24T23:00:00Z', 4)).toEqual([
      '2026-10-24T23:30',
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ]);
  });

  test('looking back finds what looking forward found, the very instant included', () => {
    const schedule = berlin('30 2 * * *');
    for (const due of dueFrom('30 2 * * *', '2026-03-20T00:00:00Z', 300).map((text) => at(`${text}:00.000Z`))) {
      expect(lastDue(schedule, due)).toBe(due);
      expect(lastDue(schedule, at(due.replace(':00.000Z', ':59Z')))).toBe(due);
    }
  });

  test('our own clock does not matter', () => {
    const answers = ['2001-01-01', '2040-06-01'].map((today) => {
      vi.useFakeTimers({ now: new Date(today) });
      return [
        lastDue(berlin('0 6 * * MON'), at('2026-11-20T12:00:00Z')),
        nextDue(berlin('0 6 * * MON'), at('2026-11-20T12:00:00Z')),
      ];
    });
    expect(answers[0]).toEqual(['2026-11-16T05:00:00.000Z', '2026-11-23T05:00:00.000Z']);
    expect(answers[1]).toEqual(answers[0]);
  });
});

const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
function field(min: number, max: number, words: readonly string[]): fc.Arbitrary<string> {
  const one = words.length === 0 ? number(min, max) : fc.oneof(number(min, max), fc.constantFrom(...words));
  const range = fc
    .tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.option(number(1, 9)))
    .map(([a, b, step]) => `${Math.min(a, b)}-${Math.max(a, b)}${step === null ? '' : `/${step}`}`);
  const item = fc.oneof(
    { weight: 9, arbitrary: fc.oneof(fc.constant('*'), one, range) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        number(0, 70).map((step) => `*/${step}`),
        fc.tuple(one, one).map(([a, b]) => `${a}-${b}`),
        fc.string({ maxLength: 3 }),
      ),
    },
  );
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','));
}

describe('what the configuration takes', () => {
  test('the calendar understands, and finds a time for', () => {
    const cron = fc
      .tuple(
        field(0, 59, []),
        field(0, 23, []),
        field(1, 31, []),
        field(1, 12, ['FEB', 'nov']),
        field(0, 7, ['MON', 'sun', 'FRI']),
      )
      .map((fields) => fields.join(' '));
    let taken = 0;
    fc.assert(
      fc.property(cron, (text) => {
        const schedule = berlin(text);
        if (scheduleProblem(schedule) !== null) return;
        taken += 1;
        expect(nextDue(schedule, at('2026-11-20T12:00:00Z')), text).not.toBe(null);
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test.each([
    '30 2 * * *',
    '*/15 * * * *',
    '0 6 * * MON-FRI',
    '0 6 1,15 JAN-JUN/2 *',
    '0 0 29 2 *',
    '@daily',
    '0 0 * * fri-sun',
  ])('it takes %j', (cron) => {
    expect(scheduleProblem(berlin(cron))).toBe(null);
  });

  test.each([
    '',
    'x',
    '* * * *',
    '0 0 0 * * *',
    '60 * * * *',
    '*/0 * * * *',
    '5-1 * * * *',
    '5/2 * * * *',
    '0 0 31 2,4 *',
    '0 0 L * *',
  ])('it refuses %j', (cron) => {
    expect(scheduleProblem(berlin(cron))?.key).toBe('cron');
  });
});
