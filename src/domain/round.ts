// Owns what belongs to a task's present round: the budget that runs since a person last opened one.
import type { Instant } from './ids.ts';
import { isBefore } from './instant.ts';
import type { Attempt, TaskJournal } from './journal.ts';

/** A pull request that ended before a person opened a new budget is history. */
export function isOfThisRound(pull: { readonly closed_at: Instant | null }, { epoch }: TaskJournal): boolean {
  return pull.closed_at === null || epoch.since === null || !isBefore(pull.closed_at, epoch.since);
}

/**
 * Unfinished, and there is a pull request or is about to be: its merge ends the task, whatever a newer attempt does or
 * how it ended.
 */
export function mayHavePull({ finished, pr, attempts }: TaskJournal): boolean {
  return finished === null && (pr !== null || attempts.some(isDelivery));
}

/** Work of this round: what an earlier one left is history. */
export function hasDelivered({ attempts, epoch }: TaskJournal): boolean {
  return attempts.some((attempt) => attempt.epoch === epoch.number && isDelivery(attempt));
}

function isDelivery({ settled }: Attempt): boolean {
  return settled?.outcome === 'delivered';
}

/** Only the journal may still know of the merge: no issue links a pull request that says `For #12`. */
export function isMergeOnRecord({ finished }: TaskJournal): boolean {
  return finished?.state === 'done' && finished.pr !== null;
}
