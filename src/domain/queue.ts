// Owns QueueItem: one task of the queue as other programs are told of it, and what is counted beside it.
import type { Instant, ModelName, PrNumber, TaskId } from './ids.ts';
import type { WaitReason } from './plan.ts';
import type { EngineId, TaskState } from './task.ts';

/** The words of this shape are a promise to other programs: fields are added, and none is taken away or renamed. */
export interface QueueItem {
  /** An issue's number, or `i…` for a task without an issue. */
  readonly task: TaskId;
  /** Others' text; null: this tick did not read it. */
  readonly title: string | null;
  /** Its place in the line of those that could start, from 1; null: it is not in line. */
  readonly turn: number | null;
  readonly state: TaskState;
  /** Nothing but its turn is between it and an attempt. */
  readonly ready: boolean;
  /** Why nothing is done for it now; null: nothing is in its way, or this tick did not look at it. */
  readonly waits_for: WaitReason | null;
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
  /** Higher goes first; 0: nobody set one. */
  readonly priority: number;
  /** How many attempts it has had, the running one included. */
  readonly attempts: number;
  readonly pull_request: PrNumber | null;
  /** When all this was true: now, or when the task was last looked at. */
  readonly as_of: Instant;
}

export interface QueueCounts {
  readonly open: number;
  /** Of the open ones, in the list; fewer where the list would be longer than an output may be. */
  readonly listed: number;
  readonly ready: number;
  readonly paused: boolean;
  readonly states: Readonly<Record<TaskState, number>>;
}

export interface Queue {
  readonly items: readonly QueueItem[];
  readonly counts: Omit<QueueCounts, 'listed'>;
}
