// Owns what we may say to people, as data; wire/ turns each of these into text, one function per kind.
import type { QueuePart, SpokenCommand, TextVerb, Verb } from './command.ts';
import type {
  AttemptNumber,
  BranchName,
  CommitSha,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  PrNumber,
  RunId,
  TaskId,
} from './ids.ts';
import type { ImportPlan, ImportProblem } from './import.ts';
import type { JobName } from './job.ts';
import type { Attempt } from './journal.ts';
import type { Blocked } from './kept-word.ts';
import type { OutcomeKind } from './outcome.ts';
import type { WaitReason } from './plan.ts';
import type { Policy, PolicyOrigin, PolicyProblem, SpendUnit } from './policy.ts';
import type { Route, RouteSource } from './route.ts';
import type { Schedule, ScheduleProblem } from './schedule.ts';
import type { ConfigChange, Setting } from './setting.ts';
import type { ChildFacts, DependencyFacts } from './snapshot.ts';
import type { EngineId, RoleName, TaskState } from './task.ts';

/** Why a command was not obeyed, with what the sentence needs. `kind` is the journal's `Refusal`. */
export type RefusalNotice =
  | { readonly kind: 'not_permitted'; readonly verb: Verb; readonly held: RoleName; readonly needed: RoleName }
  | { readonly kind: 'unknown_verb'; readonly word: string }
  | { readonly kind: 'unknown_engine'; readonly word: string; readonly ready: readonly EngineId[] }
  | { readonly kind: 'unknown_words'; readonly verb: Verb }
  | { readonly kind: 'edited' }
  | { readonly kind: 'too_long'; readonly verb: TextVerb; readonly chars: number }
  | { readonly kind: 'past_day'; readonly until: Instant }
  | { readonly kind: 'has_issue' }
  | { readonly kind: 'unknown_job'; readonly name: JobName; readonly jobs: readonly JobName[] }
  | { readonly kind: 'job_running'; readonly job: JobName; readonly task: TaskId }
  | { readonly kind: 'job_off'; readonly job: JobName }
  | { readonly kind: 'wrong_setting'; readonly problem: PolicyProblem }
  | { readonly kind: 'already_set' }
  | { readonly kind: 'given_up' }
  | { readonly kind: 'not_imported'; readonly path: string; readonly problem: ImportProblem }
  | { readonly kind: 'wrong_schedule'; readonly schedule: Schedule; readonly wrong: ScheduleProblem }
  | { readonly kind: 'not_skipped' }
  /** `by_word`: somebody blocked it, and not for the issues that were named. */
  | { readonly kind: 'not_blocked'; readonly open: readonly IssueNumber[]; readonly by_word?: Blocked | undefined }
  /** null: a pull request, which no label puts into the queue. */
  | { readonly kind: 'not_a_task'; readonly intake_label: LabelName | null }
  | { readonly kind: 'nothing_to_cancel'; readonly state: TaskState }
  | { readonly kind: 'already_running'; readonly attempt: AttemptNumber }
  | { readonly kind: 'already_done'; readonly state: 'done' | 'archived' }
  /** A label a person set (or took away) says no, and labels win while they stand. */
  | { readonly kind: 'label_forbids'; readonly label: LabelName; readonly remedy: 'add' | 'remove' };

export interface Spent {
  readonly of: 'task' | 'day' | 'month';
  readonly unit: SpendUnit;
  readonly spent: number;
  readonly limit: number;
}

/** An answer under the comment that asked. The body carries the answer marker with that comment's id. */
export type Notice =
  /** Commands of a comment that were left out. */
  | { readonly kind: 'unheeded'; readonly commands: number }
  /** `wait` is the full reason with this tick's figures; the view holds the stable one. */
  | { readonly kind: 'why'; readonly view: StateView; readonly wait: WaitReason | null }
  | {
      readonly kind: 'status';
      readonly view: StateView;
      readonly wait: WaitReason | null;
      /** Of the repository, where it has a limit. */
      readonly spent: readonly Spent[];
    }
  | { readonly kind: 'queue'; readonly queue: QueueView }
  | { readonly kind: 'settings'; readonly settings: readonly Setting[]; readonly origin: PolicyOrigin }
  | { readonly kind: 'jobs'; readonly jobs: readonly JobRow[] }
  /** `page`: where the pull request is, or is opened by hand. */
  | { readonly kind: 'proposed'; readonly change: ConfigChange; readonly page: ProposalPage }
  | { readonly kind: 'runs'; readonly schedule: Schedule; readonly runs: readonly Instant[] }
  | {
      readonly kind: 'help';
      readonly commands: Policy['commands'];
      readonly mention: string;
      readonly ready: readonly EngineId[];
    }
  /** A task without an issue was made of the words. */
  | { readonly kind: 'asked'; readonly task: TaskId }
  /** A dispatch: an issue is made for the tasks of the file. */
  | { readonly kind: 'imports'; readonly path: string }
  | { readonly kind: 'imported'; readonly told: ToldImport }
  /** null: it could not be kept. */
  | { readonly kind: 'export'; readonly view: ExportView | null }
  | { readonly kind: 'refused'; readonly by: Login; readonly refusal: RefusalNotice };

