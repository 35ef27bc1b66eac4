// Owns what main hands to every mode: the runner's facts and the ports that reach outside the process.
import type { Env, RunnerFacts } from '../input/action-inputs.ts';
import type { Clock, Log } from '../reconcile/ports.ts';

export interface ModeContext {
  readonly env: Env;
  readonly facts: RunnerFacts;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted by SIGINT: a cancelled job has about seven seconds before it is killed. */
  readonly signal: AbortSignal;
  /** Folder with the prompt templates; beside `dist/` in the action, so main passes it down. */
  readonly prompts_dir: string;
  /** Folder of the running bundle (or of the sources): where shipped helper binaries are found. */
  readonly bundle_dir: string;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
  readonly setOutput: (name: string, value: string) => void;
  readonly setSecret: (value: string) => void;
  readonly writeSummary: (markdown: string) => Promise<void>;
}

/** Each mode file exports this as `run`; it throws a Fault, and main alone turns that into an exit code. */
export type RunMode = (context: ModeContext) => Promise<void>;
