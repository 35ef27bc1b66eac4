// Owns the Engine interface: what is asked of an agent CLI, and what every engine file must answer.
import type { AttemptNumber, BranchName, ModelName, TaskId } from '../domain/ids.ts';
import type { EnginePolicy } from '../domain/policy.ts';
import type { EngineId } from '../domain/task.ts';
import { parseEvent } from './event.ts';
import type { Event } from './event.ts';
import type { Line } from './stream.ts';
import type { Told } from './told.ts';

/** An npm package that brings a native program, so that neither Node nor an install script is needed to run it. */
export interface EnginePackage {
  readonly name: string;
  /** The program's name on PATH. */
  readonly program: string;
  /** Arguments that make it print its version. */
  readonly version_args: readonly string[];
  /** Path of the program below `node_modules`; null where the vendor ships none. */
  readonly binary: (platform: string, arch: string) => string | null;
}

export interface Invocation {
  readonly policy: EnginePolicy;
  readonly model: ModelName | null;
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly branch: BranchName;
  readonly title: string;
  /** Whole text of the prompt; also in `prompt_file`, since arguments have limits. */
  readonly prompt: string;
  readonly prompt_file: string;
  /** Where the program lies; null when the policy's command names it. */
  readonly executable: string | null;
  readonly home: string;
  /** The model's API as the program must spell it; null: the vendor's own. */
  readonly api_url: string | null;
  /** True inside our sandbox, where the engine's own would only get in the way. */
  readonly isolated: boolean;
  /** An earlier session to go on with; null for a fresh one. */
  readonly session: string | null;
}

export interface Launch {
  readonly argv: readonly string[];
  /** Besides HOME, PATH and the toolchain's variables. */
  readonly env: Readonly<Record<string, string>>;
  /** undefined: closed. */
  readonly stdin: string | undefined;
}

export interface Engine {
  readonly id: EngineId;
  readonly package: EnginePackage | null;
  /** Base URL of the vendor's API; null when only the policy knows where the model is. */
  readonly api_url: string | null;
  /** Variable that carries the key; the sandbox puts a stand-in there. */
  readonly key_env: string;
  readonly key_required: boolean;
  /** Folders below HOME that must exist before the start. */
  readonly home_folders: readonly string[];
  /** Whether usage counts the whole session or each launch afresh. */
  readonly usage_is: 'of_session' | 'of_launch';
  /** Pure: what to start, as an argument array. */
  readonly launch: (invocation: Invocation) => Launch;
  /** Pure and total: one event of stdout. */
  readonly take: (told: Told, event: Event) => Told;
  /** Its result must be the very last line; for the others, stray text is only noise. */
  readonly result_is_last_line: boolean;
  /** What tells of its end: a final event of its own, or the exit code alone. */
  readonly ends_by: 'word' | 'exit';
}

/** Pure and total: one line of stdout, whatever it holds. */
export function takeLine(engine: Engine, told: Told, line: Line): Told {
  const event = line.dropped_bytes > 0 ? null : parseEvent(line.text);
  if (event !== null) return engine.take(told, event);
  return engine.result_is_last_line ? { ...told, final: null } : told;
}

/** How a launch came to its end. `why` is ours: nothing the engine says changes it. */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'stopped'; readonly why: 'timeout' | 'stalled' | 'cancelled'; readonly code: number | null };
