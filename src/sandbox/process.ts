// Owns processes: starting one in a group of its own, signalling the program behind the wrappers, ending it for good.
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { personFault } from '../domain/fault.ts';
import type { ProcessEnd, RunningProcess, SpawnRequest, StopGrace } from './rules.ts';

/** Output a lost grandchild still holds open is waited for no longer than this. */
const DRAIN_MS = 2_000;

export interface Start {
  readonly request: SpawnRequest;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether wrappers of the sandbox stand between us and the program. */
  readonly wrapped: boolean;
}

/** POSIX single quotes: every byte but `'` is itself in them, so nothing else needs care. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

export async function startProcess(start: Start): Promise<RunningProcess> {
  const [program, ...rest] = start.argv;
  if (program === undefined || program === '') throw notStarted('no program was named');
  const child = spawn(program, rest, {
    cwd: start.request.cwd,
    env: { ...start.env },
    detached: true,
    stdio: [start.request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const ended = watchEnd(child);
  const pid = await started(child);
  feed(child, start.request);
  const signal = (name: NodeJS.Signals): void => (start.wrapped ? signalInside(pid, name) : signalGroup(pid, name));
  const running: RunningProcess = {
    pid,
    wait: () => ended,
    interrupt: () => signal('SIGINT'),
    terminate: () => signal('SIGTERM'),
    // The outermost wrapper takes the whole sandbox down with it (`--die-with-parent`, then the PID namespace).
    kill: () => signalGroup(pid, 'SIGKILL'),
    stop: (grace) => stop(running, grace),
  };
  return running;
}

async function stop(running: RunningProcess, grace: StopGrace): Promise<ProcessEnd> {
  running.interrupt();
  if (await endsWithin(running, grace.interrupt_ms)) return running.wait();
  running.terminate();
  if (await endsWithin(running, grace.terminate_ms)) return running.wait();
  running.kill();
  return running.wait();
}

async function endsWithin(running: RunningProcess, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([running.wait().then(() => true), late]);
  timer.abort();
  return ended;
}

async function started(child: ChildProcess): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(notStarted(error.message, error)));
  });
  if (child.pid === undefined) throw notStarted('it has no process id');
  return child.pid;
}

function feed(child: ChildProcess, request: SpawnRequest): void {
  child.stdout?.on('data', request.stdout);
  child.stderr?.on('data', request.stderr);
  // A program that leaves without reading its input is no error of ours.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(request.stdin);
}

async function watchEnd(child: ChildProcess): Promise<ProcessEnd> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = await new Promise<ProcessEnd>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  await Promise.race([closed, delay(DRAIN_MS, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return end;
}

/**
 * Wrappers share one group with the program and die of SIGINT before it can speak, so the program
 * is looked up: first child of the innermost PID namespace's init. Before it exists, nothing is lost.
 */
function signalInside(outer_pid: number, signal: NodeJS.Signals): void {
  const group = programGroup(outer_pid);
  if (group.length === 0) signalGroup(outer_pid, 'SIGKILL');
  for (const pid of group) send(pid, signal);
}

function signalGroup(leader_pid: number, signal: NodeJS.Signals): void {
  send(-leader_pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!gone) throw error;
  }
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** Two namespaces deep: the sandbox's own, and the seccomp helper's inside it. */
const NAMESPACES_DEEP = 2;

function programGroup(outer_pid: number): readonly number[] {
  const rows = readProcesses();
  const init_depth = namespacePids('self').length + NAMESPACES_DEEP;
  const init = below(rows, outer_pid).find(({ pid }) => {
    const pids = namespacePids(pid);
    return pids.length === init_depth && pids.at(-1) === 1;
  });
  const program = rows.find(({ parent }) => parent === init?.pid);
  if (program === undefined) return [];
  const family = [program, ...below(rows, program.pid)];
  return family.filter(({ group }) => group === program.group).map(({ pid }) => pid);
}

function below(rows: readonly ProcessRow[], root_pid: number): readonly ProcessRow[] {
  const found: ProcessRow[] = [];
  let parents = new Set([root_pid]);
  // Every round goes one generation down and rows are finite.
  while (parents.size > 0 && found.length < rows.length) {
    const children = rows.filter(({ parent }) => parents.has(parent));
    found.push(...children);
    parents = new Set(children.map(({ pid }) => pid));
  }
  return found;
}

function readProcesses(): readonly ProcessRow[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return names.flatMap((name) => {
    const text = readProc(`${name}/stat`);
    // The name in parentheses may hold anything, so the fields are counted from the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields.length < 3 ? [] : [{ pid: Number(name), parent: Number(fields[1]), group: Number(fields[2]) }];
  });
}

function namespacePids(pid: number | 'self'): readonly number[] {
  const line = /^NSpid:\s*(.*)$/m.exec(readProc(`${pid}/status`));
  return line?.[1] === undefined ? [] : line[1].trim().split(/\s+/).map(Number);
}

/** Empty when the process is gone by now. */
function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function notStarted(cause: string, error?: unknown): Error {
  return personFault(
    {
      title: 'A program could not be started',
      cause,
      remedy: 'Check that the program is installed and its folder exists.',
    },
    error,
  );
}
