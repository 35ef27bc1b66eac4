// Owns how many attempts may run now: a fixed pool, or one that grows with the queue, within what the runners and the API bear.
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** GitHub runs at most this many jobs of one matrix. */
export const STARTS_MAX = 256;
/** Points of the API that one task's whole life costs, generously. */
export const POINTS_PER_ATTEMPT = 20;
/** The job that decides needs a runner too. */
const RUNNERS_OF_OURS = 1;

export type CapacityLimit = 'parallel_max' | 'parallel_min' | 'runners_max' | 'api';

export interface Slots {
  readonly slots: number;
  /** What keeps it from being more. */
  readonly by: CapacityLimit;
}

export interface Load {
  readonly running: number;
  /** Tasks that could start. */
  readonly pending: number;
}

/** The lowest of four limits; of equal ones the first counts. */
export function slotsFor({ running, pending }: Load, policy: Policy, { points }: Pick<Snapshot, 'points'>): Slots {
  const limits: readonly Slots[] = [
    { slots: policy.parallel_max, by: 'parallel_max' },
    { slots: policy.runners_max - RUNNERS_OF_OURS, by: 'runners_max' },
    { slots: pool({ running, pending }, policy), by: 'parallel_min' },
    { slots: points === undefined ? Infinity : Math.floor(points / POINTS_PER_ATTEMPT), by: 'api' },
  ];
  return limits.reduce((low, limit) => (limit.slots < low.slots ? limit : low));
}

/**
 * Without `parallel_min` the pool is fixed. With it, it follows the queue: more start while more wait than run. It is a
 * function of both together, which starting does not change: a second look at the same world starts nothing.
 */
function pool({ running, pending }: Load, { parallel_min, parallel_max }: Policy): number {
  return parallel_min === null ? parallel_max : Math.max(parallel_min, Math.ceil((running + pending) / 2));
}