/** The queue as a file of the run. */
export interface ExportView {
  readonly tasks: number;
  /** Not in it: those that are over, and those that could not be read. */
  readonly over: number;
  readonly unread: number;
  readonly run_url: string;
}

/** What came of a file in the end. */
export interface ToldImport {
  readonly path: string;
  readonly by: Login;
  /** null: it was imported. */
  readonly problem: ImportProblem | null;
  readonly plan: ImportPlan | null;
  readonly parts: readonly IssueNumber[];
  readonly intake_label: LabelName;
}

/** Data of the link to a proposed change. */
export interface ProposalPage {
  readonly repository_url: string;
  readonly base: BranchName;
  readonly head: BranchName;
}

/** One scheduled job as this tick saw it. */
export interface JobRow {
  readonly job: JobName;
  readonly schedule: string;
  /** null: it runs by the clock. `by: null`: after failures; `at: null`: the configuration says so. */
  readonly off: { readonly by: Login | null; readonly at: Instant | null } | null;
  readonly next: Instant | null;
  /** `state: null`: its task is about to be made. */
  readonly last: { readonly slot: Instant; readonly task: TaskId; readonly state: TaskState | null } | null;
}

/** The queue as this tick saw it. */
export interface QueueView {
  /** null: all that is open. */
  readonly of: QueuePart | null;
  readonly paused: { readonly by: Login; readonly at: Instant } | null;
  /** Tasks that are not over, in order; those this tick did not read are counted in `unread`. */
  readonly rows: readonly {
    readonly task: TaskId;
    readonly title: string;
    /** The repository's own, such as `bug`. */
    readonly labels: readonly LabelName[];
    /** Title of its open milestone: others' text. */
    readonly milestone: string | null;
    readonly state: TaskState;
    readonly wait: WaitReason | null;
    /** Its place in the line of those that could start; null: it is not in line. */
    readonly turn: number | null;
  }[];
  readonly unread: number;
}

/** Who waits for whom, as this tick saw it. */
export interface GraphView {
  /** The critical path first, then blockers before what waits for them. */
  readonly nodes: readonly {
    readonly task: TaskId;
    /** Others' text. */
    readonly title: string;
    /** null: it is not in the queue, or was not read. */
    readonly state: TaskState | null;
  }[];
  /** `to` waits for `from`. */
  readonly edges: readonly { readonly from: TaskId; readonly to: TaskId; readonly critical: boolean }[];
  /** The chain of work that takes longest, in the order it can be done. */
  readonly critical: readonly TaskId[];
  /** The time limits along it. */
  readonly critical_minutes: number;
  /** There may be more that this tick did not look at. */
  readonly partial: boolean;
}

/** A wait without the figures that change from tick to tick: comments change at transitions only. */
export type ShownWait =
  | Exclude<
      WaitReason,
      {
        readonly kind:
          | 'capacity'
          | 'engine_capacity'
          | 'overlap'
          | 'alone'
          | 'behind'
          | 'circuit'
          | 'cooldown'
          | 'hourly'
          | 'stopped'
          | 'budget'
          | 'lease_unread'
          | 'details_unread'
          | 'routing_budget';
      }
    >
  /** In line for a free slot. */
  | { readonly kind: 'queued'; readonly parallel_max: number };

