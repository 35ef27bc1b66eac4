// Owns what a stream has told so far, in one shape for all engines, folded event by event.
import type { Instant } from '../domain/ids.ts';
import { UNKNOWN_USAGE } from '../domain/outcome.ts';
import type { Usage } from '../domain/outcome.ts';

/** A failure in the engine's own structured words. */
export interface Trouble {
  /** HTTP status of the model's answer. */
  readonly status: number | null;
  /** The engine's own name for the class of failure. */
  readonly code: string | null;
  readonly message: string;
}

/** The engine's own last event. Without one, nothing is ever called a success. */
export type Final = { readonly kind: 'success' } | { readonly kind: 'failed'; readonly trouble: Trouble };

export interface Told {
  readonly session: string | null;
  readonly version: string | null;
  readonly model: string | null;
  /** What the engine said last, for people. */
  readonly message: string;
  /** What it does now, one line. */
  readonly action: string | null;
  /** Of the session so far when `usage_is` says so, else of this launch. */
  readonly usage: Usage;
  /** The message whose tokens `usage` holds already, since one message comes as several events. */
  readonly counted: { readonly id: string; readonly usage: Usage } | null;
  readonly denials: readonly string[];
  /** Newest error event; passing until `final` confirms it. */
  readonly trouble: Trouble | null;
  readonly final: Final | null;
  readonly not_before: Instant | null;
  readonly events: number;
}

export const NOTHING_TOLD: Told = {
  session: null,
  version: null,
  model: null,
  message: '',
  action: null,
  usage: UNKNOWN_USAGE,
  counted: null,
  denials: [],
  trouble: null,
  final: null,
  not_before: null,
  events: 0,
};

const DENIALS_MAX = 100;
const ACTION_CHARS_MAX = 160;
const MESSAGE_CHARS_MAX = 100_000;

export function withDenials(told: Told, tools: readonly string[]): Told {
  const fresh = tools.filter((tool) => !told.denials.includes(tool));
  return { ...told, denials: [...told.denials, ...fresh].slice(0, DENIALS_MAX) };
}

export function withMessage(told: Told, text: string): Told {
  return text.trim() === '' ? told : { ...told, message: text.slice(0, MESSAGE_CHARS_MAX) };
}

export function withAction(told: Told, ...words: readonly (string | null)[]): Told {
  const line = words.filter((word) => word !== null && word !== '').join(' ');
  return { ...told, action: line.slice(0, ACTION_CHARS_MAX) };
}

/** Counter by counter; unknown plus known is known, since a vendor that counts one kind counts that kind whole. */
export function addUsage(a: Usage, b: Usage): Usage {
  return mergeUsage(a, b, (x, y) => x + y);
}

/** For counters that only grow: the newer report, unless it is the poorer one. */
export function maxUsage(a: Usage, b: Usage): Usage {
  return mergeUsage(a, b, Math.max);
}

function mergeUsage(a: Usage, b: Usage, merge: (x: number, y: number) => number): Usage {
  const each = (x: number | null, y: number | null): number | null => (x === null ? y : y === null ? x : merge(x, y));
  return {
    input_tokens: each(a.input_tokens, b.input_tokens),
    output_tokens: each(a.output_tokens, b.output_tokens),
    cache_read_tokens: each(a.cache_read_tokens, b.cache_read_tokens),
    cache_write_tokens: each(a.cache_write_tokens, b.cache_write_tokens),
    cost_usd: each(a.cost_usd, b.cost_usd),
    turns: each(a.turns, b.turns),
  };
}
