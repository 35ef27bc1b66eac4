// Owns mode reconcile: wires one tick to GitHub, git and the router. Writes issues; runs no code of the repository.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Policy } from '../domain/policy.ts';
import { createJournals, readBranches, readJournals } from '../git/journals.ts';
import type { JournalWorld } from '../git/journals.ts';
import { pushRefs } from '../git/push.ts';
import type { Git } from '../git/git.ts';
import { createApply } from '../github/apply.ts';
import { createBriefs } from '../github/artifacts.ts';
import { nothingKnown } from '../github/known.ts';
import type { Known } from '../github/known.ts';
import { createObserve } from '../github/observe.ts';
import type { ReadPolicy } from '../github/policy-source.ts';
import { parsePolicyFile } from '../input/policy-file.ts';
import { parseReconcileInputs } from '../input/action-inputs.ts';
import type { ReconcileInputs } from '../input/action-inputs.ts';
import { resolvePolicy } from '../input/resolve-policy.ts';
import { parseWake } from '../input/wake.ts';
import type { Observe, Router, TickPorts } from '../reconcile/ports.ts';
import { runTick } from '../reconcile/tick.ts';
import { BRANCH_PREFIX } from '../wire/branch-name.ts';
import { renderTickReport } from '../wire/report-text.ts';
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
    await context.writeSummary(renderTickReport(result));
  } finally {
    await app?.revoke();
  }
};

async function portsOf(context: ModeContext, inputs: ReconcileInputs, app_token: string | null): Promise<TickPorts> {
  const { clock, log, random } = context;
  const git = await connectGit(context);
  const known = nothingKnown();
  const read: { world: JournalWorld | null } = { world: null };
  return {
    observe: observeOf({ context, inputs, git, known, read }),
    router: lazyRouter(context, inputs),
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
      log,
      deleteBranch: async (branch, expected) => {
        const ref = `refs/heads/${branch}`;
        const results = await pushRefs(git, [{ ref, expected, to: null }], { atomic: false });
        return results.get(ref) ?? 'transient';
      },
      mirror: () => Promise.resolve(),
    }),
    clock,
    log,
  };
}

interface Observing {
  readonly context: ModeContext;
  readonly inputs: ReconcileInputs;
  readonly git: Git;
  readonly known: Known;
  readonly read: { world: JournalWorld | null };
}

function observeOf({ context, inputs, git, known, read }: Observing): Observe {
  const { facts, clock, log } = context;
  return createObserve({
    client: connect(context),
    clock,
    log,
    run: { run: facts.run, run_attempt: facts.run_attempt, url: facts.run_url },
    engines_ready: new Set(inputs.engines),
    read_policy: policyReader(inputs),
    intake_label: inputs.intake_label ?? 'agent-todo',
    known,
    journals: async () => {
      const [world, branches] = await Promise.all([readJournals(git), readBranches(git, BRANCH_PREFIX)]);
      read.world = world;
      return { ...world, branches };
    },
  });
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
      const router = createLlmRouter({ api_key: inputs.router_key, template, engines, signal: context.signal, log: context.log });
      return router.route(tasks, policy);
    },
  };
}
