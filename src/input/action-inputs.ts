// Owns the border to the runner: environment variables in, typed Inputs and RunnerFacts out.
import { z } from 'zod';
import { ArtifactId, AttemptNumber, CommitSha, Digest, RunId, TaskId } from '../domain/ids.ts';
import { personFault } from '../domain/fault.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export const Mode = z.enum(['reconcile', 'attempt', 'deliver', 'nudge', 'intake']);
export type Mode = z.infer<typeof Mode>;

/** Everything the runner tells every job, independent of the mode. */
export interface RunnerFacts {
  readonly mode: Mode;
  readonly token: string;
  readonly owner: string;
  readonly repo: string;
  readonly run: RunId;
  readonly run_attempt: number;
  readonly run_url: string;
  readonly actor: string;
  readonly event_name: string;
  readonly event_path: string;
  readonly workflow_file: string;
  /** Ticks and attempts run for default-branch events only, so this is the default branch (but for nudges). */
  readonly ref_name: string;
  readonly api_url: string;
  readonly graphql_url: string;
  readonly server_url: string;
  readonly temp: string;
  readonly summary_path: string;
  readonly output_path: string;
  readonly app: { readonly id: string; readonly private_key: string } | null;
  readonly project_token: string | null;
}

/** The leg that modes `attempt` and `deliver` work on. */
export interface LegInputs {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly lease: CommitSha;
  readonly brief_artifact: ArtifactId;
  readonly brief_sha256: Digest;
  readonly engine_key: string | null;
}

export interface DeliverInputs extends LegInputs {
  readonly hand_in: { readonly artifact: ArtifactId; readonly sha256: Digest } | null;
  readonly attempt_result: string;
  readonly attempt_started: boolean;
}

export interface ReconcileInputs {
  readonly dry_run: boolean;
  readonly sweep: boolean;
  readonly engines: readonly string[];
  readonly router_key: string | null;
  readonly intake_label: string | null;
}

export interface IntakeInputs {
  /** Type of a `repository_dispatch`, such as `task.assigned`. */
  readonly event: string;
  readonly verb: string;
  readonly issue: string;
  readonly prompt: string;
  readonly engine: string;
  readonly model: string;
  readonly role: string;
}

export function parseRunnerFacts(env: Env): RunnerFacts {
  const [owner = '', repo = ''] = required(env, 'GITHUB_REPOSITORY').split('/');
  const run = parseInput('GITHUB_RUN_ID', RunId, Number(required(env, 'GITHUB_RUN_ID')));
  const server_url = env['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const app_id = input(env, 'app-id');
  return {
    mode: parseInput('mode', Mode, input(env, 'mode')),
    token: requiredInput(env, 'token'),
    owner,
    repo,
    run,
    run_attempt: Number(env['GITHUB_RUN_ATTEMPT'] ?? '1'),
    run_url: `${server_url}/${owner}/${repo}/actions/runs/${run}`,
    actor: env['GITHUB_ACTOR'] ?? '',
    event_name: env['GITHUB_EVENT_NAME'] ?? 'other',
    event_path: env['GITHUB_EVENT_PATH'] ?? '',
    workflow_file: input(env, 'workflow') || workflowFile(env['GITHUB_WORKFLOW_REF'] ?? ''),
    ref_name: (env['GITHUB_REF'] ?? 'refs/heads/main').replace(/^refs\/heads\//, ''),
    api_url: env['GITHUB_API_URL'] ?? 'https://api.github.com',
    graphql_url: env['GITHUB_GRAPHQL_URL'] ?? 'https://api.github.com/graphql',
    server_url,
    temp: required(env, 'RUNNER_TEMP'),
    summary_path: env['GITHUB_STEP_SUMMARY'] ?? '',
    output_path: env['GITHUB_OUTPUT'] ?? '',
    app: app_id === '' ? null : { id: app_id, private_key: requiredInput(env, 'app-private-key') },
    project_token: input(env, 'project-token') || null,
  };
}

export function parseReconcileInputs(env: Env): ReconcileInputs {
  return {
    dry_run: flag(env, 'dry-run'),
    sweep: flag(env, 'sweep'),
    engines: input(env, 'engines')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    router_key: input(env, 'router-key') || null,
    intake_label: input(env, 'intake-label') || null,
  };
}

export function parseLegInputs(env: Env): LegInputs {
  return {
    task: parseInput('task', TaskId, input(env, 'task')),
    attempt: parseInput('attempt', AttemptNumber, Number(input(env, 'attempt'))),
    lease: parseInput('lease', CommitSha, input(env, 'lease')),
    brief_artifact: parseInput('brief-artifact', ArtifactId, Number(input(env, 'brief-artifact'))),
    brief_sha256: parseInput('brief-sha256', Digest, input(env, 'brief-sha256')),
    engine_key: input(env, 'engine-key') || null,
  };
}

export function parseDeliverInputs(env: Env): DeliverInputs {
  const artifact = input(env, 'hand-in-artifact');
  return {
    ...parseLegInputs(env),
    hand_in:
      artifact === ''
        ? null
        : {
            artifact: parseInput('hand-in-artifact', ArtifactId, Number(artifact)),
            sha256: parseInput('hand-in-sha256', Digest, input(env, 'hand-in-sha256')),
          },
    attempt_result: input(env, 'attempt-result'),
    attempt_started: flag(env, 'attempt-started'),
  };
}

export function parseIntakeInputs(env: Env): IntakeInputs {
  return {
    event: input(env, 'ask-event'),
    verb: input(env, 'ask-verb'),
    issue: input(env, 'ask-issue'),
    prompt: input(env, 'ask-prompt'),
    engine: input(env, 'ask-engine'),
    model: input(env, 'ask-model'),
    role: input(env, 'ask-role'),
  };
}

/** `owner/repo/.github/workflows/orch.yml@refs/heads/main` → `orch.yml`. */
function workflowFile(workflow_ref: string): string {
  return /\/\.github\/workflows\/([^/@]+)@/.exec(workflow_ref)?.[1] ?? 'orch.yml';
}

/** The runner upper-cases names and turns spaces, not dashes, into underscores. */
function input(env: Env, name: string): string {
  return (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

function flag(env: Env, name: string): boolean {
  return input(env, name).toLowerCase() === 'true';
}

function requiredInput(env: Env, name: string): string {
  const value = input(env, name);
  if (value !== '') return value;
  throw personFault({
    title: `The input \`${name}\` is missing`,
    cause: `the step that runs Orch got no value for \`${name}\``,
    remedy:
      name === 'token'
        ? 'Pass `token: ${{ github.token }}` and give the job the permissions the caller file lists.'
        : `Set \`${name}\` in the workflow, or compare yours with docs/caller.yml.`,
  });
}

function required(env: Env, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw personFault({
    title: `${name} is not set`,
    cause: 'this process was not started by a GitHub Actions runner',
    remedy: 'Run Orch as an action, or use `npm run demo` to see it work locally.',
  });
}

function parseInput<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw personFault({
    title: `The input \`${name}\` is not valid`,
    cause: `${JSON.stringify(value)}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`,
    remedy: 'Compare your workflow with docs/caller.yml of the release you use.',
  });
}
