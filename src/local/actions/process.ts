// Owns one step as a process: the environment contract of a runner around the bundle, and its outputs.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface StepProcess {
  readonly bundle: string;
  readonly temp_root: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** GITHUB_*, ACTIONS_*, RUNNER_* and what the machine offers (PATH, HOME). */
  readonly env: Readonly<Record<string, string>>;
  readonly event: unknown;
  readonly onLine: (line: string) => void;
  /** Its runner is gone: nothing follows. */
  readonly isLost: () => boolean;
  readonly onStart: (child: ChildProcess) => void;
}

export interface StepResult {
  readonly exit_code: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** Main, then post, as a runner does it: state goes from one to the other, and post always runs. */
export async function runStep(step: StepProcess): Promise<StepResult> {
  mkdirSync(step.temp_root, { recursive: true });
  const folder = mkdtempSync(path.join(step.temp_root, 'step-'));
  try {
    const main = await runPhase(step, folder, {});
    const state = readPairs(path.join(folder, 'state'));
    const states = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
    if (!step.isLost()) await runPhase({ ...step, onStart: () => undefined }, folder, states);
    return {
      exit_code: main,
      outputs: readPairs(path.join(folder, 'output')),
      summary: readFileSync(path.join(folder, 'summary'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runPhase(
  step: StepProcess,
  folder: string,
  states: Readonly<Record<string, string>>,
): Promise<number | null> {
  const files = {
    GITHUB_OUTPUT: 'output',
    GITHUB_STATE: 'state',
    GITHUB_STEP_SUMMARY: 'summary',
    GITHUB_ENV: 'env',
    GITHUB_PATH: 'path',
  };
  const temp = path.join(folder, 'temp');
  const workspace = path.join(folder, 'workspace');
  for (const made of [temp, workspace]) mkdirSync(made, { recursive: true });
  for (const name of Object.values(files)) {
    if (Object.keys(states).length === 0) writeFileSync(path.join(folder, name), '');
  }
  const event_path = path.join(folder, 'event.json');
  writeFileSync(event_path, JSON.stringify(step.event));
  const child = spawn(process.execPath, [step.bundle], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...step.env,
      ...Object.fromEntries(Object.entries(step.inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...Object.fromEntries(Object.entries(files).map(([name, file]) => [name, path.join(folder, file)])),
      ...states,
      GITHUB_EVENT_PATH: event_path,
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: temp,
    },
  });
  step.onStart(child);
  return finished(child, step.onLine);
}

function finished(child: ChildProcess, onLine: (line: string) => void): Promise<number | null> {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
    stream?.on('end', () => {
      if (rest !== '') onLine(rest);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
}

/** The runner's file commands: `name=value`, or `name<<delimiter`, lines, delimiter. */
export function readPairs(file: string): Readonly<Record<string, string>> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const pairs: Record<string, string> = {};
  for (let i = 0; i < lines.length; i += 1) {
    const heredoc = /^([^=<]+)<<(.+)$/.exec(lines[i] ?? '');
    if (heredoc === null) {
      const plain = /^([^=]+)=(.*)$/.exec(lines[i] ?? '');
      if (plain !== null) pairs[plain[1] ?? ''] = plain[2] ?? '';
      continue;
    }
    const end = lines.indexOf(heredoc[2] ?? '', i + 1);
    pairs[heredoc[1] ?? ''] = lines.slice(i + 1, end).join('\n');
    i = end < 0 ? lines.length : end;
  }
  return pairs;
}

/** SIGINT → 7.5 s → SIGTERM → 2.5 s → kill: the sequence of a hosted runner. */
const INTERRUPT_MS = 7_500;
const TERMINATE_MS = 2_500;

export function stop(child: ChildProcess): void {
  child.kill('SIGINT');
  const terminate = setTimeout(() => child.kill('SIGTERM'), INTERRUPT_MS);
  const kill = setTimeout(() => child.kill('SIGKILL'), INTERRUPT_MS + TERMINATE_MS);
  child.once('exit', () => [terminate, kill].forEach(clearTimeout));
}
