// Owns the bounds of one tick: how many tasks it writes for. What is left is done by the next one, which is told to come.
import { TASKS_WRITTEN_MAX } from '../domain/plan.ts';

export interface Bounded<Item> {
  readonly kept: readonly Item[];
  readonly left: number;
}

/** Urgent work is never cut: cutting an ending would keep a slot taken, cutting an answer would leave a person waiting. */
export function withinBudget<Item>(items: readonly Item[], urgent: (item: Item) => boolean): Bounded<Item> {
  const first = items.filter(urgent);
  const others = items.filter((item) => !urgent(item));
  const room = Math.max(0, TASKS_WRITTEN_MAX - first.length);
  return { kept: [...first, ...others.slice(0, room)], left: Math.max(0, others.length - room) };
}
