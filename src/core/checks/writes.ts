// Owns the bound of one plan: for how many tasks it writes, and what may not wait for the next one.
import type { Effect } from '../../domain/effect.ts';
import type { TaskId } from '../../domain/ids.ts';
import { TASKS_WRITTEN_MAX } from '../../domain/plan.ts';
import type { Checked, Violation } from './checked.ts';

/** What the next tick sees as well as this one; every other record would be lost, or keep a slot or a person waiting. */
const CAN_WAIT: ReadonlySet<string> = new Set(['admitted', 'rebuilt', 'opened', 'finished', 'shown']);

export function checkWrites({ plan }: Checked): readonly Violation[] {
  const written = new Set<TaskId>();
  const urgent = new Set<TaskId>();
  for (const effect of plan.effects) {
    if (!('task' in effect)) continue;
    written.add(effect.task);
    if (isUrgent(effect)) urgent.add(effect.task);
  }
  const max = Math.max(TASKS_WRITTEN_MAX, urgent.size);
  return written.size <= max
    ? []
    : [{ invariant: 'a tick writes for so many tasks', task: null, detail: `${written.size} of ${max}` }];
}

function isUrgent(effect: Effect): boolean {
  if (effect.kind === 'append_journal') return effect.records.some(({ kind }) => !CAN_WAIT.has(kind));
  return effect.kind === 'react' || effect.kind === 'post_comment' || effect.kind === 'start_attempt';
}
