// Owns the text form of result.json: written by the attempt, believed by nobody until deliver has checked it.
import { z } from 'zod';
import type { HandIn } from '../domain/hand-in.ts';
import { AttemptNumber, CommitSha, Digest, Instant, ModelName, TaskId } from '../domain/ids.ts';
import { OutcomeKind, Usage } from '../domain/outcome.ts';
import { EngineId } from '../domain/task.ts';
import { byteLength, cutChars, tailChars } from './cut.ts';

export const RESULT_BYTES_MAX = 512 * 1024;

/** Sizes of everything an engine may have written; UTF-16 units and counts. */
const MAX = {
  name: 200,
  denial: 500,
  detail: 2_000,
  title: 300,
  said: 4_000,
  tail: 4_000,
  word: 4_000,
  words: 50,
  proofs: 20,
  denials: 50,
} as const;

const Text = (chars_max: number) => z.string().max(chars_max);

const Proof = z.strictObject({
  command: z.array(Text(MAX.word)).max(MAX.words),
  exit_code: z.number().int(),
  seconds: z.number().nonnegative(),
  tail: Text(MAX.tail),
});

const Result = z.strictObject({
  version: z.literal(1),
  task: TaskId,
  attempt: AttemptNumber,
  engine: EngineId,
  engine_version: Text(MAX.name).nullable(),
  model: ModelName.nullable(),
  outcome: OutcomeKind,
  engine_started: z.boolean(),
  isolated: z.boolean(),
  seconds: z.number().nonnegative().max(1_000_000),
  usage: Usage.strict(),
  exit_code: z.number().int().nullable(),
  session: Text(MAX.name).nullable(),
  bundle_head: CommitSha.nullable(),
  detail: Text(MAX.detail),
  title: Text(MAX.title).nullable(),
  summary: Text(MAX.said),
  remaining: Text(MAX.said),
  proof: z.array(Proof).max(MAX.proofs),
  proof_rounds: z.number().int().nonnegative().max(100),
  not_before: Instant.nullable(),
  brief_sha256: Digest,
  prompt_sha256: Digest.nullable(),
  denials: z.array(Text(MAX.denial)).max(MAX.denials),
});

/** Texts beyond their bound are cut here, so that what we write is always what deliver can read. */
export function renderHandIn(hand_in: HandIn): string {
  return `${JSON.stringify(bounded(hand_in), null, 2)}\n`;
}

function bounded(hand_in: HandIn): HandIn {
  return {
    ...hand_in,
    engine_version: hand_in.engine_version === null ? null : cutChars(hand_in.engine_version, MAX.name),
    session: hand_in.session === null ? null : cutChars(hand_in.session, MAX.name),
    detail: cutChars(hand_in.detail, MAX.detail),
    title: hand_in.title === null ? null : cutChars(hand_in.title, MAX.title),
    summary: cutChars(hand_in.summary, MAX.said),
    remaining: cutChars(hand_in.remaining, MAX.said),
    proof: hand_in.proof.slice(0, MAX.proofs).map((proof) => ({
      ...proof,
      command: proof.command.slice(0, MAX.words).map((word) => cutChars(word, MAX.word)),
      tail: tailChars(proof.tail, MAX.tail),
    })),
    denials: hand_in.denials.slice(0, MAX.denials).map((denial) => cutChars(denial, MAX.denial)),
  };
}

export type ParsedHandIn =
  | { readonly kind: 'parsed'; readonly hand_in: HandIn }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Strict: an unknown key is refused, since this text comes from a job that ran others' code. */
export function parseHandIn(text: string): ParsedHandIn {
  if (byteLength(text) > RESULT_BYTES_MAX)
    return { kind: 'invalid', problem: `it is larger than ${RESULT_BYTES_MAX} bytes` };
  const parsed = Result.safeParse(jsonOf(text));
  if (parsed.success) return { kind: 'parsed', hand_in: parsed.data };
  const first = parsed.error.issues[0];
  return {
    kind: 'invalid',
    problem: cutChars(`${first?.path.join('.') ?? ''}: ${first?.message ?? 'unreadable'}`, 300),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
