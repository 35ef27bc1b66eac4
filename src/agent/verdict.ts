// Owns the verdict on one launch: exit code and the engine's own final event, read in one fixed order.
import { unreachable } from '../domain/fault.ts';
import type { Instant } from '../domain/ids.ts';
import type { OutcomeKind, Usage } from '../domain/outcome.ts';
import { classifyStderr, classifyTrouble } from './classify.ts';
import type { Ending, Engine } from './engine.ts';
import { readFinalWord } from './hand-in.ts';
import type { FinalWord } from './hand-in.ts';
import type { Told, Trouble } from './told.ts';

/** `success` and `no_change` are claims: evidence in git is the third witness, and the attempt looks for it. */
export type Claim = 'success' | 'no_change' | Exclude<OutcomeKind, 'delivered' | 'no_change'>;

export interface EngineReport {
  readonly claim: Claim;
  /** One line for people: why it is not a success. Others' text in part. */
  readonly detail: string;
  readonly title: string | null;
  readonly summary: string;
  readonly remaining: string;
  readonly evidence: string;
  readonly usage: Usage;
  readonly session: string | null;
  readonly version: string | null;
  readonly model: string | null;
  readonly denials: readonly string[];
  readonly not_before: Instant | null;
  readonly exit_code: number | null;
  /** It has no word but its exit code. */
  readonly by_exit: boolean;
}

/**
 * 1. what we did to it (time limit, silence, cancel) beats what it says;
 * 2. its own final event, if it tells of a failure;
 * 3. without a final event: its last structured error, then stderr, then the exit code;
 * 4. a final success needs exit code 0 and no contradiction in its own last line.
 */
export function readVerdict(
  told: Told,
  ending: Ending,
  stderr_tail: string,
  ends_by: Engine['ends_by'] = 'word',
): EngineReport {
  const { word, prose } = readFinalWord(told.message);
  const { claim, detail } = claimOf({ told, ending, stderr_tail, word, ends_by });
  return {
    claim,
    detail,
    title: word?.title ?? null,
    summary: word?.summary ?? prose,
    remaining: word?.remaining ?? '',
    evidence: word?.evidence ?? '',
    usage: told.usage,
    session: told.session,
    version: told.version,
    model: told.model,
    denials: told.denials,
    not_before: told.not_before ?? word?.not_before ?? null,
    exit_code: ending.code,
    by_exit: ends_by === 'exit',
  };
}

interface Witnesses {
  readonly told: Told;
  readonly ending: Ending;
  readonly stderr_tail: string;
  readonly word: FinalWord | null;
  readonly ends_by: Engine['ends_by'];
}

interface Judged {
  readonly claim: Claim;
  readonly detail: string;
}

function claimOf(witnesses: Witnesses): Judged {
  const { told, ending } = witnesses;
  if (ending.kind === 'stopped') return { claim: ending.why, detail: STOPPED[ending.why] };
  if (witnesses.ends_by === 'exit') return exited(witnesses);
  if (told.final === null) return withoutFinal(witnesses);
  if (told.final.kind === 'failed') return failed(told.final.trouble, 'failed');
  if (ending.code !== 0)
    return { claim: 'failed', detail: `it said it was done, and exited with ${exitText(witnesses)}` };
  return succeeded(witnesses.word);
}

const STOPPED = {
  timeout: 'the time limit was reached',
  stalled: 'it said nothing for too long',
  cancelled: 'it was cancelled',
} as const;

/** What a shell answers for a program that is not there, which is how a sandbox starts one. */
const NOT_FOUND_CODE = 127;

/** A command that fails has failed at its work; only one that is not there, or was killed, has not. */
function exited(witnesses: Witnesses): Judged {
  const { ending, stderr_tail } = witnesses;
  if (ending.code === 0) return { claim: 'success', detail: '' };
  const detail = `it exited with ${exitText(witnesses)}${lastLine(stderr_tail)}`;
  if (ending.code === NOT_FOUND_CODE) return { claim: 'missing_tool', detail };
  return { claim: ending.code === null ? 'crashed' : 'failed', detail };
}

function withoutFinal(witnesses: Witnesses): Judged {
  const { told, ending, stderr_tail } = witnesses;
  if (ending.code === 0) return { claim: 'invalid_output', detail: 'it ended without its final event' };
  const trouble = told.trouble === null ? null : classifyTrouble(told.trouble);
  if (told.trouble !== null && trouble !== null) return failed(told.trouble, trouble);
  const said = classifyStderr(stderr_tail);
  const detail = `it exited with ${exitText(witnesses)}${lastLine(stderr_tail)}`;
  if (ending.code === NOT_FOUND_CODE && told.events === 0) return { claim: 'missing_tool', detail };
  return said === null ? { claim: 'crashed', detail } : { claim: narrow(said), detail };
}

function failed(trouble: Trouble, otherwise: OutcomeKind): Judged {
  const claim = narrow(classifyTrouble(trouble) ?? otherwise);
  return { claim, detail: trouble.message === '' ? 'it said that it failed' : trouble.message };
}

/** An engine can only tell of failures here; a "success" in a failure's clothes is a failure. */
function narrow(outcome: OutcomeKind): Claim {
  return outcome === 'delivered' || outcome === 'no_change' ? 'failed' : outcome;
}

function succeeded(word: FinalWord | null): Judged {
  if (word === null) return { claim: 'success', detail: '' };
  switch (word.outcome) {
    case 'success':
      return { claim: 'success', detail: '' };
    case 'no_change':
      return { claim: 'no_change', detail: word.evidence ?? '' };
    case 'failed':
      return { claim: narrow(word.reason ?? 'failed'), detail: word.summary ?? 'it said that it failed' };
    case 'limit':
      return { claim: 'rate_limit', detail: word.summary ?? 'it said that a limit was reached' };
    default:
      return unreachable(word.outcome);
  }
}

function exitText({ ending }: Witnesses): string {
  if (ending.kind === 'exited' && ending.signal !== null) return ending.signal;
  return `code ${ending.code ?? 'unknown'}`;
}

function lastLine(stderr_tail: string): string {
  const line = stderr_tail.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${line}`;
}
