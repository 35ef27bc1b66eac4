// Owns the table of what follows from each way an attempt can end; a repository may override single cells of it.
import { z } from 'zod';
import type { OutcomeKind } from './outcome.ts';

/**
 * - `longer`: once more with a larger limit; `again`: the same engine may try again.
 * - `other`: another engine first, if there is one.
 * - `later`: a limit of the model; another engine may go at once, the same one when the limit is over.
 * - `person`: nothing the machine can do would end better.
 */
export const RetryFollow = z.enum(['again', 'longer', 'other', 'later', 'person']);
export type RetryFollow = z.infer<typeof RetryFollow>;

/** `review`: the work is there; its pull request says what comes next. */
export type Follow = 'review' | RetryFollow;

export interface RetryRule {
  readonly follow: Follow;
  /** Endings of this class in one budget before a person is asked; null: the budget alone counts. */
  readonly times_max: number | null;
  /** The very same failure this often in a row asks a person sooner; null: it says nothing about the next try. */
  readonly equal_max: number | null;
}

export type RetryTable = Readonly<Record<OutcomeKind, RetryRule>>;

const once = (follow: Follow): RetryRule => ({ follow, times_max: null, equal_max: null });
/** What the engine or the proof says word for word again would be said a third time. */
const unlessEqual = (follow: Follow): RetryRule => ({ follow, times_max: null, equal_max: 2 });

export const RETRY_TABLE: RetryTable = {
  delivered: once('review'),
  no_change: once('person'),
  timeout: { follow: 'longer', times_max: 2, equal_max: null },
  stalled: once('other'),
  cancelled: once('person'),
  proof_failed: unlessEqual('again'),
  refused: once('person'),
  rate_limit: once('later'),
  auth: once('person'),
  model_unavailable: once('later'),
  context_overflow: once('other'),
  missing_tool: once('person'),
  permission_denied: once('person'),
  invalid_output: unlessEqual('other'),
  no_evidence: once('other'),
  failed: unlessEqual('again'),
  crashed: once('again'),
  infra: once('again'),
};
