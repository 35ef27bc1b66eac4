// Owns the attempt: preflight, prepare, set up, work in rounds, hand in. All branching between the steps is here.
import path from 'node:path';
import { sha256 } from '../../domain/digest.ts';
import { Fault } from '../../domain/fault.ts';
import type { CommitSha, Digest } from '../../domain/ids.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import { renderHandIn } from '../../wire/hand-in.ts';
import { renderAttemptReport } from '../../wire/report-text.ts';
import { engineFor } from '../engines.ts';
import type { AttemptAsk, AttemptLeg, AttemptPorts, HandInFile, Installed, Workspace } from '../ports.ts';
import { runCommands, allPassed } from './commands.ts';
import { startLife, Stopped } from './life.ts';
import type { Life } from './life.ts';
import { decideOutcome } from './outcome.ts';
import type { Judgement } from './outcome.ts';
import { checkPreconditions } from './preflight.ts';
import { say } from './progress.ts';
import { handInOf } from './result.ts';
import type { Course } from './result.ts';
import { workInRounds } from './rounds.ts';
import type { Worked } from './rounds.ts';
import { openTranscript } from './transcript.ts';
import type { Transcript } from './transcript.ts';
import { nowMs } from './watch.ts';

export type AttemptEnd =
  /** The task is not this job's: nothing was done, nothing is handed in. */
  | { readonly kind: 'not_ours' }
  | {
      readonly kind: 'handed_in';
      readonly outcome: OutcomeKind;
      readonly detail: string;
      readonly engine_started: boolean;
      readonly artifact: number;
      readonly sha256: string;
      /** Markdown for the job's summary, redacted. */
      readonly report: string;
    };

export async function runAttempt(given: AttemptPorts, leg: AttemptLeg): Promise<AttemptEnd> {
  if (!(await given.stillOurs())) return { kind: 'not_ours' };
  const ask: AttemptAsk = { ...leg, brief: await given.readBrief() };
  const state: State = {
    workspace: null,
    installed: null,
    started: false,
    prompt_sha256: null,
    began_ms: nowMs(given),
    work_began_ms: nowMs(given),
  };
  const ports = { ...given, engineStarted: (pid: number) => noteStart(given, state, pid) };
  const life = startLife(ports);
  await Promise.all([ask.folders.out, ask.folders.home].map(ports.files.ensureFolder));
  const transcript = openTranscript(ports.files.openLog(outFile(ask, 'transcript.ndjson')), {
    redact: ports.redact,
    bytes_max: ports.limits.transcript_bytes_max,
    now: ports.clock.now,
  });
  try {
    const { judgement, worked } = await work({ ports, ask, life, transcript, state });
    transcript.close();
    return await handIn({ ports, ask, state, judgement, worked });
  } finally {
    transcript.close();
    life.end();
  }
}

/** What is known so far; the one thing here that changes, so that an interrupted attempt hands in what there is. */
interface State {
  workspace: Workspace | null;
  installed: Installed | null;
  started: boolean;
  prompt_sha256: Digest | null;
  readonly began_ms: number;
  work_began_ms: number;
}

function noteStart(ports: AttemptPorts, state: State, pid: number): void {
  if (!state.started) state.work_began_ms = nowMs(ports);
  state.started = true;
  ports.engineStarted(pid);
}

interface Going {
  readonly ports: AttemptPorts;
  readonly ask: AttemptAsk;
  readonly life: Life;
  readonly transcript: Transcript;
  readonly state: State;
}

interface Ended {
  readonly judgement: Judgement;
  readonly worked: Worked | null;
}

/** Never throws: whatever breaks becomes an outcome with its reason. */
async function work(going: Going): Promise<Ended> {
  try {
    return await steps(going);
  } catch (error) {
    const judgement = error instanceof Stopped ? CANCELLED : brokenBy(error, going.state.started);
    say(going.ports, '✗', judgement.detail);
    return { judgement, worked: null };
  }
}

const CANCELLED: Judgement = { outcome: 'cancelled', detail: 'the attempt was stopped before its engine had ended' };

/** Before an engine ran it is the runner's fault and costs the task nothing. */
function brokenBy(error: unknown, started: boolean): Judgement {
  const outcome = started ? 'crashed' : 'infra';
  if (error instanceof Fault) return { outcome, detail: `${error.title}: ${error.reason} — ${error.remedy}` };
  return { outcome, detail: error instanceof Error ? error.message : String(error) };
}

async function steps(going: Going): Promise<Ended> {
  const { ports, ask, life, transcript, state } = going;
  const engine = engineFor(ask.brief);
  const blocked = await checkPreconditions(ports, ask, engine);
  if (blocked !== null) return withoutWork(blocked);
  const [workspace, installed] = await life.race(
    Promise.all([
      ports.openWorkspace(ask.brief),
      ports.installEngine(engine, ask.brief.engine),
      ports.prepareRooms(ask.brief),
    ]),
  );
  state.workspace = workspace;
  state.installed = installed;
  say(
    ports,
    '✓',
    `${engine.id} ${installed.version ?? ''} (${installed.how}), files at ${(ask.brief.continues ?? ask.brief.base).slice(0, 7)}`,
  );
  const broken_setup = await setUp(going, workspace);
  if (broken_setup !== null) return withoutWork(broken_setup);
  const prompt = await writePrompt(going);
  for (const folder of engine.home_folders) await ports.files.ensureFolder(path.join(ask.folders.home, folder));
  say(
    ports,
    '▸',
    `${engine.id} starts${ask.brief.model === null ? '' : ` with ${ask.brief.model}`}, ${ask.brief.timeout_minutes} minutes at most`,
  );
  const deadline_ms = engineDeadline(going);
  const worked = await workInRounds(ports, {
    ask,
    engine,
    installed,
    workspace,
    prompt,
    deadline_ms,
    life,
    transcript,
  });
  return {
    worked,
    judgement: decideOutcome({
      ...worked,
      continued: ask.brief.continues !== null,
      stopped: life.stopped(),
      role: ask.brief.role,
    }),
  };
}

