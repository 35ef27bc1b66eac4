// Owns when a schedule falls due, by the wall clock of its zone. The only file that knows croner, loaded by whoever has jobs.
import { Cron } from 'croner';
import { epochMs, instantFromMs } from './instant.ts';
import type { Instant } from './ids.ts';
import type { Schedule } from './schedule.ts';

/**
 * The newest instant up to `at` at which it fell due; null: none. When clocks go forward over it, the first instant
 * after the gap counts; when they go back over it, a fixed time counts once, the first time.
 */
export function lastDue(schedule: Schedule, at: Instant): Instant | null {
  const [last] = parsed(schedule).previousRuns(1, new Date(epochMs(at) + 1));
  return last === undefined ? null : instantOf(last);
}

/** The first instant after `at`. */
export function nextDue(schedule: Schedule, at: Instant): Instant | null {
  const next = parsed(schedule).nextRun(new Date(epochMs(at)));
  return next === null ? null : instantOf(next);
}

function parsed({ cron, timezone }: Schedule): Cron {
  return new Cron(cron, { timezone, mode: '5-part' });
}

function instantOf(date: Date): Instant {
  return instantFromMs(date.getTime());
}
