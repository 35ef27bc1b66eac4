// Owns the attempt job of the simulation: the real attempt, over files in memory and an engine that follows its script.
import { runAttempt } from '../../agent/attempt/attempt.ts';
import { LIMITS } from '../../agent/ports.ts';
import type { AttemptLeg, AttemptPorts, Ended, Room, Running, Start, Workspace } from '../../agent/ports.ts';
import type { Brief, Leg } from '../../domain/brief.ts';
import { liveWith } from '../../domain/fold-journal.ts';
import type { CommitSha, Digest } from '../../domain/ids.ts';
import { parseBrief } from '../../wire/brief.ts';
import { WRITER } from './people.ts';
import type { Dice } from './random.ts';
import type { Life } from './kernel.ts';
import { filesLeft, scriptOf, wordsOf } from './script.ts';
import type { Script } from './script.ts';
import { logOf } from './stage.ts';
import type { Job, Stage } from './stage.ts';

/** What the attempt job leaves to the deliver job of the same run. */
export interface AttemptEnd {
  readonly result: 'success' | 'failure' | 'cancelled';
  readonly started: boolean;
  readonly hand_in: number | null;
}

/** The command that the policy of the simulation proves with. */
export const PROOF = ['prove'];

const LOOK_MS = 120_000;
const PREPARE_MS = 20_000;
const STOP_MS = 1_000;
const PROOF_MS = 30_000;
/** An engine that is told what failed mends it this often. */
const MENDED = 0.4;

/** One attempt on its runner, as far as it has come. */
interface Play {
  readonly stage: Stage;
  readonly job: Job;
  readonly leg: Leg;
  readonly dice: Dice;
  /** Of the process; the platform's own view of the job goes on without it. */
  readonly life: Life;
  readonly disk: Map<string, string>;
  readonly bundles: Map<string, string>;
  /** What to let go of when its runner is gone: Node keeps whoever listens to a joined signal for ever. */
  readonly listening: Set<() => void>;
  script: Script;
  brief: Brief | null;
  /** Paths it has written. */
  left: readonly string[];
  started: boolean;
}

/** A runner that is gone in the middle of it hands nothing in. */
export function runAttemptJob(stage: Stage, job: Job, leg: Leg): Promise<AttemptEnd> {
  const dice = stage.dice(`attempt ${leg.task} ${leg.attempt} ${job.run}`);
  const script = scriptOf(dice, { hangs: stage.faults.strikes('engine_hangs'), minutes_max: leg.timeout_minutes });
  const play: Play = {
    stage,
    job,
    leg,
    dice,
    life: { killed: false },
    script,
    disk: new Map(),
    bundles: new Map(),
    listening: new Set(),
    brief: null,
    left: [],
    started: false,
  };
  return new Promise((resolve) => {
    void attempt(play, () => resolve({ result: 'failure', started: true, hand_in: null })).then(resolve);
  });
}

async function attempt(play: Play, gone: () => void): Promise<AttemptEnd> {
  const { stage, leg } = play;
  const ask: AttemptLeg = {
    task: leg.task,
    attempt: leg.attempt,
    brief_sha256: leg.brief_sha256 as Digest,
    engine_key: 'key',
    folders: { home: '/home', out: '/out' },
  };
  try {
    const end = await runAttempt(portsOf(play, gone), ask);
    if (end.kind === 'not_ours') return { result: 'success', started: false, hand_in: null };
    return { result: 'success', started: end.engine_started, hand_in: end.artifact };
  } catch (error) {
    stage.findings.broken('the attempt never breaks', String(error));
    return { result: 'failure', started: play.started, hand_in: null };
  } finally {
    stage.watch.running.delete(keyOf(leg));
  }
}

function keyOf({ task, attempt: number }: Leg): string {
  return `${task} ${number}`;
}

function portsOf(play: Play, gone: () => void): AttemptPorts {
  const { stage, job, leg, disk } = play;
  const { kernel, store, artifacts } = stage;
  return {
    clock: kernel.clock,
    log: logOf(stage, job),
    files: {
      ensureFolder: async () => undefined,
      write: async (file, text) => void disk.set(file, text),
      openLog: () => ({ write: () => undefined, close: () => undefined }),
    },
    signal: new AbortController().signal,
    pause: (ms, until) => pauseUntil(play, ms, until),
    stillOurs: async () => {
      const journal = store.journal(leg.task)?.journal;
      return journal !== undefined && liveWith(journal, leg.attempt)?.claim.run === job.run;
    },
    readBrief: async () => {
      play.brief = parseBrief(artifacts.get(leg.brief_artifact) ?? '');
      return play.brief;
    },
    openWorkspace: (brief) => openWorkspace(play, brief),
    installEngine: async () => ({ executable: '/engine', version: '1.0.0', how: 'on the runner', read_paths: [] }),
    prepareRooms: async () => undefined,
    openRoom: async () => roomOf(play),
    renderPrompt: () => 'Please.',
    renderFeedback: () => 'It failed.',
    redact: (text) => text,
    upload: async () => upload(play),
    engineStarted: () => begin(play, gone),
    hasTool: () => true,
    freeBytes: async () => Infinity,
    cpuSeconds: () => (play.script.ending === 'stalled' ? 0 : kernel.now_ms / 1_000),
    agentEnv: () => ({}),
    limits: { ...LIMITS, tick_ms: LOOK_MS, lease_poll_ms: LOOK_MS, progress_ms: Infinity },
  };
}

