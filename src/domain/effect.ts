// Owns Effect: everything Orch may do to the world from a tick. The only verbs with power.
import type { Brief } from './brief.ts';
import type { HookName } from './hook.ts';
import type {
  AttemptNumber,
  BranchName,
  CommitSha,
  Instant,
  IssueNumber,
  LabelName,
  NodeId,
  PrNumber,
  RunId,
  TaskId,
} from './ids.ts';
import type { Commanded, JournalRecord } from './journal.ts';
import type { OutcomeKind } from './outcome.ts';
import type { HoldReason } from './plan.ts';
import type { Room, RoomRecord } from './room.ts';
import type { EngineId, TaskState } from './task.ts';

/** Appended by compare-and-swap: `expected` is the tip the snapshot saw, null for "must not exist". */
export interface AppendJournal {
  readonly kind: 'append_journal';
  readonly task: TaskId;
  readonly expected: CommitSha | null;
  readonly records: readonly JournalRecord[];
}

/** What holds for the whole repository; pushed before everything else, since tasks act on it. */
export interface AppendRoom {
  readonly kind: 'append_room';
  readonly expected: CommitSha | null;
  readonly records: readonly RoomRecord[];
  /** The whole state after them. */
  readonly room: Room;
}

/** One line of the history's month file; goes with the same push as the journals. */
export interface AppendHistory {
  readonly kind: 'append_history';
  readonly line: HistoryLine;
}

export type HistoryLine =
  | {
      readonly kind: 'route';
      readonly at: string;
      readonly task: TaskId;
      readonly engine: string;
      readonly source: string;
    }
  | {
      readonly kind: 'settled';
      readonly at: string;
      readonly task: TaskId;
      readonly attempt: number;
      readonly engine: string;
      readonly model: string | null;
      readonly outcome: string;
      readonly seconds: number;
      readonly cost_usd: number | null;
    }
  | {
      readonly kind: 'finished';
      readonly at: string;
      readonly task: TaskId;
      readonly state: string;
      readonly pr: number | null;
    }
  /** `heard_until`: the oldest word it wrote down; should that be lost to another tick, the next one hears it again. */
  | {
      readonly kind: 'tick';
      readonly at: string;
      readonly sweep: boolean;
      readonly heard_until?: string | undefined;
      /** The oldest word it meant to answer: until a tick lives to do so, receipts are looked for from there on. */
      readonly owed_since?: string | undefined;
    };

/** Starts one leg of the matrix; needs the claim in the same plan to have won. */
export interface StartAttempt {
  readonly kind: 'start_attempt';
  readonly task: TaskId;
  readonly brief: Brief;
  readonly runs_on: string;
  readonly job_timeout_minutes: number;
}

/** Creates the state comment (`comment: null`) or edits it. The body's digest stands in the plan's `shown` record. */
export interface WriteStateComment {
  readonly kind: 'write_state_comment';
  readonly task: TaskId;
  readonly issue: IssueNumber;
  readonly issue_id: NodeId;
  readonly comment: NodeId | null;
  readonly body: string;
}

export interface SetLabels {
  readonly kind: 'set_labels';
  readonly task: TaskId;
  readonly issue_id: NodeId;
  readonly issue: IssueNumber;
  readonly add: readonly LabelName[];
  readonly remove: readonly LabelName[];
}

export interface React {
  readonly kind: 'react';
  readonly task: TaskId;
  readonly comment: NodeId;
  readonly reaction: 'EYES' | 'THUMBS_UP' | 'CONFUSED' | 'ROCKET';
}

/** An answer to a person; `marker` makes it findable and is written into the body. */
export interface PostComment {
  readonly kind: 'post_comment';
  readonly task: TaskId;
  readonly issue: IssueNumber;
  readonly issue_id: NodeId;
  readonly body: string;
  /** Said instead where the export that it tells of could not be kept; absent: it tells of none. */
  readonly without_export?: string;
}

export interface CloseIssue {
  readonly kind: 'close_issue';
  readonly task: TaskId;
  readonly issue: IssueNumber;
  readonly issue_id: NodeId;
  readonly reason: 'COMPLETED' | 'NOT_PLANNED';
}

/** Makes an issue of a task that has none; `marker` stands in the body, and finds it again. */
export interface CreateIssue {
  readonly kind: 'create_issue';
  readonly task: TaskId;
  readonly title: string;
  readonly body: string;
  readonly marker: string;
  /** When it was asked for: an issue with that marker is not older. */
  readonly since: Instant;
  /** Set in the same request. */
  readonly labels: readonly LabelName[];
}

/** An issue by which Orch says something about itself: none where one with this marker is open, or was closed not long ago. */
export interface FileFinding {
  readonly kind: 'file_finding';
  readonly task: TaskId;
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly marker: string;
  readonly labels: readonly LabelName[];
  /** An issue that was closed since then says it still. */
  readonly quiet_since: Instant;
}

/** Makes the issue that the tasks of a file go under; `marker` finds it again, and its journal remembers the wish. */
export interface CreateEpic {
  readonly kind: 'create_epic';
  readonly wish: Commanded;
  readonly title: string;
  readonly body: string;
  readonly marker: string;
  readonly since: Instant;
  readonly labels: readonly LabelName[];
}

