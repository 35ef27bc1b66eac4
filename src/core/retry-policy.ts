// Owns what follows from an ending: the row of the table, the caps, the back-off.
import { unreachable } from '../domain/fault.ts';
import { chargedAttempts, epochAttempts, epochTries, infraAttempts } from '../domain/fold-journal.ts';
import { isCharged } from '../domain/tries.ts';
import type { Digest, Instant } from '../domain/ids.ts';
import { plusMinutes } from '../domain/instant.ts';
import type { Attempt, Settled, TaskJournal } from '../domain/journal.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { HoldReason } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { EngineId } from '../domain/task.ts';
import { equalFailures } from './fingerprint.ts';
import { toldReset } from './told-reset.ts';

/** A limit without a reset time is never asked again sooner than this. */
const LIMIT_MINUTES_MIN = 5;
/** Up to this share of a pause is added to it. */
const JITTER_MAX = 0.25;
const SHARE_DIGITS = 8;

export type Verdict =
  /** No attempt in this budget epoch yet. */
  | { readonly kind: 'fresh' }
  | { readonly kind: 'live'; readonly attempt: Attempt }
  | { readonly kind: 'delivered'; readonly attempt: Attempt }
  /** `not_before` holds for any engine; `engineLimits` says what holds for one. `longer`: with a larger time limit. */
  | { readonly kind: 'again'; readonly after: OutcomeKind; readonly not_before: Instant; readonly longer: boolean }
  | { readonly kind: 'person'; readonly reason: HoldReason };

export function verdictOf(journal: TaskJournal, policy: Policy): Verdict {
  const last = epochTries(journal).at(-1);
  if (last === undefined) return { kind: 'fresh' };
  if (last.settled === null) return { kind: 'live', attempt: last };
  return afterEnding(journal, policy, { attempt: last, settled: last.settled });
}

interface Ended {
  readonly attempt: Attempt;
  readonly settled: Settled;
}

function afterEnding(journal: TaskJournal, policy: Policy, ended: Ended): Verdict {
  const follow = policy.retry[ended.settled.outcome].follow;
  if (ended.settled.taken_out === true) return putBack(journal, policy, ended);
  switch (follow) {
    case 'review':
      return { kind: 'delivered', attempt: ended.attempt };
    case 'person':
      return { kind: 'person', reason: personReason(journal, ended) };
    case 'longer':
    case 'again':
    case 'other':
    case 'later':
      return retried(journal, policy, ended);
    default:
      return unreachable(follow);
  }
}

/** Whoever took it out has put it back: nothing went wrong, and what was spent stays spent. */
function putBack(journal: TaskJournal, policy: Policy, ended: Ended): Verdict {
  if (chargedAttempts(journal) >= policy.attempts_max) return exhausted(journal, ended);
  if (infraAttempts(journal) >= policy.infra_attempts_max) return infraExhausted(journal, ended);
  const { outcome, at } = ended.settled;
  return { kind: 'again', after: outcome, not_before: at, longer: false };
}

function personReason({ cancelled_by }: TaskJournal, { attempt, settled }: Ended): HoldReason {
  const { outcome, detail, summary } = settled;
  if (outcome === 'cancelled') return { kind: 'cancelled', by: cancelled_by };
  const audited = outcome === 'no_change' && attempt.claim.role === 'audit' ? { audited: true as const } : {};
  return { kind: 'needs_person', outcome, detail: detail === '' ? summary : detail, ...audited };
}

function retried(journal: TaskJournal, policy: Policy, ended: Ended): Verdict {
  const { times_max } = policy.retry[ended.settled.outcome];
  if (chargedAttempts(journal) >= policy.attempts_max) return exhausted(journal, ended);
  if (times_max !== null && timesEnded(journal, ended.settled.outcome) >= times_max) return exhausted(journal, ended);
  const same = sameFailure(journal, policy, ended.settled);
  if (same !== null) return { kind: 'person', reason: same };
  if (infraAttempts(journal) >= policy.infra_attempts_max) return infraExhausted(journal, ended);
  const { outcome, at } = ended.settled;
  const follow = policy.retry[outcome].follow;
  const later = follow === 'later';
  const minutes = later ? 0 : pauseMinutes(policy, ended.attempt, epochTries(journal).length);
  return { kind: 'again', after: outcome, not_before: plusMinutes(at, minutes), longer: follow === 'longer' };
}

