// Owns the job names of a leg: how a claim finds the job that holds it.
import { AttemptNumber, TaskId } from '../domain/ids.ts';
import type { EngineId } from '../domain/task.ts';

export interface LegName {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly engine: EngineId;
}

/** `#12 · attempt 1 · claude`, the same text that orch.yml computes for the matrix job. */
export function renderLegName({ task, attempt, engine }: LegName): string {
  return `${task.startsWith('i') ? task : `#${task}`} · attempt ${attempt} · ${engine}`;
}

export interface JobName {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly part: 'attempt' | 'deliver';
}

const JOB = /(?:^|\/ )#?(i?\d+) · attempt (\d+) · [\w-]+ \/ (attempt|deliver)$/;

/** GitHub names a job of a reusable workflow `<caller job> / <job>`, once per level. */
export function parseJobName(name: string): JobName | null {
  const match = JOB.exec(name);
  const task = TaskId.safeParse(match?.[1]);
  const attempt = AttemptNumber.safeParse(Number(match?.[2]));
  if (!task.success || !attempt.success) return null;
  return { task: task.data, attempt: attempt.data, part: match?.[3] === 'deliver' ? 'deliver' : 'attempt' };
}
