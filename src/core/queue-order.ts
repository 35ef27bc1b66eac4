// Owns who goes first: a total order as a numbered list of comparisons, the tie-break last.
import type { TaskId } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { PRIORITIES } from '../domain/label.ts';
import type { Policy } from '../domain/policy.ts';
import type { MilestoneFacts } from '../domain/snapshot.ts';
import type { Draft } from './draft.ts';

export interface Place {
  readonly task: TaskId;
  /** What a person put forward (or back) by a command; 0: nobody did. */
  readonly word: number;
  /** It has waited longer than anybody should. */
  readonly overdue: boolean;
  /** See `priorityRank`. */
  readonly rank: number;
  /** See `Waiting`. */
  readonly unblocks: number;
  readonly chain_minutes: number;
  /** See `milestoneRank`. */
  readonly milestone: number;
  /** When the task joined the queue, in milliseconds since 1970. */
  readonly since_ms: number;
}

/** Of several labels the strongest counts; without one a task stands between low and medium. */
export function priorityRank(priorities: readonly number[]): number {
  return priorities.length === 0 ? 0 : Math.max(...priorities);
}

/** A task that a person started, and in `hybrid` assignment one that they gave to an engine. */
const GIVEN = 1;

/** What a person said by a command beats labels, age and every reckoning. */
export function wordOf({ asks, journal }: Pick<Draft, 'asks' | 'journal'>, { assignment }: Policy): number {
  if (journal.priority !== null) return PRIORITIES[journal.priority];
  const is_given = assignment === 'hybrid' ? isGiven({ asks, journal }) : isStarted(journal);
  return is_given ? GIVEN : 0;
}

/** A person started it, or named its engine. */
export function isGiven({ asks, journal }: Pick<Draft, 'asks' | 'journal'>): boolean {
  return isStarted(journal) || journal.wish.engine !== null || (asks?.engines.length ?? 0) > 0;
}

/** By `start`, `retry` or `reroute`, or by reopening its issue, which is a retry without words. */
function isStarted({ epoch }: Draft['journal']): boolean {
  return epoch.number > 1;
}

/** What somebody ordered by a word beats the labels. */
export function rankOf({ asks, journal }: Pick<Draft, 'asks' | 'journal'>): number {
  return journal.priority === null ? priorityRank(asks?.priorities ?? []) : PRIORITIES[journal.priority];
}

const UNDATED = Number.MAX_SAFE_INTEGER - 1;
const NO_MILESTONE = Number.MAX_SAFE_INTEGER;

/** Lower goes first: the open milestone that is due soonest, then one without a date, then none. A closed one is none. */
export function milestoneRank(milestone: MilestoneFacts | null): number {
  if (milestone === null || !milestone.open) return NO_MILESTONE;
  return milestone.due === null ? UNDATED : epochMs(milestone.due);
}

/** Negative: `a` goes first. Never 0 for two different tasks. */
export function compareTasks(a: Place, b: Place): number {
  return (
    b.word - a.word || // 1. what a person put forward by a command
    Number(b.overdue) - Number(a.overdue) || // 2. whoever has waited too long
    (a.overdue && b.overdue ? 0 : compareWorth(a, b)) ||
    a.since_ms - b.since_ms || // 7. who has waited longest
    compareIds(a.task, b.task) // 8. the older number; issues before internal tasks
  );
}

/** Not asked among those that have waited too long: the oldest of them would wait for ever. */
function compareWorth(a: Place, b: Place): number {
  return (
    b.rank - a.rank || // 3. what a label says matters more
    b.unblocks - a.unblocks || // 4. what others wait for
    b.chain_minutes - a.chain_minutes || // 5. the critical path
    a.milestone - b.milestone // 6. what is due first
  );
}

function compareIds(a: TaskId, b: TaskId): number {
  const internal = Number(a.startsWith('i')) - Number(b.startsWith('i'));
  return internal || numberIn(a) - numberIn(b);
}

function numberIn(task: TaskId): number {
  return Number(task.startsWith('i') ? task.slice(1) : task);
}
