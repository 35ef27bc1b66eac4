// Owns which tasks a word to all tasks concerns: by their journals alone, so that whoever reads and whoever decides agree.
import { saidToAllTasks } from './command.ts';
import type { FreeWords, ParsedCommand, SpokenCommand } from './command.ts';
import { isInLine } from './fold-journal.ts';
import type { Instant, TaskId } from './ids.ts';
import { isBefore } from './instant.ts';
import type { TaskJournal } from './journal.ts';

export interface WordToAll {
  readonly parsed: ParsedCommand | FreeWords;
  readonly at: Instant;
}

export function isToAll({ parsed }: Pick<WordToAll, 'parsed'>): boolean {
  return parsed.kind === 'command' && saidToAllTasks(parsed.command) !== null;
}

/** Whom it does not concern, or not any more, it does not reach. */
export function reaches({ parsed, at }: WordToAll, journal: TaskJournal): boolean {
  const verb = parsed.kind === 'command' ? saidToAllTasks(parsed.command) : null;
  if (verb === 'unblock') return journal.blocked !== null && isBefore(journal.blocked.at, at);
  if (verb !== 'start' || !isInLine(journal, at)) return false;
  // Let in, put back in line, or started by a word, after this was said: it was not meant.
  const heard = [journal.admitted?.at ?? null, journal.freed_at, journal.epoch.since];
  return heard.every((before) => before === null || isBefore(before, at));
}

/**
 * Its receipt stands where it was said, and a task it concerns has not heard it: that task's journal was lost to somebody
 * else in the tick that obeyed it everywhere else. What was refused where it was said is owed to nobody.
 */
export function isOwed(
  { comment, parsed, at, edited }: Pick<SpokenCommand, 'comment' | 'parsed' | 'at' | 'edited'>,
  journals: ReadonlyMap<TaskId, TaskJournal>,
): boolean {
  if (edited === true || !isToAll({ parsed })) return false;
  const all = [...journals.values()];
  const is_refused = all.some(({ handled_comments }) => (handled_comments.get(comment) ?? null) !== null);
  return !is_refused && all.some((each) => !each.handled_comments.has(comment) && reaches({ parsed, at }, each));
}
