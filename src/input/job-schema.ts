// Owns the shape of `jobs:` in `.github/orch.yml`: what runs by the clock, and what is wrong with a schedule.
import { z } from 'zod';
import { scheduleProblem } from '../domain/schedule.ts';
import { ModelName } from '../domain/ids.ts';
import { JobName } from '../domain/job.ts';
import { EngineId } from '../domain/task.ts';

const JOBS_MAX = 100;
const PROMPT_CHARS_MAX = 20_000;

const Job = z
  .strictObject({
    name: JobName.describe('What `/orch job` calls it.'),
    cron: z
      .string()
      .max(200)
      .describe('Minute, hour, day of month, month, day of week; it runs at the first tick after that.'),
    timezone: z
      .string()
      .max(100)
      .optional()
      .describe('Whose clock it means, such as `Europe/Berlin`; `UTC` if not set.'),
    title: z.string().min(1).max(200).optional().describe('Title of its task; the name if not set.'),
    prompt: z.string().min(1).max(PROMPT_CHARS_MAX).describe('What its task is asked.'),
    engine: EngineId.optional().describe('Chosen like that of any task if not set.'),
    model: ModelName.optional(),
    enabled: z.boolean().optional().describe('`false` keeps it here and does not run it.'),
    failures_max: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Runs in a row that fail in the very same way before it is switched off; 3 if not set.'),
  })
  .superRefine(({ cron, timezone = 'UTC' }, context) => {
    const wrong = scheduleProblem({ cron, timezone });
    if (wrong === null) return;
    context.addIssue({
      code: 'custom',
      path: [wrong.key],
      message: wrong.problem,
      params: { remedy: REMEDIES[wrong.key] },
    });
  });

const REMEDIES = {
  cron: 'Write five fields, such as `30 6 * * MON-FRI`.',
  timezone: 'Write a name of the time-zone database, such as `Europe/Berlin` or `UTC`.',
} as const;

export const Jobs = z
  .array(Job)
  .max(JOBS_MAX)
  .superRefine((jobs, context) => {
    const names = jobs.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      context.addIssue({
        code: 'custom',
        path: [index, 'name'],
        message: `two jobs are called ${name}`,
        params: { remedy: 'Give each job a name of its own.' },
      });
    });
  });
export type Jobs = z.infer<typeof Jobs>;
