// Owns where a task stands: one function from facts, one from standing to state. Stored nowhere, matched without default.
import { unreachable } from '../domain/fault.ts';
import { holdAt, lastAttempt, liveAttempt, liveAttempts } from '../domain/fold-journal.ts';
import type { Instant, LabelName, Login } from '../domain/ids.ts';
import { isBefore } from '../domain/instant.ts';
import { isMergeOnRecord, isOfThisRound } from '../domain/round.ts';
import type { Attempt } from '../domain/journal.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { WaitReason } from '../domain/plan.ts';
import type { PullFacts } from '../domain/snapshot.ts';
import type { TaskState } from '../domain/task.ts';
import { isTask } from './draft.ts';
import type { Draft } from './draft.ts';
import { endedInternalOf } from './job-tasks.ts';
import { chooseEngine } from './next-route.ts';
import { mayCommand } from './permissions.ts';
import { engineLimits, spentBefore, verdictOf } from './retry-policy.ts';
import type { Verdict } from './retry-policy.ts';
import { person } from './standing.ts';
import type { Standing } from './standing.ts';
import { stopSign } from './stop-signs.ts';
import { leaseOf, roleOf } from './world.ts';
import type { World } from './world.ts';

/** First match wins: what cannot be undone, then people's words, then what runs, then what the last ending asks for. */
export function standingOf(draft: Draft, world: World): Standing {
  return (
    outsideOf(draft) ??
    endedOf(draft) ??
    endedInternalOf(draft, world) ??
    skippedOf(draft, world) ??
    runningOf(draft) ??
    heldOf(draft, world) ??
    afterVerdict(draft, world)
  );
}

export function taskState(standing: Standing, draft: Draft): TaskState {
  switch (standing.kind) {
    case 'gone':
      return 'archived';
    case 'closed':
      return standing.as;
    case 'merged':
      return 'done';
    case 'outside':
    case 'skipped':
      return 'skipped';
    case 'running':
      return 'in_progress';
    case 'person':
      return 'needs_review';
    case 'review':
      return 'in_review';
    case 'blocked':
    case 'blocked_by_word':
      return 'blocked';
    case 'unassigned':
    case 'waiting':
    case 'cooling':
    case 'ready':
      return draft.journal.route === null ? 'new' : 'routed';
    default:
      return unreachable(standing);
  }
}

/** Why nothing is done for it now. null: only dispatch can say, or something is being done. */
export function waitOf(standing: Standing, { facts, journal }: Draft): WaitReason | null {
  switch (standing.kind) {
    case 'outside':
      return { kind: 'skipped', by: 'no_intake_label', label: null, who: null };
    case 'gone':
      return { kind: 'finished', state: 'archived' };
    case 'closed':
      return { kind: 'finished', state: standing.as };
    case 'merged':
      return { kind: 'finished', state: 'done' };
    case 'skipped':
      return standing;
    case 'running':
      if (liveAttempts(journal).some((attempt) => leaseOf(facts, attempt).kind === 'unread'))
        return { kind: 'lease_unread' };
      return { kind: 'running', attempt: standing.attempt.number, run: standing.attempt.claim.run };
    case 'person':
      return standing;
    case 'review':
      return standing.pull === null ? null : { kind: 'review', pr: standing.pull.number };
    case 'blocked':
      return standing.wait;
    case 'blocked_by_word':
    case 'unassigned':
      return standing;
    case 'waiting':
      return { kind: 'backoff', until: standing.until, after: standing.after };
    case 'cooling':
      return { kind: 'cooldown', engines: standing.engines, until: standing.until };
    case 'ready':
      return null;
    default:
      return unreachable(standing);
  }
}

function outsideOf(draft: Draft): Standing | null {
  return isTask(draft) ? null : { kind: 'outside' };
}

function endedOf({ facts, journal }: Draft): Standing | null {
  if (facts.issue_read === 'missing') return { kind: 'gone' };
  const current = currentPull({ facts, journal });
  const pull = current?.state === 'merged' ? current : null;
  const merged = pull !== null || (facts.issue !== null && facts.pull === null && isMergeOnRecord(journal));
  if (journal.completed !== null && reopenedSince(facts, journal.completed.at) === null)
    return { kind: 'closed', as: 'done', pull };
  if (facts.issue !== null && !facts.issue.open) {
    const as = facts.issue.not_planned && !merged ? 'archived' : 'done';
    return { kind: 'closed', as, pull };
  }
  return merged && reopening({ facts, journal }) === null ? { kind: 'merged', pull } : null;
}

/** Closed by a word: the issue follows, unless somebody opened it again since. */
function reopenedSince({ issue }: Draft['facts'], at: Instant): Instant | null {
  const reopened = issue?.open === true ? (issue.reopened?.at ?? null) : null;
  return reopened !== null && isBefore(at, reopened) ? reopened : null;
}

export function currentPull({ facts: { pull }, journal }: Pick<Draft, 'facts' | 'journal'>): PullFacts | null {
  return pull === null || isOfThisRound(pull, journal) ? pull : null;
}

