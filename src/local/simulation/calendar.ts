// Owns the calendar of the simulation: the real one, asked once for each stretch between two due times.
import { lastDue, nextDue } from '../../domain/cron.ts';
import type { Instant } from '../../domain/ids.ts';
import { epochMs } from '../../domain/instant.ts';
import type { Calendar, Schedule } from '../../domain/schedule.ts';

/** Nothing falls due within it, so both answers are the same at each of its instants. */
interface Stretch {
  readonly last: Instant | null;
  readonly next: Instant | null;
}

const STRETCHES_MAX = 100;
/** All seeds live through the same two days. */
const known = new Map<string, Stretch[]>();

export const CALENDAR: Calendar = {
  lastDue: (schedule, at) => stretchAt(schedule, at).last,
  nextDue: (schedule, at) => stretchAt(schedule, at).next,
};

function stretchAt(schedule: Schedule, at: Instant): Stretch {
  const key = `${schedule.timezone} ${schedule.cron}`;
  const stretches = known.get(key) ?? [];
  const before = stretches.find((stretch) => isWithin(at, stretch));
  if (before !== undefined) return before;
  const stretch = { last: lastDue(schedule, at), next: nextDue(schedule, at) };
  if (stretches.length < STRETCHES_MAX) known.set(key, [...stretches, stretch]);
  return stretch;
}

function isWithin(at: Instant, { last, next }: Stretch): boolean {
  return (last === null || epochMs(last) <= epochMs(at)) && (next === null || epochMs(at) < epochMs(next));
}
