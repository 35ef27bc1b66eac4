// Owns the proof of schedules: the wall clock of a zone, both changes of its clocks, and no look at our own clock.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lastDue, nextDue, scheduleProblem } from '../../src/domain/cron.ts';
import { Instant } from '../../src/domain/ids.ts';

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
        scheduleProblem(berlin('0 6 * * MON')),
      ];
    });
    expect(answers[0]).toEqual(['2026-11-16T05:00:00.000Z', '2026-11-23T05:00:00.000Z', null]);
    expect(answers[1]).toEqual(answers[0]);
  });
});
