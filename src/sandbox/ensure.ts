// Owns making a sandbox possible on GitHub's own runners: they ship without bubblewrap and restrict user namespaces.
import { execFile } from 'node:child_process';
import type { Log } from '../reconcile/ports.ts';
import { describeSandbox, findProgram, foldersOf } from './describe.ts';
import type { SandboxHost, SandboxState } from './describe.ts';

export interface EnsureSandbox {
  readonly host: SandboxHost;
  /** `RUNNER_ENVIRONMENT`: https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
  readonly runner_environment: string;
  readonly log: Log;
}

/** Programs first, then at most one kernel switch after the other. */
const REPAIRS_MAX = 3;
const REPAIR_SECONDS_MAX = 120;
/** `timeout` ends what hangs; this only stops waiting for it. */
const GIVE_UP_MS = (REPAIR_SECONDS_MAX + 20) * 1_000;

/**
 * Never throws, and proves nothing: whether a sandbox can start is asked again when one is opened, which fails closed.
 * Only on a machine of GitHub's, gone after the job. On a runner of the user's own we change nothing: they are told
 * the command instead. Idempotent; before the engine runs, since inside the sandbox `sudo` has no power.
 */
export async function ensureSandbox({ host, runner_environment, log }: EnsureSandbox): Promise<void> {
  if (runner_environment !== 'github-hosted') return;
  const sudo = findProgram('sudo', foldersOf(host));
  for (let repaired = 0; repaired < REPAIRS_MAX; repaired += 1) {
    const state = await describeSandbox(host);
    if (state.available || state.repair === null) return;
    if (sudo === undefined || !(await repair(sudo, state.repair, log))) return;
  }
}

type Repair = NonNullable<Extract<SandboxState, { readonly available: false }>['repair']>;

async function repair(sudo: string, command: Repair, log: Log): Promise<boolean> {
  log.info(`· the sandbox needs: sudo ${command.join(' ')}`);
  const refused = await asRoot(sudo, command);
  if (refused === null) return true;
  // The image's package lists may be older than the packages they name.
  const again = command[0] === 'apt-get' && (await asRoot(sudo, ['apt-get', 'update'])) === null;
  const still = again ? await asRoot(sudo, command) : refused;
  if (still !== null) log.warning(`sudo ${command.join(' ')} failed: ${still}`);
  return still === null;
}

/** null: done. Else what it said last. What runs as root cannot be ended by us, so it gets a clock of its own. */
function asRoot(sudo: string, command: Repair): Promise<string | null> {
  const clock = ['timeout', '--kill-after=10', String(REPAIR_SECONDS_MAX)];
  const args = ['-n', ...clock, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  return new Promise((resolve) => {
    execFile(sudo, args, { timeout: GIVE_UP_MS, killSignal: 'SIGKILL' }, (error, _out, said) =>
      resolve(error === null ? null : (said.trim().split('\n').at(-1) ?? '') || error.message),
    );
  });
}
