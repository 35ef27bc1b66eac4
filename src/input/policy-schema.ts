// Owns the shape of `.github/orch.yml`: every key optional, every key described; the JSON Schema comes from here.
import { z } from 'zod';
import { Verb } from '../domain/command.ts';
import { LabelName, ModelName } from '../domain/ids.ts';
import { Complexity, EngineId, RoleName, RunnableRole } from '../domain/task.ts';
import { Budget } from './budget-schema.ts';
import { CAPACITY } from './capacity-schema.ts';
import { Command } from './command-schema.ts';
import { Hooks } from './hook-schema.ts';
import { Intake, Mention } from './intake-schema.ts';
import { Jobs } from './job-schema.ts';
import { Circuit, Cooldown, Retry } from './recovery-schema.ts';

const LIST_MAX = 100;
const TEXT_MAX = 500;

const Text = z.string().min(1).max(TEXT_MAX);
const Minutes = z.number().positive().max(360);
const Id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be lower-case letters, digits, dots and dashes');
const Host = z
  .string()
  .regex(
    /^(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?$/,
    'must be a host name such as `registry.example.com`, without a scheme',
  )
  .describe('Host name, optionally with a port.');
const HttpUrl = z.url({ protocol: /^https?$/ }).max(TEXT_MAX);

const Engine = z.strictObject({
  weight: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe(
      'Share in the round robin; 0 keeps the engine for labels and rules. Each limit it met within six hours leaves less of it.',
    ),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+[\w.-]*$/, 'must be an exact version such as 1.2.3')
    .optional()
    .describe('Exact npm version to install when the CLI is not on the runner.'),
  command: z
    .array(Text)
    .min(1)
    .max(LIST_MAX)
    .optional()
    .describe('Engine `custom` only: the argument list, with slots such as ${PROMPT_FILE}.'),
  env: z
    .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().max(2_000))
    .optional()
    .describe('Extra environment of the engine. Not for secrets.'),
  hosts: z.array(Host).max(LIST_MAX).optional().describe('Hosts the engine may reach besides its model.'),
  base_url: HttpUrl.optional().describe("Base URL of the model's API when it is not the vendor's own."),
  parallel_max: z.number().int().positive().max(256).optional().describe('Attempts of this engine at the same time.'),
  turns_max: z
    .number()
    .int()
    .positive()
    .max(10_000)
    .optional()
    .describe('Turns after which the engine stops, where it can.'),
  cost_usd_max: z
    .number()
    .positive()
    .max(10_000)
    .optional()
    .describe('Spend in US dollars after which the engine stops, where it can.'),
});

const Rule = z.strictObject({
  when: z
    .strictObject({
      labels: z.array(LabelName).max(LIST_MAX).optional().describe('All of these labels are on the issue.'),
      title_contains: z
        .array(Text)
        .max(LIST_MAX)
        .optional()
        .describe('One of these stands in the title; case does not matter.'),
      body_contains: z
        .array(Text)
        .max(LIST_MAX)
        .optional()
        .describe('One of these stands in the body; case does not matter.'),
    })
    .describe('All given conditions must hold.'),
  engine: EngineId.optional().describe('The engine that does it.'),
  model: ModelName.optional().describe('The model it uses.'),
  complexity: Complexity.optional().describe('How hard it is taken to be.'),
  role: RunnableRole.optional().describe('What the attempt is for.'),
});

