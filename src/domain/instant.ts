// Owns arithmetic on instants; the clock itself is a port.
import { Instant } from './ids.ts';
import { remembering } from './remembering.ts';

const REMEMBERED_CHARS_MAX = 500_000;
/** The same few hundred instants are compared again and again, and parsing them was a tenth of a tick. */
const parsed = remembering((instant: Instant) => Date.parse(instant), REMEMBERED_CHARS_MAX);
const rendered = remembering(
  (epoch_ms: number) => Instant.parse(new Date(epoch_ms).toISOString()),
  REMEMBERED_CHARS_MAX,
);

export function epochMs(instant: Instant): number {
  return parsed(instant);
}

export function instantFromMs(epoch_ms: number): Instant {
  return rendered(epoch_ms);
}

export function plusMinutes(instant: Instant, minutes: number): Instant {
  return instantFromMs(epochMs(instant) + minutes * 60_000);
}

/** Midnight UTC of that day, `days` later. */
export function startOfDay(instant: Instant, days: number): Instant {
  const date = new Date(epochMs(instant));
  return instantFromMs(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days));
}

/** Midnight UTC of the first day of that month, `months` later. */
export function startOfMonth(instant: Instant, months: number): Instant {
  const date = new Date(epochMs(instant));
  return instantFromMs(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months));
}

export function isBefore(a: Instant, b: Instant): boolean {
  return epochMs(a) < epochMs(b);
}

/** null: of none. */
export function oldestOf([first, ...others]: readonly Instant[]): Instant | null {
  return first === undefined ? null : others.reduce((oldest, at) => (isBefore(at, oldest) ? at : oldest), first);
}
