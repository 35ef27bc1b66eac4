// Owns the names of Orch's git refs. The namespace is one constant, for hosts that refuse custom refs.
import { RunId, TaskId } from '../domain/ids.ts';

/** Custom refs start no workflows, are not fetched by default and stay out of the branch list. */
export const NAMESPACE = 'refs/orch/';
export const HISTORY_REF = `${NAMESPACE}history`;
/** What holds for the whole repository: paused, scheduled jobs. */
export const ROOM_REF = `${NAMESPACE}room`;
export const TASK_PREFIX = `${NAMESPACE}task/`;
export const INBOX_PREFIX = `${NAMESPACE}inbox/`;

export function taskRef(task: TaskId): string {
  return `${TASK_PREFIX}${task}`;
}

export function inboxRef(run: RunId): string {
  return `${INBOX_PREFIX}${run}`;
}

export type OrchRef =
  | { readonly kind: 'task'; readonly task: TaskId }
  | { readonly kind: 'inbox'; readonly run: RunId }
  | { readonly kind: 'history' }
  | { readonly kind: 'room' };

/** null: not a ref of ours, or one of a newer version. */
export function parseRef(ref: string): OrchRef | null {
  if (ref === HISTORY_REF) return { kind: 'history' };
  if (ref === ROOM_REF) return { kind: 'room' };
  if (ref.startsWith(TASK_PREFIX)) {
    const task = TaskId.safeParse(ref.slice(TASK_PREFIX.length));
    return task.success ? { kind: 'task', task: task.data } : null;
  }
  if (ref.startsWith(INBOX_PREFIX)) {
    const run = RunId.safeParse(Number(ref.slice(INBOX_PREFIX.length)));
    return run.success ? { kind: 'inbox', run: run.data } : null;
  }
  return null;
}
