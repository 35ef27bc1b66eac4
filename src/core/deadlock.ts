// Owns noticing that the queue stands still: tasks wait for others, and nothing under way could end that.
import type { TaskDecision } from '../domain/decision.ts';
import type { IssueNumber, TaskId } from '../domain/ids.ts';
import type { Alarm } from '../domain/notice.ts';
import { unreachable } from '../domain/fault.ts';
import type { TaskState } from '../domain/task.ts';
import type { World } from './world.ts';

/** What they wait for in the end: open issues that wait for nothing themselves, or the first of each circle. */
const NAMED_MAX = 10;

export function deadlockAlarms(tasks: readonly TaskDecision[], { snapshot }: World): readonly Alarm[] {
  const stuck = tasks.filter(isStuck);
  if (stuck.length === 0) return [];
  const states = new Map<TaskId, TaskState | null>();
  for (const { id, journal } of snapshot.tasks.values())
    states.set(id, journal.finished === null ? (journal.shown?.state ?? null) : 'done');
  for (const { facts, is_task, state } of tasks) states.set(facts.id, is_task ? state : null);
  if ([...states.values()].some((state) => state !== null && moves(state))) return [];
  const waiting = new Set(stuck.map(({ facts }) => String(facts.id)));
  const roots = stuck
    .flatMap(waitsFor)
    .filter((issue, at, all) => !waiting.has(String(issue)) && all.indexOf(issue) === at);
  const circles = stuck.flatMap(({ wait }) =>
    wait?.kind === 'person' && wait.reason.kind === 'circle' && wait.reason.circle[0] === wait.reason.of
      ? [wait.reason.of]
      : [],
  );
  return [{ kind: 'deadlock', blocked: stuck.length, on: [...circles, ...roots].slice(0, NAMED_MAX) }];
}

function isStuck({ is_task, wait }: TaskDecision): boolean {
  return is_task && (waitsFor({ wait }).length > 0 || (wait?.kind === 'person' && wait.reason.kind === 'circle'));
}

function waitsFor({ wait }: Pick<TaskDecision, 'wait'>): readonly IssueNumber[] {
  return wait?.kind === 'dependencies' || wait?.kind === 'children' || wait?.kind === 'phase' ? wait.open : [];
}

/** In line, running, or waiting for a merge: something is on its way. */
function moves(state: TaskState): boolean {
  switch (state) {
    case 'new':
    case 'routed':
    case 'in_progress':
    case 'in_review':
      return true;
    case 'blocked':
    case 'needs_review':
    case 'skipped':
    case 'done':
    case 'archived':
      return false;
    default:
      return unreachable(state);
  }
}
