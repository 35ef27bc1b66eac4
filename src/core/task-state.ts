// Owns where a task stands: one function from facts, one from standing to state. Stored nowhere, matched without default.
import { unreachable } from '../domain/fault.ts';
import { liveAttempt } from '../domain/fold-journal.ts';
import type { Instant, IssueNumber, LabelName, Login } from '../domain/ids.ts';
import { isBefore } from '../domain/instant.ts';
import type { Attempt } from '../domain/journal.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { HoldReason, WaitReason } from '../domain/plan.ts';
import type { PullFacts } from '../domain/snapshot.ts';
import type { TaskState } from '../domain/task.ts';
import { isTask } from './draft.ts';
import type { Draft } from './draft.ts';
import { intakeEvent, mayAdmit, mayCommand } from './permissions.ts';
import { chooseEngine } from './next-route.ts';
import type { OpenChoice } from './next-route.ts';
import { verdictOf } from './retry-policy.ts';
import type { Verdict } from './retry-policy.ts';
import { readyIds, roleOf } from './world.ts';
import type { World } from './world.ts';

/** Finer than the states people see: what the steps act on. */
export type Standing =
  /** An issue outside the queue; somebody only spoke on it. */
  | { readonly kind: 'outside' }
  /** Deleted or transferred away. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'closed'; readonly as: 'done' | 'archived'; readonly pull: PullFacts | null }
  | { readonly kind: 'merged'; readonly pull: PullFacts }
  | {
      readonly kind: 'skipped';
      readonly by: 'label' | 'command' | 'no_intake_label';
      readonly label: LabelName | null;
      readonly who: Login | null;
    }
  | { readonly kind: 'running'; readonly attempt: Attempt }
  | { readonly kind: 'person'; readonly reason: HoldReason }
  /** `pull: null`: delivered, the pull request is not there (yet). */
  | { readonly kind: 'review'; readonly pull: PullFacts | null; readonly attempt: Attempt | null }
  | { readonly kind: 'blocked'; readonly open: readonly IssueNumber[] }
  | { readonly kind: 'unassigned' }
  | { readonly kind: 'waiting'; readonly until: Instant; readonly after: OutcomeKind }
  /** `longer`: with a larger time limit than the last time. */
  | { readonly kind: 'ready'; readonly choice: OpenChoice; readonly longer: boolean };

/** First match wins: what cannot be undone, then people's words, then what runs, then what the last ending asks for. */
export function standingOf(draft: Draft, world: World): Standing {
  return (
    outsideOf(draft) ??
    endedOf(draft) ??
    skippedOf(draft) ??
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
      return 'blocked';
    case 'unassigned':
    case 'waiting':
    case 'ready':
      return draft.journal.route === null ? 'new' : 'routed';
    default:
      return unreachable(standing);
  }
}

/** Why nothing is done for it now. null: only dispatch can say, or something is being done. */
export function waitOf(standing: Standing, { facts }: Draft): WaitReason | null {
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
      if (facts.lease.kind === 'unread') return { kind: 'lease_unread' };
      return { kind: 'running', attempt: standing.attempt.number, run: standing.attempt.claim.run };
    case 'person':
      return standing;
    case 'review':
      return standing.pull === null ? null : { kind: 'review', pr: standing.pull.number };
    case 'blocked':
      return { kind: 'dependencies', open: standing.open };
    case 'unassigned':
      return standing;
    case 'waiting':
      return { kind: 'backoff', until: standing.until, after: standing.after };
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
  const pull = currentPull({ facts, journal });
  const merged = pull?.state === 'merged';
  if (facts.issue !== null && !facts.issue.open) {
    const as = facts.issue.not_planned && !merged ? 'archived' : 'done';
    return { kind: 'closed', as, pull: merged ? pull : null };
  }
  return merged && reopening({ facts, journal }) === null ? { kind: 'merged', pull } : null;
}

