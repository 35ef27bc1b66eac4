// Owns the journal of a task: the records a chain may hold, and the one fold that turns them into facts.
import type {
  AttemptNumber,
  BranchName,
  CommentId,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  ModelName,
  NodeId,
  PrNumber,
  RunId,
} from './ids.ts';
import type { Finding } from './finding.ts';
import type { Imported, ImportedTask, Importing } from './import.ts';
import type { JobName } from './job.ts';
import { UNKNOWN_USAGE } from './outcome.ts';
import type { OutcomeKind, ProofResult, Usage } from './outcome.ts';
import type { Route } from './route.ts';
import type { Command, PRIORITY_NAMES, Refusal, Verb } from './command.ts';
import type { Complexity, EngineId, Role, RoleName, TaskState } from './task.ts';
import type { Blocked, Hold, Note } from './kept-word.ts';

/** A trusted person's label (or dispatch) let the task in; recorded so that the permission is read once. */
export interface Admitted {
  readonly kind: 'admitted';
  /** Time of the label event (or of the dispatch): a later event by somebody else is judged again. */
  readonly at: Instant;
  readonly by: Login;
  /** GraphQL id of the issue; null for an internal task. Survives a transfer, which changes the number. */
  readonly issue_id: NodeId | null;
}

/** An internal task has no issue: what was asked lives here. Others' text. */
export interface Asked {
  readonly kind: 'asked';
  readonly at: Instant;
  readonly by: Login;
  readonly run: RunId;
  readonly title: string;
  readonly prompt: string;
  /** What the dispatch wished for; null: route it like any other task. */
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
  readonly role: Role;
  /** The scheduled job that asked, and the instant it ran for; absent: a dispatch did. */
  readonly job?: { readonly name: JobName; readonly slot: Instant } | undefined;
  /** Runs instead of an engine. */
  readonly command?: readonly string[] | undefined;
}

export interface Routed {
  readonly kind: 'routed';
  readonly at: Instant;
  readonly route: Route;
}

export interface Claimed {
  readonly kind: 'claimed';
  readonly at: Instant;
  readonly attempt: AttemptNumber;
  readonly role: Role;
  readonly engine: EngineId;
  readonly model: ModelName | null;
  readonly run: RunId;
  readonly run_attempt: number;
  readonly base: CommitSha;
  readonly branch: BranchName;
  /** Head of the branch the attempt continues from (a checkpoint or an open PR), or null for a fresh start. */
  readonly continues: CommitSha | null;
  readonly brief_sha256: Digest;
  readonly timeout_minutes: number;
  /** Number of the first of several attempts that were started side by side; absent: it was started by itself. */
  readonly group?: AttemptNumber | undefined;
  /** `parallel:off`: nothing starts beside it. */
  readonly alone?: true | undefined;
}

export interface Settled {
  readonly kind: 'settled';
  readonly at: Instant;
  readonly attempt: AttemptNumber;
  readonly outcome: OutcomeKind;
  /** Whether an engine was ever started: what the budget is charged for. */
  readonly engine_started: boolean;
  readonly seconds: number;
  readonly usage: Usage;
  /** What was pushed, if anything: the work or a checkpoint. */
  readonly head: CommitSha | null;
  readonly files: number;
  /** One line for people, redacted, at most 500 characters. Others' text in part: display only. */
  readonly detail: string;
  /** The engine's own summary, at most 4,000 characters. Others' text. */
  readonly summary: string;
  readonly proof: readonly ProofResult[];
  /** When the limit that ended it resets, if the vendor said so. */
  readonly not_before: Instant | null;
  readonly by: 'deliver' | 'reconcile';
  /** Stopped since a person took the task out of the queue: put back, it goes on without another word. */
  readonly taken_out?: true | undefined;
}

/** An ending of which nothing is known but that it came: no work, no proof, no price. */
export function endingAlone(
  known: Pick<Settled, 'at' | 'attempt' | 'outcome' | 'engine_started' | 'seconds' | 'detail' | 'by' | 'taken_out'>,
): Settled {
  return {
    kind: 'settled',
    usage: UNKNOWN_USAGE,
    head: null,
    files: 0,
    summary: '',
    proof: [],
    not_before: null,
    ...known,
  };
}

