// Owns the text form of result.json: written by the attempt, believed by nobody until deliver has checked it.
import { z } from 'zod';
import type { HandIn } from '../domain/hand-in.ts';
import { AttemptNumber, CommitSha, Digest, Instant, ModelName, TaskId } from '../domain/ids.ts';
import { OutcomeKind, Usage } from '../domain/outcome.ts';
import { EngineId } from '../domain/task.ts';

export const RESULT_BYTES_MAX = 512 * 1024;

const Text = (chars_max: number) => z.string().max(chars_max);

const Result = z.strictObject({
  version: z.literal(1),
  task: TaskId,
  attempt: AttemptNumber,
  engine: EngineId,
  engine_version: Text(100).nullable(),
  model: ModelName.nullable(),
  outcome: OutcomeKind,
  engine_started: z.boolean(),
  isolated: z.boolean(),
  seconds: z.number().nonnegative().max(1_000_000),
  usage: Usage,
  exit_code: z.number().int().nullable(),
  session: Text(200).nullable(),
  bundle_head: CommitSha.nullable(),
  detail: Text(2_000),
  title: Text(300).nullable(),
  summary: Text(4_000),
  remaining: Text(4_000),
  proof: z
    .array(
      z.strictObject({
        command: z.array(Text(4_000)).max(100),
        exit_code: z.number().int(),
        seconds: z.number().nonnegative(),
        tail: Text(20_000),
      }),
    )
    .max(100),
  proof_rounds: z.number().int().nonnegative().max(100),
  not_before: Instant.nullable(),
  brief_sha256: Digest,
  prompt_sha256: Digest.nullable(),
  denials: z.array(Text(500)).max(100),
});

export function renderHandIn(hand_in: HandIn): string {
  return `${JSON.stringify(hand_in, null, 2)}\n`;
}

export type ParsedHandIn =
  | { readonly kind: 'parsed'; readonly hand_in: HandIn }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Strict: an unknown key is refused, since this text comes from a job that ran others' code. */
export function parseHandIn(text: string): ParsedHandIn {
  if (text.length > RESULT_BYTES_MAX) return { kind: 'invalid', problem: `it is larger than ${RESULT_BYTES_MAX} bytes` };
  const parsed = Result.safeParse(jsonOf(text));
  if (parsed.success) return { kind: 'parsed', hand_in: parsed.data };
  const first = parsed.error.issues[0];
  return { kind: 'invalid', problem: `${first?.path.join('.') ?? ''}: ${first?.message ?? 'unreadable'}`.slice(0, 300) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
