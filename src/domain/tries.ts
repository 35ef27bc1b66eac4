// Owns what counts as one try of a task, and which tries its budget pays for.
import type { Attempt } from './journal.ts';

/** A live attempt is charged already, so that it can never be spent twice. */
export function isCharged({ settled }: Attempt): boolean {
  if (settled === null) return true;
  return settled.engine_started && settled.outcome !== 'rate_limit' && settled.outcome !== 'model_unavailable';
}

/** Attempts side by side are one try, and the one that got furthest speaks for it. */
export function triesIn(attempts: readonly Attempt[]): readonly Attempt[] {
  if (attempts.every(({ claim }) => claim.group === undefined)) return attempts;
  const groups = Map.groupBy(attempts, ({ number, claim }) => claim.group ?? number);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [others.reduce((best, each) => (distance(each) < distance(best) ? best : each), first)],
  );
}

/** Of two that got equally far, the later one speaks. */
function distance(attempt: Attempt): number {
  const { settled } = attempt;
  if (settled === null) return 4;
  if (settled.outcome === 'delivered') return 3;
  if (settled.head !== null) return 2;
  return isCharged(attempt) ? 1 : 0;
}
