// Owns arithmetic on instants; the clock itself is a port.
import { Instant } from './ids.ts';

const KNOWN_MAX = 10_000;
/** The same few hundred instants are compared again and again, and parsing them was a tenth of a tick. */
const known = new Map<Instant, number>();

export function epochMs(instant: Instant): number {
  const before = known.get(instant);
  if (before !== undefined) return before;
  if (known.size >= KNOWN_MAX) known.clear();
  const epoch_ms = Date.parse(instant);
  known.set(instant, epoch_ms);
  return epoch_ms;
}

export function instantFromMs(epoch_ms: number): Instant {
  return Instant.parse(new Date(epoch_ms).toISOString());
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
