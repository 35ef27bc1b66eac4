// Owns the local runner: it runs the shipped workflow files, each step the real bundle as a process of its own.
import type { ChildProcess } from 'node:child_process';
import { evaluateIf, evaluateText, evaluated, textOf, texts } from './expression.ts';
import type { Contexts, Json, Status } from './expression.ts';
import { githubContext, runnerEnvironment } from './environment.ts';
import { createGroups } from './groups.ts';
import type { ActionsEvent, ActionsHost, Conclusion } from './ports.ts';
import { runStep, stop } from './process.ts';
import type { StepProcess } from './process.ts';
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
  readonly onJob?: (entry: {
    readonly run: number;
    readonly job: string;
    readonly state: 'started' | Conclusion;
    readonly summary: string;
    readonly outputs: Readonly<Record<string, string>>;
  }) => void;
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
  /** Jobs whose runner is gone: none of their steps follows. */
  readonly lost: Set<string>;
}

interface Scope {
  readonly run: RunState;
  readonly prefix: string;
  readonly contexts: Contexts;
  readonly permissions: Readonly<Record<string, string>>;
}

export function startRunner(options: RunnerOptions): Runner {
  const machine = new Machine(options);
  const unsubscribe = [
    options.host.onEvent((event) => machine.take(event)),
    options.host.onCancel((run) => machine.cancel(run)),
  ];
  return {
    idle: () => machine.idle(),
    cancel: (run) => machine.cancel(run),
    lose: (job_name) => machine.lose(job_name),
    skipped_events: () => machine.skipped_events,
    runs: () => machine.runs_started,
    close: async () => {
      for (const leave of unsubscribe) leave();
      await machine.close();
    },
  };
}

interface Due {
  readonly key: string;
  readonly job: Job;
  readonly scope: Scope;
  readonly contexts: Contexts;
}