function pauseUntil({ stage: { kernel }, life, listening }: Play, ms: number, until: AbortSignal): Promise<void> {
  if (until.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const drop = (): void => {
      until.removeEventListener('abort', end);
      listening.delete(drop);
    };
    const end = (): void => {
      drop();
      resolve();
    };
    until.addEventListener('abort', end, { once: true });
    listening.add(drop);
    kernel.after(ms, () => {
      if (!life.killed) end();
    });
  });
}

/** The moment from which it is charged, and from which its runner may be lost. */
function begin(play: Play, gone: () => void): void {
  if (play.started) return;
  play.started = true;
  const { stage, leg, script, dice, life } = play;
  const { kernel, faults, watch, tally } = stage;
  watch.running.set(keyOf(leg), { task: leg.task, attempt: leg.attempt });
  tally.attempts += 1;
  kernel.note(`attempt ${keyOf(leg)} runs`);
  if (faults.strikes('branch_pushed')) pushMeanwhile(stage, leg, faults.size('branch_pushed'));
  if (!faults.strikes('runner_lost')) return;
  kernel.after(dice.next() * Math.min(script.minutes, leg.timeout_minutes) * 60_000, () => {
    life.killed = true;
    for (const drop of play.listening) drop();
    watch.running.delete(keyOf(leg));
    gone();
  });
}

/** Somebody mends the very branch that an attempt goes on from. */
function pushMeanwhile({ kernel, graph, world }: Stage, { task }: Leg, size: number): void {
  kernel.after(size * 10 * 60_000, () => {
    const [branch] = graph.refs(`refs/heads/orch/${task}-`);
    if (branch === undefined) return;
    kernel.note(`a person pushes to the branch of #${task}`);
    world.push(WRITER, branch.ref.slice('refs/heads/'.length), { 'mine.txt': `${kernel.now_ms}` });
  });
}

async function openWorkspace(play: Play, { continues, base }: Brief): Promise<Workspace> {
  const { stage, life, leg, bundles, script } = play;
  await stage.kernel.pause(life, PREPARE_MS);
  if (script.ending === 'infra') throw new Error('the repository cannot be fetched');
  const before = stage.graph.filesOf(continues ?? base);
  return {
    folder: '/work',
    ignoreLeftovers: async () => undefined,
    takeWork: async () => {
      const files = new Map(before);
      for (const path of play.left) files.set(path, `attempt ${leg.attempt}`);
      const { left } = play;
      return { kind: 'taken', tree: stage.graph.tree(files), changed: left.length > 0, files: left.length, notes: [] };
    },
    bundle: async ({ tree, file }) => {
      bundles.set(file, tree);
      return tree as CommitSha;
    },
  };
}

function roomOf(play: Play): Room {
  return {
    isolated: true,
    spawn: async ({ argv, stdout }) => (argv[0] === PROOF[0] ? proofRun(play) : engineRun(play, stdout)),
    urlInside: (url) => url,
    violations: () => [],
    close: async () => undefined,
  };
}

function proofRun({ stage: { kernel }, life, script }: Play): Running {
  const end: Ended = { code: script.ending === 'proof_failed' ? 1 : 0, signal: null };
  const wait = kernel.pause(life, PROOF_MS).then(() => end);
  return { pid: 2, wait: () => wait, stop: () => wait };
}

function engineRun(play: Play, stdout: Start['stdout']): Running {
  const { stage, life, leg, dice } = play;
  // Told what failed, it starts a second time.
  if (play.left.length > 0 && dice.next() < MENDED) play.script = { ...play.script, ending: 'delivered' };
  const { script } = play;
  play.left = play.brief?.role === 'audit' ? [] : filesLeft(script, leg.task);
  const { lines, code } = wordsOf(script, play.brief?.engine.id ?? 'claude', play.brief?.plain === true);
  const wait = new Promise<Ended>((resolve) => {
    if (script.minutes === Infinity) return;
    void stage.kernel.pause(life, script.minutes * 60_000).then(() => {
      stdout(Buffer.from(lines.map((line) => `${line}\n`).join('')));
      resolve({ code, signal: code === null ? 'SIGSEGV' : null });
    });
  });
  const stop = async (): Promise<Ended> => {
    await stage.kernel.pause(life, STOP_MS);
    return { code: null, signal: 'SIGINT' };
  };
  return { pid: 1, wait: () => wait, stop };
}

async function upload({ stage, disk, bundles }: Play): Promise<{ readonly artifact: number; readonly sha256: string }> {
  const artifact = stage.world.id();
  const bundle = bundles.get('/out/work.bundle') ?? null;
  stage.artifacts.set(artifact, JSON.stringify({ result: disk.get('/out/result.json'), bundle }));
  return { artifact, sha256: '' };
}
