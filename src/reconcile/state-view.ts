// Owns what the state comment shows of a task: a view of facts and decision that changes only when the task moves.
import { handLabels } from '../core/contradictions.ts';
import { SPEND_UNITS, taskSpend } from '../core/spend.ts';
import type { Spend } from '../core/spend.ts';
import type { QueuePart } from '../domain/command.ts';
import type { TaskDecision } from '../domain/decision.ts';
import { unreachable } from '../domain/fault.ts';
import { chargedAttempts, infraAttempts, lastAttempt, liveAttempt } from '../domain/fold-journal.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { readLabels } from '../domain/label.ts';
import type {
  ExportView,
  InternalEnd,
  JobRow,
  QueueView,
  Remark,
  Resume,
  ShownWait,
  Spent,
  StateView,
} from '../domain/notice.ts';
import type { HoldReason, WaitReason } from '../domain/plan.ts';
import type { Policy, PolicyOrigin } from '../domain/policy.ts';
import type { RepositoryFacts, TaskFacts } from '../domain/snapshot.ts';
import type { Setting } from '../domain/setting.ts';
import { isOver } from '../domain/task.ts';
import type { EngineId, TaskState } from '../domain/task.ts';
import { LABEL_FAMILIES } from '../domain/label.ts';
import { LabelName } from '../domain/ids.ts';
import type { Instant, NodeId } from '../domain/ids.ts';

const ATTEMPTS_SHOWN_MAX = 20;

export interface Around {
  readonly policy: Policy;
  readonly origin: PolicyOrigin;
  readonly repository: RepositoryFacts;
  readonly ready: readonly EngineId[];
  /** For whoever asks for it. */
  readonly queue: (of: QueuePart | null) => QueueView;
  readonly exported: () => ExportView;
  readonly settings: (key: string | null) => readonly Setting[];
  readonly jobs: readonly JobRow[];
  /** Of schedules that somebody asks about. */
  readonly runs: ReadonlyMap<string, readonly Instant[]>;
  readonly spent: readonly Spent[];
  /** Issues and pull requests that were read, for answers. */
  readonly nodes: ReadonlyMap<number, NodeId>;
}

/** `journal` is the decision's own plus the claim, when an attempt starts. */
export function stateView(decision: TaskDecision, journal: TaskJournal, around: Around): StateView {
  const { facts, state } = decision;
  const { policy, origin, repository } = around;
  const wait = fullWait(decision, journal);
  return {
    task: facts.id,
    title: titleOf(facts, journal),
    state,
    wait: shownWait(wait, { journal, policy }),
    resume: resumesOf(wait, around),
    remarks: [...remarksOf(facts, policy), ...handRemarks(decision)],
    route: journal.route,
    attempts: journal.attempts.slice(-ATTEMPTS_SHOWN_MAX),
    attempts_total: attemptsTotal(journal),
    budget: {
      epoch: journal.epoch.number,
      charged: chargedAttempts(journal),
      attempts_max: policy.attempts_max,
      uncharged: infraAttempts(journal),
      infra_attempts_max: policy.infra_attempts_max,
      spent: spentOn('task', taskSpend(journal), policy),
    },
    dependencies: facts.issue?.dependencies ?? [],
    children: facts.issue?.children ?? [],
    pull: facts.pull ?? pullOnRecord(facts.journal),
    on_merge: facts.issue_read === 'internal' ? 'ends_task' : policy.auto_close ? 'closes_issue' : 'leaves_issue',
    internal_end: facts.issue_read === 'internal' && isOver(state) ? internalEnd(facts, journal, state) : null,
    branch: facts.branch,
    compare: compareOf(facts, wait, repository),
    origin,
    rebuilt: journal.rebuilt,
    repository_url: repository.url,
    remembers: { attempts: attemptsTotal(journal), pr: journal.pr },
  };
}

/** Merged, and no longer asked for: what people were shown of it stays. */
function pullOnRecord({ finished }: TaskJournal): StateView['pull'] {
  if (finished === null || finished.pr === null) return null;
  return { number: finished.pr, state: 'merged', draft: false, files: 0, review: null };
}

