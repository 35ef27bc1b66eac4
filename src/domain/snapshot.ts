// Owns Snapshot: all that one tick saw of the world, its time included.
import type { InboxEntry, SpokenCommand } from './command.ts';
import type {
  AttemptNumber,
  BranchName,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  NodeId,
  PrNumber,
  RunId,
  TaskId,
} from './ids.ts';
import type { ImportSight } from './import.ts';
import type { JobName } from './job.ts';
import type { TaskJournal } from './journal.ts';
import type { OutcomeKind } from './outcome.ts';
import type { Room } from './room.ts';
import type { RouteAnswer } from './route.ts';
import type { ConfigEdit } from './setting.ts';
import type { RoleName } from './task.ts';
import type { RunRef, Wake } from './wake.ts';

export interface RepositoryFacts {
  readonly owner: string;
  readonly name: string;
  readonly url: string;
  readonly default_branch: BranchName;
  readonly base: CommitSha;
  /** Names of the labels that exist; the manifest is compared with it. */
  readonly labels: ReadonlySet<LabelName>;
}

export interface DependencyFacts {
  readonly issue: IssueNumber;
  readonly title: string;
  readonly open: boolean;
  /** `soft`: a person wants to be told, and nothing waits. */
  readonly source: 'native' | 'text' | 'soft';
}

/** A sub-issue: its parent waits until it is closed. */
export interface ChildFacts {
  readonly issue: IssueNumber;
  readonly title: string;
  readonly open: boolean;
}

/** An issue of another repository that it waits for, as a dependency or a sub-issue; `name` is `owner/name#7`. */
export interface ForeignFacts {
  readonly name: string;
  readonly open: boolean;
}

/** What GitHub groups issues under; `due` is a day, told as its midnight. */
export interface MilestoneFacts {
  /** Others' text. */
  readonly title: string;
  readonly open: boolean;
  readonly due: Instant | null;
}

export interface LabelEvent {
  readonly label: LabelName;
  readonly by: Login | null;
  readonly by_bot: boolean;
  readonly at: Instant;
}

export interface IssueFacts {
  readonly id: NodeId;
  readonly number: IssueNumber;
  readonly title: string;
  /** Others' text; empty for closed issues. */
  readonly body: string;
  readonly author: Login | null;
  readonly open: boolean;
  readonly not_planned: boolean;
  readonly labels: readonly LabelName[];
  /** Newest "labeled" event per label still on the issue. */
  readonly label_events: readonly LabelEvent[];
  readonly dependencies: readonly DependencyFacts[];
  readonly children: readonly ChildFacts[];
  /** Absent: none. They are in no graph, since nothing is known of what they wait for. */
  readonly foreign?: readonly ForeignFacts[];
  /** null also where another repository's issue is its parent. */
  readonly parent: IssueNumber | null;
  readonly milestone: MilestoneFacts | null;
  /** Newest "reopened" event; Orch never reopens, so it is always somebody's word. Their role is in `roles`. */
  readonly reopened: { readonly by: Login | null; readonly at: Instant } | null;
  readonly created_at: Instant;
  readonly updated_at: Instant;
}

export interface PullFacts {
  readonly number: PrNumber;
  readonly id: NodeId;
  readonly state: 'open' | 'merged' | 'closed';
  readonly draft: boolean;
  readonly head: CommitSha;
  readonly base_branch: BranchName;
  readonly files: number;
  /** What people's reviews come to; null also where the branch asks for none, since GitHub then does not tell. */
  readonly review: 'approved' | 'changes_requested' | null;
  readonly merged_by: Login | null;
  /** When it was merged or closed; null while open. A pull request that ended before the budget epoch began is history. */
  readonly closed_at: Instant | null;
}

/** The state comment as it stands, found by the id the journal names, else by our author and marker. */
export interface StateCommentFacts {
  readonly id: NodeId;
  readonly digest: Digest;
  /** Ours (our author, the marker of this task), and its digest is the one the journal recorded. */
  readonly believed: boolean;
  /** Counters a lost journal is rebuilt from; null when unparseable, not ours, or last edited by somebody else. */
  readonly remembers: { readonly attempts: number; readonly pr: PrNumber | null } | null;
}

/** What GitHub says of the job that holds the lease. */
export type LeaseStatus =
  | { readonly kind: 'alive' }
  /** `never_started`: its run is over and the job never began; a job that is only not there yet is `alive`. */
  | { readonly kind: 'dead'; readonly cause: 'cancelled' | 'failed' | 'finished_silent' | 'never_started' | 'run_gone' }
  | { readonly kind: 'unread' };

export interface ThreadComment {
  readonly by: Login | null;
  readonly association: string;
  readonly at: Instant;
  /** Others' text. */
  readonly body: string;
}

