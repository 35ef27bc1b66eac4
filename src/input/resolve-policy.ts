// Owns the merge of what was written into the policy in force: defaults, then the organisation's, then the repository's.
import { LabelName } from '../domain/ids.ts';
import { DEFAULT_POLICY, ENGINE_DEFAULTS } from '../domain/default-policy.ts';
import { FINDINGS_MAX } from '../domain/finding.ts';
import type { Job } from '../domain/job.ts';
import type { EnginePolicy, GatePolicy, Policy, RouteRule } from '../domain/policy.ts';
import { OutcomeKind } from '../domain/outcome.ts';
import type { RetryRule, RetryTable } from '../domain/retry-rule.ts';
import { EngineId } from '../domain/task.ts';
import type { Jobs } from './job-schema.ts';
import type { PolicyFile } from './policy-schema.ts';

const JOB_FAILURES_MAX = 3;

/** Repository variables beat every file: they are what the caller's `if` reads too. */
export interface PolicyVariables {
  readonly label: string | null;
}

/** Later layers win, key by key; lists are replaced whole, so that a repository can also take things away. */
export function resolvePolicy(layers: readonly PolicyFile[], variables: PolicyVariables): Policy {
  const merged = layers.reduce(withLayer, DEFAULT_POLICY);
  if (variables.label === null) return merged;
  return { ...merged, intake: { ...merged.intake, label: LabelName.parse(variables.label) } };
}

/** Which keys a layer sets, for `where does this value come from`. */
export function keysOf(file: PolicyFile): readonly string[] {
  return Object.keys(file).filter((key) => key !== '$schema' && key !== 'extends');
}

function withLayer(policy: Policy, file: PolicyFile): Policy {
  const { engines, rules, gate, retry, timeout_minutes, model_map, jobs, ...rest } = file;
  return {
    ...policy,
    ...plain(policy, rest),
    intake: { ...policy.intake, ...defined(rest.intake) },
    router: { ...policy.router, ...defined(rest.router) },
    cooldown_minutes: { ...policy.cooldown_minutes, ...defined(rest.cooldown_minutes) },
    circuit: { ...policy.circuit, ...defined(rest.circuit) },
    budget: budgetOf(policy.budget, rest.budget),
    pull_request: { ...policy.pull_request, ...defined(rest.pull_request) },
    runs_on: { ...policy.runs_on, ...defined(rest.runs_on) },
    commands: { ...policy.commands, ...defined(rest.commands) },
    engines: engines === undefined ? policy.engines : enginesOf(engines),
    rules: rules === undefined ? policy.rules : rules.map(ruleOf),
    gate: gate === undefined ? policy.gate : gateOf(policy.gate, gate),
    retry: retry === undefined ? policy.retry : retryOf(policy.retry, retry),
    timeout_minutes: timeoutsOf(policy, timeout_minutes),
    model_map: modelMapOf(policy, model_map),
    jobs: jobs === undefined ? policy.jobs : jobs.map(jobOf),
  };
}

type Rest = Omit<PolicyFile, 'engines' | 'rules' | 'gate' | 'retry' | 'timeout_minutes' | 'model_map' | 'jobs'>;

