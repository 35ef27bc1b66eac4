// Owns Decision: what decide wants for each task, in the domain's words; reconcile/show.ts turns it into a Plan.
import type { QueuePart } from './command.ts';
import type { ClearInbox, HistoryLine, React } from './effect.ts';
import type { ImportPlan, ImportSight } from './import.ts';
import type { AttemptNumber, BranchName, CommitSha, Instant, LabelName, Login, ModelName, RunId } from './ids.ts';
import type { Attempt, Commanded, JournalRecord, TaskJournal } from './journal.ts';
import type { Alarm, AnswerTo, Deed, RefusalNotice, ToldImport } from './notice.ts';
import type { WaitReason } from './plan.ts';
import type { EnginePolicy } from './policy.ts';
import type { RoomRecord } from './room.ts';
import type { Route } from './route.ts';
import type { Schedule } from './schedule.ts';
import type { ConfigChange } from './setting.ts';
import type { TaskFacts } from './snapshot.ts';
import type { Role, TaskState } from './task.ts';
import type { TaskDocument } from './task-document.ts';

/** One attempt to start. The claim is written from this once the brief is rendered, since it names the brief's digest. */
export interface StartOrder {
  readonly attempt: AttemptNumber;
  /** Number of the first one, where several start side by side; null: it starts by itself. */
  readonly group: AttemptNumber | null;
  readonly role: Role;
  readonly route: Route;
  readonly engine: EnginePolicy;
  readonly model: ModelName | null;
  readonly base: CommitSha;
  /** The branch earlier attempts worked on; null: name a new one after the task. */
  readonly branch: BranchName | null;
  readonly continues: CommitSha | null;
  readonly timeout_minutes: number;
  readonly job_timeout_minutes: number;
  readonly runs_on: string;
  readonly alone: boolean;
}

/** The catch-all: a delivered branch that has no pull request. */
export interface PullOrder {
  readonly branch: BranchName;
  readonly base: BranchName;
  readonly attempt: Attempt;
  readonly draft: boolean;
}

export interface Answer {
  readonly to: AnswerTo;
  readonly by: Login;
  /** When it was said. */
  readonly at: Instant;
  readonly reaction: React['reaction'];
  /** null: the reaction says it all. */
  readonly say: Say | null;
  /** Commands of the same comment that were not heeded; absent: none. */
  readonly unheeded?: number;
}

/** What is told; reconcile/answers.ts adds the figures. */
export type Say =
  | { readonly kind: 'why' }
  | { readonly kind: 'help' }
  | { readonly kind: 'status' }
  | { readonly kind: 'queue'; readonly of: QueuePart | null }
  | { readonly kind: 'settings'; readonly key: string | null }
  | { readonly kind: 'jobs' }
  | { readonly kind: 'runs'; readonly schedule: Schedule }
  | { readonly kind: 'proposed'; readonly change: ConfigChange; readonly branch: BranchName }
  | { readonly kind: 'asked' }
  | { readonly kind: 'imports'; readonly path: string }
  | { readonly kind: 'export' }
  | { readonly kind: 'refused'; readonly refusal: RefusalNotice };

/** A change of the configuration, as a branch with one commit; asked for again until GitHub has answered. */
export interface Proposal {
  readonly from: Commanded['from'];
  readonly by: Login;
  readonly change: ConfigChange;
  readonly branch: BranchName;
  readonly before: string | null;
  readonly after: string;
}

/** What a tick does about a file that somebody wants imported here. */
export type ImportWork =
  | {
      readonly kind: 'make';
      readonly wanted: ImportWanted;
      readonly plan: ImportPlan;
      readonly sight: ImportSight;
      /** Afterwards another tick may be at it. */
      readonly until: Instant;
    }
  | { readonly kind: 'tell'; readonly wanted: ImportWanted; readonly told: ToldImport };

export interface ImportWanted {
  readonly from: Commanded['from'];
  readonly by: Login;
  readonly at: Instant;
  readonly path: string;
}

/** A dispatch that names no issue has one made for the tasks of the file. */
export interface EpicOrder {
  readonly wanted: ImportWanted;
  readonly run: RunId;
  readonly document: TaskDocument;
  readonly labels: readonly LabelName[];
}

/** The answer to a dispatch. */
export interface Told {
  readonly run: RunId;
  readonly by: Login;
  readonly say: Say;
}

export interface TaskDecision {
  readonly facts: TaskFacts;
  /** False for an issue outside the queue that somebody spoke on: answered, never labelled or commented for. */
  readonly is_task: boolean;
  /** The journal as it will be after `records`; a start adds its claim on top. */
  readonly journal: TaskJournal;
  readonly records: readonly JournalRecord[];
  /** Several: attempts side by side, of which the first to deliver wins. */
  readonly starts: readonly StartOrder[];
  readonly answers: readonly Answer[];
  /** Answers that no comment waits for. */
  readonly told: readonly Told[];
  readonly open_pull: PullOrder | null;
  readonly close: 'COMPLETED' | 'NOT_PLANNED' | null;
  readonly delete_branch: { readonly name: BranchName; readonly expected: CommitSha } | null;
  /** An issue is made of it. */
  readonly publish: TaskJournal['publish'];
  /** Changes of the configuration that people asked for here. */
  readonly proposals: readonly Proposal[];
  /** null: nobody wants a file imported here. */
  readonly imports: ImportWork | null;
  readonly state: TaskState;
  readonly wait: WaitReason | null;
  /** Place in the queue as a number, higher first; stored so that the next tick reads the right tasks. */
  readonly priority: number;
  /** Its place in the line of those that could start, from 1. */
  readonly turn: number | null;
  readonly did: readonly Deed[];
}

export interface Decision {
  /** Tasks that were read this tick (and new internal ones); tasks known by their journal alone are not here. */
  readonly tasks: readonly TaskDecision[];
  readonly history: readonly HistoryLine[];
  /** What changes for the whole repository. */
  readonly room: readonly RoomRecord[];
  readonly inbox: readonly ClearInbox[];
  readonly told: readonly Told[];
  /** Those that dispatches to the whole repository ask for. */
  readonly proposals: readonly (Proposal & { readonly entry: ClearInbox })[];
  readonly epics: readonly EpicOrder[];
  readonly alarms: readonly Alarm[];
  /** Set when bounded work was left for the next tick. */
  readonly more: boolean;
}
