// Owns the text form of journal records: a commit message with one versioned JSON object per line.
import { z } from 'zod';
import { Command, Refusal, Verb } from '../domain/command.ts';
import { Finding } from '../domain/finding.ts';
import {
  AttemptNumber,
  BranchName,
  CommentId,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  ModelName,
  NodeId,
  PrNumber,
  RunId,
} from '../domain/ids.ts';
import { JobName } from '../domain/job.ts';
import type { JournalRecord } from '../domain/journal.ts';
import { OutcomeKind, Usage } from '../domain/outcome.ts';
import { Complexity, EngineId, Role, RoleName, TASK_STATES } from '../domain/task.ts';
import { parseRecords, renderRecords } from './record-lines.ts';

const Route = z.object({
  engine: EngineId,
  model: ModelName.nullable(),
  complexity: Complexity,
  role: Role,
  source: z.enum(['label', 'command', 'rule', 'model', 'llm', 'round_robin', 'only_choice']),
  profile: z.object({ skills: z.array(z.string()), tools: z.array(z.string()), constraints: z.array(z.string()) }),
  confidence: z.number().nullable(),
  likely_files: z.array(z.string()),
  reason: z.string(),
});

const Proof = z.object({
  command: z.array(z.string()),
  exit_code: z.number().int(),
  seconds: z.number(),
  tail: z.string(),
});

/** Where a word came from. */
export const From = z.union([
  z.object({ comment: CommentId }),
  z.object({ run: RunId }),
  z.object({ label: z.string() }),
  z.object({ event: z.literal('reopened') }),
]);

/** Objects are not strict: a later version may add a key that this one can do without. */
const Record = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('admitted'), at: Instant, by: Login, issue_id: NodeId.nullable() }),
  z.object({
    kind: z.literal('asked'),
    at: Instant,
    by: Login,
    run: RunId,
    title: z.string(),
    prompt: z.string(),
    engine: EngineId.nullable(),
    model: ModelName.nullable(),
    role: Role,
    job: z.object({ name: JobName, slot: Instant }).optional(),
    command: z.array(z.string()).min(1).optional(),
  }),
  z.object({ kind: z.literal('routed'), at: Instant, route: Route }),
  z.object({
    kind: z.literal('claimed'),
    at: Instant,
    attempt: AttemptNumber,
    role: Role,
    engine: EngineId,
    model: ModelName.nullable(),
    run: RunId,
    run_attempt: z.number().int().positive(),
    base: CommitSha,
    branch: BranchName,
    continues: CommitSha.nullable(),
    brief_sha256: Digest,
    timeout_minutes: z.number().positive(),
    group: AttemptNumber.optional(),
    alone: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('settled'),
    at: Instant,
    attempt: AttemptNumber,
    outcome: OutcomeKind,
    engine_started: z.boolean(),
    seconds: z.number().nonnegative(),
    usage: Usage,
    head: CommitSha.nullable(),
    files: z.number().int().nonnegative(),
    detail: z.string(),
    summary: z.string(),
    proof: z.array(Proof),
    not_before: Instant.nullable(),
    by: z.enum(['deliver', 'reconcile']),
    taken_out: z.literal(true).optional(),
  }),
  z.object({
    kind: z.literal('priced'),
    at: Instant,
    attempt: AttemptNumber,
    seconds: z.number().nonnegative(),
    usage: Usage,
  }),
  z.object({
    kind: z.literal('commanded'),
    at: Instant,
    by: Login,
    from: From,
    verb: Verb,
    engine: EngineId.nullable(),
    model: ModelName.nullable(),
    command: Command.optional(),
    refused: Refusal.nullable(),
    held: RoleName.optional(),
    heard_at: Instant.optional(),
  }),
  z.object({ kind: z.literal('opened'), at: Instant, pr: PrNumber }),
  z.object({ kind: z.literal('pr_refused'), at: Instant, detail: z.string() }),
  z.object({
    kind: z.literal('shown'),
    at: Instant,
    state: z.enum(TASK_STATES),
    comment: NodeId.nullable(),
    digest: Digest,
    priority: z.number(),
    knot: z.array(IssueNumber).optional(),
    epic: z.object({ parent: IssueNumber, phase: z.number().int().nonnegative() }).optional(),
    by_hand: z.array(z.object({ label: LabelName, by: Login.nullable() })).optional(),
  }),
  z.object({ kind: z.literal('published'), at: Instant, issue: IssueNumber }),
  z.object({ kind: z.literal('filing'), at: Instant, findings: z.array(Finding) }),
  z.object({ kind: z.literal('filed'), at: Instant, key: z.string(), issue: IssueNumber }),
  z.object({
    kind: z.literal('proposed'),
    at: Instant,
    from: From,
    pr: PrNumber.nullable(),
    detail: z.string(),
  }),
  z.object({
    kind: z.literal('importing'),
    at: Instant,
    from: From,
    until: Instant.nullable(),
    made: z.array(z.object({ key: z.string(), issue: IssueNumber, word: z.string() })).optional(),
  }),
  z.object({ kind: z.literal('imported'), at: Instant, from: From, made: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('finished'), at: Instant, state: z.enum(['done', 'archived']), pr: PrNumber.nullable() }),
  z.object({
    kind: z.literal('rebuilt'),
    at: Instant,
    attempts_before: z.number().int().nonnegative(),
    pr: PrNumber.nullable(),
  }),
]);

export function renderJournalMessage(records: readonly JournalRecord[], writer: string): string {
  return renderRecords(records, writer);
}

/** Throws a Fault for a person: a journal we cannot read is never guessed at. */
export function parseJournalMessage(message: string): readonly JournalRecord[] {
  return parseRecords(message, Record);
}
