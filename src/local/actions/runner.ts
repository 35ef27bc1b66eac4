// Owns the local runner: it runs the shipped workflow files, each step the real bundle as a process of its own.
import type { ChildProcess } from 'node:child_process';
import { evaluateIf, evaluateText, textOf } from './expression.ts';
import type { Contexts, Json, Status } from './expression.ts';
import { createGroups } from './groups.ts';
import type { ActionsEvent, ActionsHost, Conclusion } from './ports.ts';
import { runStep } from './process.ts';
import { readShipped } from './workflow.ts';
import type { Job, Shipped, Step, Workflow } from './workflow.ts';

export interface RunnerOptions {
  readonly host: ActionsHost;
  /** Checkout of Orch: its workflow files, action.yml and prompts. */
  readonly root: string;
  /** The bundle to run, such as `dist/index.js`. */
  readonly bundle: string;
  readonly temp_root: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  /** What the machine offers to every job besides the runner's own variables. */
  readonly machine: Readonly<Record<string, string>>;
  readonly onLog?: (entry: { readonly run: number; readonly job: string; readonly line: string }) => void;
  readonly onJob?: (entry: { readonly run: number; readonly job: string; readonly state: 'started' | Conclusion; readonly summary: string }) => void;
}

export interface Runner {
  /** Resolves when no run is under way and no event waits. */
  idle(): Promise<void>;
  /** Cancels a run as GitHub does: SIGINT, then SIGTERM, then SIGKILL; `always()` jobs still run. */
  cancel(run: number): void;
  /** Ends the machine under a running job without a word: no output, no post step. */
  lose(job_name: string): boolean;
  readonly skipped_events: () => number;
  readonly runs: () => number;
  close(): Promise<void>;
}