const Router = z.strictObject({
  mode: z.enum(['llm', 'round_robin']).optional().describe('Ask a model, or take turns.'),
  provider: z
    .enum(['anthropic', 'openai', 'google', 'openai_compatible'])
    .optional()
    .describe('Whose API the routing model speaks.'),
  model: ModelName.optional().describe('A cheap model is enough.'),
  base_url: HttpUrl.optional().describe('For `openai_compatible`, or a proxy.'),
  timeout_seconds: z.number().positive().max(120).optional().describe('For all issues of a tick together.'),
  confidence_min: z.number().min(0).max(1).optional().describe('Answers below this are not used.'),
  route_attempts_max: z
    .number()
    .int()
    .positive()
    .max(10)
    .optional()
    .describe('Tries inside the time limit, before the round robin takes over.'),
  fallback_share_max: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Alarm when more routes than this fell through to the round robin.'),
  skills: z.array(Id).max(LIST_MAX).optional().describe('Skill ids the model may choose from.'),
  tools: z.array(Id).max(LIST_MAX).optional().describe('Tool ids the model may choose from.'),
  constraints: z.array(Id).max(LIST_MAX).optional().describe('Constraint ids the model may choose from.'),
});

const ModelRow = z.partialRecord(EngineId, ModelName);

const Gate = z.strictObject({
  files_max: z.number().int().positive().max(3_000).optional().describe('Changed files an attempt may hand in.'),
  bytes_max: z.number().int().positive().max(100_000_000).optional().describe('Bytes of all changed files together.'),
  file_bytes_max: z.number().int().positive().max(100_000_000).optional().describe('Bytes of one changed file.'),
  protected_paths: z
    .array(Text)
    .max(1_000)
    .optional()
    .describe('Globs that no attempt may touch. Replaces the built-in list.'),
  protected_paths_add: z.array(Text).max(1_000).optional().describe('Globs added to the built-in list.'),
});

