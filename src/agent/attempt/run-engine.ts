// Owns one launch of an engine: a room, a process, its stream read as it comes, its verdict.
import path from 'node:path';
import type { Engine, Invocation } from '../engine.ts';
import { takeLine } from '../engine.ts';
import type { AttemptAsk, AttemptPorts, Installed, Room, RoomRules } from '../ports.ts';
import { keepTail, splitLines } from '../stream.ts';
import { NOTHING_TOLD } from '../told.ts';
import type { Told } from '../told.ts';
import { readVerdict } from '../verdict.ts';
import type { EngineReport } from '../verdict.ts';
import type { Life } from './life.ts';
import { progressText, say } from './progress.ts';
import type { Transcript } from './transcript.ts';
import { nowMs, watchEngine } from './watch.ts';

export interface EngineRun {
  readonly ask: AttemptAsk;
  readonly engine: Engine;
  readonly installed: Installed;
  readonly folder: string;
  readonly prompt: string;
  /** An earlier session of this attempt to go on with. */
  readonly session: string | null;
  readonly deadline_ms: number;
  readonly life: Life;
  readonly transcript: Transcript;
}

export interface EngineRan {
  readonly report: EngineReport;
  readonly isolated: boolean;
  /** What the sandbox refused, for the person who wonders. */
  readonly violations: readonly string[];
}

const STDERR_BYTES_KEPT = 64_000;
const STDERR_CHARS_TOLD = 8_000;

/** Throws before the engine runs (no sandbox, no command); from then on every end is a report. */
export async function runEngine(ports: AttemptPorts, run: EngineRun): Promise<EngineRan> {
  const room = await run.life.race(ports.openRoom(run.ask.brief, roomRules(run)));
  try {
    const report = await runInside(ports, run, room);
    return { report, isolated: room.isolated, violations: room.violations() };
  } finally {
    await room.close();
  }
}

function roomRules({ ask, engine, installed }: EngineRun): RoomRules {
  const { brief, engine_key } = ask;
  const url = modelUrl(engine, ask);
  return {
    hosts: [...(url === null ? [] : [hostOf(url)]), ...brief.engine.hosts, ...brief.registry_hosts],
    model: url === null ? null : { url, key_env: engine.key_env, key: engine_key },
    read_paths: installed.read_paths,
  };
}

function modelUrl(engine: Engine, { brief }: AttemptAsk): string | null {
  return brief.engine.base_url ?? engine.api_url;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

async function runInside(ports: AttemptPorts, run: EngineRun, room: Room): Promise<EngineReport> {
  const { ask, engine, life, transcript } = run;
  const invocation = invocationOf(run, room);
  await ports.files.write(invocation.prompt_file, run.prompt);
  const launch = engine.launch(invocation);
  let told: Told = NOTHING_TOLD;
  let heard_ms: number | null = null;
  const lines = splitLines((line) => {
    told = takeLine(engine, told, line);
    transcript.line(line, 'stdout');
  });
  const stderr = keepTail(STDERR_BYTES_KEPT);
  const complaints = splitLines((line) => transcript.line(line, 'stderr'), STDERR_BYTES_KEPT);
  const heard = (take: (chunk: Buffer) => void) => (chunk: Buffer) => {
    heard_ms = nowMs(ports);
    take(chunk);
  };
  const process = await room.spawn({
    argv: launch.argv,
    cwd: run.folder,
    env: { ...ports.agentEnv(ask.brief), HOME: ask.folders.home, ...launch.env },
    stdin: launch.stdin,
    stdout: heard(lines.push),
    stderr: heard((chunk) => {
      stderr.push(chunk);
      complaints.push(chunk);
    }),
  });
  ports.engineStarted(process.pid);
  const ending = await watchEngine({
    ports,
    life,
    process,
    deadline_ms: run.deadline_ms,
    silence_ms: ask.brief.silence_minutes_max * 60_000,
    heard_ms: () => heard_ms,
    look: progressSayer(ports, () => told),
  });
  lines.end();
  complaints.end();
  const complaint = ports.redact(stderr.text());
  transcript.note({ type: 'orch.ended', ...ending, stderr: complaint.slice(-STDERR_CHARS_TOLD) });
  return redacted(readVerdict(told, ending, complaint, engine.ends_by), ports.redact);
}

function invocationOf(run: EngineRun, room: Room): Invocation {
  const { ask, engine, installed, prompt, session } = run;
  const url = ask.brief.engine.base_url;
  return {
    policy: ask.brief.engine,
    model: ask.brief.model,
    task: ask.task,
    attempt: ask.attempt,
    branch: ask.brief.branch,
    title: ask.brief.issue?.title ?? ask.brief.asked?.text.split('\n')[0] ?? '',
    prompt,
    prompt_file: path.join(ask.folders.home, 'prompt.md'),
    executable: installed.executable,
    home: ask.folders.home,
    api_url: url === null ? null : room.urlInside(url),
    isolated: room.isolated,
    session: engine.usage_is === 'of_session' ? session : null,
  };
}

/** A line when the engine does something new, at most every so often. */
function progressSayer(ports: AttemptPorts, told: () => Told): (elapsed_ms: number) => void {
  let said_ms = 0;
  let said_action: string | null = null;
  return (elapsed_ms) => {
    const { action } = told();
    const is_new = action !== said_action;
    if (elapsed_ms - said_ms < (is_new ? ports.limits.progress_ms : ports.limits.progress_ms * 4)) return;
    said_ms = elapsed_ms;
    said_action = action;
    say(ports, '·', ports.redact(progressText(told(), elapsed_ms)));
  };
}

/** The engine saw no key of ours, but it may have been told one. */
function redacted(report: EngineReport, redact: (text: string) => string): EngineReport {
  return {
    ...report,
    detail: redact(report.detail),
    title: report.title === null ? null : redact(report.title),
    summary: redact(report.summary),
    remaining: redact(report.remaining),
    evidence: redact(report.evidence),
    denials: report.denials.map(redact),
  };
}
