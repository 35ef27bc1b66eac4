// Owns whom a comment speaks to: the task it stands under, the one whose pull request it is, or a task of its own.
import { tooLong } from '../domain/command.ts';
import type { FreeWords, ParsedCommand, SpokenCommand } from '../domain/command.ts';
import { TaskId } from '../domain/ids.ts';
import type { IssueNumber } from '../domain/ids.ts';
import type { MentionRead } from '../domain/room.ts';
import { atLeast } from '../domain/task.ts';
import { isTask, openDraft } from './draft.ts';
import { OUTSIDE_ROLE } from './permissions.ts';
import { roleOf } from './world.ts';
import type { World } from './world.ts';

export interface Addressed {
  readonly task: TaskId;
  readonly spoken: SpokenCommand & { readonly parsed: ParsedCommand };
}

export interface Addressees {
  readonly addressed: readonly Addressed[];
  /** What free words were taken for, before anything follows from it. */
  readonly room: readonly MentionRead[];
}

/** Bots do not command: the next tick would answer our own words. */
export function addressees(world: World): Addressees {
  const people = world.snapshot.commands.filter(({ by_bot }) => !by_bot);
  const stands_on = people.length === 0 ? () => undefined : whereWordsStand(world);
  const found = people.map((spoken) => addresseeOf(spoken, stands_on(spoken.issue), world));
  return {
    addressed: found.flatMap(({ addressed }) => addressed ?? []),
    room: found.flatMap(({ read }) => read ?? []),
  };
}

interface Addressee {
  readonly addressed: Addressed | null;
  readonly read: MentionRead | null;
}

function addresseeOf(spoken: SpokenCommand, stands_on: TaskId | undefined, world: World): Addressee {
  const { parsed } = spoken;
  if (parsed.kind !== 'free') {
    const task = isAsk(parsed) ? askedTask(spoken) : stands_on;
    return { addressed: task === undefined ? null : { task, spoken: { ...spoken, parsed } }, read: null };
  }
  const meaning = meaningOf(spoken, stands_on, world);
  const task = meaning?.as === 'ask' ? askedTask(spoken) : stands_on;
  if (meaning === null || task === undefined) return { addressed: null, read: null };
  const addressed = { task, spoken: { ...spoken, parsed: wordsAs(meaning.as, parsed) } };
  return { addressed, read: meaning.is_new ? newsOf(spoken, meaning, world) : null };
}

function newsOf({ comment }: SpokenCommand, { as }: Meaning, { snapshot }: World): MentionRead {
  return { kind: 'mention_read', at: snapshot.at, comment, as };
}

/** GitHub numbers comments and runs apart, and runs are many times as many: the two name no task alike. */
export function askedTask({ comment }: Pick<SpokenCommand, 'comment'>): TaskId {
  return TaskId.parse(`i${comment}`);
}

export function isAsk(parsed: ParsedCommand): boolean {
  return parsed.kind === 'command' && parsed.command.verb === 'ask';
}

interface Meaning {
  readonly as: MentionRead['as'];
  readonly is_new: boolean;
}

/**
 * Guidance where a task is under way, a task of its own elsewhere. Two ticks at once may see the issue differently, and
 * each would write into another journal: so the room says which it is, and what it has said holds. null: nobody's word,
 * or not to be told yet.
 */
function meaningOf(spoken: SpokenCommand, stands_on: TaskId | undefined, world: World): Meaning | null {
  const { comment, issue, by } = spoken;
  const { snapshot } = world;
  const known = snapshot.room.state.mentions.find((mention) => mention.comment === comment);
  if (known !== undefined) return { as: known.as, is_new: false };
  const facts = stands_on === undefined ? undefined : snapshot.tasks.get(stands_on);
  if (facts?.journal.handled_comments.has(comment) === true) return { as: 'say', is_new: false };
  // The router may have been asked about a task that this very tick makes of it: it is there, and nobody wrote it down.
  const made = snapshot.tasks.get(askedTask(spoken));
  if (made?.journal.handled_comments.has(comment) === true) return { as: 'ask', is_new: false };
  const unread = facts?.issue_read === 'unread' || snapshot.unread.some(({ task }) => task === String(issue));
  if (unread || !atLeast(roleOf(world, by), OUTSIDE_ROLE)) return null;
  const is_open = facts !== undefined && facts.journal.finished === null && isTask(openDraft(facts, world));
  return { as: is_open ? 'say' : 'ask', is_new: true };
}

function wordsAs(as: MentionRead['as'], { text }: FreeWords): ParsedCommand {
  return tooLong(as, text) ?? { kind: 'command', command: { verb: as, text } };
}

/** A word on a pull request of ours is a word on its task; undefined: nothing that was read stands there. */
export function whereWordsStand({ snapshot: { tasks, pulls } }: World): (number: IssueNumber) => TaskId | undefined {
  const pairs = [...tasks.values()].flatMap(({ id, journal, pull }): [number, TaskId][] => {
    const numbers = [journal.pr, pull?.number ?? null];
    return numbers.flatMap((number): [number, TaskId][] => (number === null ? [] : [[number, id]]));
  });
  const known = new Map(pairs);
  return (number) => {
    const on = TaskId.parse(String(number));
    if (tasks.has(on)) return on;
    const named = pulls?.get(number)?.task ?? null;
    return known.get(number) ?? (named !== null && tasks.has(named) ? named : undefined);
  };
}
