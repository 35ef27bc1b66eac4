// Owns what belongs to a task's present round: the budget that runs since a person last opened one.
import { lastTry } from './fold-journal.ts';
import type { Instant } from './ids.ts';
import { isBefore } from './instant.ts';
import type { TaskJournal } from './journal.ts';

/** A pull request that ended before a person opened a new budget is history. */
export function isOfThisRound(pull: { readonly closed_at: Instant | null }, { epoch }: TaskJournal): boolean {
  return pull.closed_at === null || epoch.since === null || !isBefore(pull.closed_at, epoch.since);
}

/** Finished work whose end, a merge or a word, is not on record: there is a pull request, or is about to be. */
export function hasDelivered(journal: TaskJournal): boolean {
  return journal.finished === null && lastTry(journal)?.settled?.outcome === 'delivered';
}

/** The same, of this round: what an earlier one left is not asked about, since it is about to start anew. */
export function awaitsReview(journal: TaskJournal): boolean {
  return hasDelivered(journal) && lastTry(journal)?.epoch === journal.epoch.number;
}
