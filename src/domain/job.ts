// Owns the words of scheduled jobs: what a maintainer writes down, and what the room remembers of each.
import { z } from 'zod';
import { Instant, Login, TaskId } from './ids.ts';
import type { ModelName } from './ids.ts';
import type { Schedule } from './schedule.ts';
import type { EngineId } from './task.ts';

export const JobName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, 'must be lower-case letters, digits, dots and dashes')
  .brand<'JobName'>();
export type JobName = z.infer<typeof JobName>;

export interface Job extends Schedule {
  readonly name: JobName;
  readonly title: string;
  readonly role: 'code' | 'audit';
  readonly enabled: boolean;
  /** What its task is asked. */
  readonly prompt: string;
  /** Runs instead of an engine. */
  readonly command: readonly string[] | null;
  /** Orch looks at its own history instead, and files at most so many issues; absent: it does not. */
  readonly issues_max?: number | undefined;
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
  /** Runs in a row that failed in the very same way before it is switched off. */
  readonly failures_max: number;
}

/** What the room knows of one job; the configuration says what it does. */
export const JobState = z.object({
  job: JobName,
  /** The schedule that `since` belongs to. */
  schedule: z.string(),
  /** First seen with this schedule, or switched on again: nothing before it is made up for. */
  since: Instant,
  /** The newest instant it ran for, and the task that this made. */
  ran: z.object({ slot: Instant, task: TaskId }).nullable(),
  /** Asked for by a word, apart from its schedule. */
  wanted: z.object({ at: Instant, by: Login }).nullable(),
  /** The last word on it; `by: null`: Orch itself, after failures. null: nobody has said anything. */
  switched: z.object({ on: z.boolean(), at: Instant, by: Login.nullable() }).nullable(),
});
export type JobState = z.infer<typeof JobState>;
