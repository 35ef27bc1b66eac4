// Owns the repository's circuit breaker: when failures of one kind across tasks stop new starts, and when they go on.
import { unreachable } from '../domain/fault.ts';
import type { Instant } from '../domain/ids.ts';
import { epochMs, isBefore, plusMinutes } from '../domain/instant.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { Policy } from '../domain/policy.ts';
import type { Ending } from '../domain/snapshot.ts';

/** `until`: from then on one attempt at a time probes; its success closes the circuit, its failure opens it anew. */
export interface OpenCircuit {
  readonly outcome: OutcomeKind;
  readonly tasks: number;
  readonly since: Instant;
  readonly until: Instant;
}

interface Fold {
  readonly open: OpenCircuit | null;
  /** Failures since the last success, newest last, none older than the window. */
  readonly failures: readonly Ending[];
}

/** null: closed. Endings in any order; the answer depends on nothing else. */
export function openCircuit(endings: readonly Ending[], policy: Policy): OpenCircuit | null {
  const ordered = endings.toSorted((a, b) => epochMs(a.at) - epochMs(b.at) || (a.task < b.task ? -1 : 1));
  const closed = ordered.findLastIndex(({ outcome }) => meaningOf(outcome, policy) === 'success');
  let fold: Fold = { open: null, failures: [] };
  for (const ending of ordered.slice(closed + 1)) fold = take(fold, ending, policy);
  return fold.open;
}

/** Each time it opened that was not a probe failing. `endings`: oldest first. */
export function circuitOpenings(endings: readonly Ending[], policy: Policy): readonly OpenCircuit[] {
  const openings: OpenCircuit[] = [];
  let fold: Fold = { open: null, failures: [] };
  for (const ending of endings) {
    const after = take(fold, ending, policy);
    if (fold.open === null && after.open !== null) openings.push(after.open);
    fold = after;
  }
  return openings;
}

function take(fold: Fold, ending: Ending, policy: Policy): Fold {
  const meaning = meaningOf(ending.outcome, policy);
  switch (meaning) {
    case 'success':
      return { open: null, failures: [] };
    case 'neither':
      return fold;
    case 'failure':
      return fold.open === null
        ? counted(fold, ending, policy)
        : { ...fold, open: reopened(fold.open, ending, policy) };
    default:
      return unreachable(meaning);
  }
}

/** What a person stopped, the gate refused or a model's limit ended says nothing about the next task. */
function meaningOf(outcome: OutcomeKind, { retry }: Policy): 'success' | 'failure' | 'neither' {
  if (outcome === 'delivered' || outcome === 'no_change') return 'success';
  if (outcome === 'cancelled' || outcome === 'refused' || retry[outcome].follow === 'later') return 'neither';
  return 'failure';
}

function counted({ failures }: Fold, ending: Ending, { circuit }: Policy): Fold {
  const from = plusMinutes(ending.at, -circuit.window_minutes);
  const recent = [...failures.filter(({ at }) => !isBefore(at, from)), ending];
  const tasks = new Set(recent.filter(({ outcome }) => outcome === ending.outcome).map(({ task }) => task)).size;
  const trips = circuit.tasks_max > 0 && tasks >= circuit.tasks_max;
  return { failures: recent, open: trips ? opened(ending, tasks, circuit) : null };
}

function opened({ outcome, at }: Ending, tasks: number, circuit: Policy['circuit']): OpenCircuit {
  return { outcome, tasks, since: at, until: plusMinutes(at, circuit.cooldown_minutes) };
}

/** Attempts that began before it opened may still fail; the clock starts again with each. */
function reopened(open: OpenCircuit, { at }: Ending, { circuit }: Policy): OpenCircuit {
  return { ...open, since: at, until: plusMinutes(at, circuit.cooldown_minutes) };
}
