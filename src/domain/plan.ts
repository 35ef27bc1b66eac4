// Owns Plan: what a tick decided, so specific that applying it chooses nothing.
import type { Effect } from './effect.ts';
import type {
  AttemptNumber,
  BranchName,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  ModelName,
  PrNumber,
  RunId,
  TaskId,
} from './ids.ts';
import type { Alarm, GraphView, Deed } from './notice.ts';
import type { OutcomeKind } from './outcome.ts';
import type { SpendUnit } from './policy.ts';
import type { EngineId, RoleName, TaskState } from './task.ts';

/** Why a task needs a person; each has its sentence and the exact command that resumes it. */
export type HoldReason =
  /** null: the job was cancelled on GitHub, not by a command. */
  | { readonly kind: 'cancelled'; readonly by: Login | null }
  /** `/orch hold`: it does not start until a word, or until its day. */
  | { readonly kind: 'held'; readonly by: Login; readonly until: Instant | null }
  /** `last` null: how it ended was lost with the journal. */
  | { readonly kind: 'attempts_exhausted'; readonly attempts: number; readonly last: OutcomeKind | null }
  /** Failed the very same way, so that another attempt would too. */
  | {
      readonly kind: 'same_failure';
      readonly times: number;
      readonly outcome: OutcomeKind;
      readonly detail: string;
    }
  /** This round of the task has cost what it may; `spent` and `limit` in dollars or tokens. */
  | { readonly kind: 'over_budget'; readonly unit: SpendUnit; readonly spent: number; readonly limit: number }
  | {
      readonly kind: 'infra_exhausted';
      readonly attempts: number;
      readonly last: OutcomeKind;
      readonly detail: string;
    }
  /** `audited`: an audit looked and reported; absent: it was none. */
  | {
      readonly kind: 'needs_person';
      readonly outcome: OutcomeKind;
      readonly detail: string;
      readonly audited?: true;
    }
  | { readonly kind: 'pr_closed'; readonly pr: PrNumber }
  /** The view's `compare` holds the data of the ready-made link. */
  | { readonly kind: 'pr_forbidden'; readonly detail: string }
  /** Delivered, but the branch is gone and no pull request was ever seen. */
  | { readonly kind: 'branch_gone'; readonly branch: BranchName }
  | {
      readonly kind: 'untrusted_label';
      readonly by: Login | null;
      readonly label: LabelName;
      readonly needed: RoleName;
    }
  /** Somebody without the right to retry reopened a finished issue. */
  | { readonly kind: 'reopened'; readonly by: Login | null; readonly needed: RoleName }
  /** A label a person typed names something Orch does not know; a person's label is a command, so it is not guessed. */
  | { readonly kind: 'unknown_label'; readonly label: LabelName; readonly allowed: readonly LabelName[] }
  | { readonly kind: 'contradicting_labels'; readonly labels: readonly LabelName[] }
  /** Issues that wait for each other, each for the next and the last for the first; listed at the first one only. */
  | { readonly kind: 'circle'; readonly circle: readonly IssueNumber[]; readonly of: IssueNumber }
  /** `wanted`: a label or command asked for it; null: none of the configured engines can run here. */
  | {
      readonly kind: 'no_engine';
      readonly wanted: EngineId | null;
      /** What was named, where it is the model alone that calls for the engine. */
      readonly model?: ModelName;
      readonly configured: readonly EngineId[];
      readonly ready: readonly EngineId[];
    };

