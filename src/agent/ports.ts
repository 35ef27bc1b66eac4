// Owns the narrow ports an attempt needs; modes/attempt.ts wires the real ones.
import type { Brief } from '../domain/brief.ts';
import type { AttemptNumber, CommitSha, Digest, Instant, TaskId } from '../domain/ids.ts';
import type { EnginePolicy } from '../domain/policy.ts';
import type { ProofResult } from '../domain/outcome.ts';
import type { Clock, Log } from '../reconcile/ports.ts';
import type { Engine } from './engine.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Grace {
  readonly interrupt_ms: number;
  readonly terminate_ms: number;
}

export interface Running {
  readonly pid: number;
  wait(): Promise<Ended>;
  /** Interrupt, then terminate, then kill, each after its grace. */
  stop(grace: Grace): Promise<Ended>;
}

export interface Start {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | undefined;
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
}

/** One open sandbox, or the same door without isolation where policy says so. */
export interface Room {
  readonly isolated: boolean;
  spawn(start: Start): Promise<Running>;
  /** A loopback URL as the program inside must spell it. */
  urlInside(url: string): string;
  /** What was refused so far. */
  violations(): readonly string[];
  close(): Promise<void>;
}

export interface RoomRules {
  readonly hosts: readonly string[];
  /** The model's API and the key for it; null for a room without a model. */
  readonly model: { readonly url: string; readonly key_env: string; readonly key: string | null } | null;
  /** What of the engine must be readable. */
  readonly read_paths: readonly string[];
}

export type TakenWork =
  | {
      readonly kind: 'taken';
      readonly tree: string;
      readonly changed: boolean;
      readonly files: number;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'too_large' | 'unusable'; readonly detail: string };

/** The files the agent works on; see git/workspace.ts. */
export interface Workspace {
  readonly folder: string;
  ignoreLeftovers(): Promise<void>;
  takeWork(): Promise<TakenWork>;
  bundle(request: {
    readonly tree: string;
    readonly at: Instant;
    readonly message: string;
    readonly file: string;
  }): Promise<CommitSha>;
}

export interface Installed {
  /** null: the policy's command names the program. */
  readonly executable: string | null;
  readonly version: string | null;
  readonly how: string;
  readonly read_paths: readonly string[];
}

export interface HandInFile {
  readonly name: 'result.json' | 'work.bundle' | 'transcript.ndjson' | 'prompt.md';
  readonly path: string;
}

/** Where an attempt writes what it hands in, and what its engine is told. */
export interface Files {
  ensureFolder(folder: string): Promise<void>;
  write(file: string, text: string): Promise<void>;
  /** Written at once: a killed process leaves all it has heard so far. */
  openLog(file: string): LogFile;
}

export interface LogFile {
  write(bytes: Buffer): void;
  close(): void;
}

export interface AttemptPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Files;
  /** SIGINT: about seven seconds are left. */
  readonly signal: AbortSignal;
  /** Ends early, without an error, when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Whether the attempt still holds its task; throws when the journal cannot be read. */
  readonly stillOurs: () => Promise<boolean>;
  /** Downloads the frozen brief and checks its digest. */
  readonly readBrief: () => Promise<Brief>;
  /** Fetches and lays out the files; may take minutes. */
  readonly openWorkspace: (brief: Brief) => Promise<Workspace>;
  readonly installEngine: (engine: Engine, policy: EnginePolicy) => Promise<Installed>;
  /** Makes rooms possible where the machine may be changed for it; `openRoom` says when they are not. */
  readonly prepareRooms: (brief: Brief) => Promise<void>;
  readonly openRoom: (brief: Brief, rules: RoomRules) => Promise<Room>;
  readonly renderPrompt: (brief: Brief) => string;
  /** What the engine is told when a proof failed. */
  readonly renderFeedback: (failed: readonly ProofResult[]) => string;
  readonly redact: (text: string) => string;
  readonly upload: (files: readonly HandInFile[]) => Promise<{ readonly artifact: number; readonly sha256: string }>;
  /** Called once, the moment the engine runs: from here on the attempt is charged. */
  readonly engineStarted: (pid: number) => void;
  readonly hasTool: (name: string) => boolean;
  readonly freeBytes: () => Promise<number>;
  /** CPU time of a process and all below it; null where it cannot be told. */
  readonly cpuSeconds: (pid: number) => number | null;
  /** What of the job's environment an agent may see. */
  readonly agentEnv: (brief: Brief) => Readonly<Record<string, string>>;
  readonly limits: Limits;
}

export interface Limits {
  /** How often the engine is looked at. */
  readonly tick_ms: number;
  /** How often the journal is asked whether the task is still ours. */
  readonly lease_poll_ms: number;
  readonly grace: Grace;
  /** Under SIGINT there is no time for manners. */
  readonly cancel_grace: Grace;
  /** Under SIGINT, how long taking the work may last before it is given up. */
  readonly cancel_save_ms: number;
  readonly progress_ms: number;
  /** For all that comes before the engine; the job's own limit leaves 20 minutes besides the engine's. */
  readonly prepare_ms_max: number;
  readonly disk_bytes_min: number;
  readonly transcript_bytes_max: number;
}

export const LIMITS: Limits = {
  tick_ms: 1_000,
  lease_poll_ms: 30_000,
  grace: { interrupt_ms: 10_000, terminate_ms: 3_000 },
  cancel_grace: { interrupt_ms: 1_500, terminate_ms: 500 },
  cancel_save_ms: 2_500,
  progress_ms: 15_000,
  prepare_ms_max: 900_000,
  disk_bytes_min: 1_000_000_000,
  transcript_bytes_max: 20_000_000,
};

/** What this job was started for. */
export interface AttemptLeg {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly brief_sha256: Digest;
  readonly engine_key: string | null;
  readonly folders: AttemptFolders;
}

export interface AttemptAsk extends AttemptLeg {
  readonly brief: Brief;
}

export interface AttemptFolders {
  /** The agent's HOME: writable, its own, gone with the job. */
  readonly home: string;
  /** What is handed in; out of the agent's reach. */
  readonly out: string;
}
