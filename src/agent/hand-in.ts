// Owns what an engine may say of its own work in the end: the `orch.result` line, and how it is found in its words.
import { z } from 'zod';
import { Instant } from '../domain/ids.ts';
import { OutcomeKind, Usage } from '../domain/outcome.ts';

const Said = z.string().max(20_000);

/** A counter that is left out is unknown. */
const SaidUsage = z.object({
  input_tokens: Usage.shape.input_tokens.default(null),
  output_tokens: Usage.shape.output_tokens.default(null),
  cache_read_tokens: Usage.shape.cache_read_tokens.default(null),
  cache_write_tokens: Usage.shape.cache_write_tokens.default(null),
  cost_usd: Usage.shape.cost_usd.default(null),
  turns: Usage.shape.turns.default(null),
});

/**
 * One line of JSON. The last line of a custom engine's stdout, or the last line of what claude or codex answers:
 * `{"type":"orch.result","outcome":"success","summary":"…"}`.
 * - `success`: the work lies in the folder.
 * - `no_change`: nothing needs to change; `evidence` says why, and is required.
 * - `failed`: it could not be done; `reason` may name the class (`auth`, `missing_tool`, `context_overflow` …).
 * - `limit`: the model's limit is reached; `not_before` says when to come back.
 */
export const FinalWord = z.object({
  type: z.literal('orch.result'),
  outcome: z.enum(['success', 'no_change', 'failed', 'limit']),
  title: z.string().max(300).optional(),
  summary: Said.optional(),
  remaining: Said.optional(),
  evidence: Said.optional(),
  reason: OutcomeKind.optional().catch(undefined),
  not_before: Instant.optional().catch(undefined),
  session: z.string().max(200).optional(),
  usage: SaidUsage.optional().catch(undefined),
});
export type FinalWord = z.infer<typeof FinalWord>;

export interface Spoken {
  readonly word: FinalWord | null;
  /** What it said, without the line. */
  readonly prose: string;
}

const LINES_LOOKED_AT = 5;

/** Looks at the last lines only: a result that is quoted further up is talk. */
export function readFinalWord(message: string): Spoken {
  const lines = message.trimEnd().split('\n');
  const from = Math.max(0, lines.length - LINES_LOOKED_AT);
  const index = lines.findLastIndex((line, at) => at >= from && line.includes('"orch.result"'));
  const word = index < 0 ? null : parseFinalWord(lines[index] ?? '');
  if (word === null) return { word: null, prose: message.trim() };
  const prose = lines.filter((line, at) => at !== index && !(at > index - 2 && /^\s*```(?:json)?\s*$/.test(line)));
  return { word, prose: prose.join('\n').trim() };
}

export function parseFinalWord(text: string): FinalWord | null {
  try {
    const parsed = FinalWord.safeParse(JSON.parse(text.trim().replace(/^`+|`+$/g, '')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
