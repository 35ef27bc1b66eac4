// Owns the fold of a journal's records, oldest first, into what they mean together.
import { unreachable } from './fault.ts';
import type { AttemptNumber, Instant } from './ids.ts';
import { isBefore } from './instant.ts';
import { EMPTY_JOURNAL } from './journal.ts';
import { block, newBudget, note, reroute, unblock, unskip, wish } from './fold-draft.ts';
import type { Draft } from './fold-draft.ts';
import type { Hold } from './kept-word.ts';
import type { Attempt, Claimed, Commanded, JournalRecord, Priced, Settled, TaskJournal } from './journal.ts';
import { isTold } from './outcome.ts';
import { changeOf } from './setting.ts';
import { commandOf } from './spoken.ts';
import { isCharged, triesIn } from './tries.ts';

const LATE_WORDS_MAX = 20;

export function foldJournal(records: readonly JournalRecord[]): TaskJournal {
  return withRecords(EMPTY_JOURNAL, records);
}

/** The journal as it will be once `records` are appended; the one given stays as it is. */
export function withRecords(journal: TaskJournal, records: readonly JournalRecord[]): TaskJournal {
  if (records.length === 0) return journal;
  const draft: Draft = {
    ...journal,
    attempts: [...journal.attempts],
    handled_comments: new Map(journal.handled_comments),
    handled_runs: new Set(journal.handled_runs),
    handled_labels: new Set(journal.handled_labels),
    told: new Set(journal.told),
    late_words: [...journal.late_words],
    news: [...journal.news],
    notes: [...journal.notes],
    changes: [...journal.changes],
    filed: [...journal.filed],
    imports: [...journal.imports],
    imported_tasks: [...journal.imported_tasks],
    import_paths: new Map(journal.import_paths),
  };
  for (const record of records) take(draft, record);
  return draft;
}

/** An attempt that holds the task: claimed and not settled. Several only where instances run side by side. */
export function liveAttempt(journal: Pick<TaskJournal, 'attempts'>): Attempt | null {
  return journal.attempts.findLast((attempt) => attempt.settled === null) ?? null;
}

/** All of them, oldest first. */
export function liveAttempts(journal: Pick<TaskJournal, 'attempts'>): readonly Attempt[] {
  return liveAttempt(journal) === null ? [] : journal.attempts.filter(({ settled }) => settled === null);
}

export function liveWith(journal: TaskJournal, number: AttemptNumber): Attempt | null {
  return liveAttempts(journal).find((attempt) => attempt.number === number) ?? null;
}

/**
 * Tries the current budget epoch pays for. They never decrease; only a person opens an epoch. Of a journal that was
 * lost no more than the number is known: all of them count, until a person opens the next one.
 */
export function chargedAttempts(journal: TaskJournal): number {
  const lost = journal.epoch.number === 1 ? journal.attempts_before : 0;
  return lost + epochTries(journal).filter(isCharged).length;
}

/** Tries of the current epoch that were not the task's fault; they have their own cap. */
export function infraAttempts(journal: TaskJournal): number {
  return epochTries(journal).filter((attempt) => !isCharged(attempt)).length;
}

/** It was settled from outside, and nothing is known of what it cost by then. */
export function isPriceOwed({ attempts }: Pick<TaskJournal, 'attempts'>, number: AttemptNumber): boolean {
  return attempts.some((attempt) => attempt.number === number && isUnpriced(attempt));
}

function isUnpriced({ settled }: Attempt): boolean {
  return settled !== null && !isTold(settled.usage);
}

