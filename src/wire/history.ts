// Owns the text form of the history: JSON lines, one file a month.
import { z } from 'zod';
import type { HistoryLine } from '../domain/effect.ts';
import type { Instant } from '../domain/ids.ts';
import { TaskId } from '../domain/ids.ts';

const Line = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('route'), at: z.string(), task: TaskId, engine: z.string(), source: z.string() }),
  z.object({
    kind: z.literal('settled'),
    at: z.string(),
    task: TaskId,
    attempt: z.number(),
    engine: z.string(),
    model: z.string().nullable(),
    outcome: z.string(),
    seconds: z.number(),
    cost_usd: z.number().nullable(),
  }),
  z.object({ kind: z.literal('finished'), at: z.string(), task: TaskId, state: z.string(), pr: z.number().nullable() }),
  z.object({
    kind: z.literal('tick'),
    at: z.string(),
    sweep: z.boolean(),
    heard_until: z.string().optional(),
    owed_since: z.string().optional(),
  }),
]);

export function renderHistory(lines: readonly HistoryLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Lines that cannot be read are counted, not fatal: the history is a record, never a fence. */
export function parseHistory(text: string): { readonly lines: readonly HistoryLine[]; readonly broken: number } {
  const all = text.split('\n').filter((line) => line !== '');
  const lines = all.flatMap((line) => {
    const parsed = Line.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
  return { lines, broken: all.length - lines.length };
}

/** `2026-11.jsonl` */
export function historyFile(at: Instant): string {
  return `${at.slice(0, 7)}.jsonl`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
