// Owns which tasks a tick looks at although nothing was said of them: what their journals alone say may have moved.
import { unreachable } from './fault.ts';
import { liveAttempt } from './fold-journal.ts';
import type { TaskId } from './ids.ts';
import { epochMs } from './instant.ts';
import type { TaskJournal } from './journal.ts';

type Journals = ReadonlyMap<TaskId, TaskJournal>;

/**
 * - `owed`: something happened that people have not been shown, or an attempt runs.
 * - `queued`: may start as soon as a slot is free or its time has come.
 * - `review`: its pull request may have been merged or closed.
 * - `blocked`: what it waits for may have been closed, or the circle it is part of may be broken.
 */
type Reason = 'owed' | 'queued' | 'review' | 'blocked';

/** Least share of the places for each reason, so that none starves another; what one leaves free the others use. */
const SHARES: Readonly<Record<Exclude<Reason, 'owed'>, number>> = { queued: 0.4, review: 0.3, blocked: 0.3 };

const OLDEST_EVERY = 3;

/** At most `places` tasks, the most urgent first; the queue in its order, as far as journals know it. */
export function dueWork(journals: Journals, places: number): readonly TaskId[] {
  const due = Map.groupBy(journals.keys(), (id) => reasonOf(journals.get(id)));
  const owed = due.get('owed') ?? [];
  const others = (['queued', 'review', 'blocked'] as const).map((reason) => ({
    tasks: withOldest(inOrder(due.get(reason) ?? [], journals), journals),
    share: Math.floor(Math.max(0, places - owed.length) * SHARES[reason]),
  }));
  const first = others.flatMap(({ tasks, share }) => tasks.slice(0, share));
  const rest = others.flatMap(({ tasks, share }) => tasks.slice(share));
  return [...owed, ...first, ...rest].slice(0, places);
}

function reasonOf(journal: TaskJournal | undefined): Reason | null {
  if (journal === undefined) return null;
  if (liveAttempt(journal) !== null || journal.news.length > 0 || journal.changes.length > 0) return 'owed';
  if (journal.hold !== null && journal.hold.until !== null) return 'queued';
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