/** A person's word that keeps it from starting now; one whose day has come is over. */
export function holdAt({ hold }: TaskJournal, at: Instant): Hold | null {
  return hold !== null && hold.until !== null && !isBefore(at, hold.until) ? null : hold;
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

/** Attempts side by side are one try, and the one that got furthest speaks for it. */
export function epochTries(journal: TaskJournal): readonly Attempt[] {
  return triesIn(epochAttempts(journal));
}

export function lastTry({ attempts }: Pick<TaskJournal, 'attempts'>): Attempt | null {
  const last = attempts.at(-1);
  if (last === undefined) return null;
  const { group } = last.claim;
  return group === undefined ? last : (triesIn(attempts.filter(({ claim }) => claim.group === group)).at(-1) ?? last);
}

/** Of attempts side by side, the one that works or delivered; the route names only the first. null: the route says it. */
export function workerBeside(journal: Pick<TaskJournal, 'attempts'>): Claimed | null {
  const last = lastTry(journal);
  const is_good = last !== null && (last.settled === null || last.settled.outcome === 'delivered');
  return is_good && last.claim.group !== undefined ? last.claim : null;
}

/** Others of its group, in any state. */
export function siblingsOf({ attempts }: TaskJournal, { attempt, group }: Claimed): readonly Attempt[] {
  return group === undefined ? [] : attempts.filter(({ number, claim }) => claim.group === group && number !== attempt);
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
    case 'priced':
      takePrice(draft, record);
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
    case 'published':
      draft.published = record.issue;
      return;
    case 'filing':
      draft.filing = { at: record.at, findings: record.findings };
      return;
    case 'filed':
      draft.filed.push({ at: record.at, key: record.key, issue: record.issue });
      return;
    case 'proposed':
      draft.changes = draft.changes.filter(({ from }) => !sameSource(from, record.from));
      return;
    case 'importing':
      draft.import_lease = record.until;
      draft.imported_tasks.push(...(record.made ?? []));
      return;
    case 'imported':
      draft.import_lease = null;
      draft.imports = draft.imports.filter(({ from }) => !sameSource(from, record.from));
      if (draft.imports.length === 0) draft.imported_tasks = [];
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

/** The same comment, run, label or event. */
export function sameSource(a: Commanded['from'], b: Commanded['from']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function takeClaim(draft: Draft, claim: Claimed): void {
  draft.attempts.push({ number: claim.attempt, epoch: draft.epoch.number, claim, settled: null });
  draft.cancelled_by = null;
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

/** The first price stands. */
function takePrice(draft: Draft, { attempt: number, seconds, usage }: Priced): void {
  const index = draft.attempts.findLastIndex((attempt) => attempt.number === number);
  const attempt = draft.attempts[index];
  if (attempt?.settled == null || !isUnpriced(attempt)) return;
  draft.attempts[index] = { ...attempt, settled: { ...attempt.settled, seconds, usage } };
}

/** Who was refused what, in which role: with another verb, or another role, the reason is another one. */
export function toldKey({ by, verb, held }: Pick<Commanded, 'by' | 'verb' | 'held'>): string {
  return `${by} ${verb} ${held ?? ''}`;
}

function takeCommand(draft: Draft, record: Commanded): void {
  if ('comment' in record.from) {
    const { comment } = record.from;
    draft.handled_comments.set(comment, draft.handled_comments.get(comment) ?? record.refused);
  }
  if ('run' in record.from) draft.handled_runs.add(record.from.run);
  if ('label' in record.from) draft.handled_labels.add(`${record.from.label} ${record.at}`);
  if (record.refused === 'not_permitted') draft.told.add(toldKey(record));
  if (record.heard_at !== undefined) {
    const { at, heard_at } = record;
    const is_known = draft.late_words.some((word) => word.at === at && word.heard_at === heard_at);
    if (!is_known) draft.late_words.push({ at, heard_at });
    if (draft.late_words.length > LATE_WORDS_MAX) draft.late_words.shift();
  }
  if (record.refused !== null) return;
  const command = commandOf(record);
  if (changeOf(command) !== null) draft.changes.push(record);
  if (command.verb === 'import') {
    draft.imports.push(record);
    draft.import_paths.set(command.path, record.at);
  }
  takeObeyed(draft, record);
}

function takeObeyed(draft: Draft, record: Commanded): void {
  const { by, at } = record;
  const command = commandOf(record);
  switch (command.verb) {
    case 'start':
      // Said to all, it reaches what waits, and is no retry of what has ended.
      if (command.all !== true || isInLine(draft, at)) newBudget(draft, record);
      return;
    case 'retry':
      newBudget(draft, record);
      wish(draft, command);
      return;
    case 'reroute':
      newBudget(draft, record);
      reroute(draft, command);
      return;
    case 'assign':
      wish(draft, command);
      return;
    case 'route':
      draft.route = null;
      draft.wish = { engine: null, model: null };
      draft.complexity = command.complexity;
      return;
    case 'cancel':
      draft.hold = { verb: 'cancel', by, at, until: null };
      draft.cancelled_by = by;
      return;
    case 'skip':
    case 'hold':
      draft.hold = { verb: command.verb, by, at, until: command.until };
      return;
    case 'unskip':
      unskip(draft, at);
      return;
    case 'block':
      block(draft, command.on, record);
      return;
    case 'unblock':
      unblock(draft, command.of, at);
      return;
    case 'priority':
      draft.priority = command.level;
      return;
    case 'say':
      note(draft, { by, at, text: command.text });
      return;
    case 'complete':
      draft.completed = { by, at };
      return;
    case 'publish':
      draft.publish = { by, at };
      return;
    case 'import':
    case 'export':
    case 'ask':
    case 'refresh':
    case 'pause':
    case 'resume':
    case 'job':
    case 'set':
    case 'why':
    case 'status':
    case 'queue':
    case 'settings':
    case 'help':
      return;
    default:
      unreachable(command);
  }
}

/** Let in, not started in this round, and nobody's word keeps it back. */
export function isInLine(journal: TaskJournal, at: Instant): boolean {
  const { admitted, attempts, epoch, blocked, completed, finished, pr } = journal;
  const is_fresh = attempts.every((attempt) => attempt.epoch !== epoch.number);
  const in_its_way = [holdAt(journal, at), blocked, completed, finished, pr];
  return admitted !== null && is_fresh && in_its_way.every((fact) => fact === null);
}
