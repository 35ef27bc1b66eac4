// Owns Standing: where a task stands, finer than the states people see.
import type { Instant, IssueNumber, Login } from '../domain/ids.ts';
import type { Attempt } from '../domain/journal.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { HoldReason, Skipped, WaitReason } from '../domain/plan.ts';
import type { PullFacts } from '../domain/snapshot.ts';
import type { EngineId } from '../domain/task.ts';
import type { OpenChoice } from './next-route.ts';

export type Standing =
  /** An issue outside the queue; somebody only spoke on it. */
  | { readonly kind: 'outside' }
  /** Deleted or transferred away. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'closed'; readonly as: 'done' | 'archived'; readonly pull: PullFacts | null }
  /** `pull: null`: it is on record, and no longer seen. */
  | { readonly kind: 'merged'; readonly pull: PullFacts | null }
  | Skipped
  | { readonly kind: 'running'; readonly attempt: Attempt }
  | { readonly kind: 'person'; readonly reason: HoldReason }
  /** `pull: null`: delivered, the pull request is not there (yet). */
  | { readonly kind: 'review'; readonly pull: PullFacts | null; readonly attempt: Attempt | null }
  | {
      readonly kind: 'blocked';
      readonly wait: WaitReason & { readonly kind: 'dependencies' | 'children' | 'foreign' | 'phase' };
    }
  | { readonly kind: 'blocked_by_word'; readonly by: Login; readonly on: readonly IssueNumber[] }
  | { readonly kind: 'unassigned' }
  | { readonly kind: 'waiting'; readonly until: Instant; readonly after: OutcomeKind }
  /** Other tasks ran into the limits of every engine that could do it. */
  | { readonly kind: 'cooling'; readonly engines: readonly EngineId[]; readonly until: Instant }
  /** `longer`: with a larger time limit than the last time. */
  | { readonly kind: 'ready'; readonly choice: OpenChoice; readonly longer: boolean };

export function person(reason: HoldReason): Standing {
  return { kind: 'person', reason };
}