/** Makes issues of tasks of a file, each a sub-issue from the start: what is there is what was seen there. */
export interface ImportTasks {
  readonly kind: 'import_tasks';
  readonly task: TaskId;
  readonly from: Commanded['from'];
  /** Afterwards another tick may be at it. */
  readonly until: Instant;
  /** Of the part that goes on. */
  readonly parent: NodeId;
  readonly issues: readonly ImportIssue[];
  /** Tasks of the file that have an issue, by their keys. */
  readonly there: ReadonlyMap<string, IssueNumber>;
}

export interface ImportIssue {
  /** null: those behind it go under it. */
  readonly key: string | null;
  readonly title: string;
  /** What follows is one line more, and the marker. */
  readonly body: string;
  readonly depends_on: readonly string[];
  readonly depends_on_issues: readonly IssueNumber[];
  readonly marker: string;
  readonly labels: readonly LabelName[];
}

/** Said once: a comment of ours with that marker is looked for before. */
export interface TellImport {
  readonly kind: 'tell_import';
  readonly task: TaskId;
  readonly from: Commanded['from'];
  readonly issue_id: NodeId;
  readonly body: string;
  readonly marker: string;
  readonly made: number;
}

/** The queue as a file of this run, for whoever asked; a second one of the same run takes its place. */
export interface KeepExport {
  readonly kind: 'keep_export';
  readonly text: string;
}

/** The catch-all: a delivered branch without a pull request gets one. */
export interface OpenPullRequest {
  readonly kind: 'open_pull_request';
  readonly task: TaskId;
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
  readonly reviewers: readonly string[];
}

/** At most ten fields, which is what GitHub takes. */
export interface HookPayload {
  readonly hook: HookName;
  readonly task: TaskId;
  readonly issue: IssueNumber | null;
  readonly state: TaskState;
  readonly attempt: AttemptNumber | null;
  readonly engine: EngineId | null;
  readonly outcome: OutcomeKind | null;
  readonly pr: PrNumber | null;
  readonly branch: BranchName | null;
  /** Why it needs a person. */
  readonly reason: HoldReason['kind'] | null;
}

/** A `repository_dispatch`, for workflows of the repository. */
export interface SendHook {
  readonly kind: 'send_hook';
  readonly task: TaskId;
  readonly event_type: string;
  readonly payload: HookPayload;
}

/** A change of the configuration: never written to the default branch, always a pull request of its own. */
export interface ProposeChange {
  readonly kind: 'propose_change';
  /** Whose journal remembers that it was asked for. */
  readonly task: TaskId;
  readonly from: Commanded['from'];
  readonly proposal: Patch;
}

/** The same for a dispatch to the whole repository, which stays in the inbox until it is done. */
export interface ProposeAsked {
  readonly kind: 'propose_asked';
  readonly entry: ClearInbox;
  readonly proposal: Patch;
}

/** One file, whole, in one commit on top of `base_sha`. */
export interface Patch {
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly base_sha: CommitSha;
  readonly path: string;
  readonly text: string;
  readonly title: string;
  readonly body: string;
}

/** Deletes a branch of ours, only while it still points where we saw it. */
export interface DeleteBranch {
  readonly kind: 'delete_branch';
  readonly task: TaskId;
  readonly branch: BranchName;
  readonly expected: CommitSha;
}

/** Takes an obeyed dispatch out of `refs/orch/inbox/<run>`; rides on the journals' push. */
export interface ClearInbox {
  readonly kind: 'clear_inbox';
  readonly run: RunId;
  readonly expected: CommitSha;
}

/** Labels of the manifest that do not exist yet. */
export interface EnsureLabels {
  readonly kind: 'ensure_labels';
  readonly labels: readonly { readonly name: LabelName; readonly color: string; readonly description: string }[];
}

/** Best effort, App or PAT only: the board's fields for one task. */
export interface MirrorProject {
  readonly kind: 'mirror_project';
  readonly task: TaskId;
  readonly item:
    | { readonly kind: 'issue'; readonly id: NodeId }
    /** A task without an issue; `marker` stands in the body, and finds it again. */
    | { readonly kind: 'draft'; readonly title: string; readonly body: string; readonly marker: string };
  readonly fields: ProjectFields;
}

export interface ProjectFields {
  readonly status: TaskState;
  readonly engine: string | null;
  readonly complexity: string | null;
  readonly attempts: number;
  readonly pr: string | null;
  readonly cost_usd: number | null;
}

export type Effect =
  | AppendRoom
  | AppendJournal
  | AppendHistory
  | StartAttempt
  | WriteStateComment
  | SetLabels
  | React
  | PostComment
  | CloseIssue
  | OpenPullRequest
  | ProposeChange
  | ProposeAsked
  | CreateIssue
  | FileFinding
  | KeepExport
  | CreateEpic
  | ImportTasks
  | TellImport
  | SendHook
  | DeleteBranch
  | ClearInbox
  | EnsureLabels
  | MirrorProject;
