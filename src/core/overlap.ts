// Owns the forecast of collisions: tasks that will probably touch the same files run one after the other.
import { lastTry, liveAttempt } from '../domain/fold-journal.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { Attempt, TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import type { TaskState } from '../domain/task.ts';

const FILES_MAX = 20;
const PATH_CHARS_MAX = 200;
/** However long a review takes, what waits for its merge goes on after this. */
export const MERGE_AWAITED_HOURS_MAX = 24;

/** Files that tasks under way will probably touch. */
export type Taken = ReadonlyMap<TaskId, readonly string[]>;

/** A line `Files: src/a.ts, docs/` of a text. Others' text: it is compared, and nothing else is done with it. */
export function filesHinted(text: string): readonly string[] {
  const lines = text.matchAll(/^[ \t>*_-]*files?[ \t*_]*:[\s*_]*(.+)$/gim);
  const words = [...lines]
    .flatMap(([, list = '']) => list.split(/[\s,;]+/))
    .map((word) => word.replace(/^[`'"(]+|[`'").]+$/g, ''));
  const paths = words.filter((word) => /^[\w@.~+-]+(?:\/[\w@.~+-]+)*\/?$/.test(word) && /[./]/.test(word));
  return [...new Set(paths)].filter((path) => path.length <= PATH_CHARS_MAX).slice(0, FILES_MAX);
}

/** Of all journals, those of tasks that this tick did not read included. */
export function takenFiles(journals: ReadonlyMap<TaskId, TaskJournal>, { overlap }: Policy, now: Instant): Taken {
  if (overlap === 'off') return new Map();
  return new Map(
    [...journals]
      .filter(([, journal]) => isUnderWay(journal, overlap, now))
      .map(([id, { route }]) => [id, route?.likely_files ?? []]),
  );
}

function isUnderWay(journal: TaskJournal, overlap: 'running' | 'merged', now: Instant): boolean {
  if (liveAttempt(journal) !== null) return true;
  const last = lastTry(journal);
  if (overlap === 'running' || last?.settled?.outcome !== 'delivered' || isGivenUp(journal, last)) return false;
  return isBefore(now, plusMinutes(last.settled.at, MERGE_AWAITED_HOURS_MAX * 60));
}

/** What it delivered will not be merged as it stands: closed, rejected, taken out, or begun anew. */
function isGivenUp(journal: TaskJournal, last: Attempt): boolean {
  const { finished, completed, hold, epoch } = journal;
  const is_over = finished !== null || completed !== null || last.epoch !== epoch.number;
  return is_over || hold?.verb === 'skip' || hold?.verb === 'cancel' || isIdle(journal);
}

/** A person who has to open the pull request, since GitHub refused ours, is about to merge it. */
function isIdle({ shown, pr_refused }: TaskJournal): boolean {
  if (shown === null || (shown.state === 'needs_review' && pr_refused !== null)) return false;
  return IDLE.has(shown.state);
}

const IDLE: ReadonlySet<TaskState> = new Set(['needs_review', 'skipped', 'done', 'archived']);

export interface Overlap {
  readonly task: TaskId;
  readonly files: readonly string[];
}

/** The first task under way that would touch one of these files. */
export function overlapWith(task: TaskId, files: readonly string[], taken: Taken): Overlap | null {
  if (files.length === 0) return null;
  for (const [other, theirs] of taken) {
    const shared = files.filter((file) => theirs.some((each) => meets(file, each)));
    if (other !== task && shared.length > 0) return { task: other, files: shared };
  }
  return null;
}

/** The same file, or one below the other where that is a folder, `docs/`. */
function meets(a: string, b: string): boolean {
  return a === b || (a.endsWith('/') && b.startsWith(a)) || (b.endsWith('/') && a.startsWith(b));
}
