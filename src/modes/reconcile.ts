// Owns mode reconcile: wires one tick to GitHub, git and the router. Writes issues; runs no code of the repository.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Policy } from '../domain/policy.ts';
import { createJournals, readJournalsAndBranches } from '../git/journals.ts';
import type { JournalWorld } from '../git/journals.ts';
import type { Git } from '../git/git.ts';
import { createApply } from '../github/apply.ts';
import type { Client } from '../github/client.ts';
import { createBriefs, createKeep } from '../github/artifacts.ts';
import { nothingKnown } from '../github/known.ts';
import type { Known } from '../github/known.ts';
import { wakeNextTick } from '../github/dispatch.ts';
import { createObserve } from '../github/observe.ts';
import type { ReadPolicy } from '../github/policy-source.ts';
import { parsePolicyFile } from '../input/policy-file.ts';
import { parseReconcileInputs } from '../input/action-inputs.ts';
import type { ReconcileInputs } from '../input/action-inputs.ts';
import { resolvePolicy } from '../input/resolve-policy.ts';
import { parseWake } from '../input/wake.ts';
import type { Observe, Router, TickPorts, VisibleEffect } from '../reconcile/ports.ts';
import { settingsOf } from '../reconcile/settings-view.ts';
import { leavesWork, runTick } from '../reconcile/tick.ts';
import { BRANCH_PREFIX } from '../wire/branch-name.ts';
import { renderQueueText } from '../wire/queue-json.ts';
import { renderPlan, renderTickReport } from '../wire/report-text.ts';
import { renderSettingsJson } from '../wire/settings-text.ts';
import { connect, connectApp, connectGit, pauseOf } from './connect.ts';
import type { ModeContext, RunMode } from './context.ts';

export const run: RunMode = async (context) => {
  const inputs = parseReconcileInputs(context.env);
  const app = await connectApp(context);
  try {
    const payload: unknown = JSON.parse(await readFile(context.facts.event_path, 'utf8'));
    const wake = parseWake(context.facts.event_name, payload, inputs.sweep);
    const ports = await portsOf(context, inputs, app?.token ?? null);
    const result = await runTick(ports, wake, { dry_run: inputs.dry_run });
    context.setOutput('legs', JSON.stringify(result.legs));
    context.setOutput('count', String(result.legs.length));
    const { queue, counts } = renderQueueText(result.queue());
    context.setOutput('queue', queue);
    context.setOutput('queue-counts', counts);
    context.setOutput('queue-settings', renderSettingsJson(settingsOf(result.policy, new Map())));
    if (inputs.dry_run) context.log.info(renderPlan(result.plan));
    await context.writeSummary(renderTickReport({ ...result, dry_run: inputs.dry_run }));
    if (!inputs.dry_run && leavesWork(result)) await wakeAgain(context);
  } finally {
    await app?.revoke();
  }
};

async function wakeAgain(context: ModeContext): Promise<void> {
  const { workflow_file, ref_name } = context.facts;
  await wakeNextTick({ client: connect(context), workflow_file, branch: ref_name });
}

async function portsOf(context: ModeContext, inputs: ReconcileInputs, app_token: string | null): Promise<TickPorts> {
  const { clock, log, random } = context;
  const git = await connectGit(context);
  const known = nothingKnown();
  const read: Read = { world: null, policy: null };
  return {
    observe: observeOf({ context, inputs, git, known, read }),
    router: lazyRouter(context, inputs),
    calendar: () => import('../domain/cron.ts'),
    config: async () => (await import('../input/config-file.ts')).configFile({ label: inputs.intake_label }),
    documents: async () => {
      const { createDocuments } = await import('../github/documents.ts');
      const { parseEpic } = await import('../input/epic-file.ts');
      return { ...createDocuments({ client: connect(context), known }), parseEpic };
    },
    journals: createJournals({
      git,
      clock,
      log,
      random,
      writer: `run ${context.facts.run}.${context.facts.run_attempt}`,
      pause: pauseOf(context),
      history: () => read.world?.history ?? { tip: null, files: new Map() },
    }),
    briefs: createBriefs(context.facts.temp),
    apply: createApply({
      client: connect(context),
      pulls: connect(context, app_token ?? context.facts.token),
      known,
      clock,
      log,
      keep: createKeep(context.facts.temp),
      mirror: mirrorOf(context, read, app_token),
    }),
    clock,
    log,
  };
}

/** What observing found and applying needs. */
interface Read {
  world: JournalWorld | null;
  policy: Policy | null;
}

type Mirror = (effect: Extract<VisibleEffect, { readonly kind: 'mirror_project' }>) => Promise<void>;

/** Most repositories have no board, and their ticks load nothing of it. */
async function openMirror(client: Client, board: NonNullable<Policy['project']>): Promise<Mirror> {
  const { createMirror } = await import('../github/projects.ts');
  return createMirror(client, board);
}

/** GITHUB_TOKEN never reaches Projects: without an App or a token the board is left alone. */
function mirrorOf(context: ModeContext, read: Read, app_token: string | null): Mirror {
  const token = context.facts.project_token ?? app_token;
  let mirror: Mirror | null = null;
  return async (effect) => {
    const board = read.policy?.project ?? null;
    if (board === null || token === null) return;
    mirror ??= await openMirror(connect(context, token), board);
    await mirror(effect);
  };
}

interface Observing {
  readonly context: ModeContext;
  readonly inputs: ReconcileInputs;
  readonly git: Git;
  readonly known: Known;
  readonly read: Read;
}

function observeOf({ context, inputs, git, known, read }: Observing): Observe {
  const { facts, clock, log } = context;
  const observe = createObserve({
    client: connect(context),
    clock,
    log,
    run: { run: facts.run, run_attempt: facts.run_attempt, url: facts.run_url },
    engines_ready: new Set(inputs.engines),
    read_policy: policyReader(inputs),
    intake_label: inputs.intake_label ?? 'agent-todo',
    known,
    journals: async () => {
      const world = await readJournalsAndBranches(git, BRANCH_PREFIX);
      read.world = world;
      return world;
    },
  });
  return {
    ...observe,
    snapshot: async (wake) => {
      const seen = await observe.snapshot(wake);
      read.policy = seen.policy;
      return seen;
    },
  };
}

/** The file, and under it the organisation's; repository variables over both. */
function policyReader(inputs: ReconcileInputs): ReadPolicy {
  return (text, organisation) => {
    const layers = [organisation, text].filter((layer) => layer !== null).map(parsePolicyFile);
    const broken = layers.find((layer) => layer.kind === 'invalid');
    if (broken !== undefined) return broken;
    const settings = layers.flatMap((layer) => (layer.kind === 'parsed' ? [layer.settings] : []));
    const policy: Policy = resolvePolicy(settings, { label: inputs.intake_label });
    return { kind: 'policy', policy, extends_from: settings.at(-1)?.extends ?? null };
  };
}

/** The `ai` SDK is a megabyte: loaded only by a tick that has something to ask. */
function lazyRouter(context: ModeContext, inputs: ReconcileInputs): Router {
  return {
    route: async (tasks, policy) => {
      if (tasks.length === 0) return new Map();
      const { createLlmRouter } = await import('../route/llm-router.ts');
      const template = await readFile(path.join(context.prompts_dir, 'route.md'), 'utf8');
      const engines = policy.engines.map(({ id }) => id).filter((id) => inputs.engines.includes(id));
      const router = createLlmRouter({
        api_key: inputs.router_key,
        template,
        engines,
        signal: context.signal,
        log: context.log,
      });
      return router.route(tasks, policy);
    },
  };
}
