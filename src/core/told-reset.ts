// Owns how far the time is believed at which a vendor says that its limit ends.
import type { Instant } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { Settled } from '../domain/journal.ts';

/** The longest window of a vendor is a week. Whoever tells of more is asked again after this: one wrong number would rest an engine for good. */
export const TOLD_DAYS_MAX = 8;

/** null: nothing that can be used was told. Only of a limit: what is told beside another trouble belongs to a window that still lets work through. */
export function toldReset({ outcome, at, not_before }: Settled): Instant | null {
  if (outcome !== 'rate_limit' || not_before === null || isBefore(not_before, at)) return null;
  const latest = plusMinutes(at, TOLD_DAYS_MAX * 24 * 60);
  return isBefore(latest, not_before) ? latest : not_before;
}