/** Of a task that was not tried in this epoch, as far as its journal still knows. */
export function spentBefore(journal: TaskJournal, policy: Policy): HoldReason | null {
  const attempts = chargedAttempts(journal);
  return attempts >= policy.attempts_max ? { kind: 'attempts_exhausted', attempts, last: null } : null;
}

function exhausted(journal: TaskJournal, { settled }: Ended): Verdict {
  return {
    kind: 'person',
    reason: { kind: 'attempts_exhausted', attempts: chargedAttempts(journal), last: settled.outcome },
  };
}

function infraExhausted(journal: TaskJournal, { settled: { outcome, detail } }: Ended): Verdict {
  const attempts = infraAttempts(journal);
  return { kind: 'person', reason: { kind: 'infra_exhausted', attempts, last: outcome, detail } };
}

function pauseMinutes({ backoff_minutes }: Policy, { claim }: Pick<Attempt, 'claim'>, ended: number): number {
  return backoffMinutes(backoff_minutes, ended, shareOf(claim.brief_sha256));
}

/** The brief names task and attempt, so that its digest spreads them and is the same at each look: people see the clock. */
function shareOf(digest: Digest): number {
  return Number.parseInt(digest.slice(0, SHARE_DIGITS), 16) / 16 ** SHARE_DIGITS;
}

/**
 * Minutes to wait after `ended` endings in this epoch: the first entry after the first ending, the last one repeats.
 * `share` (0 to 1) of what may be added is added, so that tasks that failed together do not come back together; never
 * as much as to pass the next entry. Whole seconds.
 */
export function backoffMinutes(minutes: readonly number[], ended: number, share: number): number {
  const index = Math.min(Math.max(ended, 1), minutes.length) - 1;
  const base = minutes[index] ?? 0;
  const room = Math.max(0, (minutes[index + 1] ?? Infinity) - base);
  return base + Math.floor(Math.min(base * JITTER_MAX, room) * share * 60) / 60;
}

/** When a limited engine may be asked again: what the vendor said, else the back-off. Never a pause for the others. */
export function engineLimits(journal: TaskJournal, policy: Policy): ReadonlyMap<EngineId, Instant> {
  const limits = epochAttempts(journal).flatMap(({ claim, settled }, index): [EngineId, Instant][] => {
    if (settled === null || policy.retry[settled.outcome].follow !== 'later') return [];
    return [[claim.engine, limitEnd(settled, pauseMinutes(policy, { claim }, index + 1))]];
  });
  return new Map(limits);
}

function limitEnd(settled: Settled, minutes: number): Instant {
  return toldReset(settled) ?? plusMinutes(settled.at, Math.max(minutes, LIMIT_MINUTES_MIN));
}

function timesEnded(journal: TaskJournal, outcome: OutcomeKind): number {
  return epochTries(journal).filter(({ settled }) => settled?.outcome === outcome).length;
}

/** A failure that comes back word for word would come back again: a person is asked before the budget is gone. */
function sameFailure(journal: TaskJournal, policy: Policy, { outcome, detail }: Settled): HoldReason | null {
  const { equal_max } = policy.retry[outcome];
  if (equal_max === null) return null;
  const charged = epochTries(journal).filter(isCharged);
  const times = equalFailures(charged.flatMap(({ settled }) => settled ?? []));
  return times >= equal_max ? { kind: 'same_failure', times, outcome, detail } : null;
}

/** Engines that ended this epoch in a way another engine might not; tried again only when there is no other. */
export function enginesToAvoid(journal: TaskJournal, { retry }: Policy): ReadonlySet<EngineId> {
  const avoided = epochAttempts(journal).filter(({ settled }) => {
    const follow = settled === null ? 'again' : retry[settled.outcome].follow;
    return follow === 'other' || follow === 'later';
  });
  return new Set(avoided.map(({ claim }) => claim.engine));
}
