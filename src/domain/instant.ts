// Owns arithmetic on instants; the clock itself is a port.
import { Instant } from './ids.ts';

export function epochMs(instant: Instant): number {
  return Date.parse(instant);
}

export function instantFromMs(epoch_ms: number): Instant {
  return Instant.parse(new Date(epoch_ms).toISOString());
}

export function plusMinutes(instant: Instant, minutes: number): Instant {
  return instantFromMs(epochMs(instant) + minutes * 60_000);
}

export function isBefore(a: Instant, b: Instant): boolean {
  return epochMs(a) < epochMs(b);
}
