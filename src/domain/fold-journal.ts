// Owns the fold of a journal's records, oldest first, into what they mean together.
import { unreachable } from './fault.ts';
import { EMPTY_JOURNAL } from './journal.ts';
import type { Attempt, Claimed, Commanded, JournalRecord, Settled, TaskJournal } from './journal.ts';

/** The journal while records are taken in: each collection is copied once, however many records follow. */
type Draft = {
  -readonly [Key in keyof TaskJournal]: TaskJournal[Key] extends ReadonlySet<infer Item>
    ? Set<Item>
    : TaskJournal[Key] extends readonly (infer Item)[]
      ? Item[]
      : TaskJournal[Key];
};

export function foldJournal(records: readonly JournalRecord[]): TaskJournal {
  return withRecords(EMPTY_JOURNAL, records);
}

/** The journal as it will be once `records` are appended; the one given stays as it is. */
export function withRecords(journal: TaskJournal, records: readonly JournalRecord[]): TaskJournal {
  if (records.length === 0) return journal;
  const draft: Draft = {
    ...journal,
    attempts: [...journal.attempts],
    handled_comments: new Set(journal.handled_comments),
    handled_runs: new Set(journal.handled_runs),
    told: new Set(journal.told),
    news: [...journal.news],
  };
  for (const record of records) take(draft, record);
  return draft;
}

/** The attempt that holds the lease: claimed and not settled. At most one, by construction of the chain. */
export function liveAttempt(journal: TaskJournal): Attempt | null {
  return journal.attempts.findLast((attempt) => attempt.settled === null) ?? null;
}

/** Attempts the current budget epoch pays for. Attempts never decrease; only a person opens an epoch. */
export function chargedAttempts(journal: TaskJournal): number {
  return epochAttempts(journal).filter(isCharged).length;
}

/** Attempts of the current epoch that were not the task's fault; they have their own cap. */
export function infraAttempts(journal: TaskJournal): number {
  return epochAttempts(journal).filter((attempt) => !isCharged(attempt)).length;
}

/** A live attempt is charged already, so that it can never be spent twice. */
export function isCharged({ settled }: Attempt): boolean {
  if (settled === null) return true;
  return settled.engine_started && settled.outcome !== 'rate_limit' && settled.outcome !== 'model_unavailable';
}

export function lastAttempt(journal: TaskJournal): Attempt | null {
  return journal.attempts.at(-1) ?? null;
}

export function nextAttemptNumber(journal: TaskJournal): number {
  return (lastAttempt(journal)?.number ?? journal.attempts_before) + 1;
}

export function epochAttempts(journal: TaskJournal): readonly Attempt[] {
  return journal.attempts.filter((attempt) => attempt.epoch === journal.epoch.number);
}

function take(draft: Draft, record: JournalRecord): void {
  switch (record.kind) {
    case 'admitted':
      draft.admitted = record;
      return;
    case 'asked':
      draft.asked = record;
      draft.wish = { engine: record.engine, model: record.model };
      draft.handled_runs.add(record.run);
      return;
    case 'routed':
      draft.route = record.route;
      return;
    case 'claimed':
      takeClaim(draft, record);
      return;
    case 'settled':
      takeSettlement(draft, record);
      return;
    case 'commanded':
      takeCommand(draft, record);
      return;
    case 'opened':
      draft.pr = record.pr;
      draft.pr_refused = null;
      return;
    case 'pr_refused':
      draft.pr_refused = record;
      return;
    case 'shown':
      draft.shown = record;
      draft.news = [];
      return;
    case 'finished':
      draft.finished = record;
      return;
    case 'rebuilt':
      draft.rebuilt = true;
      draft.attempts_before = record.attempts_before;
      draft.pr = record.pr;
      return;
    default:
      unreachable(record);
  }
}

function takeClaim(draft: Draft, claim: Claimed): void {
  draft.attempts.push({ number: claim.attempt, epoch: draft.epoch.number, claim, settled: null });
  draft.finished = null;
}

/** A settlement of an attempt that is already settled is ignored: whoever wrote first finished it. */
function takeSettlement(draft: Draft, settled: Settled): void {
  const index = draft.attempts.findLastIndex((attempt) => attempt.number === settled.attempt);
  const attempt = draft.attempts[index];
  if (attempt === undefined || attempt.settled !== null) return;
  draft.attempts[index] = { ...attempt, settled };
  draft.news.push(settled.attempt);
}

function takeCommand(draft: Draft, record: Commanded): void {
  if ('comment' in record.from) draft.handled_comments.add(record.from.comment);
  if ('run' in record.from) draft.handled_runs.add(record.from.run);
  if (record.refused === 'not_permitted') draft.told.add(record.by);
  if (record.refused === null) takeObeyed(draft, record);
}

function takeObeyed(draft: Draft, { verb, by, at, engine, model }: Commanded): void {
  switch (verb) {
    case 'retry':
      draft.hold = null;
      draft.epoch = { number: draft.epoch.number + 1, since: at, by };
      draft.wish = { engine: engine ?? draft.wish.engine, model: model ?? (engine === null ? draft.wish.model : null) };
      draft.pr_refused = null;
      draft.finished = null;
      return;
    case 'cancel':
    case 'skip':
      draft.hold = { verb, by, at };
      return;
    case 'why':
    case 'help':
      return;
    default:
      unreachable(verb);
  }
}