/** What an attempt cost that was settled from outside while it ran: told by itself, once it had stopped. */
export interface Priced {
  readonly kind: 'priced';
  readonly at: Instant;
  readonly attempt: AttemptNumber;
  readonly seconds: number;
  readonly usage: Usage;
}

/** A command is handled iff its id is here; written before it is acted on. */
export interface Commanded {
  readonly kind: 'commanded';
  /** When it was said (GitHub's time), so that a person's later word is told from an earlier one. */
  readonly at: Instant;
  readonly by: Login;
  /** `event`: reopening a finished issue is a `retry` without words. */
  readonly from:
    | { readonly comment: CommentId }
    | { readonly run: RunId }
    | { readonly label: string }
    | { readonly event: 'reopened' };
  readonly verb: Verb;
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
  /** The whole of what was said; missing in records of the first version, and where nothing was understood. */
  readonly command?: Command | undefined;
  /** null: accepted. */
  readonly refused: Refusal | null;
  /** The speaker's role, where that was too weak. */
  readonly held?: RoleName | undefined;
  /** When it was heard, where that was long after it was said: its receipt is looked for that far back. */
  readonly heard_at?: Instant | undefined;
}

/** A word that was heard long after it was said. */
export interface LateWord {
  readonly at: Instant;
  readonly heard_at: Instant;
}

export interface Opened {
  readonly kind: 'opened';
  readonly at: Instant;
  readonly pr: PrNumber;
}

/** The repository forbids our token to open a PR: the branch stays, a person opens it by the ready-made link. */
export interface PrRefused {
  readonly kind: 'pr_refused';
  readonly at: Instant;
  readonly detail: string;
}

/** Sub-issue of `parent`, of the phase its label `phase:N` says. */
export interface EpicPlace {
  readonly parent: IssueNumber;
  readonly phase: number;
}

export interface HandLabel {
  readonly label: LabelName;
  readonly by: Login | null;
}

/** What people were last shown; `digest` is of the state comment's body, recorded before it is written. */
export interface Shown {
  readonly kind: 'shown';
  readonly at: Instant;
  readonly state: TaskState;
  readonly comment: NodeId | null;
  readonly digest: Digest;
  /** Order of the queue as last seen: higher first (see core/queue-order.ts). */
  readonly priority: number;
  /** The circle of issues it was shown to be part of; absent: none. Such a task is looked at although it needs a person. */
  readonly knot?: readonly IssueNumber[] | undefined;
  /** Its place among the sub-issues of an epic, which later phases wait for even where this task is not read. */
  readonly epic?: EpicPlace | undefined;
  /** Status labels people had set against it, taken away again; absent: none. */
  readonly by_hand?: readonly HandLabel[] | undefined;
}

export interface Finished {
  readonly kind: 'finished';
  readonly at: Instant;
  readonly state: 'done' | 'archived';
  readonly pr: PrNumber | null;
}

/** A task without an issue was made one, which goes its own way from then on. */
export interface Published {
  readonly kind: 'published';
  readonly at: Instant;
  readonly issue: IssueNumber;
}

/** What GitHub said to a change of the configuration that was asked for here; `pr: null`: none came of it, and why. */
export interface Proposed {
  readonly kind: 'proposed';
  readonly at: Instant;
  readonly from: Commanded['from'];
  readonly pr: PrNumber | null;
  readonly detail: string;
}

/** The tick that writes this files them: another one does so only long after it. */
export interface Filing {
  readonly kind: 'filing';
  readonly at: Instant;
  readonly findings: readonly Finding[];
}

/** An issue says it, made for this or there before. */
export interface Filed {
  readonly kind: 'filed';
  readonly at: Instant;
  /** `findingKey` */
  readonly key: string;
  readonly issue: IssueNumber;
}

/** The journal was lost and rebuilt from the state comment; says so for ever. */
export interface Rebuilt {
  readonly kind: 'rebuilt';
  readonly at: Instant;
  readonly attempts_before: number;
  readonly pr: PrNumber | null;
}

export type JournalRecord =
  | Admitted
  | Asked
  | Routed
  | Claimed
  | Settled
  | Priced
  | Commanded
  | Opened
  | PrRefused
  | Shown
  | Finished
  | Published
  | Proposed
  | Filing
  | Filed
  | Importing
  | Imported
  | Rebuilt;