/** What a person can do to go on; the first one is the exact answer, the others are alternatives. */
export type Resume =
  | { readonly kind: 'retry' } // `/orch retry`
  | { readonly kind: 'say'; readonly verb: Verb } // `/orch <verb>`
  | { readonly kind: 'retry_other'; readonly engine: EngineId } // `/orch retry <engine>`
  | { readonly kind: 'add_label'; readonly label: LabelName }
  | { readonly kind: 'remove_label'; readonly label: LabelName }
  | { readonly kind: 'replace_label'; readonly label: LabelName; readonly allowed: readonly LabelName[] }
  | { readonly kind: 'relabel'; readonly label: LabelName; readonly needed: RoleName } // by somebody with that role
  | { readonly kind: 'open_pull' } // by the compare link of the view
  | { readonly kind: 'review_pull'; readonly pr: PrNumber }
  | { readonly kind: 'reopen_pull'; readonly pr: PrNumber }
  | { readonly kind: 'close_issue' } // accepts a `no_change`
  | { readonly kind: 'reopen_issue' }
  | { readonly kind: 'close_dependencies' } // nothing to do: it waits for `wait.open`
  | { readonly kind: 'break_circle'; readonly at: IssueNumber | null }; // null: here

/** Something a person should know, and that stops nothing. */
export type Remark =
  /** A label that Orch could not use. */
  | { readonly kind: 'unknown_label'; readonly label: LabelName; readonly allowed: readonly LabelName[] }
  /** A status label set by hand against the facts. */
  | { readonly kind: 'status_by_hand'; readonly label: LabelName; readonly by: Login | null }
  /** It would rather come after these, which are open; it starts all the same. */
  | { readonly kind: 'soft_dependencies'; readonly open: readonly IssueNumber[] };

/** How a task without an issue came to its end: there is nothing that anybody could reopen. */
export type InternalEnd =
  | { readonly kind: 'merged'; readonly pr: PrNumber }
  | { readonly kind: 'completed'; readonly by: Login }
  /** `issue` null: it is being made. */
  | { readonly kind: 'published'; readonly issue: IssueNumber | null }
  /** Nothing of it is left to be merged. */
  | { readonly kind: 'over' }
  /** A later run of its job takes its place. */
  | { readonly kind: 'outrun' };

/** All that the state comment shows of one task. Nothing in it changes unless the task moved or a person acted. */
export interface StateView {
  readonly task: TaskId;
  /** Others' text. */
  readonly title: string;
  readonly state: TaskState;
  readonly wait: ShownWait | null;
  readonly resume: readonly Resume[];
  readonly remarks: readonly Remark[];
  readonly route: Route | null;
  /** Oldest first, the newest 20 at most; `attempts_total` counts all, those before a rebuild included. */
  readonly attempts: readonly Attempt[];
  readonly attempts_total: number;
  /** This epoch's budget: `charged` of `attempts_max`, and endings that were not the task's fault of their own cap. */
  readonly budget: {
    readonly epoch: number;
    readonly charged: number;
    readonly attempts_max: number;
    readonly uncharged: number;
    readonly infra_attempts_max: number;
    /** What this round has cost, where the task has a limit of that unit. */
    readonly spent: readonly Spent[];
  };
  readonly dependencies: readonly DependencyFacts[];
  readonly children: readonly ChildFacts[];
  readonly pull: {
    readonly number: PrNumber;
    readonly state: 'open' | 'merged' | 'closed';
    readonly draft: boolean;
    readonly files: number;
    readonly review: 'approved' | 'changes_requested' | null;
  } | null;
  readonly on_merge: 'closes_issue' | 'leaves_issue' | 'ends_task';
  /** null: it has an issue, or goes on. */
  readonly internal_end: InternalEnd | null;
  readonly branch: { readonly name: BranchName; readonly head: CommitSha } | null;
  /** Data of the prefilled compare link, when a person must open the pull request themselves. */
  readonly compare: { readonly base: BranchName; readonly head: BranchName; readonly title: string } | null;
  /** Where the policy in force came from; shown when it is not the newest file. */
  readonly origin: PolicyOrigin;
  /** The journal was lost and rebuilt from this comment. */
  readonly rebuilt: boolean;
  /** `https://github.com/owner/name`: runs, issues, pulls and branches are linked from it. */
  readonly repository_url: string;
  /** What the hidden JSON must remember, so that a lost journal can be rebuilt. */
  readonly remembers: { readonly attempts: number; readonly pr: PrNumber | null };
}

