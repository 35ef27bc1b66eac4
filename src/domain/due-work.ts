// Owns which tasks a tick looks at although nothing was said of them: what their journals alone say may have moved.
import { unreachable } from './fault.ts';
import { liveAttempt } from './fold-journal.ts';
import type { Instant, TaskId } from './ids.ts';
import { epochMs, isBefore } from './instant.ts';
import type { TaskJournal } from './journal.ts';

type Journals = ReadonlyMap<TaskId, TaskJournal>;

/**
 * - `owed`: something happened that people have not been shown.
 * - `running`: an attempt holds it; its job may have died.
 * - `queued`: may start as soon as a slot is free or its time has come.
 * - `review`: its pull request may have been merged or closed.
 * - `blocked`: what it waits for may have been closed, or the circle it is part of may be broken.
 */
type Reason = (typeof REASONS)[number];

/** The most urgent first: what one leaves free goes to the others in this order. */
const REASONS = ['owed', 'running', 'queued', 'review', 'blocked'] as const;

/** Most of the places that these may take while others want them, and how the rest is shared: none starves another. */
const FIRST_SHARES = { owed: 0.5, running: 0.25 } as const;
const SHARES = { queued: 0.4, review: 0.3, blocked: 0.3 } as const;

const OLDEST_EVERY = 3;

/** As often as our caller file has the schedule look, when nothing wakes us. */
const SCHEDULE_MINUTES = 30;
/**
 * The clock's hand goes round in this time. By the golden section of the schedule it never falls in step with it: looks
 * so far apart begin where they cover all tasks soonest, however few of them fit.
 */
const ROUND_MS = SCHEDULE_MINUTES * 60_000 * ((3 - Math.sqrt(5)) / 2);

export interface Look {
  readonly places: number;
  readonly at: Instant;
}

/** At most `places` tasks: the queue in its order, as far as journals know it, the others in turn where they are too many. */
export function dueWork(journals: Journals, { places, at }: Look): readonly TaskId[] {
  const due = Map.groupBy(journals.keys(), (id) => reasonOf(journals.get(id), at));
  const wanting = (reason: Reason): readonly TaskId[] => due.get(reason) ?? [];
  const counts = allotted((reason) => wanting(reason).length, places);
  return REASONS.flatMap((reason) => {
    const tasks = inOrder(wanting(reason), journals);
    return reason === 'queued'
      ? withOldest(tasks, journals).slice(0, counts[reason])
      : inTurn(tasks, counts[reason], at);
  });
}

function allotted(wanted: (reason: Reason) => number, places: number): Readonly<Record<Reason, number>> {
  const given = { owed: 0, running: 0, queued: 0, review: 0, blocked: 0 };
  let left = places;
  const give = (reason: Reason, up_to: number): void => {
    const more = Math.min(Math.floor(up_to), wanted(reason) - given[reason], left);
    given[reason] += more;
    left -= more;
  };
  give('owed', places * FIRST_SHARES.owed);
  give('running', places * FIRST_SHARES.running);
  const rest = left;
  give('queued', rest * SHARES.queued);
  give('review', rest * SHARES.review);
  give('blocked', rest * SHARES.blocked);
  for (const reason of REASONS) give(reason, left);
  return given;
}

/** So many of the tasks. A quiet look writes nothing down, so the clock says with which it begins. */
function inTurn(tasks: readonly TaskId[], count: number, at: Instant): readonly TaskId[] {
  if (count >= tasks.length) return tasks;
  const from = Math.floor(((epochMs(at) % ROUND_MS) / ROUND_MS) * tasks.length);
  return [...tasks.slice(from), ...tasks.slice(0, from)].slice(0, count);
}

function reasonOf(journal: TaskJournal | undefined, at: Instant): Reason | null {
  if (journal === undefined) return null;
  if (journal.news.length > 0 || journal.changes.length > 0) return 'owed';
  if (liveAttempt(journal) !== null) return 'running';
  if (journal.finished === null && isOver(journal.hold, at)) return 'queued';
  if (journal.shown === null) return journal.admitted === null ? null : 'owed';
  switch (journal.shown.state) {
    case 'new':
    case 'routed':
      return 'queued';
    case 'in_progress':
      return 'owed';
    case 'in_review':
      return 'review';
    case 'blocked':
      return 'blocked';
    case 'needs_review':
      return journal.shown.knot === undefined ? null : 'blocked';
    case 'done':
    case 'skipped':
    case 'archived':
      return null;
    default:
      return unreachable(journal.shown.state);
  }
}

/** Its day has come. */
function isOver(hold: TaskJournal['hold'], at: Instant): boolean {
  return hold !== null && hold.until !== null && !isBefore(at, hold.until);
}

function inOrder(tasks: readonly TaskId[], journals: Journals): readonly TaskId[] {
  const places = tasks.map((id) => ({ id, ...placeOf(journals.get(id)) }));
  return places.sort((a, b) => b.priority - a.priority || a.since_ms - b.since_ms).map(({ id }) => id);
}

/** Every third is the one that has waited longest: priority alone would leave some unread for ever. */
function withOldest(ordered: readonly TaskId[], journals: Journals): readonly TaskId[] {
  const oldest = ordered.toSorted((a, b) => placeOf(journals.get(a)).since_ms - placeOf(journals.get(b)).since_ms);
  const mixed = ordered.flatMap((task, index) => {
    const old = index % OLDEST_EVERY === OLDEST_EVERY - 1 ? oldest[Math.floor(index / OLDEST_EVERY)] : undefined;
    return old === undefined ? [task] : [old, task];
  });
  return [...new Set(mixed)];
}

function placeOf(journal: TaskJournal | undefined): { readonly priority: number; readonly since_ms: number } {
  const since = journal?.admitted?.at ?? journal?.asked?.at ?? null;
  return { priority: journal?.shown?.priority ?? 0, since_ms: since === null ? 0 : epochMs(since) };
}