/** A pull request that ended before a person opened a new budget is history. */
export function currentPull({ facts: { pull }, journal }: Pick<Draft, 'facts' | 'journal'>): PullFacts | null {
  const { since } = journal.epoch;
  if (pull === null || pull.closed_at === null || since === null) return pull;
  return isBefore(pull.closed_at, since) ? null : pull;
}

function skippedOf({ asks, journal, facts }: Draft): Standing | null {
  if (asks !== null && asks.stop !== null)
    return { kind: 'skipped', by: 'label', label: asks.stop, who: labelledBy(facts.issue?.label_events, asks.stop) };
  if (journal.hold?.verb === 'skip') return { kind: 'skipped', by: 'command', label: null, who: journal.hold.by };
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
  if (journal.hold !== null) return person({ kind: 'cancelled', by: journal.hold.by });
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

/** The label counts when somebody who may admit put it there; a later labelling is judged again. */
export function untrustedLabel({ facts, journal }: Draft, world: World): HoldReason | null {
  if (facts.issue === null) return null;
  const event = intakeEvent(world, facts.issue);
  const { admitted } = journal;
  const newer = admitted === null || (event !== null && isBefore(admitted.at, event.at));
  if (!newer || (event !== null && mayAdmit(world, roleOf(world, event.by)))) return null;
  const { label, permission } = world.policy.intake;
  return { kind: 'untrusted_label', by: event?.by ?? null, label, needed: permission };
}

function untrusted(draft: Draft, world: World): Standing | null {
  const reason = untrustedLabel(draft, world);
  return reason === null ? null : person(reason);
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
        beforeStart(draft, world) ??
        engineFor(draft, world, { longer: false, after: 'rate_limit' })
      );
    case 'again':
      return beforeStart(draft, world) ?? backingOff(verdict, world) ?? engineFor(draft, world, verdict);
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

function beforeStart(draft: Draft, world: World): Standing | null {
  return untrusted(draft, world) ?? misread(draft, world) ?? blockedOf(draft) ?? unassignedOf(draft, world);
}

/** A person's label is a command; one we do not understand is asked about, never guessed. */
function misread({ asks }: Draft, world: World): Standing | null {
  if (asks === null) return null;
  const unknown = asks.unknown.find(({ family }) => family !== 'priority');
  if (unknown !== undefined)
    return person({
      kind: 'unknown_label',
      label: unknown.label,
      allowed: allowedHere(unknown.allowed, unknown.family, world),
    });
  const several = contradiction(asks);
  return several === null ? null : person({ kind: 'contradicting_labels', labels: several });
}

function allowedHere(allowed: readonly LabelName[], family: string, world: World): readonly LabelName[] {
  if (family !== 'engine') return allowed;
  const here = readyIds(world);
  return allowed.filter((label) => here.some((id) => label.endsWith(`:${id}`)));
}

function contradiction(asks: NonNullable<Draft['asks']>): readonly LabelName[] | null {
  const families = [asks.labels.engine, asks.labels.model, asks.labels.complexity];
  return families.find((labels) => labels.length > 1) ?? null;
}

/** The only thing `blocked` ever means here: another issue has to be closed first. */
function blockedOf({ facts: { issue } }: Draft): Standing | null {
  if (issue === null) return null;
  const open = issue.dependencies.filter((dependency) => dependency.open && dependency.issue !== issue.number);
  return open.length === 0 ? null : { kind: 'blocked', open: open.map((dependency) => dependency.issue) };
}

function unassignedOf({ asks, journal }: Draft, { policy }: World): Standing | null {
  if (policy.assignment !== 'manual') return null;
  const asked = journal.epoch.number > 1 || journal.wish.engine !== null || (asks?.engines.length ?? 0) > 0;
  return asked ? null : { kind: 'unassigned' };
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
      return { kind: 'waiting', until: choice.until, after };
    case 'decided':
    case 'open':
      return { kind: 'ready', choice, longer };
    default:
      return unreachable(choice);
  }
}

function person(reason: HoldReason): Standing {
  return { kind: 'person', reason };
}
