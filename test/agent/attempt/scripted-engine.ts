// Owns a custom engine that plays a script: what it does is its argument, and what it received it can write down.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import path from 'node:path';

export type Step =
  | { readonly do: 'write'; readonly path: string; readonly text: string }
  | { readonly do: 'link'; readonly path: string; readonly target: string }
  | { readonly do: 'print'; readonly text: string }
  | { readonly do: 'complain'; readonly text: string }
  | { readonly do: 'flood'; readonly bytes: number }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'spin'; readonly ms: number }
  | { readonly do: 'orphan'; readonly ms: number }
  | { readonly do: 'confess'; readonly path: string }
  | { readonly do: 'ignore_interrupt' }
  | { readonly do: 'result'; readonly result: Readonly<Record<string, unknown>> }
  | { readonly do: 'exit'; readonly code: number };

/** Where the script lies: it must be readable inside the sandbox, also in a checkout below /tmp. */
export const SCRIPT_FOLDER = import.meta.dirname;

/** The command of a policy that plays one script per round of the attempt. */
export function scriptedCommand(...rounds: readonly (readonly Step[])[]): readonly string[] {
  return [process.execPath, import.meta.filename, '${PROMPT_FILE}', JSON.stringify(rounds)];
}

export const done: Step = {
  do: 'result',
  result: { outcome: 'success', title: 'feat: say hello', summary: 'Said hello.' },
};

function thisRound(): number {
  const counter = path.join(process.env['HOME'] ?? '', 'rounds');
  const round = Number(readOr(counter, '0'));
  writeFileSync(counter, String(round + 1));
  return round;
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

/** Everything a process can learn of what it was given. */
function confession(prompt_file: string): string {
  const parent = readOr(`/proc/${process.ppid}/environ`, '').split('\0');
  const received = {
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    env: process.env,
    parent,
    prompt: readOr(prompt_file, ''),
    files: readOr('.git/HEAD', ''),
  };
  return JSON.stringify(received, null, 1);
}

async function play(step: Step, prompt_file: string): Promise<void> {
  switch (step.do) {
    case 'write':
      return writeFileSync(step.path, step.text);
    case 'link':
      return symlinkSync(step.target, step.path);
    case 'print':
      return say(`${step.text}\n`);
    case 'complain':
      return new Promise((resolve) => process.stderr.write(`${step.text}\n`, () => resolve()));
    case 'flood': {
      const chunk = 'x'.repeat(1_000_000);
      for (let left = step.bytes; left > 0; left -= chunk.length) await say(chunk.slice(0, left));
      return say('\n');
    }
    case 'sleep':
      return new Promise((resolve) => setTimeout(resolve, step.ms));
    case 'spin': {
      const until = Date.now() + step.ms;
      while (Date.now() < until); // work without a word
      return;
    }
    case 'orphan':
      spawn(process.execPath, ['-e', `setTimeout(() => {}, ${step.ms})`], { detached: true, stdio: 'ignore' }).unref();
      return;
    case 'confess':
      return writeFileSync(step.path, confession(prompt_file));
    case 'ignore_interrupt':
      process.on('SIGINT', () => undefined);
      return;
    case 'result':
      return say(`${JSON.stringify({ type: 'orch.result', ...step.result })}\n`);
    case 'exit':
      return process.exit(step.code);
  }
}

function say(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

async function main(): Promise<void> {
  const [, , prompt_file = '', script = '[]'] = process.argv;
  const rounds = JSON.parse(script) as readonly (readonly Step[])[];
  for (const step of rounds[thisRound()] ?? rounds.at(-1) ?? []) await play(step, prompt_file);
}

if (process.argv[1] === import.meta.filename) await main();
