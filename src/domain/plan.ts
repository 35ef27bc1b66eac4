// Owns Plan: what a tick decided, so specific that applying it chooses nothing.
import type { Effect } from './effect.ts';
import type { Instant, IssueNumber, PrNumber, TaskId } from './ids.ts';
import type { OutcomeKind } from './outcome.ts';
import type { TaskState } from './task.ts';

/** Why a task needs a person; each has its sentence and the exact command that resumes it. */
export type HoldReason =
  | { readonly kind: 'cancelled'; readonly by: string }
  | { readonly kind: 'attempts_exhausted'; readonly attempts: number; readonly last: OutcomeKind }
  | { readonly kind: 'infra_exhausted'; readonly attempts: number; readonly detail: string }
  | { readonly kind: 'needs_person'; readonly outcome: OutcomeKind; readonly detail: string }
  | { readonly kind: 'pr_closed'; readonly pr: PrNumber }
  | { readonly kind: 'pr_forbidden'; readonly detail: string; readonly compare_url: string }
  | { readonly kind: 'untrusted_label'; readonly by: string | null }
  | { readonly kind: 'no_engine'; readonly detail: string };

/** Why nothing is done for a task now; never an error. */
export type WaitReason =
  | { readonly kind: 'dependencies'; readonly open: readonly IssueNumber[] }
  | { readonly kind: 'capacity'; readonly running: number; readonly parallel_max: number }
  | { readonly kind: 'backoff'; readonly until: Instant; readonly after: OutcomeKind }
  | { readonly kind: 'running'; readonly attempt: number; readonly run_url: string }
  | { readonly kind: 'review'; readonly pr: PrNumber }
  | { readonly kind: 'person'; readonly reason: HoldReason }
  | { readonly kind: 'skipped'; readonly by: 'label' | 'command' | 'no_intake_label' }
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
  /** What this tick does for it, in the words of the step that decided. */
  readonly did: readonly string[];
}

export interface Plan {
  /** In the order they are applied: journals first, what people see after. */
  readonly effects: readonly Effect[];
  readonly reports: readonly TaskReport[];
  /** Alarms for the job summary: fallback share, invalid configuration, capacity. */
  readonly alarms: readonly string[];
  /** Set when bounded work was left for the next tick. */
  readonly more: boolean;
}
