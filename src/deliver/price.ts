// Owns the price of an attempt that somebody else settled while it ran: what it cost is told all the same.
import { foldJournal, isPriceOwed } from '../domain/fold-journal.ts';
import type { Brief } from '../domain/brief.ts';
import type { Claimed, Priced, TaskJournal } from '../domain/journal.ts';
import { isTold } from '../domain/outcome.ts';
import { handedIn } from './judge.ts';
import type { DeliverAsk, DeliverPorts } from './ports.ts';

export type Price = Pick<Priced, 'seconds' | 'usage'>;

interface Stopped {
  readonly ask: DeliverAsk;
  readonly brief: Brief | null;
  readonly journal: TaskJournal;
}

/** What the attempt handed in says of its cost; null: it is known, or nothing was handed in, or it is another run's. */
export async function owedPrice(ports: DeliverPorts, { ask, brief, journal }: Stopped): Promise<Price | null> {
  const claim = claimOf(journal, ask);
  if (claim === null || brief === null || !isPriceOwed(journal, ask.attempt)) return null;
  const handed = await handedIn(ports, { ask, brief, claim });
  return handed.kind === 'handed' ? { seconds: handed.hand_in.seconds, usage: handed.hand_in.usage } : null;
}

const PUSH_ROUNDS_MAX = 3;

/** Rides on nothing: the attempt has ended, and only budgets wait for it. Whether it was written down. */
export async function writePrice(ports: DeliverPorts, ask: DeliverAsk, price: Price): Promise<boolean> {
  if (!isTold(price.usage)) return false;
  for (let round = 1; round <= PUSH_ROUNDS_MAX; round += 1) {
    const { records, tip } = await ports.work.fetch(null);
    const journal = foldJournal(records);
    if (tip === null || claimOf(journal, ask) === null || !isPriceOwed(journal, ask.attempt)) return false;
    const priced: Priced = { kind: 'priced', at: ports.clock.now(), attempt: ask.attempt, ...price };
    const pushed = await ports.work.push({
      task: ask.task,
      journal: { expected: tip, records: () => [priced] },
      work: null,
    });
    if (pushed.kind === 'pushed') return true;
  }
  return false;
}

function claimOf({ attempts }: TaskJournal, { attempt, run }: DeliverAsk): Claimed | null {
  const claim = attempts.find(({ number }) => number === attempt)?.claim;
  return claim?.run === run ? claim : null;
}