class Machine {
  readonly #options: RunnerOptions;
  readonly #shipped: Shipped;
  readonly #groups = createGroups();
  readonly #runs = new Map<number, RunState>();
  readonly #pending = new Set<Promise<void>>();
  skipped_events = 0;
  runs_started = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#shipped = readShipped(options.root);
  }

  take(event: ActionsEvent): void {
    const dispatched = event.name === 'workflow_dispatch' || event.name === 'repository_dispatch';
    if (event.caused_by_job_token && !dispatched) return;
    const work = this.#handle(event).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
  }

  async idle(): Promise<void> {
    for (let round = 0; round < IDLE_ROUNDS_MAX && this.#pending.size > 0; round += 1) await Promise.all(this.#pending);
  }

  cancel(id: number): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.cancelled = true;
    for (const child of run.children.values()) stop(child);
  }

  lose(job_name: string): boolean {
    const children = [...this.#runs.values()].flatMap((run) => [...run.children]);
    const found = children.find(([name]) => name.includes(job_name));
    if (found === undefined) return false;
    const [name, child] = found;
    for (const run of this.#runs.values()) if (run.children.get(name) === child) run.lost.add(name);
    return child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    for (const run of this.#runs.values()) for (const child of run.children.values()) child.kill('SIGKILL');
    await Promise.all(this.#pending);
  }

  async #handle(event: ActionsEvent): Promise<void> {
    const { host, vars, secrets } = this.#options;
    const before: Contexts = { github: githubContext(this.#options, event, 0), vars, secrets };
    const relevant = Object.values(this.#shipped.caller.jobs).some((job) => evaluateIf(job.if ?? null, before, FINE));
    if (!relevant) {
      this.skipped_events += 1;
      return;
    }
    this.runs_started += 1;
    const id = host.openRun({ event: event.name, actor: event.actor, title: 'Orch' });
    const run: RunState = {
      id,
      event,
      github: githubContext(this.#options, event, id),
      cancelled: false,
      children: new Map(),
      lost: new Set(),
    };
    this.#runs.set(id, run);
    const results = await this.#runJobs(this.#shipped.caller, {
      run,
      prefix: '',
      contexts: { ...before, github: run.github },
      permissions: {},
    });
    const failed = [...results.values()].some(({ result }) => result === 'failure');
    host.closeRun(id, run.cancelled ? 'cancelled' : failed ? 'failure' : 'success');
    this.#runs.delete(id);
  }

  /** Each job starts when the ones it needs have ended. */
  async #runJobs(workflow: Workflow, scope: Scope): Promise<ReadonlyMap<string, JobResult>> {
    const results = new Map<string, JobResult>();
    const started = new Map<string, Promise<void>>();
    for (const [key, job] of Object.entries(workflow.jobs)) {
      const needed = Promise.all((job.needs ?? []).map(async (need) => started.get(need)));
      const work = needed.then(async () => {
        results.set(key, await this.#runJob(key, job, { scope, results }));
      });
      started.set(key, work);
    }
    await Promise.all(started.values());
    return results;
  }

  async #runJob(
    key: string,
    job: Job,
    at: { readonly scope: Scope; readonly results: ReadonlyMap<string, JobResult> },
  ): Promise<JobResult> {
    const { scope, results } = at;
    const needs = Object.fromEntries((job.needs ?? []).map((need) => [need, results.get(need) ?? NOT_RUN]));
    const contexts: Contexts = { ...scope.contexts, needs: asJson(needs) };
    if (!evaluateIf(job.if ?? null, contexts, statusOf(Object.values(needs), scope.run))) return NOT_RUN;
    const due: Due = { key, job, contexts, scope: { ...scope, permissions: job.permissions ?? scope.permissions } };
    return job.strategy === undefined ? this.#runLeg(due) : this.#runMatrix(due, job.strategy.matrix.leg);
  }

  async #runMatrix(due: Due, expression: string): Promise<JobResult> {
    const value = evaluateText(expression, due.contexts);
    const legs: readonly Json[] = isJsonList(value) ? value : [];
    const all = await Promise.all(
      legs.map((leg) => this.#runLeg({ ...due, contexts: { ...due.contexts, matrix: { leg } } })),
    );
    return { result: all.some(({ result }) => result === 'failure') ? 'failure' : 'success', outputs: {} };
  }

  async #runLeg(due: Due): Promise<JobResult> {
    const { key, job, scope, contexts } = due;
    const own = job.name === undefined ? key : textOf(evaluateText(job.name, contexts));
    const name = scope.prefix === '' ? own : `${scope.prefix} / ${own}`;
    if (job.uses !== undefined) return this.#callWorkflow(due, job.uses, name);
    const id = this.#options.host.openJob({ run: scope.run.id, name });
    const group = job.concurrency === undefined ? null : textOf(evaluateText(job.concurrency.group, contexts));
    const turn = group === null ? null : await this.#groups.enter(group);
    if (turn?.kind === 'replaced') {
      this.#options.host.closeJob(id, 'cancelled');
      return { result: 'cancelled', outputs: {} };
    }
    try {
      return await this.#runSteps(due, id, name);
    } finally {
      turn?.leave();
    }
  }

  async #callWorkflow({ job, scope, contexts }: Due, uses: string, name: string): Promise<JobResult> {
    const file = /([\w-]+\.yml)(?:@|$)/.exec(uses)?.[1] ?? '';
    const workflow = this.#shipped.reusable[file];
    if (workflow === undefined) throw new Error(`no reusable workflow ${uses}`);
    const declared = Object.entries(workflow.on.workflow_call?.inputs ?? {});
    const defaults = Object.fromEntries(declared.map(([input, spec]) => [input, spec.default ?? '']));
    const given = evaluated(job.with ?? {}, contexts);
    const secrets = texts(job.secrets ?? {}, contexts);
    const inner: Contexts = {
      github: scope.run.github,
      vars: this.#options.vars,
      inputs: { ...defaults, ...given },
      secrets,
    };
    const results = await this.#runJobs(workflow, { ...scope, prefix: name, contexts: inner });
    const ended = [...results.values()].map(({ result }) => result);
    return {
      result: ended.includes('failure') ? 'failure' : ended.includes('cancelled') ? 'cancelled' : 'success',
      outputs: {},
    };
  }

  async #runSteps({ job, scope, contexts }: Due, id: number, name: string): Promise<JobResult> {
    const { host, onJob } = this.#options;
    const { run } = scope;
    const token = host.issueJobToken({ run: run.id, job: id, permissions: scope.permissions });
    host.startJob(id);
    onJob?.({ run: run.id, job: name, state: 'started', summary: '', outputs: {} });
    const steps: Record<string, { readonly outputs: Readonly<Record<string, string>> }> = {};
    let result: Conclusion = 'success';
    let summary = '';
    for (const step of job.steps ?? []) {
      const ended = await runStep(this.#process(step, { id, name, token, run, contexts }));
      if (step.id !== undefined) steps[step.id] = { outputs: ended.outputs };
      summary += ended.summary;
      if (ended.exit_code !== 0) result = run.cancelled ? 'cancelled' : 'failure';
      if (run.lost.has(name)) break;
    }
    run.children.delete(name);
    host.revokeToken(token);
    host.closeJob(id, result);
    const outputs = texts(job.outputs ?? {}, { ...contexts, steps: asJson(steps) });
    onJob?.({ run: run.id, job: name, state: result, summary, outputs });
    return { result, outputs };
  }

  #process(
    step: Step,
    of: {
      readonly id: number;
      readonly name: string;
      readonly token: string;
      readonly run: RunState;
      readonly contexts: Contexts;
    },
  ): StepProcess {
    const { host, bundle, temp_root, machine, onLog } = this.#options;
    const { id, name, token, run } = of;
    const contexts: Contexts = { ...of.contexts, github: { ...objectOf(run.github), token } };
    return {
      bundle,
      temp_root,
      inputs: { ...texts(this.#shipped.defaults, contexts), ...texts(step.with ?? {}, contexts) },
      env: {
        ...machine,
        ...runnerEnvironment(this.#options, run),
        ...host.runtimeEnvironment({ run: run.id, job: id }),
      },
      event: run.event.payload,
      onLine: (line) => onLog?.({ run: run.id, job: name, line }),
      isLost: () => run.lost.has(name),
      onStart: (child) => {
        run.children.set(name, child);
        if (run.cancelled && !name.endsWith('deliver')) stop(child);
      },
    };
  }
}

const IDLE_ROUNDS_MAX = 10_000;

function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const FINE: Status = { failed: false, cancelled: false };
const NOT_RUN: JobResult = { result: 'skipped', outputs: {} };

function statusOf(needs: readonly JobResult[], run: RunState): Status {
  return {
    failed: needs.some(({ result }) => result === 'failure' || result === 'skipped' || result === 'cancelled'),
    cancelled: run.cancelled,
  };
}

function objectOf(value: Json): { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })
    : {};
}

function asJson(value: Readonly<Record<string, { readonly outputs: Readonly<Record<string, string>> }>>): Json {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, { ...entry }]));
}
