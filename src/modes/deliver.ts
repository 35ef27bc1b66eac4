// Owns mode deliver: wires the check-push-open sequence to artifacts, git and GitHub. Holds write tokens, runs no code.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { deliver } from '../deliver/deliver.ts';
import type { Artifacts, DeliverAsk, DeliverPorts, Work } from '../deliver/ports.ts';
import { Fault } from '../domain/fault.ts';
import type { Brief } from '../domain/brief.ts';
import { pushHandOver, readChange } from '../git/hand-over.ts';
import { readJournal } from '../git/journals.ts';
import type { Git } from '../git/git.ts';
import { downloadInto, readBriefText } from '../github/artifacts.ts';
import { wakeNextTick } from '../github/dispatch.ts';
import { openPull } from '../github/pulls.ts';
import { parseDeliverInputs } from '../input/action-inputs.ts';
import type { DeliverInputs } from '../input/action-inputs.ts';
import { RESULT_BYTES_MAX } from '../wire/hand-in.ts';
import { redactorFor } from '../wire/redact.ts';
import { renderDelivery } from '../wire/report-text.ts';
import { connect, connectApp, connectGit, pauseOf } from './connect.ts';
import type { ModeContext, RunMode } from './context.ts';

export const run: RunMode = async (context) => {
  const inputs = parseDeliverInputs(context.env);
  const { facts } = context;
  const app = await connectApp(context);
  const token = app?.token ?? facts.token;
  const secrets = [facts.token, token, inputs.engine_key, facts.app?.private_key ?? null].filter(
    (secret) => secret !== null,
  );
  const redactor = redactorFor(secrets);
  const git = await connectGit(context, token);
  const folder = await mkdtemp(path.join(facts.temp, 'orch-hand-in-'));
  const ask = askOf(context, inputs);
  try {
    const delivery = await deliver(portsOf({ context, inputs, git, token, folder, redactor }), ask);
    if (delivery.kind === 'settled') {
      context.setOutput('pull-request', delivery.pull === null ? '' : String(delivery.pull.number));
      context.setOutput('branch', delivery.branch ?? '');
    }
    const text = renderDelivery({ ask: { task: ask.task, attempt: ask.attempt }, delivery });
    context.log.info(text.line);
    await context.writeSummary(redactor.redact(text.markdown));
  } finally {
    await rm(folder, { recursive: true, force: true });
    await app?.revoke();
  }
};

function askOf({ facts }: ModeContext, inputs: DeliverInputs): DeliverAsk {
  return {
    task: inputs.task,
    attempt: inputs.attempt,
    run: facts.run,
    run_url: facts.run_url,
    brief: { artifact: inputs.brief_artifact, sha256: inputs.brief_sha256 },
    hand_in: inputs.hand_in,
    attempt_result: inputs.attempt_result,
    attempt_started: inputs.attempt_started,
  };
}

interface Wiring {
  readonly context: ModeContext;
  readonly inputs: DeliverInputs;
  readonly git: Git;
  readonly token: string;
  readonly folder: string;
  readonly redactor: ReturnType<typeof redactorFor>;
}

function portsOf(wiring: Wiring): DeliverPorts {
  const { context, redactor, token } = wiring;
  const { facts, clock, log } = context;
  const own = connect(context);
  return {
    artifacts: artifactsOf(wiring),
    work: workOf(wiring),
    pulls: { open: (pull) => openPull(token === facts.token ? own : connect(context, token), pull) },
    wake: async () => {
      try {
        await wakeNextTick({ client: own, workflow_file: facts.workflow_file, branch: facts.ref_name });
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        log.warning(`The next tick was not woken (${error.reason}); the next event or cron starts it.`);
      }
    },
    findSecrets: redactor.find,
    redact: redactor.redact,
    clock,
    log,
  };
}

function artifactsOf({ context, inputs, folder }: Wiring): Artifacts {
  return {
    brief: () => readBriefText(inputs.brief_artifact, context.facts.temp),
    handIn: async () => {
      if (inputs.hand_in === null) return { missing: 'none was uploaded' };
      try {
        const { artifact, sha256 } = inputs.hand_in;
        const { digest_matches } = await downloadInto({ artifact, sha256, folder });
        if (!digest_matches) return { missing: 'its digest is not the one the attempt named' };
        const result = await readBounded(path.join(folder, 'result.json'));
        const bundle = path.join(folder, 'work.bundle');
        return { files: { result, bundle: (await exists(bundle)) ? bundle : null } };
      } catch (error) {
        return { missing: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

async function readBounded(file: string): Promise<string> {
  const { size } = await stat(file);
  return size > RESULT_BYTES_MAX ? ' '.repeat(RESULT_BYTES_MAX + 1) : readFile(file, 'utf8');
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

function workOf({ context, inputs, git }: Wiring): Work {
  return {
    fetch: async (brief: Pick<Brief, 'base' | 'branch' | 'continues'> | null) => {
      const commits = brief === null ? [] : [brief.continues ?? brief.base];
      const chain = await readJournal(git, inputs.task, commits);
      return chain ?? { records: [], tip: null };
    },
    change: (bundle, parent) => readChange(git, bundle, parent),
    push: (push) =>
      pushHandOver(git, {
        ...push,
        at: context.clock.now(),
        pause: pauseOf(context),
        writer: `run ${context.facts.run}.${context.facts.run_attempt} deliver`,
      }),
  };
}