/** What was merged is gone on with by nobody; what an attempt since then left on the branch is. */
export function isWorkMerged({ facts: { pull, journal: read }, journal }: Pick<Draft, 'facts' | 'journal'>): boolean {
  if (pull === null) return isMergeOnRecord(read);
  if (pull.state !== 'merged') return false;
  const claimed = lastAttempt(journal)?.claim.at ?? null;
  return claimed === null || pull.closed_at === null || !isBefore(pull.closed_at, claimed);
}

function skippedOf({ asks, journal, facts }: Draft, { snapshot }: World): Standing | null {
  if (asks !== null && asks.stop !== null)
    return { kind: 'skipped', by: 'label', label: asks.stop, who: labelledBy(facts.issue?.label_events, asks.stop) };
  const hold = holdAt(journal, snapshot.at);
  if (hold?.verb === 'skip') return { kind: 'skipped', by: 'command', label: null, who: hold.by, until: hold.until };
  if (asks !== null && !asks.intake) return { kind: 'skipped', by: 'no_intake_label', label: null, who: null };
  return null;
}

function labelledBy(
  events: readonly { readonly label: LabelName; readonly by: Login | null }[] = [],
  label: LabelName,
): Login | null {
  return events.find((event) => event.label === label)?.by ?? null;
}

function runningOf({ journal }: Draft): Standing | null {
  const attempt = liveAttempt(journal);
  return attempt === null ? null : { kind: 'running', attempt };
}

function heldOf(draft: Draft, world: World): Standing | null {
  const { journal } = draft;
  if (journal.hold?.verb === 'cancel') return person({ kind: 'cancelled', by: journal.hold.by });
  const reopened = reopening(draft);
  if (reopened !== null && !mayCommand(world, 'retry', roleOf(world, reopened.by))) {
    return person({ kind: 'reopened', by: reopened.by, needed: world.policy.commands.retry });
  }
  return null;
}

/** A finished task whose issue is open again, by somebody's hand, and nobody has spoken since. */
export function reopening({
  facts,
  journal,
}: Pick<Draft, 'facts' | 'journal'>): { readonly by: Login | null; readonly at: Instant } | null {
  const reopened = facts.issue?.open === true ? facts.issue.reopened : null;
  const ended = currentPull({ facts, journal })?.closed_at ?? journal.finished?.at ?? null;
  if (reopened === null || ended === null || isBefore(reopened.at, ended)) return null;
  const { since } = journal.epoch;
  return since === null || isBefore(since, reopened.at) ? reopened : null;
}

function afterVerdict(draft: Draft, world: World): Standing {
  const verdict = verdictOf(draft.journal, world.policy);
  switch (verdict.kind) {
    case 'live':
      return { kind: 'running', attempt: verdict.attempt };
    case 'delivered':
      return reviewed(draft, verdict.attempt);
    case 'person':
      return person(verdict.reason);
    case 'fresh':
      return (
        earlierPull(draft) ??
        spent(draft, world) ??
        stopSign(draft, world) ??
        engineFor(draft, world, { longer: false, after: 'rate_limit' })
      );
    case 'again':
      return stopSign(draft, world) ?? backingOff(verdict, world) ?? engineFor(draft, world, verdict);
    default:
      return unreachable(verdict);
  }
}

function reviewed(draft: Draft, attempt: Attempt): Standing {
  const pull = currentPull(draft);
  if (pull?.state === 'closed') return person({ kind: 'pr_closed', pr: pull.number });
  if (pull !== null) return { kind: 'review', pull, attempt };
  if (draft.journal.pr_refused !== null)
    return person({ kind: 'pr_forbidden', detail: draft.journal.pr_refused.detail });
  if (draft.facts.branch === null) return person({ kind: 'branch_gone', branch: attempt.claim.branch });
  return { kind: 'review', pull: null, attempt };
}

/** A journal that was lost may have had attempts: their pull request still speaks, until a person asks for more. */
function earlierPull(draft: Draft): Standing | null {
  const pull = draft.journal.epoch.number === 1 ? currentPull(draft) : null;
  if (pull === null) return null;
  return pull.state === 'closed'
    ? person({ kind: 'pr_closed', pr: pull.number })
    : { kind: 'review', pull, attempt: null };
}

function spent({ journal }: Draft, { policy }: World): Standing | null {
  const reason = spentBefore(journal, policy);
  return reason === null ? null : person(reason);
}

function backingOff({ not_before, after }: Verdict & { readonly kind: 'again' }, { snapshot }: World): Standing | null {
  return isBefore(snapshot.at, not_before) ? { kind: 'waiting', until: not_before, after } : null;
}

function engineFor(
  draft: Draft,
  world: World,
  { longer, after }: { readonly longer: boolean; readonly after: OutcomeKind },
): Standing {
  const choice = chooseEngine(draft, world);
  switch (choice.kind) {
    case 'none':
      return person(choice.reason);
    case 'later':
      return engineLimits(draft.journal, world.policy).size > 0
        ? { kind: 'waiting', until: choice.until, after }
        : { kind: 'cooling', engines: choice.cooling, until: choice.until };
    case 'decided':
    case 'open':
      return { kind: 'ready', choice, longer };
    default:
      return unreachable(choice);
  }
}
