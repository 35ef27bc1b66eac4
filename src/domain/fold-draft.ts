// Owns the journal while records are taken in, and what people's words about starting change in it.
import { ISSUES_MAX } from './command.ts';
import type { Instant, IssueNumber } from './ids.ts';
import type { Commanded, TaskJournal } from './journal.ts';
import type { Blocked, Note } from './kept-word.ts';

/** The journal while records are taken in: each collection is copied once, however many records follow. */
export type Draft = {
  -readonly [Key in keyof TaskJournal]: TaskJournal[Key] extends ReadonlySet<infer Item>
    ? Set<Item>
    : TaskJournal[Key] extends ReadonlyMap<infer Id, infer Value>
      ? Map<Id, Value>
      : TaskJournal[Key] extends readonly (infer Item)[]
        ? Item[]
        : TaskJournal[Key];
};

/** What stands in the way of a new start, by people's words or by what came of the last one, is taken away. */
export function newBudget(draft: Draft, { by, at }: Commanded): void {
  draft.hold = null;
  draft.cancelled_by = null;
  draft.blocked = null;
  draft.completed = null;
  draft.epoch = { number: draft.epoch.number + 1, since: at, by };
  draft.pr_refused = null;
  draft.finished = null;
}

export function wish(draft: Draft, { engine, model }: Pick<Commanded, 'engine' | 'model'>): void {
  draft.wish = { engine: engine ?? draft.wish.engine, model: model ?? (engine === null ? draft.wish.model : null) };
}

/** A retry that does not stay with its engine. */
export function reroute(draft: Draft, { engine, model }: Pick<Commanded, 'engine' | 'model'>): void {
  // Said twice before it started anew, it is the same engine that is to be left.
  draft.avoid = draft.route?.engine ?? draft.avoid;
  draft.wish = { engine, model };
  draft.route = null;
}

/** Older guidance is history. */
const NOTES_MAX = 10;

export function note(draft: Draft, said: Note): void {
  draft.notes.push(said);
  if (draft.notes.length > NOTES_MAX) draft.notes.shift();
}

export function unskip(draft: Draft, at: Instant): void {
  draft.hold = null;
  draft.freed_at = at;
}

export function block(draft: Draft, on: readonly IssueNumber[], { by, at }: Pick<Commanded, 'by' | 'at'>): void {
  const before = draft.blocked;
  draft.blocked = {
    by,
    at,
    on: [...new Set([...(before?.on ?? []), ...on])].slice(-ISSUES_MAX),
    bare: on.length === 0 || before?.bare === true,
  };
}

/** `of`: none is all. Issues that nobody blocked it for take nothing back. */
export function unblock(draft: Draft, of: readonly IssueNumber[], at: Instant): void {
  const { blocked } = draft;
  if (!unblocks(blocked, of)) return;
  draft.freed_at = at;
  const left = blocked.on.filter((issue) => !of.includes(issue));
  draft.blocked = of.length === 0 || (left.length === 0 && !blocked.bare) ? null : { ...blocked, on: left };
}

/** Whether an `unblock` of these issues (none: of all) changes anything. */
export function unblocks(blocked: Blocked | null, of: readonly IssueNumber[]): blocked is Blocked {
  return blocked !== null && (of.length === 0 || of.some((issue) => blocked.on.includes(issue)));
}