/** In the order in which the core asks: see `standingOf`. */
function internalEnd({ pull }: TaskFacts, journal: TaskJournal, state: TaskState): InternalEnd {
  const { completed, finished, publish, published } = journal;
  if (completed !== null) return { kind: 'completed', by: completed.by };
  const pr = pull?.state === 'merged' ? pull.number : (finished?.pr ?? null);
  if (state === 'done' && pr !== null) return { kind: 'merged', pr };
  if (publish !== null) return { kind: 'published', issue: published };
  return { kind: state === 'done' ? 'over' : 'outrun' };
}

/** The policy in force is not the newest file. */
export function isTroubled(origin: PolicyOrigin): boolean {
  switch (origin.kind) {
    case 'defaults':
    case 'newest':
      return false;
    case 'last_good':
    case 'defaults_after_error':
      return true;
    default:
      return unreachable(origin);
  }
}

export function titleOf(facts: TaskFacts, journal: TaskJournal): string {
  return facts.issue?.title ?? journal.asked?.title ?? '';
}

/** A started attempt runs, though the decision itself has nothing to wait for. */
export function fullWait({ starts, wait }: TaskDecision, journal: TaskJournal): WaitReason | null {
  const live = starts.length === 0 ? null : liveAttempt(journal);
  return live === null ? wait : { kind: 'running', attempt: live.number, run: live.claim.run };
}

export function spentOn(of: Spent['of'], spend: Spend, { budget }: Policy): readonly Spent[] {
  return SPEND_UNITS.flatMap((unit) => {
    const limit = budget[of][unit];
    return limit === null ? [] : [{ of, unit, spent: spend[unit], limit }];
  });
}

function attemptsTotal(journal: TaskJournal): number {
  return lastAttempt(journal)?.number ?? journal.attempts_before;
}

/** Passing reasons all mean "in line", so that a busy queue does not rewrite its comments every tick. */
function shownWait(
  wait: WaitReason | null,
  { journal, policy }: { readonly journal: TaskJournal; readonly policy: Policy },
): ShownWait | null {
  if (wait === null) return null;
  switch (wait.kind) {
    case 'capacity':
    case 'engine_capacity':
    case 'overlap':
    case 'alone':
    case 'behind':
    case 'circuit':
    case 'cooldown':
    case 'hourly':
    case 'stopped':
    case 'budget':
    case 'details_unread':
    case 'routing_budget':
      return { kind: 'queued', parallel_max: policy.parallel_max };
    case 'lease_unread':
      return fromLease(journal);
    case 'dependencies':
    case 'children':
    case 'foreign':
    case 'phase':
    case 'backoff':
    case 'running':
    case 'review':
    case 'person':
    case 'skipped':
    case 'unassigned':
    case 'finished':
    case 'blocked_by_word':
    case 'paused':
      return wait;
    default:
      return unreachable(wait);
  }
}

function fromLease(journal: TaskJournal): ShownWait | null {
  const live = liveAttempt(journal);
  return live === null ? null : { kind: 'running', attempt: live.number, run: live.claim.run };
}

function resumesOf(wait: WaitReason | null, around: Around): readonly Resume[] {
  switch (wait?.kind) {
    case 'person':
      return resumesFor(wait.reason, around);
    case 'skipped':
      return [skippedResume(wait, around.policy)];
    case 'dependencies':
    case 'children':
    case 'foreign':
    case 'phase':
      return [{ kind: 'close_dependencies' }];
    case 'blocked_by_word':
      return [{ kind: 'say', verb: 'unblock' }];
    case 'paused':
      return [{ kind: 'say', verb: 'resume' }];
    case 'review':
      return [{ kind: 'review_pull', pr: wait.pr }];
    case 'finished':
      return [{ kind: 'reopen_issue' }];
    case 'unassigned':
      return [{ kind: 'say', verb: 'start' }];
    case 'capacity':
    case 'engine_capacity':
    case 'overlap':
    case 'alone':
    case 'behind':
    case 'circuit':
    case 'cooldown':
    case 'hourly':
    case 'stopped':
    case 'budget':
    case 'backoff':
    case 'running':
    case 'lease_unread':
    case 'details_unread':
    case 'routing_budget':
    case undefined:
      return [];
    default:
      return unreachable(wait);
  }
}

