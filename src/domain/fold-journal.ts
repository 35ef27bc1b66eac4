// Owns the fold of a journal's records, oldest first, into what they mean together.
import { unreachable } from './fault.ts';
import { EMPTY_JOURNAL } from './journal.ts';
import type { Attempt, Claimed, Commanded, JournalRecord, Settled, TaskJournal } from './journal.ts';

export function foldJournal(records: readonly JournalRecord[]): TaskJournal {
  return records.reduce(withRecord, EMPTY_JOURNAL);
}

/** The attempt that holds the lease: claimed and not settled. At most one, by construction of the chain. */
export function liveAttempt(journal: TaskJournal): Attempt | null {
  return journal.attempts.find((attempt) => attempt.settled === null) ?? null;
}

/** Attempts whose engine started in the current budget epoch. Attempts never decrease; only a person opens an epoch. */
export function chargedAttempts(journal: TaskJournal): number {
  return inEpoch(journal).filter((attempt) => attempt.settled?.engine_started ?? true).length;
}

/** Attempts of the current epoch that never started an engine; they have their own cap. */
export function infraAttempts(journal: TaskJournal): number {
  return inEpoch(journal).filter((attempt) => attempt.settled?.engine_started === false).length;
}

export function lastAttempt(journal: TaskJournal): Attempt | null {
  return journal.attempts.at(-1) ?? null;
}

export function nextAttemptNumber(journal: TaskJournal): number {
  return (lastAttempt(journal)?.number ?? journal.attempts_before) + 1;
}

function inEpoch(journal: TaskJournal): readonly Attempt[] {
  return journal.attempts.filter((attempt) => attempt.epoch === journal.epoch.number);
}

function withRecord(journal: TaskJournal, record: JournalRecord): TaskJournal {
  switch (record.kind) {
    case 'admitted':
      return { ...journal, admitted: record };
    case 'asked':
      return { ...journal, asked: record, handled_runs: new Set([...journal.handled_runs, record.run]) };
    case 'routed':
      return { ...journal, route: record.route };
    case 'claimed':
      return withClaim(journal, record);
    case 'settled':
      return withSettlement(journal, record);
    case 'commanded':
      return withCommand(journal, record);
    case 'opened':
      return { ...journal, pr: record.pr, pr_refused: null };
    case 'pr_refused':
      return { ...journal, pr_refused: record };
    case 'shown':
      return { ...journal, shown: record };
    case 'finished':
      return { ...journal, finished: record };
    case 'rebuilt':
      return { ...journal, rebuilt: true, attempts_before: record.attempts_before, pr: record.pr };
    default:
      return unreachable(record);
  }
}

function withClaim(journal: TaskJournal, claim: Claimed): TaskJournal {
  const attempt: Attempt = { number: claim.attempt, epoch: journal.epoch.number, claim, settled: null };
  return { ...journal, attempts: [...journal.attempts, attempt], finished: null };
}

/** A settlement of an attempt that is already settled is ignored: whoever wrote first finished it. */
function withSettlement(journal: TaskJournal, settled: Settled): TaskJournal {
  const attempts = journal.attempts.map((attempt) =>
    attempt.number === settled.attempt && attempt.settled === null ? { ...attempt, settled } : attempt,
  );
  return { ...journal, attempts };
}

function withCommand(journal: TaskJournal, record: Commanded): TaskJournal {
  const handled = withHandled(journal, record);
  return record.refused === null ? withObeyed(handled, record) : handled;
}

function withHandled(journal: TaskJournal, { from }: Commanded): TaskJournal {
  if ('comment' in from) {
    return { ...journal, handled_comments: new Set([...journal.handled_comments, from.comment]) };
  }
  if ('run' in from) return { ...journal, handled_runs: new Set([...journal.handled_runs, from.run]) };
  return journal;
}

function withObeyed(journal: TaskJournal, { verb, by, at, engine, model }: Commanded): TaskJournal {
  switch (verb) {
    case 'retry':
      return {
        ...journal,
        hold: null,
        epoch: { number: journal.epoch.number + 1, since: at, by },
        wish: { engine: engine ?? journal.wish.engine, model: model ?? (engine === null ? journal.wish.model : null) },
        pr_refused: null,
        finished: null,
      };
    case 'cancel':
    case 'skip':
      return { ...journal, hold: { verb, by, at } };
    case 'why':
    case 'help':
      return journal;
    default:
      return unreachable(verb);
  }
}
