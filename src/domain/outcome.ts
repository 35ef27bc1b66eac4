// Owns how an attempt can end. Everything that decides on an ending matches this union.
import { z } from 'zod';

/** Ordered from good to bad; `domain/retry-rule.ts` says what follows from each. */
export const OutcomeKind = z.enum([
  'delivered', // a branch with the work was pushed
  'no_change', // the engine says, with evidence, that nothing needs to change
  'timeout', // the wall clock ended it; the work so far is a checkpoint
  'stalled', // no output for too long; checkpoint
  'cancelled', // a person (or GitHub) stopped it; checkpoint kept as artifact
  'proof_failed', // the repository's verify commands still fail
  'refused', // deliver's gate refused the hand-in
  'rate_limit', // the model's limit or quota: never the task's fault
  'auth', // the key is missing, wrong or without credit
  'model_unavailable', // the model is unknown or overloaded
  'context_overflow',
  'missing_tool', // a tool the task needs is not on the runner
  'permission_denied', // the engine was refused a tool it needed
  'invalid_output', // the engine's output could not be understood
  'no_evidence', // success was claimed, git shows nothing
  'failed', // the engine said it failed
  'crashed', // the engine or the runner died without a word
  'infra', // no engine was ever started; not charged to the budget
]);
export type OutcomeKind = z.infer<typeof OutcomeKind>;

/** Tokens and money as the vendor reported them; `null` is "unknown", never guessed. */
export const Usage = z.object({
  input_tokens: z.number().int().nonnegative().nullable(),
  output_tokens: z.number().int().nonnegative().nullable(),
  cache_read_tokens: z.number().int().nonnegative().nullable(),
  cache_write_tokens: z.number().int().nonnegative().nullable(),
  cost_usd: z.number().nonnegative().nullable(),
  turns: z.number().int().nonnegative().nullable(),
});
export type Usage = z.infer<typeof Usage>;

export const UNKNOWN_USAGE: Usage = {
  input_tokens: null,
  output_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  cost_usd: null,
  turns: null,
};

/** Whether an engine told anything of what it used. */
export function isTold(usage: Usage): boolean {
  return Object.values(usage).some((figure) => figure !== null);
}

/** One proof command as we ran it. */
export interface ProofResult {
  readonly command: readonly string[];
  readonly exit_code: number;
  readonly seconds: number;
  /** The last lines, cut at a character boundary; others' text. */
  readonly tail: string;
}
