// Owns HandIn: what an attempt leaves behind, as the attempt claims it; deliver believes none of it unchecked.
import type { AttemptNumber, CommitSha, Instant, ModelName, TaskId } from './ids.ts';
import type { OutcomeKind, ProofResult, Usage } from './outcome.ts';
import type { EngineId } from './task.ts';

/**
 * `result.json` beside `work.bundle` (a git bundle holding one commit whose tree is the work, absent when nothing
 * changed) and `transcript.ndjson` in the hand-in artifact.
 */
export interface HandIn {
  readonly version: 1;
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly engine: EngineId;
  readonly engine_version: string | null;
  readonly model: ModelName | null;
  readonly outcome: OutcomeKind;
  readonly engine_started: boolean;
  readonly isolated: boolean;
  readonly seconds: number;
  readonly usage: Usage;
  readonly exit_code: number | null;
  readonly session: string | null;
  /** The commit inside the bundle; its tree is the work. null when there is no bundle. */
  readonly bundle_head: CommitSha | null;
  readonly detail: string;
  readonly title: string | null;
  readonly summary: string;
  readonly remaining: string;
  readonly proof: readonly ProofResult[];
  readonly proof_rounds: number;
  readonly not_before: Instant | null;
  readonly brief_sha256: string;
  readonly prompt_sha256: string | null;
  readonly denials: readonly string[];
}