/** What only tasks about to be routed or started need. */
export interface TaskDetails {
  readonly thread: readonly ThreadComment[];
  readonly thread_cut: boolean;
}

export interface TaskFacts {
  readonly id: TaskId;
  /** null: an internal task, a pull request, or an issue that was deleted or transferred away (`missing`). */
  readonly issue: IssueFacts | null;
  /**
   * `unread`: nothing asked for it this tick; only the journal is known. `missing`: asked for and not there. `pull`: a
   * pull request of no task, which is no task itself.
   */
  readonly issue_read: 'read' | 'unread' | 'missing' | 'internal' | 'pull';
  readonly journal: TaskJournal;
  /** Tip of the journal's ref, or null when there is none yet. */
  readonly journal_tip: CommitSha | null;
  /** The one its last attempt claimed; of a task without attempts, any that bears its number. */
  readonly branch: { readonly name: BranchName; readonly head: CommitSha } | null;
  /** All that bear its number, `branch` among them: names a new one cannot have. Absent: none that is not told above. */
  readonly branch_names?: ReadonlySet<BranchName> | undefined;
  readonly pull: PullFacts | null;
  readonly comment: StateCommentFacts | null;
  /** Of the live attempts whose job was asked for. */
  readonly leases: ReadonlyMap<AttemptNumber, LeaseStatus>;
  readonly details: TaskDetails | null;
  readonly answer: RouteAnswer | null;
}

/** How an attempt of any task ended. */
export interface Ending {
  readonly task: TaskId;
  readonly attempt: number;
  readonly outcome: OutcomeKind;
  readonly at: Instant;
}

export interface HistoryFacts {
  readonly tip: CommitSha | null;
  /** Newest routes, newest last, for the fallback alarm and the round robin; bounded by the reader. */
  readonly recent_routes: readonly { readonly engine: string; readonly source: string }[];
  /** Newest endings that people were shown, newest last; bounded by the reader. */
  readonly recent_endings: readonly Ending[];
  readonly last_sweep_at: Instant | null;
  readonly watermark: Instant | null;
  /** A tick meant to answer words as old as this; whether it lived to do so is to be seen. */
  readonly owed_since: Instant | null;
}

/** What people set for the whole repository, and the tip the next one goes on. */
export interface RoomFacts {
  readonly state: Room;
  readonly tip: CommitSha | null;
}

/** When a job fell due last, up to now, and when it does next. */
export interface DueFacts {
  readonly last: Instant | null;
  readonly next: Instant | null;
}

export interface Snapshot {
  readonly at: Instant;
  readonly wake: Wake;
  readonly run: RunRef;
  readonly repository: RepositoryFacts;
  readonly scope: 'changed' | 'all';
  readonly tasks: ReadonlyMap<TaskId, TaskFacts>;
  /** New comments that speak to us, oldest first, handled ones included (the journal tells them apart). */
  readonly commands: readonly SpokenCommand[];
  /** Pull requests that were met, where answers go, and the task that their branch names. */
  readonly pulls?: ReadonlyMap<IssueNumber, { readonly id: NodeId; readonly task: TaskId | null }>;
  readonly inbox: readonly (InboxEntry & { readonly tip: CommitSha })[];
  /** Roles of everybody who labelled, reopened or spoke, by lower-cased login; nobody's absence means `none`. */
  readonly roles: ReadonlyMap<Login, RoleName>;
  /** Engines that can run here: a key was mapped, or none is needed. */
  readonly engines_ready: ReadonlySet<string>;
  readonly history: HistoryFacts;
  readonly room: RoomFacts;
  /** Of the jobs in the policy; read where there are any. */
  readonly calendar: ReadonlyMap<JobName, DueFacts>;
  /** When schedules that people ask about fall due next, by their text; absent: nobody asks. */
  readonly asked_runs?: ReadonlyMap<string, readonly Instant[]> | undefined;
  /** What the configuration would be after the changes that people ask for, by `changeKey`; absent: nobody does. */
  readonly config_edits?: ReadonlyMap<string, ConfigEdit> | undefined;
  /** Files that people want imported, by `importId`, as far as they were read; absent: nobody does. */
  readonly imports?: ReadonlyMap<string, ImportSight> | undefined;
  /** Faults met while reading single tasks; the others went on. */
  readonly unread: readonly { readonly task: TaskId; readonly why: string }[];
  /** When the oldest word was said that this look cannot take up, so that a later one must hear it; absent: none. */
  readonly unheard_since?: Instant | null;
  readonly runs_read: ReadonlySet<RunId>;
  /** What the API's limit leaves for this hour; absent: it did not say. */
  readonly points?: number | undefined;
}