/** What a tick did for one task; one short phrase each, for the job summary and the dry run. */
export type Deed =
  | { readonly kind: 'rebuilt'; readonly attempts_before: number }
  | { readonly kind: 'admitted'; readonly by: Login }
  | { readonly kind: 'asked'; readonly by: Login; readonly run: RunId }
  | { readonly kind: 'scheduled'; readonly job: JobName; readonly slot: Instant }
  | { readonly kind: 'obeyed'; readonly verb: Verb; readonly by: Login }
  | { readonly kind: 'refused'; readonly by: Login; readonly refusal: RefusalNotice }
  | { readonly kind: 'reopened'; readonly by: Login }
  | {
      readonly kind: 'settled';
      readonly attempt: AttemptNumber;
      readonly outcome: OutcomeKind;
      readonly by: 'deliver' | 'reconcile';
    }
  | { readonly kind: 'found_pull'; readonly pr: PrNumber }
  | { readonly kind: 'opens_pull'; readonly branch: BranchName }
  | { readonly kind: 'closes_issue'; readonly reason: 'COMPLETED' | 'NOT_PLANNED' }
  | { readonly kind: 'publishes' }
  | { readonly kind: 'files'; readonly findings: number }
  /** Issues of a file's tasks, of which `left` are for the next ticks. */
  | { readonly kind: 'imports'; readonly path: string; readonly tasks: number; readonly left: number }
  | { readonly kind: 'tells_import'; readonly path: string }
  /** Its issue is gone, or it could not be read for a day. */
  | { readonly kind: 'drops_import'; readonly path: string }
  /** A change of the configuration that was asked for, and makes no difference by now. */
  | { readonly kind: 'drops_change'; readonly by: Login }
  | { readonly kind: 'deletes_branch'; readonly branch: BranchName }
  | { readonly kind: 'finished'; readonly state: 'done' | 'archived'; readonly pr: PrNumber | null }
  | { readonly kind: 'unblocked' }
  | { readonly kind: 'routed'; readonly engine: EngineId; readonly source: RouteSource }
  | { readonly kind: 'starts'; readonly attempt: AttemptNumber; readonly engine: EngineId }
  | { readonly kind: 'sweeps' };

/** What the whole repository should know after a tick; goes to the job summary. */
export type Alarm =
  | { readonly kind: 'policy'; readonly origin: PolicyOrigin }
  /** More routes than allowed fell through to the round robin: the LLM router is probably broken. */
  | {
      readonly kind: 'router_fallback';
      readonly fallbacks: number;
      readonly routes: number;
      readonly share_max: number;
    }
  /** Nothing new starts, and why. */
  | {
      readonly kind: 'brake';
      readonly wait: WaitReason & { readonly kind: 'circuit' | 'hourly' | 'stopped' | 'budget' };
    }
  /** Tasks wait for others, and nothing that could end that is under way. */
  | { readonly kind: 'deadlock'; readonly blocked: number; readonly on: readonly IssueNumber[] }
  /** A budget in dollars is set, and engines do not tell what they cost. */
  | { readonly kind: 'unpriced'; readonly attempts: number; readonly period: 'day' | 'month' }
  /** It failed in the same way this often in a row, and runs no more until a person says so. */
  | { readonly kind: 'job_off'; readonly job: JobName; readonly failures: number }
  | { readonly kind: 'no_engine_ready'; readonly configured: readonly EngineId[] }
  | { readonly kind: 'unread'; readonly task: TaskId; readonly why: string }
  /** What was decided for it breaks a rule of ours: a bug, and nothing of it was done. */
  | { readonly kind: 'withheld'; readonly task: TaskId; readonly why: string }
  /** A compare-and-swap lost: somebody moved the journal first; the next tick sees the truth. */
  | { readonly kind: 'lost'; readonly task: TaskId; readonly why: string }
  /** A dispatch named no task, or came from somebody who may not ask. */
  | { readonly kind: 'dispatch_refused'; readonly run: RunId; readonly by: Login }
  /** What a dispatch to the whole repository is answered: its run's summary is all it has. */
  | { readonly kind: 'told'; readonly run: RunId; readonly by: Login; readonly notice: Notice }
  | { readonly kind: 'effect_failed'; readonly task: TaskId | null; readonly what: string; readonly why: string }
  | {
      readonly kind: 'bounded';
      readonly what: 'commands' | 'shown' | 'starts' | 'routes';
      readonly left: number;
      readonly limit: number;
    };

/** Whom an answer goes to: the comment is reacted to, the text stands under the same issue or pull request. */
export type AnswerTo = Pick<SpokenCommand, 'comment' | 'comment_node' | 'issue'>;
