// Owns the id of an attempt: `code-12-1`, its role, its task and its number, for names that stand alone.
import { AttemptNumber, TaskId } from '../domain/ids.ts';
import { Role } from '../domain/task.ts';

export interface AttemptId {
  readonly role: Role;
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
}

export function renderAttemptId({ role, task, attempt }: AttemptId): string {
  return `${role}-${task}-${attempt}`;
}

export function parseAttemptId(id: string): AttemptId | null {
  const match = /^([a-z-]+)-(i?\d+)-(\d+)$/.exec(id);
  const role = Role.safeParse(match?.[1]);
  const task = TaskId.safeParse(match?.[2]);
  const attempt = AttemptNumber.safeParse(Number(match?.[3]));
  if (!role.success || !task.success || !attempt.success) return null;
  return { role: role.data, task: task.data, attempt: attempt.data };
}
