// Owns what the history tells a tick: the routes taken last, how attempts ended, and how far everything was looked at.
import { Instant } from '../domain/ids.ts';
import { isBefore } from '../domain/instant.ts';
import { OutcomeKind } from '../domain/outcome.ts';
import type { Ending, HistoryFacts } from '../domain/snapshot.ts';
import type { JournalWorld } from './journal-world.ts';

const ROUTES_REMEMBERED = 50;
const ENDINGS_REMEMBERED = 200;

export function historyFacts({ lines, tip }: JournalWorld['history']): HistoryFacts {
  const routes = lines.filter((line) => line.kind === 'route').slice(-ROUTES_REMEMBERED);
  // Only a tick that left nothing behind writes this line: whatever it did not get to is read again.
  const ticks = lines.filter((line) => line.kind === 'tick');
  return {
    tip,
    recent_routes: routes.map(({ engine, source }) => ({ engine, source })),
    recent_endings: endingsOf(lines),
    last_sweep_at: instantOf(ticks.findLast(({ sweep }) => sweep)?.at),
    watermark: watermarkOf(ticks.at(-1)),
    owed_since: instantOf(ticks.at(-1)?.owed_since),
  };
}

/** A tick that was paused in the middle of its look may write down words that are younger than the look itself. */
function watermarkOf(
  tick: { readonly at: string; readonly heard_until?: string | undefined } | undefined,
): Instant | null {
  const [at, heard] = [instantOf(tick?.at), instantOf(tick?.heard_until)];
  return at !== null && heard !== null && isBefore(heard, at) ? heard : at;
}

function endingsOf(lines: JournalWorld['history']['lines']): readonly Ending[] {
  const newest = lines.filter((line) => line.kind === 'settled').slice(-ENDINGS_REMEMBERED);
  return newest.flatMap(({ task, attempt, outcome, at }) => {
    const kind = OutcomeKind.safeParse(outcome).data;
    const when = instantOf(at);
    return kind === undefined || when === null ? [] : [{ task, attempt, outcome: kind, at: when }];
  });
}

/** The history is a record that people may edit: a time that is none counts as never. */
function instantOf(text: string | undefined): Instant | null {
  return Instant.safeParse(text).data ?? null;
}