export const PolicyFile = z
  .strictObject({
    $schema: z.string().optional(),
    extends: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'must be `owner/repository`')
      .optional()
      .describe('A repository whose `.github/orch.yml` holds the defaults, such as `acme/.github`.'),
    intake: Intake.optional(),
    assignment: z
      .enum(['auto', 'manual', 'hybrid'])
      .optional()
      .describe(
        'Who starts tasks; what a person starts goes first in each. `auto`: the queue. `manual`: only tasks that a person starts, or gives to an engine (by an `agent:` label, or `/orch assign`). `hybrid`: the queue, and what a person gives to an engine goes first as well.',
      ),
    workflow: z
      .enum(['single', 'staged'])
      .optional()
      .describe('Reserved: `staged` is accepted and acts like `single`, one attempt that writes code.'),
    engines: z
      .partialRecord(EngineId, Engine)
      .optional()
      .describe('Engines in use; naming one here switches the others off.'),
    router: Router.optional(),
    rules: z
      .array(Rule)
      .max(LIST_MAX)
      .optional()
      .describe('Tried in order; the first that holds decides what it names.'),
    model_map: z
      .partialRecord(z.enum(['simple', 'medium', 'complex', 'review']), ModelRow)
      .optional()
      .describe('Model by complexity and engine. The row `review` is reserved: nothing reads it yet.'),
    ...CAPACITY,
    attempts_max: z
      .number()
      .int()
      .positive()
      .max(20)
      .optional()
      .describe('Attempts per task before a person is asked.'),
    infra_attempts_max: z
      .number()
      .int()
      .positive()
      .max(20)
      .optional()
      .describe('Starts that may fail before an engine ran.'),
    attempts_per_hour_max: z
      .number()
      .int()
      .positive()
      .max(10_000)
      .optional()
      .describe('Attempts that may start within any sixty minutes, in the whole repository.'),
    budget: Budget.optional().describe('What may be spent; asked before each attempt, overdrawn by one at most.'),
    stop_on_failure: z
      .boolean()
      .optional()
      .describe('A task that failed for good keeps all others from starting until a person acts on it.'),
    cooldown_minutes: Cooldown.optional().describe('How long a limit that one task ran into keeps the others away.'),
    circuit: Circuit.optional().describe('When failures across tasks stop new starts.'),
    retry: Retry.optional().describe('What follows from each way an attempt can end; only what is named changes.'),
    backoff_minutes: z
      .array(z.number().min(0).max(1_440))
      .min(1)
      .max(20)
      .optional()
      .describe(
        'Wait before attempt 2, 3, …; the last one repeats. Up to a quarter is added, another share for each attempt, so that tasks that failed together do not come back together.',
      ),
    timeout_minutes: z
      .union([
        Minutes,
        z.strictObject({ simple: Minutes.optional(), medium: Minutes.optional(), complex: Minutes.optional() }),
      ])
      .optional()
      .describe(
        'Limit of one attempt, as one number or by complexity; never more than 340, since GitHub ends a job after six hours.',
      ),
    timeout_factor: z
      .number()
      .min(1)
      .max(5)
      .optional()
      .describe('How much longer a timed-out attempt may run when tried again, up to 340 minutes.'),
    silence_minutes_max: Minutes.optional().describe('An engine that prints nothing for this long is stopped.'),
    setup: z
      .array(Command)
      .max(LIST_MAX)
      .optional()
      .describe('Run in the sandbox before the engine; of the network they reach `registry_hosts` only.'),
    verify: z
      .array(Command)
      .max(LIST_MAX)
      .optional()
      .describe(
        'The proof: run by Orch in the sandbox after the engine, with the network of `setup`; failures go back to the engine.',
      ),
    verify_rounds_max: z
      .number()
      .int()
      .min(0)
      .max(10)
      .optional()
      .describe('How often failures of the proof go back to the engine.'),
    required_tools: z.array(Id).max(LIST_MAX).optional().describe('Programs that must be on the runner.'),
    registry_hosts: z
      .array(Host)
      .max(LIST_MAX)
      .optional()
      .describe('Package registries: hosts that `setup`, the engine and `verify` may reach.'),
    sandbox: z
      .enum(['on', 'off'])
      .optional()
      .describe('`off` runs the engine unconfined and with its real key, and says so in log, report and pull request.'),
    gate: Gate.optional(),
    pull_request: z
      .strictObject({
        draft: z.boolean().optional().describe('Open pull requests as drafts.'),
        reviewers: z.array(Text).max(15).optional().describe('Logins asked for a review.'),
      })
      .optional(),
    auto_close: z
      .boolean()
      .optional()
      .describe(
        'Close the issue when its pull request was merged. `false`: the pull request says `For #12` instead of `Closes #12`, the issue stays open, and the task is done when the next run sees the merge; since no issue links such a pull request, a look at a task in review costs one request more.',
      ),
    delete_branch: z.boolean().optional().describe('Delete the branch when its pull request was merged.'),
    mention: Mention.optional(),
    notify: z
      .enum(['all', 'errors', 'none'])
      .optional()
      .describe('Mentions whoever let a task in: `errors` when a person must act, `all` also on delivery and end.'),
    hooks: Hooks.optional().describe(
      'The type of the `repository_dispatch` that tells workflows of the repository of each moment of a task.',
    ),
    project: z
      .strictObject({
        owner: Text.describe('Organisation or user that owns the board.'),
        number: z.number().int().positive().describe('Number in the address of the board.'),
      })
      .optional()
      .describe('Projects v2 board to mirror to; needs an App or a token.'),
    runs_on: z
      .strictObject({ attempt: Text.optional().describe('Such as `ubuntu-latest`, or a JSON array of labels.') })
      .optional()
      .describe("Runner label of attempts; empty means the workflow's own."),
    sweep_hours_max: z
      .number()
      .positive()
      .max(168)
      .optional()
      .describe('Hours after which a tick pages through everything again.'),
    jobs: Jobs.optional().describe(
      'Tasks that start by the clock; a missed time is made up for within 24 hours, once.',
    ),
    commands: z.partialRecord(Verb, RoleName).optional().describe('The weakest role that may say each command.'),
  })
  .describe('Configuration of Orch. Every key is optional.');
export type PolicyFile = z.infer<typeof PolicyFile>;
