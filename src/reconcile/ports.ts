// Owns the narrow ports a tick needs; edges implement them, modes wire them, the simulation answers them.
import type { Brief, Leg } from '../domain/brief.ts';
import type {
  AppendHistory,
  AppendJournal,
  AppendRoom,
  ClearInbox,
  DeleteBranch,
  Effect,
  StartAttempt,
} from '../domain/effect.ts';
import type { CommitSha, Instant, IssueNumber, LabelName, NodeId, PrNumber, RunId, TaskId } from '../domain/ids.ts';
import type { EpicPart, ImportedTask, ImportProblem } from '../domain/import.ts';
import type { Plan } from '../domain/plan.ts';
import type { Policy, PolicyOrigin, PolicyTexts } from '../domain/policy.ts';
import type { Queue } from '../domain/queue.ts';
import type { RouteAnswer } from '../domain/route.ts';
import type { Calendar } from '../domain/schedule.ts';
import type { ConfigChange, ConfigEdit, SettingPlaces } from '../domain/setting.ts';
import type { Snapshot, TaskDetails, TaskFacts } from '../domain/snapshot.ts';
import type { TaskDocument } from '../domain/task-document.ts';
import type { Wake } from '../domain/wake.ts';

export interface Observe {
  /** The world as far as the wake, the watermark and the journals' due work ask for it. */
  snapshot(wake: Wake): Promise<{
    readonly snapshot: Snapshot;
    readonly policy: Policy;
    readonly origin: PolicyOrigin;
    readonly texts?: PolicyTexts | undefined;
  }>;
  /** Fresh facts plus thread for tasks about to be routed or started; missing tasks are left out. */
  details(
    tasks: readonly TaskId[],
  ): Promise<ReadonlyMap<TaskId, { readonly facts: TaskFacts; readonly details: TaskDetails }>>;
}

export interface Router {
  /** One answer per task, within the policy's time limit; never throws: a failure is an `unanswered`. */
  route(tasks: readonly TaskFacts[], policy: Policy): Promise<ReadonlyMap<TaskId, RouteAnswer>>;
}

/** Proof of a won compare-and-swap: effects that show or start work for a task need it. */
export interface JournalProof {
  readonly task: TaskId;
  readonly tip: CommitSha;
}

export interface Journals {
  /** What holds for all goes first, by a push of its own: `lost` when somebody else moved it, and nothing else is true then. */
  appendRoom(append: AppendRoom): Promise<'won' | 'lost'>;
  /** One push for all; each ref wins or loses by itself. An ambiguous answer is settled by reading. */
  append(appends: readonly AppendJournal[], extras: Extras): Promise<Appended>;
}

/** What rides on the journals' push. */
export interface Extras {
  readonly history: readonly AppendHistory[];
  readonly inbox: readonly ClearInbox[];
  /** Each only while it points at `expected`; git's is the only compare-and-swap there is for them. */
  readonly branches: readonly DeleteBranch[];
}

export interface Appended {
  readonly won: ReadonlyMap<TaskId, JournalProof>;
  readonly lost: ReadonlyMap<TaskId, string>;
  /** What came of the branches. */
  readonly deleted: readonly EffectResult[];
}

export interface Briefs {
  /** Uploads the frozen brief as an artifact of this run. */
  freeze(brief: Brief): Promise<{ readonly artifact_id: number; readonly sha256: string }>;
}

export type VisibleEffect = Exclude<
  Effect,
  AppendRoom | AppendJournal | AppendHistory | ClearInbox | DeleteBranch | StartAttempt
>;

export interface EffectResult {
  readonly effect: VisibleEffect | DeleteBranch;
  readonly result: 'done' | 'already' | 'failed';
  /** Set when failed: what people and the log are told. */
  readonly why: string | null;
  /** The repository's settings or our token forbid it: asking again is useless, a person is told. */
  readonly forbidden?: boolean;
  /** The issue that was made, or was there. */
  readonly issue?: IssueNumber;
  /** The issues that were made of a file. */
  readonly imported?: readonly ImportedTask[];
  /** The pull request of a proposed change. */
  readonly pull?: PrNumber;
}

export interface Apply {
  /** Batched, compared, paced; one task's failure is never another's. */
  apply(effects: readonly VisibleEffect[]): Promise<readonly EffectResult[]>;
}

/** The configuration as a file. Pure, and a port only since input/ knows how it is written. */
export interface ConfigFile {
  places(texts: PolicyTexts): SettingPlaces;
  /** What the repository's file would be; null: there is none. */
  edit(texts: PolicyTexts, change: ConfigChange): ConfigEdit;
}

/** A file of the repository at the head of its default branch. */
export type FoundFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: ImportProblem };

/** What an import reads; most ticks load nothing of it. */
export interface Documents {
  file(path: string): Promise<FoundFile>;
  /** The issue and those that go on where it is full, with what was made below them of tasks of files. */
  parts(issue: NodeId): Promise<{ readonly parts: readonly EpicPart[]; readonly there: readonly ImportedTask[] }>;
  /** Those that the repository has, in lower case. */
  labels(names: readonly LabelName[]): Promise<ReadonlySet<string>>;
  parseEpic(text: string): TaskDocument;
}

export interface Clock {
  now(): Instant;
}

export interface Log {
  info(line: string): void;
  warning(line: string): void;
  error(line: string): void;
}

export interface TickPorts {
  readonly observe: Observe;
  readonly router: Router;
  readonly journals: Journals;
  readonly briefs: Briefs;
  readonly apply: Apply;
  readonly clock: Clock;
  /** A library of its own, and most repositories have no jobs. */
  readonly calendar: () => Promise<Calendar>;
  /** Asked for where somebody speaks of it. */
  readonly config: () => Promise<ConfigFile>;
  readonly documents: () => Promise<Documents>;
  readonly log: Log;
}

export interface TickResult {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly origin: PolicyOrigin;
  readonly plan: Plan;
  readonly legs: readonly Leg[];
  readonly results: readonly EffectResult[];
  readonly lost: ReadonlyMap<TaskId, string>;
  /** For whoever asks for it: the queue with what this tick decided. */
  readonly queue: () => Queue;
  readonly runs: readonly RunId[];
}
