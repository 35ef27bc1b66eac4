// Owns who goes first: a total order as a numbered list of comparisons, the tie-break last.
import type { TaskId } from '../domain/ids.ts';
import { PRIORITIES } from '../domain/label.ts';
import type { Draft } from './draft.ts';

export interface Place {
  readonly task: TaskId;
  /** See `priorityRank`. */
  readonly rank: number;
  /** See `Waiting`. */
  readonly unblocks: number;
  readonly chain_minutes: number;
  /** When the task joined the queue, in milliseconds since 1970. */
  readonly since_ms: number;
}

/** Of several labels the strongest counts; without one a task stands between low and medium. */
export function priorityRank(priorities: readonly number[]): number {
  return priorities.length === 0 ? 0 : Math.max(...priorities);
}

/** What somebody ordered by a word beats the labels. */
export function rankOf({ asks, journal }: Pick<Draft, 'asks' | 'journal'>): number {
  return journal.priority === null ? priorityRank(asks?.priorities ?? []) : PRIORITIES[journal.priority];
}

/** Negative: `a` goes first. Never 0 for two different tasks. */
export function compareTasks(a: Place, b: Place): number {
  return (
    b.rank - a.rank || // 1. what a person said matters more
    b.unblocks - a.unblocks || // 2. what others wait for
    b.chain_minutes - a.chain_minutes || // 3. the critical path
    a.since_ms - b.since_ms || // 4. who has waited longest
    compareIds(a.task, b.task) // 5. the older number; issues before internal tasks
  );
}

function compareIds(a: TaskId, b: TaskId): number {
  const internal = Number(a.startsWith('i')) - Number(b.startsWith('i'));
  return internal || numberIn(a) - numberIn(b);
}

function numberIn(task: TaskId): number {
  return Number(task.startsWith('i') ? task.slice(1) : task);
}
