// Owns the narrow ports deliver needs; modes/deliver.ts wires the real ones.
import type { ChangeSet } from '../domain/change.ts';
import type { Brief } from '../domain/brief.ts';
import type {
  ArtifactId,
  AttemptNumber,
  BranchName,
  CommitSha,
  Digest,
  Instant,
  PrNumber,
  RunId,
  TaskId,
} from '../domain/ids.ts';
import type { JournalRecord } from '../domain/journal.ts';
import type { Clock, Log } from '../reconcile/ports.ts';

export interface DeliverAsk {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly run: RunId;
  readonly run_url: string;
  readonly brief: { readonly artifact: ArtifactId; readonly sha256: Digest };
  readonly hand_in: { readonly artifact: ArtifactId; readonly sha256: Digest } | null;
  /** `needs.attempt.result`: success | failure | cancelled | skipped. */
  readonly attempt_result: string;
  readonly attempt_started: boolean;
}

export interface HandInFiles {
  /** Bytes of result.json, bounded by the reader. */
  readonly result: string;
  /** Absolute path of work.bundle, or null when there is none. */
  readonly bundle: string | null;
}

export interface Artifacts {
  /** Text of the brief, downloaded by id, digest checked. */
  brief(): Promise<string>;
  /** null: the artifact is missing or its digest differs (with the reason). */
  handIn(): Promise<{ readonly files: HandInFiles } | { readonly missing: string }>;
}

export interface Chain {
  readonly records: readonly JournalRecord[];
  readonly tip: CommitSha | null;
}

export interface NewCommit {
  readonly tree: string;
  readonly parent: CommitSha;
  readonly message: string;
  /** Time of the commit, for author and committer. */
  readonly at: Instant;
}

export type PushResult =
  | { readonly kind: 'pushed'; readonly head: CommitSha | null }
  | { readonly kind: 'journal_moved' }
  /** Nothing moved and nobody was before us: GitHub took no push. That passes. */
  | { readonly kind: 'not_taken' }
  | { readonly kind: 'branch_moved'; readonly detail: string };

export interface Work {
  /** Journal, base and branch in one fetch. */
  fetch(brief: Pick<Brief, 'base' | 'branch' | 'continues'> | null): Promise<Chain>;
  /**
   * Takes the tree out of the bundle and compares it with the parent; contents, of the added and modified files one
   * after the other, are only read: for the secret scan.
   */
  change(
    bundle: string,
    parent: CommitSha,
  ): Promise<{
    readonly change: ChangeSet;
    readonly contents: Iterable<{ readonly path: string; readonly text: string }>;
  }>;
  /** Branch and journal in one atomic push; `work: null` moves the journal alone. */
  push(push: {
    readonly task: TaskId;
    readonly journal: {
      readonly expected: CommitSha;
      readonly records: (head: CommitSha | null) => readonly JournalRecord[];
    };
    readonly work: {
      readonly branch: BranchName;
      readonly expected: CommitSha | null;
      readonly commit: NewCommit;
    } | null;
  }): Promise<PushResult>;
}

export type OpenedPull =
  | { readonly kind: 'opened' | 'already'; readonly number: PrNumber; readonly url: string }
  | { readonly kind: 'forbidden'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string };

export interface Pulls {
  open(pull: {
    readonly branch: BranchName;
    readonly base: BranchName;
    readonly title: string;
    readonly body: string;
    readonly draft: boolean;
    readonly reviewers: readonly string[];
  }): Promise<OpenedPull>;
}

export interface DeliverPorts {
  readonly artifacts: Artifacts;
  readonly work: Work;
  readonly pulls: Pulls;
  /** Starts the next tick; failing to is a warning, since every tick repairs what another missed. */
  readonly wake: () => Promise<void>;
  /** Finds secrets in text: exact values we hold, and known formats. Names the kind, never the value. */
  readonly findSecrets: (text: string) => readonly string[];
  /** Removes secrets from text we post. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
  readonly log: Log;
}
