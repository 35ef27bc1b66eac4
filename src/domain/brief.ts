// Owns Brief: the frozen inputs of one attempt, uploaded as a same-run artifact and named by digest in the claim.
import type { AttemptNumber, BranchName, CommitSha, Instant, IssueNumber, ModelName, RunId, TaskId } from './ids.ts';
import type { EnginePolicy, Policy } from './policy.ts';
import type { Profile } from './route.ts';
import type { Complexity, EngineId, Role } from './task.ts';

/** Text of others with its label: who wrote it, how far trusted. */
export interface Passage {
  readonly by: string;
  /** From the collaborator role or association: `trusted` has write access, `known` has contributed, else `stranger`. */
  readonly trust: 'trusted' | 'known' | 'stranger';
  readonly at: Instant;
  readonly text: string;
}

export interface PastAttempt {
  readonly number: AttemptNumber;
  readonly engine: EngineId;
  readonly outcome: string;
  readonly detail: string;
  readonly summary: string;
}

/** What an attempt does by the policy that was in force when it was claimed. */
type Rules = Pick<
  Policy,
  | 'silence_minutes_max'
  | 'setup'
  | 'verify'
  | 'verify_rounds_max'
  | 'required_tools'
  | 'registry_hosts'
  | 'sandbox'
  | 'gate'
  | 'pull_request'
  | 'auto_close'
>;

export interface Brief extends Rules {
  readonly version: 1;
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly run: RunId;
  readonly role: Role;
  readonly engine: EnginePolicy;
  /** The engine's command is no agent: its exit code is its only word. */
  readonly plain: boolean;
  readonly model: ModelName | null;
  readonly complexity: Complexity;
  readonly profile: Profile;
  readonly repository: {
    readonly owner: string;
    readonly name: string;
    readonly url: string;
    readonly default_branch: BranchName;
  };
  readonly base: CommitSha;
  readonly branch: BranchName;
  readonly continues: CommitSha | null;
  readonly issue: {
    readonly number: IssueNumber;
    readonly title: string;
    readonly url: string;
    readonly body: Passage;
  } | null;
  readonly asked: Passage | null;
  readonly thread: readonly Passage[];
  readonly thread_cut: boolean;
  readonly relations: readonly {
    readonly issue: IssueNumber;
    readonly title: string;
    readonly relation: 'depends_on';
    readonly open: boolean;
  }[];
  readonly past: readonly PastAttempt[];
  readonly timeout_minutes: number;
}

/** One leg of the matrix: ids only, since outputs are small and shown in the log. */
export interface Leg {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly engine: EngineId;
  readonly lease: CommitSha;
  readonly brief_artifact: number;
  readonly brief_sha256: string;
  readonly runs_on: string;
  /** The job's own limit; the engine's wall clock ends before it. */
  readonly timeout_minutes: number;
}