/** Keys whose value in the file is already the policy's. */
function plain(policy: Policy, file: Rest): Partial<Policy> {
  return {
    assignment: file.assignment ?? policy.assignment,
    workflow: file.workflow ?? policy.workflow,
    parallel_max: file.parallel_max ?? policy.parallel_max,
    parallel_min: file.parallel_min ?? policy.parallel_min,
    instances_max: file.instances_max ?? policy.instances_max,
    runners_max: file.runners_max ?? policy.runners_max,
    overlap: file.overlap ?? policy.overlap,
    patience_hours: file.patience_hours ?? policy.patience_hours,
    attempts_max: file.attempts_max ?? policy.attempts_max,
    attempts_per_hour_max: file.attempts_per_hour_max ?? policy.attempts_per_hour_max,
    stop_on_failure: file.stop_on_failure ?? policy.stop_on_failure,
    infra_attempts_max: file.infra_attempts_max ?? policy.infra_attempts_max,
    backoff_minutes: file.backoff_minutes ?? policy.backoff_minutes,
    timeout_factor: file.timeout_factor ?? policy.timeout_factor,
    silence_minutes_max: file.silence_minutes_max ?? policy.silence_minutes_max,
    setup: file.setup ?? policy.setup,
    verify: file.verify ?? policy.verify,
    verify_rounds_max: file.verify_rounds_max ?? policy.verify_rounds_max,
    required_tools: file.required_tools ?? policy.required_tools,
    registry_hosts: file.registry_hosts ?? policy.registry_hosts,
    sandbox: file.sandbox ?? policy.sandbox,
    auto_close: file.auto_close ?? policy.auto_close,
    delete_branch: file.delete_branch ?? policy.delete_branch,
    mention: file.mention ?? policy.mention,
    notify: file.notify ?? policy.notify,
    hooks: { ...policy.hooks, ...defined(file.hooks) },
    project: file.project ?? policy.project,
    sweep_hours_max: file.sweep_hours_max ?? policy.sweep_hours_max,
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** `undefined` in a partial file must not overwrite a value (exactOptionalPropertyTypes makes the difference visible). */
function defined<T extends object>(part: T | undefined): Defined<T> {
  const entries = Object.entries(part ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

function enginesOf(engines: NonNullable<PolicyFile['engines']>): readonly EnginePolicy[] {
  return EngineId.options.flatMap((id) => {
    const engine = engines[id];
    return engine === undefined ? [] : [{ ...ENGINE_DEFAULTS[id], ...defined(engine), id }];
  });
}

function ruleOf(rule: NonNullable<PolicyFile['rules']>[number]): RouteRule {
  return {
    when: {
      labels: rule.when.labels ?? [],
      title_contains: rule.when.title_contains ?? [],
      body_contains: rule.when.body_contains ?? [],
    },
    engine: rule.engine ?? null,
    model: rule.model ?? null,
    complexity: rule.complexity ?? null,
    role: rule.role ?? null,
  };
}

function jobOf({ kind, ...job }: Jobs[number]): Job {
  const command = job.command ?? null;
  return {
    ...job,
    command,
    role: kind === 'audit' ? 'audit' : 'code',
    prompt: job.prompt ?? promptOf(kind, command),
    ...(kind === 'self-improvement' ? { issues_max: job.issues_max ?? FINDINGS_MAX } : {}),
    timezone: job.timezone ?? 'UTC',
    title: job.title ?? job.name,
    engine: job.engine ?? null,
    model: job.model ?? null,
    enabled: job.enabled ?? true,
    failures_max: job.failures_max ?? JOB_FAILURES_MAX,
  };
}

function promptOf(kind: Jobs[number]['kind'], command: readonly string[] | null): string {
  if (kind === 'self-improvement') return "Look at Orch's own history, and file what stands out.";
  return `Run \`${command?.join(' ') ?? ''}\`.`;
}

function gateOf(gate: GatePolicy, file: NonNullable<PolicyFile['gate']>): GatePolicy {
  const { protected_paths, protected_paths_add, ...limits } = file;
  return {
    ...gate,
    ...defined(limits),
    protected_paths: [...(protected_paths ?? gate.protected_paths), ...(protected_paths_add ?? [])],
  };
}

function retryOf(table: RetryTable, cells: NonNullable<PolicyFile['retry']>): RetryTable {
  const changed = OutcomeKind.options.flatMap((outcome): [OutcomeKind, RetryRule][] => {
    const cell =
      outcome === 'delivered' || outcome === 'no_change' || outcome === 'cancelled' ? undefined : cells[outcome];
    if (cell === undefined) return [];
    return [[outcome, { ...table[outcome], ...(typeof cell === 'string' ? { follow: cell } : defined(cell)) }]];
  });
  return { ...table, ...Object.fromEntries(changed) };
}

function budgetOf(budget: Policy['budget'], file: PolicyFile['budget']): Policy['budget'] {
  const limit = (key: keyof Policy['budget']) => ({ ...budget[key], ...defined(file?.[key]) });
  return { task: limit('task'), day: limit('day'), month: limit('month') };
}

function timeoutsOf(policy: Policy, minutes: PolicyFile['timeout_minutes']): Policy['timeout_minutes'] {
  if (minutes === undefined) return policy.timeout_minutes;
  if (typeof minutes === 'number') return { simple: minutes, medium: minutes, complex: minutes };
  return { ...policy.timeout_minutes, ...defined(minutes) };
}

function modelMapOf(policy: Policy, rows: PolicyFile['model_map']): Policy['model_map'] {
  const row = (key: keyof Policy['model_map']) => ({ ...policy.model_map[key], ...defined(rows?.[key]) });
  return { simple: row('simple'), medium: row('medium'), complex: row('complex'), review: row('review') };
}