/** Left alone by a person's label or word, or without the label that brings tasks in. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly by: 'label' | 'command' | 'no_intake_label';
  readonly label: LabelName | null;
  readonly who: Login | null;
  readonly until?: Instant | null;
}

/** Why nothing is done for a task now; never an error. */
export type WaitReason =
  | { readonly kind: 'dependencies'; readonly open: readonly IssueNumber[] }
  /** A parent waits for its sub-issues. */
  | { readonly kind: 'children'; readonly open: readonly IssueNumber[] }
  /** Issues of other repositories, named `owner/name#7`. */
  | { readonly kind: 'foreign'; readonly open: readonly string[] }
  /** A sub-issue waits for those of earlier phases under the same parent. */
  | { readonly kind: 'phase'; readonly open: readonly IssueNumber[] }
  /** `/orch block`: only a word ends it. */
  | { readonly kind: 'blocked_by_word'; readonly by: Login; readonly on: readonly IssueNumber[] }
  /** `/orch pause`: nothing new starts in this repository. */
  | { readonly kind: 'paused'; readonly by: Login; readonly since: Instant }
  /** `by`: which limit gives `parallel_max` here. */
  | {
      readonly kind: 'capacity';
      readonly running: number;
      readonly parallel_max: number;
      readonly by: 'parallel_max' | 'parallel_min' | 'runners_max' | 'api';
    }
  /** `kept_for`: a task that goes first and waits for something else. */
  | {
      readonly kind: 'engine_capacity';
      readonly engine: EngineId;
      readonly running: number;
      readonly parallel_max: number;
      readonly kept_for: TaskId | null;
    }
  /** That task, which is under way or else goes first, will probably touch these files too. */
  | {
      readonly kind: 'overlap';
      readonly task: TaskId;
      readonly files: readonly string[];
      readonly under_way: boolean;
    }
  /** `parallel:off`: it waits until nothing runs. */
  | { readonly kind: 'alone'; readonly running: number }
  /** That task runs, or is next to run, with nothing beside it. */
  | { readonly kind: 'behind'; readonly task: TaskId }
  | { readonly kind: 'backoff'; readonly until: Instant; readonly after: OutcomeKind }
  /** Another task ran into the limit of each engine that could do it. */
  | { readonly kind: 'cooldown'; readonly engines: readonly EngineId[]; readonly until: Instant }
  /** Many tasks failed in one way; `probing`: the wait is over, and one attempt at a time finds out. */
  | {
      readonly kind: 'circuit';
      readonly outcome: OutcomeKind;
      readonly tasks: number;
      readonly until: Instant;
      readonly probing: boolean;
    }
  | { readonly kind: 'hourly'; readonly starts: number; readonly limit: number; readonly until: Instant }
  /** What the repository may spend in a day or a month; `until: null`: what runs now may use up the rest. */
  | {
      readonly kind: 'budget';
      readonly period: 'day' | 'month';
      readonly unit: SpendUnit;
      readonly spent: number;
      readonly limit: number;
      readonly until: Instant | null;
    }
  /** `stop_on_failure`: this task failed, and no person has acted on it. */
  | { readonly kind: 'stopped'; readonly task: TaskId }
  | { readonly kind: 'running'; readonly attempt: AttemptNumber; readonly run: RunId }
  | { readonly kind: 'review'; readonly pr: PrNumber }
  | { readonly kind: 'person'; readonly reason: HoldReason }
  | Skipped
  /** `assignment: manual`: nothing starts until a person retries it or names an engine by label. */
  | { readonly kind: 'unassigned' }
  | { readonly kind: 'finished'; readonly state: 'done' | 'archived' }
  | { readonly kind: 'lease_unread' }
  | { readonly kind: 'details_unread' }
  | { readonly kind: 'routing_budget' };

export interface TaskReport {
  readonly task: TaskId;
  readonly title: string;
  readonly before: TaskState | null;
  readonly state: TaskState;
  readonly wait: WaitReason | null;
  /** What this tick does for it; wire/ has the words. */
  readonly did: readonly Deed[];
}

/** Content that people are notified of is limited to some 80 a minute; a tick stays near it, the pacing does the rest. */
export const TASKS_WRITTEN_MAX = 100;

export interface Plan {
  /** In the order they are applied: journals first, what people see after. */
  readonly effects: readonly Effect[];
  readonly reports: readonly TaskReport[];
  /** For the job summary: fallback share, invalid configuration, bounds that were reached. */
  readonly alarms: readonly Alarm[];
  /** For the job summary; null when nothing waits for anything. */
  readonly graph: GraphView | null;
  /** Set when bounded work was left for the next tick. */
  readonly more: boolean;
}
