// Owns the rounds of an attempt: the engine works, we prove it, and what failed goes back to the engine.
import type { Engine } from '../engine.ts';
import type { AttemptAsk, AttemptPorts, Installed, TakenWork, Workspace } from '../ports.ts';
import type { ProofResult, Usage } from '../../domain/outcome.ts';
import { addUsage, maxUsage } from '../told.ts';
import type { EngineReport } from '../verdict.ts';
import { allPassed, runCommands } from './commands.ts';
import type { Life } from './life.ts';
import { say, usageText } from './progress.ts';
import { runEngine } from './run-engine.ts';
import type { Transcript } from './transcript.ts';
import { nowMs } from './watch.ts';

export interface Ready {
  readonly ask: AttemptAsk;
  readonly engine: Engine;
  readonly installed: Installed;
  readonly workspace: Workspace;
  readonly prompt: string;
  readonly deadline_ms: number;
  readonly life: Life;
  readonly transcript: Transcript;
}

export interface Worked {
  readonly report: EngineReport;
  readonly isolated: boolean;
  readonly work: TakenWork;
  readonly proof: readonly ProofResult[];
  readonly proof_rounds: number;
  readonly out_of_time: boolean;
}

/** `verify_rounds_max` times the engine gets to read what failed; after that the failure stands. */
export async function workInRounds(ports: AttemptPorts, ready: Ready): Promise<Worked> {
  const { ask } = ready;
  let worked = await workOnce(ports, ready, null);
  for (let round = 1; round <= ask.brief.verify_rounds_max && mayGoOn(ports, ready, worked); round += 1) {
    say(ports, '▸', `the proof failed; ${ready.engine.id} is told, round ${round} of ${ask.brief.verify_rounds_max}`);
    worked = await workOnce(ports, ready, worked);
  }
  return worked;
}

function mayGoOn(ports: AttemptPorts, { ask, engine, deadline_ms, life }: Ready, worked: Worked): boolean {
  // A command that is told what failed would do the same again.
  if (engine.ends_by === 'exit') return false;
  const { cost_usd_max, turns_max } = ask.brief.engine;
  const { cost_usd, turns } = worked.report.usage;
  const within = (spent: number | null, max: number | null): boolean => spent === null || max === null || spent < max;
  const time_is_left = nowMs(ports) < deadline_ms && life.stopped() === null;
  return !allPassed(worked.proof) && time_is_left && within(cost_usd, cost_usd_max) && within(turns, turns_max);
}

async function workOnce(ports: AttemptPorts, ready: Ready, before: Worked | null): Promise<Worked> {
  const { ask, engine, installed, workspace, deadline_ms, life, transcript } = ready;
  const session = before?.report.session ?? null;
  const { report, isolated, violations } = await runEngine(ports, {
    ask,
    engine,
    installed,
    folder: workspace.folder,
    prompt: promptOf(ports, ready, before),
    session,
    deadline_ms,
    life,
    transcript,
  });
  // CLIs call home all the time; what was refused matters when something went wrong.
  if (report.claim !== 'success')
    for (const line of violations.slice(-3)) say(ports, '·', `the sandbox refused: ${line}`);
  const total = before === null ? report : { ...report, usage: usageSoFar(engine, before.report.usage, report.usage) };
  say(
    ports,
    report.claim === 'success' ? '✓' : '·',
    `${engine.id}: ${[report.claim, report.detail, usageText(total.usage)].filter((text) => text !== '').join(' · ')}`,
  );
  const work = await saveWork(ports, ready);
  const proof = await prove(ports, ready, { report: total, work });
  return {
    report: total,
    isolated,
    work,
    proof,
    proof_rounds: (before?.proof_rounds ?? 0) + (proof.length > 0 ? 1 : 0),
    out_of_time: nowMs(ports) >= deadline_ms,
  };
}

/** With a session the engine remembers; without one it is told everything again. */
function promptOf(ports: AttemptPorts, { prompt, engine }: Ready, before: Worked | null): string {
  if (before === null) return prompt;
  const feedback = ports.redact(ports.renderFeedback(before.proof.filter(({ exit_code }) => exit_code !== 0)));
  const remembers = engine.usage_is === 'of_session' && before.report.session !== null;
  return remembers ? feedback : `${prompt}\n\n${feedback}`;
}

function usageSoFar(engine: Engine, before: Usage, now: Usage): Usage {
  const added = addUsage(before, now);
  // Turns are counted afresh at every launch, by all of them.
  return engine.usage_is === 'of_session' ? { ...maxUsage(before, now), turns: added.turns } : added;
}

/** Taken before the proof, so that what the proof leaves behind is not work. Under SIGINT it may not take for ever. */
async function saveWork(ports: AttemptPorts, { workspace, life }: Ready): Promise<TakenWork> {
  const taking = workspace.takeWork();
  if (life.stopped() !== 'cancelled') return taking;
  const late = ports.pause(ports.limits.cancel_save_ms, new AbortController().signal);
  const work = await Promise.race([taking, late]);
  return work ?? { kind: 'too_large', detail: 'the work could not be saved in the seconds a cancelled job has' };
}

async function prove(
  ports: AttemptPorts,
  ready: Ready,
  done: Pick<Worked, 'report' | 'work'>,
): Promise<readonly ProofResult[]> {
  const { ask, workspace, deadline_ms, life, transcript } = ready;
  const is_provable =
    done.report.claim === 'success' &&
    done.work.kind === 'taken' &&
    (done.work.changed || ask.brief.continues !== null);
  if (!is_provable || life.stopped() !== null) return [];
  const results = await runCommands(ports, {
    ask,
    folder: workspace.folder,
    commands: ask.brief.verify,
    deadline_ms,
    life,
  });
  for (const result of results) transcript.note({ type: 'orch.proof', ...result });
  if (!allPassed(results)) await workspace.ignoreLeftovers();
  return results;
}
