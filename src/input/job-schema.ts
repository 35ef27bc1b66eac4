// Owns the shape of `jobs:` in `.github/orch.yml`: what runs by the clock, and what is wrong with a schedule.
import { z } from 'zod';
import { scheduleProblem } from '../domain/schedule.ts';
import { FINDINGS_MAX } from '../domain/finding.ts';
import { ModelName } from '../domain/ids.ts';
import { JobName } from '../domain/job.ts';
import { EngineId } from '../domain/task.ts';
import { Command } from './command-schema.ts';

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
    kind: z
      .enum(['task', 'command', 'audit', 'self-improvement'])
      .optional()
      .describe(
        '`task`, if not set: an engine does what `prompt` asks. `audit`: an engine looks, reports, and changes no file. `command`: `command` runs, without a model. `self-improvement`: Orch looks at its own history and files what stands out as issues, without a model; nothing is started by them.',
      ),
    prompt: z.string().min(1).max(PROMPT_CHARS_MAX).optional().describe('What the task is asked.'),
    command: Command.optional(),
    issues_max: z
      .number()
      .int()
      .min(1)
      .max(FINDINGS_MAX)
      .optional()
      .describe(
        'For `self-improvement`: issues that one run, and the runs of a week, may file; 3 if not set, and at most.',
      ),
    engine: EngineId.optional().describe('Chosen like that of any task if not set.'),
    model: ModelName.optional().describe('Likewise.'),
    enabled: z.boolean().optional().describe('`false` keeps it here and does not run it.'),
    failures_max: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Runs in a row that fail in the very same way before it is switched off; 3 if not set.'),
  })
  .superRefine((job, context) => {
    const wrong = scheduleProblem({ cron: job.cron, timezone: job.timezone ?? 'UTC' }) ?? kindProblem(job);
    if (wrong === null) return;
    const { key, problem } = wrong;
    context.addIssue({ code: 'custom', path: [key], message: problem, params: { remedy: REMEDIES[key] } });
  });

interface Kinds {
  readonly kind?: 'task' | 'command' | 'audit' | 'self-improvement' | undefined;
  readonly issues_max?: number | undefined;
  readonly prompt?: string | undefined;
  readonly command?: readonly string[] | undefined;
}

/** What a job does is said once, in the key of its kind. */
function kindProblem({ kind = 'task', prompt, command, issues_max }: Kinds): KindProblem | null {
  if (issues_max !== undefined && kind !== 'self-improvement')
    return { key: 'issues_max', problem: `is said, and the kind is \`${kind}\`` };
  switch (kind) {
    case 'task':
    case 'audit':
      if (prompt === undefined)
        return { key: 'prompt', problem: `is missing: a job of kind \`${kind}\` asks something` };
      return command === undefined ? null : { key: 'command', problem: `is said, and the kind is \`${kind}\`` };
    case 'command':
      if (command === undefined) return { key: 'command', problem: 'is missing: a job of kind `command` runs one' };
      return prompt === undefined ? null : { key: 'prompt', problem: 'is said, and the kind is `command`' };
    case 'self-improvement':
      if (prompt !== undefined) return { key: 'prompt', problem: 'is said, and the kind is `self-improvement`' };
      return command === undefined ? null : { key: 'command', problem: 'is said, and the kind is `self-improvement`' };
  }
}

interface KindProblem {
  readonly key: 'prompt' | 'command' | 'issues_max';
  readonly problem: string;
}

const REMEDIES = {
  cron: 'Write five fields, such as `30 6 * * MON-FRI`.',
  timezone: 'Write a name of the time-zone database, such as `Europe/Berlin` or `UTC`.',
  prompt: 'Give a `task` or an `audit` a prompt, and the others none.',
  command: 'Give a `command` a command, and the others none.',
  issues_max: 'Only a job of kind `self-improvement` files issues.',
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
