// Owns the proof that the calendar of the simulation is the real one.
import { expect, test } from 'vitest';
import { lastDue, nextDue } from '../../src/domain/cron.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import { CALENDAR } from '../../src/local/simulation/calendar.ts';

test('the calendar of the simulation says what the real one says, at due times and around them', () => {
  const schedules = [
    { cron: '15 10-22/3 5 1 *', timezone: 'UTC' },
    { cron: '0 1-10/3 6 1 *', timezone: 'Europe/Berlin' },
  ];
  const from_ms = Date.parse('2026-01-05T08:00:00Z');
  for (let minutes = 0; minutes < 40 * 60; minutes += 7.5)
    for (const schedule of schedules) {
      const at = instantFromMs(from_ms + minutes * 60_000);
      expect(CALENDAR.lastDue(schedule, at)).toBe(lastDue(schedule, at));
      expect(CALENDAR.nextDue(schedule, at)).toBe(nextDue(schedule, at));
    }
});