function skippedResume({ by, label }: WaitReason & { readonly kind: 'skipped' }, policy: Policy): Resume {
  switch (by) {
    case 'command':
      return { kind: 'say', verb: 'unskip' };
    case 'no_intake_label':
      return { kind: 'add_label', label: policy.intake.label };
    case 'label':
      return label === null ? { kind: 'retry' } : { kind: 'remove_label', label };
    default:
      return unreachable(by);
  }
}

/** The exact way on, the likeliest first. */
function resumesFor(reason: HoldReason, { ready }: Around): readonly Resume[] {
  const others = ready.slice(0, 2).map((engine): Resume => ({ kind: 'retry_other', engine }));
  switch (reason.kind) {
    case 'cancelled':
    case 'reopened':
    case 'infra_exhausted':
    case 'branch_gone':
    case 'over_budget':
      return [{ kind: 'retry' }];
    case 'held':
      return [{ kind: 'say', verb: 'unskip' }];
    case 'attempts_exhausted':
    case 'same_failure':
      return [{ kind: 'retry' }, ...(others.length > 1 ? others : [])];
    case 'needs_person':
      return reason.outcome === 'no_change'
        ? [{ kind: 'close_issue' }, { kind: 'retry' }]
        : [{ kind: 'retry' }, ...(others.length > 1 ? others : [])];
    case 'pr_closed':
      return [{ kind: 'retry' }, { kind: 'reopen_pull', pr: reason.pr }];
    case 'pr_forbidden':
      return [{ kind: 'open_pull' }];
    case 'untrusted_label':
      return [{ kind: 'relabel', label: reason.label, needed: reason.needed }, { kind: 'retry' }];
    case 'unknown_label':
      return [{ kind: 'replace_label', label: reason.label, allowed: reason.allowed }];
    case 'contradicting_labels':
      return reason.labels.map((label) => ({ kind: 'remove_label', label }));
    case 'circle': {
      const [first] = reason.circle;
      return [{ kind: 'break_circle', at: first === undefined || first === reason.of ? null : first }];
    }
    case 'no_engine':
      if (reason.model !== undefined) return []; // another engine would be refused the model
      return reason.wanted === null
        ? others
        : [...others, { kind: 'remove_label', label: LabelName.parse(`${LABEL_FAMILIES.engine}${reason.wanted}`) }];
    default:
      return unreachable(reason);
  }
}

/** A priority nobody knows stops nothing; it is said, since its author expected something. */
function remarksOf({ issue }: TaskFacts, policy: Policy): readonly Remark[] {
  if (issue === null) return [];
  const unknown = readLabels(issue.labels, policy.intake.label).unknown.filter(({ family }) => family === 'priority');
  const soft = issue.dependencies.filter(({ open, source }) => open && source === 'soft').map((each) => each.issue);
  return [
    ...unknown.map(({ label, allowed }): Remark => ({ kind: 'unknown_label', label, allowed })),
    ...(soft.length === 0 ? [] : [{ kind: 'soft_dependencies' as const, open: soft }]),
  ];
}

/** The facts win, and whoever typed it is told how to say what they meant. */
function handRemarks({ facts, state, journal, records }: TaskDecision): readonly Remark[] {
  return handLabels({ issue: facts.issue, state, journal, records }).map((hand) => ({
    kind: 'status_by_hand',
    ...hand,
  }));
}

function compareOf(facts: TaskFacts, wait: WaitReason | null, repository: RepositoryFacts): StateView['compare'] {
  if (wait?.kind !== 'person' || wait.reason.kind !== 'pr_forbidden' || facts.branch === null) return null;
  return { base: repository.default_branch, head: facts.branch.name, title: facts.issue?.title ?? '' };
}