const MINUTE_MS = 60_000;

/** However long the preparations took, the job's own limit must not end the engine before we do. */
function engineDeadline({ ports, ask, state }: Going): number {
  const limit_ms = ask.brief.timeout_minutes * MINUTE_MS;
  return Math.min(nowMs(ports) + limit_ms, state.began_ms + ports.limits.prepare_ms_max + limit_ms);
}

function withoutWork(judgement: Judgement): Ended {
  return { judgement, worked: null };
}

/** A set-up that fails says nothing about the task: no engine was started, and the next attempt may find it repaired. */
async function setUp({ ports, ask, life, state }: Going, workspace: Workspace): Promise<Judgement | null> {
  const deadline_ms = state.began_ms + ports.limits.prepare_ms_max;
  const results = await runCommands(ports, {
    ask,
    folder: workspace.folder,
    commands: ask.brief.setup,
    deadline_ms,
    life,
  });
  const stopped = life.stopped();
  if (stopped !== null) throw new Stopped(stopped);
  if (results.length > 0) await workspace.ignoreLeftovers();
  if (allPassed(results)) return null;
  const failed = results.at(-1);
  return {
    outcome: 'infra',
    detail: `set-up failed: \`${failed?.command.join(' ') ?? ''}\` exited with ${failed?.exit_code ?? ''}: ${failed?.tail.trim().slice(-300) ?? ''}`,
  };
}

/** Redacted before the engine reads it too: what is handed in is what it got. */
async function writePrompt({ ports, ask, state }: Going): Promise<string> {
  const prompt = ports.redact(ports.renderPrompt(ask.brief));
  state.prompt_sha256 = sha256(prompt);
  await ports.files.write(outFile(ask, 'prompt.md'), prompt);
  return prompt;
}

interface Handing extends Ended {
  readonly ports: AttemptPorts;
  readonly ask: AttemptAsk;
  readonly state: State;
}

async function handIn({ ports, ask, state, judgement, worked }: Handing): Promise<AttemptEnd> {
  const bundle = await bundleWork({ ports, ask, state, judgement, worked });
  const course: Course = {
    judgement: bundle.judgement,
    engine_started: state.started,
    installed: state.installed,
    worked,
    isolated: worked?.isolated ?? ask.brief.sandbox === 'on',
    seconds: Math.round((nowMs(ports) - state.work_began_ms) / 1000),
    bundle_head: bundle.head,
    prompt_sha256: state.prompt_sha256,
  };
  const hand_in = handInOf(ask, course);
  await ports.files.write(outFile(ask, 'result.json'), ports.redact(renderHandIn(hand_in)));
  const uploaded = await ports.upload(
    filesOf(ask, { bundled: bundle.head !== null, prompted: state.prompt_sha256 !== null }),
  );
  const { outcome, detail } = bundle.judgement;
  const ready_seconds = Math.round((state.work_began_ms - state.began_ms) / 1000);
  const timeline = [
    { what: 'files and engine ready', seconds: ready_seconds },
    { what: 'work and proof', seconds: course.seconds },
  ];
  const report = ports.redact(renderAttemptReport({ brief: ask.brief, hand_in, timeline }));
  return { kind: 'handed_in', outcome, detail, engine_started: state.started, report, ...uploaded };
}

interface Bundled {
  readonly head: CommitSha | null;
  readonly judgement: Judgement;
}

/** Work is handed in whatever the outcome: delivered, or a checkpoint the next attempt goes on from. */
async function bundleWork({ ports, ask, state, judgement, worked }: Handing): Promise<Bundled> {
  const taken = worked?.work ?? (await leftWork(state));
  const { workspace } = state;
  if (workspace === null || taken?.kind !== 'taken') return { head: null, judgement };
  const is_needed = taken.changed || (judgement.outcome === 'delivered' && ask.brief.continues !== null);
  if (!is_needed) return { head: null, judgement };
  for (const note of taken.notes.slice(0, 5)) say(ports, '·', note);
  say(ports, '✓', `${taken.files} changed file${taken.files === 1 ? '' : 's'} taken`);
  try {
    const head = await workspace.bundle({
      tree: taken.tree,
      at: ports.clock.now(),
      message: `Work of task ${ask.task}, attempt ${ask.attempt}\n`,
      file: outFile(ask, 'work.bundle'),
    });
    return { head, judgement };
  } catch (error) {
    return { head: null, judgement: brokenBy(error, state.started) };
  }
}

/** The engine ran, and something of ours broke before its work was taken. */
async function leftWork(state: State): Promise<Worked['work'] | null> {
  if (!state.started || state.workspace === null) return null;
  return state.workspace.takeWork().catch(() => null);
}

function filesOf(
  ask: AttemptAsk,
  has: { readonly bundled: boolean; readonly prompted: boolean },
): readonly HandInFile[] {
  const names: readonly HandInFile['name'][] = [
    'result.json',
    'transcript.ndjson',
    ...(has.bundled ? (['work.bundle'] as const) : []),
    ...(has.prompted ? (['prompt.md'] as const) : []),
  ];
  return names.map((name) => ({ name, path: outFile(ask, name) }));
}

function outFile(ask: AttemptAsk, name: HandInFile['name']): string {
  return path.join(ask.folders.out, name);
}