export interface Attempt {
  readonly number: AttemptNumber;
  readonly epoch: number;
  readonly claim: Claimed;
  /** null while the attempt is live (or dead and not yet settled: its job says which). */
  readonly settled: Settled | null;
}

/** Everything the journal knows of a task, derived; never stored. */
export interface TaskJournal {
  readonly admitted: Admitted | null;
  readonly asked: Asked | null;
  readonly route: Route | null;
  readonly attempts: readonly Attempt[];
  /** Attempts numbered before a rebuild, which only the state comment still knew of. */
  readonly attempts_before: number;
  /** Budget epoch: 1, and one more with each accepted `retry` of a person. */
  readonly epoch: { readonly number: number; readonly since: Instant | null; readonly by: Login | null };
  readonly hold: Hold | null;
  /** Who stopped the newest attempt by a word; a later word may have taken the place of that hold. */
  readonly cancelled_by: Login | null;
  /** Blocked by a word, until another word. */
  readonly blocked: Blocked | null;
  /** When a word last took back what kept it from starting. */
  readonly freed_at: Instant | null;
  /** A person's order beats the labels'. */
  readonly priority: (typeof PRIORITY_NAMES)[number] | null;
  /** The newest ten. */
  readonly notes: readonly Note[];
  readonly completed: { readonly by: Login; readonly at: Instant } | null;
  /** Asked for; `published` once it is there. */
  readonly publish: { readonly by: Login; readonly at: Instant } | null;
  readonly published: IssueNumber | null;
  /** Of a run that looked at Orch's own history; null: it is no such task. */
  readonly filing: Omit<Filing, 'kind'> | null;
  readonly filed: readonly Omit<Filed, 'kind'>[];
  /** Changes of the configuration that GitHub has not answered yet. */
  readonly changes: readonly Commanded[];
  /** Files to import that people were not told the end of yet. */
  readonly imports: readonly Commanded[];
  /** Until when another tick may be making issues of a file; null: none is. */
  readonly import_lease: Instant | null;
  /** What the open ones have made so far. */
  readonly imported_tasks: readonly ImportedTask[];
  /** When each file was last imported here. */
  readonly import_paths: ReadonlyMap<string, Instant>;
  /** What a person asked the next route to assume. */
  readonly complexity: Complexity | null;
  /** The engine a person asked to be moved away from. */
  readonly avoid: EngineId | null;
  /** What a person asked for with the last accepted `retry <engine> <model>`; beats the route. */
  readonly wish: { readonly engine: EngineId | null; readonly model: ModelName | null };
  /** With the reason of a refusal, the first of several: a receipt that got lost is given again, and must be the same one. */
  readonly handled_comments: ReadonlyMap<CommentId, Refusal | null>;
  readonly handled_runs: ReadonlySet<RunId>;
  /** Status labels typed by hand, as `label instant`. */
  readonly handled_labels: ReadonlySet<string>;
  /** `toldKey` of whoever has been told that they may not; told once, later refusals are a reaction only. */
  readonly told: ReadonlySet<string>;
  /** The newest twenty. */
  readonly late_words: readonly LateWord[];
  /** Attempts settled since people were last shown anything: their outcome is news. */
  readonly news: readonly AttemptNumber[];
  readonly pr: PrNumber | null;
  readonly pr_refused: PrRefused | null;
  readonly shown: Shown | null;
  readonly finished: Finished | null;
  readonly rebuilt: boolean;
}

export const EMPTY_JOURNAL: TaskJournal = {
  admitted: null,
  asked: null,
  route: null,
  attempts: [],
  attempts_before: 0,
  epoch: { number: 1, since: null, by: null },
  hold: null,
  cancelled_by: null,
  blocked: null,
  freed_at: null,
  priority: null,
  notes: [],
  completed: null,
  publish: null,
  published: null,
  filing: null,
  filed: [],
  changes: [],
  imports: [],
  import_lease: null,
  imported_tasks: [],
  import_paths: new Map(),
  complexity: null,
  avoid: null,
  wish: { engine: null, model: null },
  handled_comments: new Map(),
  handled_runs: new Set(),
  handled_labels: new Set(),
  told: new Set(),
  late_words: [],
  news: [],
  pr: null,
  pr_refused: null,
  shown: null,
  finished: null,
  rebuilt: false,
};
