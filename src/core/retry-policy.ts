// Owns what follows from each way an attempt can end: the table, the caps, the back-off.
import { unreachable } from '../domain/fault.ts';
import { chargedAttempts, epochAttempts, infraAttempts } from '../domain/fold-journal.ts';
import type { Instant } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { Attempt, Settled, TaskJournal } from '../domain/journal.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { HoldReason } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { EngineId } from '../domain/task.ts';

/**
 * - `review`: the work is there; its pull request says what comes next.
 * - `longer`: once more with a larger limit, then a person.
 * - `again`: the same engine may try again; `other`: another one first, if there is one.
 * - `later`: a limit of the model; another engine may go at once, the same one when the limit is over.
 * - `person`: nothing the machine can do would end better.
 */
export type Follow = 'review' | 'longer' | 'again' | 'other' | 'later' | 'person';

export const FOLLOWS: Readonly<Record<OutcomeKind, Follow>> = {
  delivered: 'review',
  no_change: 'person',
  timeout: 'longer',
  stalled: 'other',
  cancelled: 'person',
  proof_failed: 'again',
  refused: 'person',
  rate_limit: 'later',
  auth: 'person',
  model_unavailable: 'later',
  context_overflow: 'other',
  missing_tool: 'person',
  permission_denied: 'person',
  invalid_output: 'other',
  no_evidence: 'other',
  failed: 'again',
  crashed: 'again',
  infra: 'again',
};

/** A limit without a reset time is never asked again sooner than this. */
const LIMIT_MINUTES_MIN = 5;
const TIMEOUTS_MAX = 2;

export type Verdict =
  /** No attempt in this budget epoch yet. */
  | { readonly kind: 'fresh' }
  | { readonly kind: 'live'; readonly attempt: Attempt }
  | { readonly kind: 'delivered'; readonly attempt: Attempt }
  /** `not_before` holds for any engine; `engineLimits` says what holds for one. `longer`: with a larger time limit. */
  | { readonly kind: 'again'; readonly after: OutcomeKind; readonly not_before: Instant; readonly longer: boolean }
  | { readonly kind: 'person'; readonly reason: HoldReason };

export function verdictOf(journal: TaskJournal, policy: Policy): Verdict {
  const attempts = epochAttempts(journal);
  const last = attempts.at(-1);
  if (last === undefined) return { kind: 'fresh' };
  if (last.settled === null) return { kind: 'live', attempt: last };
  return afterEnding(journal, policy, { attempt: last, settled: last.settled });
}

interface Ended {
  readonly attempt: Attempt;
  readonly settled: Settled;
}

function afterEnding(journal: TaskJournal, policy: Policy, ended: Ended): Verdict {
  const follow = FOLLOWS[ended.settled.outcome];
  switch (follow) {
    case 'review':
      return { kind: 'delivered', attempt: ended.attempt };
    case 'person':
      return { kind: 'person', reason: personReason(ended.settled) };
    case 'longer':
      return timeouts(journal) >= TIMEOUTS_MAX ? exhausted(journal, ended) : retried(journal, policy, ended);
    case 'again':
    case 'other':
    case 'later':
      return retried(journal, policy, ended);
    default:
      return unreachable(follow);
  }
}

function personReason({ outcome, detail, summary }: Settled): HoldReason {
  if (outcome === 'cancelled') return { kind: 'cancelled', by: null };
  return { kind: 'needs_person', outcome, detail: detail === '' ? summary : detail };
}

function retried(journal: TaskJournal, policy: Policy, ended: Ended): Verdict {
  if (chargedAttempts(journal) >= policy.attempts_max) return exhausted(journal, ended);
  const uncharged = infraAttempts(journal);
  if (uncharged >= policy.infra_attempts_max) {
    return { kind: 'person', reason: { kind: 'infra_exhausted', attempts: uncharged, detail: ended.settled.detail } };
  }
  const { outcome, at } = ended.settled;
  const later = FOLLOWS[outcome] === 'later';
  const minutes = later ? 0 : backoffMinutes(policy.backoff_minutes, epochAttempts(journal).length);
  return { kind: 'again', after: outcome, not_before: plusMinutes(at, minutes), longer: outcome === 'timeout' };
}

function exhausted(journal: TaskJournal, { settled }: Ended): Verdict {
  return {
    kind: 'person',
    reason: { kind: 'attempts_exhausted', attempts: chargedAttempts(journal), last: settled.outcome },
  };
}

/** Minutes to wait after `ended` endings in this epoch: the first entry after the first ending, the last one repeats. */
export function backoffMinutes(minutes: readonly number[], ended: number): number {
  const index = Math.min(Math.max(ended, 1), minutes.length) - 1;
  return minutes[index] ?? 0;
}

/** When a limited engine may be asked again: what the vendor said, else the back-off. Never a pause for the others. */
export function engineLimits(journal: TaskJournal, policy: Policy): ReadonlyMap<EngineId, Instant> {
  const limits = epochAttempts(journal).flatMap(({ claim, settled }, index): [EngineId, Instant][] => {
    if (settled === null || FOLLOWS[settled.outcome] !== 'later') return [];
    return [[claim.engine, limitEnd(settled, backoffMinutes(policy.backoff_minutes, index + 1))]];
  });
  return new Map(limits);
}

function limitEnd({ at, not_before }: Settled, minutes: number): Instant {
  const earliest = plusMinutes(at, Math.max(minutes, LIMIT_MINUTES_MIN));
  return not_before === null || isBefore(not_before, at) ? earliest : not_before;
}

function timeouts(journal: TaskJournal): number {
  return epochAttempts(journal).filter(({ settled }) => settled?.outcome === 'timeout').length;
}

/** Engines that ended this epoch in a way another engine might not; tried again only when there is no other. */
export function enginesToAvoid(journal: TaskJournal): ReadonlySet<EngineId> {
  const avoided = epochAttempts(journal).filter(({ settled }) => {
    const follow = settled === null ? 'again' : FOLLOWS[settled.outcome];
    return follow === 'other' || follow === 'later';
  });
  return new Set(avoided.map(({ claim }) => claim.engine));
}
