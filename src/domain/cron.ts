// Owns when a cron expression falls due, in its own time zone; the only file that knows croner.
import { Cron } from 'croner';
import { epochMs, instantFromMs } from './instant.ts';
import type { Instant } from './ids.ts';

/** Five fields, and the zone whose wall clock they mean, such as `Europe/Berlin`. */
export interface Schedule {
  readonly cron: string;
  readonly timezone: string;
}

/** Croner counts from the clock unless told otherwise; what never falls due is asked for from here. */
const ANY_TIME = new Date('2026-01-01T00:00:00Z');

/** What is wrong with it, in words for people; null: nothing. */
export function scheduleProblem({
  cron,
  timezone,
}: Schedule): { readonly key: keyof Schedule; readonly problem: string } | null {
  if (!isTimezone(timezone)) return { key: 'timezone', problem: `${JSON.stringify(timezone)} is not a time zone` };
  try {
    if (parsed({ cron, timezone }).nextRun(ANY_TIME) === null) return { key: 'cron', problem: 'never falls due' };
    return null;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { key: 'cron', problem: said.replace(/^CronPattern: /, '') };
  }
}

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

function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function instantOf(date: Date): Instant {
  return instantFromMs(date.getTime());
}
