// Owns ending attempts that cannot end themselves: their job is over without a word, or a person's word took the task away.
import { unreachable } from '../../domain/fault.ts';
import { liveAttempts } from '../../domain/fold-journal.ts';
import { endingAlone } from '../../domain/journal.ts';
import type { Attempt } from '../../domain/journal.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { Skipped } from '../../domain/plan.ts';
import type { LeaseStatus } from '../../domain/snapshot.ts';
import { epochMs } from '../../domain/instant.ts';
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { standingOf } from '../task-state.ts';
import { leaseOf } from '../world.ts';
import type { World } from '../world.ts';

interface Ending {
  readonly outcome: OutcomeKind;
  readonly engine_started: boolean;
  readonly detail: string;
  readonly taken_out?: true;
}

export function settleDeadLease(draft: Draft, world: World): Draft {
  const live = liveAttempts(draft.journal);
  const forfeited = live.length === 0 ? null : forfeit(draft, world);
  return live.reduce((so_far, attempt) => {
    const ending = forfeited ?? deathOf(leaseOf(draft.facts, attempt));
    return ending === null ? so_far : settle(so_far, { attempt, ending }, world);
  }, draft);
}

function settle(
  draft: Draft,
  { attempt, ending }: { readonly attempt: Attempt; readonly ending: Ending },
  { snapshot }: World,
): Draft {
  const settled = endingAlone({
    at: snapshot.at,
    attempt: attempt.number,
    ...ending,
    seconds: Math.max(0, Math.round((epochMs(snapshot.at) - epochMs(attempt.claim.at)) / 1000)),
    by: 'reconcile',
  });
  return record(draft, [settled], {
    kind: 'settled',
    attempt: attempt.number,
    outcome: ending.outcome,
    by: 'reconcile',
  });
}

/** The holder reads the journal and stops when it no longer holds the task. What it spent stays charged. */
function forfeit(draft: Draft, world: World): Ending | null {
  const standing = standingOf(draft, world);
  const cancelled = (detail: string): Ending => ({ outcome: 'cancelled', engine_started: true, detail });
  switch (standing.kind) {
    case 'outside':
      return { ...cancelled('the issue is no longer a task'), taken_out: true };
    case 'gone':
      return cancelled('the issue was deleted or transferred');
    case 'closed':
      return cancelled('the issue was closed');
    case 'merged':
      return cancelled('the pull request was merged');
    case 'skipped':
      return { ...cancelled(takenOut(standing)), taken_out: true };
    case 'running':
      return draft.journal.hold?.verb === 'cancel' ? cancelled(`cancelled by ${draft.journal.hold.by}`) : null;
    case 'person':
    case 'review':
    case 'blocked':
    case 'blocked_by_word':
    case 'unassigned':
    case 'waiting':
    case 'cooling':
    case 'ready':
      return null;
    default:
      return unreachable(standing);
  }
}

function takenOut({ label }: Skipped): string {
  return label === null ? 'the task was taken out of the queue' : `the label ${label} takes the task out`;
}

/** Only the job's real status ends a lease; age never does. */
function deathOf(lease: LeaseStatus): Ending | null {
  if (lease.kind !== 'dead') return null;
  switch (lease.cause) {
    case 'cancelled':
      return { outcome: 'cancelled', engine_started: true, detail: 'the job was cancelled on GitHub' };
    case 'never_started':
      return { outcome: 'infra', engine_started: false, detail: 'the job never started' };
    case 'failed':
      return { outcome: 'crashed', engine_started: true, detail: 'the job failed without a word' };
    case 'finished_silent':
      return { outcome: 'crashed', engine_started: true, detail: 'the job ended and left no result' };
    case 'run_gone':
      return { outcome: 'crashed', engine_started: true, detail: 'the run no longer exists' };
    default:
      return unreachable(lease.cause);
  }
}
