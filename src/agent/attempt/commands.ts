// Owns running the repository's own commands in a room without a key: `setup:` before the engine, `verify:` after it.
import type { ProofResult } from '../../domain/outcome.ts';
import { tailBytes } from '../../wire/cut.ts';
import type { AttemptAsk, AttemptPorts, Room } from '../ports.ts';
import { keepTail } from '../stream.ts';
import type { Life } from './life.ts';
import { clockText, say } from './progress.ts';
import { nowMs } from './watch.ts';

export interface CommandRun {
  readonly ask: AttemptAsk;
  readonly folder: string;
  readonly commands: readonly (readonly string[])[];
  readonly deadline_ms: number;
  readonly life: Life;
}

const TAIL_BYTES_MAX = 8_000;

/** What a shell says of a program ended for taking too long; 124 is `timeout`'s code. */
const LATE_CODE = 124;

/** In order, up to the first that fails: the ones after it would only repeat its reason. */
export async function runCommands(ports: AttemptPorts, run: CommandRun): Promise<readonly ProofResult[]> {
  if (run.commands.length === 0) return [];
  const { brief } = run.ask;
  const room = await run.life.race(ports.openRoom(brief, { hosts: brief.registry_hosts, model: null, read_paths: [] }));
  try {
    const results: ProofResult[] = [];
    for (const command of run.commands) {
      const result = await runCommand(ports, { ...run, command, room });
      results.push(result);
      say(
        ports,
        result.exit_code === 0 ? '✓' : '✗',
        `${command.join(' ')} · exit ${result.exit_code} · ${clockText(result.seconds * 1000)}`,
      );
      if (result.exit_code !== 0) break;
    }
    return results;
  } finally {
    await room.close();
  }
}

async function runCommand(
  ports: AttemptPorts,
  run: CommandRun & { readonly command: readonly string[]; readonly room: Room },
): Promise<ProofResult> {
  const { command, room, life, ask, folder } = run;
  const began_ms = nowMs(ports);
  const output = keepTail(TAIL_BYTES_MAX * 2);
  const env = { ...ports.agentEnv(ask.brief), HOME: ask.folders.home };
  const process = await room.spawn({
    argv: command,
    cwd: folder,
    env,
    stdin: undefined,
    stdout: output.push,
    stderr: output.push,
  });
  const timer = new AbortController();
  const late = ports.pause(run.deadline_ms - began_ms, AbortSignal.any([life.signal, timer.signal]));
  const end = await Promise.race([process.wait(), late]);
  timer.abort();
  const code = end === undefined ? await process.stop(life.grace()).then(() => LATE_CODE) : (end.code ?? 128);
  const note = end === undefined ? '\n[stopped: no time was left]' : '';
  const tail = tailBytes(ports.redact(output.text()) + note, TAIL_BYTES_MAX);
  return { command, exit_code: code, seconds: Math.round((nowMs(ports) - began_ms) / 100) / 10, tail };
}

export function allPassed(results: readonly ProofResult[]): boolean {
  return results.every(({ exit_code }) => exit_code === 0);
}
