// Owns the classes of failure: the engine's structured words first, free text of stderr last, in one fixed order.
import { OutcomeKind } from '../domain/outcome.ts';
import type { Trouble } from './told.ts';

/** Names that engines and vendors give their failures; a code beats a status, which can mean several things. */
const BY_CODE: ReadonlyMap<string, OutcomeKind> = new Map<string, OutcomeKind>([
  ['authentication_failed', 'auth'],
  ['authentication_error', 'auth'],
  ['permission_error', 'auth'],
  ['invalid_api_key', 'auth'],
  ['billing_error', 'auth'], // no credit: waiting does not help, a person does
  ['insufficient_quota', 'auth'],
  ['rate_limit', 'rate_limit'],
  ['rate_limit_error', 'rate_limit'],
  ['rate_limit_exceeded', 'rate_limit'],
  ['overloaded', 'model_unavailable'],
  ['overloaded_error', 'model_unavailable'],
  ['server_error', 'model_unavailable'],
  ['api_error', 'model_unavailable'],
  ['connection_failed', 'model_unavailable'],
  ['model_not_found', 'model_unavailable'],
  ['not_found_error', 'model_unavailable'],
  ['prompt_too_long', 'context_overflow'],
  ['context_length_exceeded', 'context_overflow'],
  ['unparseable_answer', 'invalid_output'],
  ['max_turns', 'failed'],
  ['budget_exhausted', 'failed'],
]);

const BY_STATUS: ReadonlyMap<number, OutcomeKind> = new Map<number, OutcomeKind>([
  [401, 'auth'],
  [402, 'auth'],
  [403, 'auth'],
  [404, 'model_unavailable'],
  [408, 'model_unavailable'],
  [413, 'context_overflow'],
  [429, 'rate_limit'],
]);

/** null: nothing in it names a class. */
export function classifyTrouble({ code, status }: Trouble): OutcomeKind | null {
  if (code !== null) {
    const known = BY_CODE.get(code) ?? OutcomeKind.safeParse(code).data;
    if (known !== undefined) return known;
  }
  if (status === null) return null;
  return BY_STATUS.get(status) ?? (status >= 500 && status <= 599 ? 'model_unavailable' : null);
}

/**
 * Only lines that announce an error count, and only of stderr: an agent's prose is full of "unauthorized" and "429".
 * The order is part of the contract: a message that fits two classes is the first.
 */
const STDERR_PATTERNS: readonly (readonly [OutcomeKind, RegExp])[] = [
  ['auth', /not logged in|invalid api key|unauthorized|authentication|\b40[13]\b/i],
  ['context_overflow', /prompt is too long|context (?:window|length)/i],
  ['rate_limit', /rate.?limit|too many requests|usage limit|\b429\b/i],
  [
    'model_unavailable',
    /overloaded|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|model .* not (?:found|exist)|\b50[0-4]\b|\b529\b/i,
  ],
  ['permission_denied', /permission denied|operation not permitted|EACCES|EPERM/i],
  ['missing_tool', /command not found|ENOENT|no such file or directory/i],
];

const ANNOUNCES_ERROR = /^\s*(?:[\w.-]+:\s+|api\s+)?(?:error|fatal|panic|not logged in)\b/i;

export function classifyStderr(tail: string): OutcomeKind | null {
  const lines = tail.split('\n').filter((line) => ANNOUNCES_ERROR.test(line));
  return STDERR_PATTERNS.find(([, pattern]) => lines.some((line) => pattern.test(line)))?.[0] ?? null;
}