interface JobResult {
  readonly result: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

interface RunState {
  readonly id: number;
  readonly event: ActionsEvent;
  readonly github: Json;
  cancelled: boolean;
  readonly children: Map<string, ChildProcess>;
}

interface Scope {
  readonly run: RunState;
  readonly prefix: string;
  readonly contexts: Contexts;
  readonly permissions: Readonly<Record<string, string>>;
}

/** SIGINT → 7.5 s → SIGTERM → 2.5 s → kill: the sequence of a hosted runner. */
const INTERRUPT_MS = 7_500;
const TERMINATE_MS = 2_500;

export function startRunner(options: RunnerOptions): Runner {
  const shipped = readShipped(options.root);
  const groups = createGroups();
  const runs = new Map<number, RunState>();
  const pending = new Set<Promise<void>>();
  const counts = { skipped: 0, runs: 0 };

  const take = (event: ActionsEvent): void => {
    const dispatched = event.name === 'workflow_dispatch' || event.name === 'repository_dispatch';
    if (event.caused_by_job_token && !dispatched) return;
    const work = handle(event).finally(() => pending.delete(work));
    pending.add(work);
  };

  const handle = async (event: ActionsEvent): Promise<void> => {
    const github = githubContext(options, event, 0);
    const contexts = { github, vars: options.vars, secrets: options.secrets };
    const relevant = Object.values(shipped.caller.jobs).some((job) => evaluateIf(job.if ?? null, contexts, FINE));
    if (!relevant) {
      counts.skipped += 1;
      return;
    }
    counts.runs += 1;
    const id = options.host.openRun({ event: event.name, actor: event.actor, title: 'Orch' });
    const run: RunState = { id, event, github: githubContext(options, event, id), cancelled: false, children: new Map() };
    runs.set(id, run);
    const scope: Scope = { run, prefix: '', contexts: { ...contexts, github: run.github }, permissions: {} };
    const results = await runJobs(shipped.caller, scope);
    const failed = [...results.values()].some(({ result }) => result === 'failure');
    options.host.closeRun(id, run.cancelled ? 'cancelled' : failed ? 'failure' : 'success');
    runs.delete(id);
  };

  const runJobs = async (workflow: Workflow, scope: Scope): Promise<ReadonlyMap<string, JobResult>> => {
    const results = new Map<string, JobResult>();
    const started = new Map<string, Promise<JobResult>>();
    for (const [key, job] of Object.entries(workflow.jobs)) {
      const needed = (job.needs ?? []).map((need) => started.get(need));
      const work = Promise.all(needed).then(async () => {
        const result = await runJob({ key, job, scope, results });
        results.set(key, result);
        return result;
      });
      started.set(key, work);
    }
    await Promise.all(started.values());
    return results;
  };

  interface Due {
    readonly key: string;
    readonly job: Job;
    readonly scope: Scope;
    readonly results: ReadonlyMap<string, JobResult>;
  }

  const runJob = async ({ key, job, scope, results }: Due): Promise<JobResult> => {
    const needs = Object.fromEntries((job.needs ?? []).map((need) => [need, results.get(need) ?? NOT_RUN]));
    const contexts: Contexts = { ...scope.contexts, needs: asJson(needs) };
    const status = statusOf(Object.values(needs), scope.run);
    if (!evaluateIf(job.if ?? null, contexts, status)) return NOT_RUN;
    const permissions = job.permissions ?? scope.permissions;
    const inner: Scope = { ...scope, contexts, permissions };
    if (job.strategy === undefined) return runLeg({ key, job, scope: inner, contexts });
    const legs = evaluateText(job.strategy.matrix.leg, contexts);
    const rows = Array.isArray(legs) ? (legs as readonly Json[]) : [];
    const all = await Promise.all(rows.map((leg) => runLeg({ key, job, scope: inner, contexts: { ...contexts, matrix: { leg } } })));
    return { result: all.some(({ result }) => result === 'failure') ? 'failure' : 'success', outputs: {} };
  };

  interface LegDue {
    readonly key: string;
    readonly job: Job;
    readonly scope: Scope;
    readonly contexts: Contexts;
  }

  const runLeg = async ({ key, job, scope, contexts }: LegDue): Promise<JobResult> => {
    const own = job.name === undefined ? key : textOf(evaluateText(job.name, contexts));
    const name = scope.prefix === '' ? own : `${scope.prefix} / ${own}`;
    if (job.uses !== undefined) return callWorkflow({ uses: job.uses, name, job, scope, contexts });
    const id = options.host.openJob({ run: scope.run.id, name });
    const group = job.concurrency === undefined ? null : textOf(evaluateText(job.concurrency.group, contexts));
    const turn = group === null ? { kind: 'go' as const, leave: () => undefined } : await groups.enter(group);
    if (turn.kind === 'replaced') {
      options.host.closeJob(id, 'cancelled');
      return { result: 'cancelled', outputs: {} };
    }
    try {
      return await runSteps({ id, name, job, scope, contexts });
    } finally {
      turn.leave();
    }
  };

  interface Call {
    readonly uses: string;
    readonly name: string;
    readonly job: Job;
    readonly scope: Scope;
    readonly contexts: Contexts;
  }

  const callWorkflow = async ({ uses, name, job, scope, contexts }: Call): Promise<JobResult> => {
    const file = /([\w-]+\.yml)(?:@|$)/.exec(uses)?.[1] ?? '';
    const workflow = shipped.reusable[file];
    if (workflow === undefined) throw new Error(`no reusable workflow ${uses}`);
    const declared = workflow.on.workflow_call?.inputs ?? {};
    const defaults = Object.fromEntries(Object.entries(declared).map(([input, spec]) => [input, spec.default ?? '']));
    const given = Object.fromEntries(Object.entries(job.with ?? {}).map(([input, value]) => [input, evaluateText(String(value), contexts)]));
    const secrets = Object.fromEntries(Object.entries(job.secrets ?? {}).map(([secret, text]) => [secret, textOf(evaluateText(text, contexts))]));
    const inner: Contexts = { github: scope.run.github, vars: options.vars, inputs: { ...defaults, ...given }, secrets };
    const results = await runJobs(workflow, { ...scope, prefix: name, contexts: inner });
    const ended = [...results.values()].map(({ result }) => result);
    return { result: ended.includes('failure') ? 'failure' : ended.includes('cancelled') ? 'cancelled' : 'success', outputs: {} };
  };

  interface StepsDue {
    readonly id: number;
    readonly name: string;
    readonly job: Job;
    readonly scope: Scope;
    readonly contexts: Contexts;
  }

  const runSteps = async ({ id, name, job, scope, contexts }: StepsDue): Promise<JobResult> => {
    const { run } = scope;
    const token = options.host.issueJobToken({ run: run.id, job: id, permissions: scope.permissions });
    options.host.startJob(id);
    options.onJob?.({ run: run.id, job: name, state: 'started', summary: '' });
    const steps: Record<string, { readonly outputs: Readonly<Record<string, string>> }> = {};
    let result: Conclusion = 'success';
    let summary = '';
    for (const step of job.steps ?? []) {
      const ended = await runStep(stepProcess({ step, id, name, token, scope, contexts }));
      if (step.id !== undefined) steps[step.id] = { outputs: ended.outputs };
      summary += ended.summary;
      if (ended.exit_code !== 0) result = run.cancelled ? 'cancelled' : 'failure';
    }
    run.children.delete(name);
    options.host.revokeToken(token);
    options.host.closeJob(id, result);
    options.onJob?.({ run: run.id, job: name, state: result, summary });
    const outputs = Object.entries(job.outputs ?? {}).map(([key, text]) => [key, textOf(evaluateText(text, { ...contexts, steps: asJson(steps) }))]);
    return { result, outputs: Object.fromEntries(outputs) };
  };

  interface StepDue {
    readonly step: Step;
    readonly id: number;
    readonly name: string;
    readonly token: string;
    readonly scope: Scope;
    readonly contexts: Contexts;
  }

  const stepProcess = ({ step, id, name, token, scope, contexts }: StepDue) => {
    const { run } = scope;
    const with_token: Contexts = { ...contexts, github: { ...objectOf(run.github), token } };
    const given = Object.fromEntries(Object.entries(step.with ?? {}).map(([input, value]) => [input, textOf(evaluateText(String(value), with_token))]));
    const defaults = Object.fromEntries(Object.entries(shipped.defaults).map(([input, text]) => [input, textOf(evaluateText(text, with_token))]));
    return {
      bundle: options.bundle,
      temp_root: options.temp_root,
      inputs: { ...defaults, ...given },
      env: { ...options.machine, ...runnerEnvironment(options, run), ...options.host.runtimeEnvironment({ run: run.id, job: id }) },
      event: run.event.payload,
      onLine: (line: string) => options.onLog?.({ run: run.id, job: name, line }),
      onStart: (child: ChildProcess) => {
        run.children.set(name, child);
        if (run.cancelled && !name.endsWith('deliver')) stop(child);
      },
    };
  };

  const unsubscribe = options.host.onEvent(take);
  return {
    idle: async () => {
      for (let round = 0; round < 10_000 && pending.size > 0; round += 1) await Promise.all(pending);
    },
    cancel: (id) => {
      const run = runs.get(id);
      if (run === undefined) return;
      run.cancelled = true;
      for (const child of run.children.values()) stop(child);
    },
    lose: (job_name) => {
      const child = [...runs.values()].flatMap((run) => [...run.children]).find(([name]) => name.includes(job_name))?.[1];
      return child?.kill('SIGKILL') ?? false;
    },
    skipped_events: () => counts.skipped,
    runs: () => counts.runs,
    close: async () => {
      unsubscribe();
      for (const run of runs.values()) for (const child of run.children.values()) child.kill('SIGKILL');
      await Promise.all(pending);
    },
  };
}

const FINE: Status = { failed: false, cancelled: false };
const NOT_RUN: JobResult = { result: 'skipped', outputs: {} };

function statusOf(needs: readonly JobResult[], run: RunState): Status {
  return {
    failed: needs.some(({ result }) => result === 'failure' || result === 'skipped' || result === 'cancelled'),
    cancelled: run.cancelled,
  };
}

function stop(child: ChildProcess): void {
  child.kill('SIGINT');
  const terminate = setTimeout(() => child.kill('SIGTERM'), INTERRUPT_MS);
  const kill = setTimeout(() => child.kill('SIGKILL'), INTERRUPT_MS + TERMINATE_MS);
  child.once('exit', () => [terminate, kill].forEach(clearTimeout));
}

function objectOf(value: Json): { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [key: string]: Json }) : {};
}

function githubContext({ host }: RunnerOptions, event: ActionsEvent, run: number): Json {
  return {
    event_name: event.name,
    event: event.payload,
    actor: event.actor,
    repository: host.repository,
    run_id: String(run),
    run_attempt: '1',
    ref: `refs/heads/${host.default_branch}`,
    token: '',
  };
}

function runnerEnvironment({ host }: RunnerOptions, run: RunState): Readonly<Record<string, string>> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: host.api_url,
    GITHUB_GRAPHQL_URL: host.graphql_url,
    GITHUB_SERVER_URL: host.server_url,
    GITHUB_REPOSITORY: host.repository,
    GITHUB_REPOSITORY_OWNER: host.repository.split('/')[0] ?? '',
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_EVENT_NAME: run.event.name,
    GITHUB_ACTOR: run.event.actor,
    GITHUB_REF: `refs/heads/${host.default_branch}`,
    GITHUB_WORKFLOW_REF: `${host.repository}/.github/workflows/orch.yml@refs/heads/${host.default_branch}`,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
  };
}

function asJson(value: Readonly<Record<string, { readonly outputs: Readonly<Record<string, string>> }>>): Json {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, { ...entry }]));
}
