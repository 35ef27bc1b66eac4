// Owns running a short program of the job to its end: output bounded, time bounded, environment complete.
import { spawn } from 'node:child_process';
import { keepTail } from './stream.ts';

export interface Program {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout_ms: number;
}

export interface ProgramEnd {
  /** null: it could not be started, or was ended by us. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const OUTPUT_BYTES_MAX = 16_000;

export function runProgram({ argv, cwd, env, timeout_ms }: Program): Promise<ProgramEnd> {
  const [program = '', ...args] = argv;
  const stdout = keepTail(OUTPUT_BYTES_MAX);
  const stderr = keepTail(OUTPUT_BYTES_MAX);
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeout_ms,
      killSignal: 'SIGKILL',
    });
    child.stdout.on('data', stdout.push);
    child.stderr.on('data', stderr.push);
    child.once('error', (error) => resolve({ code: null, stdout: '', stderr: error.message }));
    child.once('close', (code) => resolve({ code, stdout: stdout.text(), stderr: stderr.text() }));
  });
}
