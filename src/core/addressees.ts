// Owns whom a comment speaks to: the task it stands under, the one whose pull request it is, or a task of its own.
import { SAY_CHARS_MAX } from '../domain/command.ts';
import type { FreeWords, ParsedCommand, SpokenCommand } from '../domain/command.ts';
import { TaskId } from '../domain/ids.ts';
import { isTask, openDraft } from './draft.ts';
import type { World } from './world.ts';

export interface Addressed {
  readonly task: TaskId;
  readonly spoken: SpokenCommand & { readonly parsed: ParsedCommand };
}

/** Bots do not command: the next tick would answer our own words. */
export function addressees(world: World): readonly Addressed[] {
  const people = world.snapshot.commands.filter(({ by_bot }) => !by_bot);
  const pulls = people.length === 0 ? new Map<number, TaskId>() : tasksByPull(world);
  return people.flatMap((spoken): Addressed[] => {
    const on = TaskId.parse(String(spoken.issue));
    const stands_on = world.snapshot.tasks.has(on) ? on : pulls.get(spoken.issue);
    const parsed = understood(spoken, stands_on, world);
    const task = isAsk(parsed) ? askedTask(spoken) : stands_on;
    return task === undefined ? [] : [{ task, spoken: { ...spoken, parsed } }];
  });
}

/** GitHub numbers comments and runs apart, and runs are many times as many: the two name no task alike. */
export function askedTask({ comment }: Pick<SpokenCommand, 'comment'>): TaskId {
  return TaskId.parse(`i${comment}`);
}

export function isAsk(parsed: ParsedCommand): boolean {
  return parsed.kind === 'command' && parsed.command.verb === 'ask';
}

/** What the same words meant the first time they mean for ever, whatever became of the task since. */
function understood(spoken: SpokenCommand, stands_on: TaskId | undefined, world: World): ParsedCommand {
  const { parsed, comment } = spoken;
  if (parsed.kind !== 'free') return parsed;
  const { tasks } = world.snapshot;
  if (tasks.has(askedTask(spoken))) return askIn(parsed);
  const facts = stands_on === undefined ? undefined : tasks.get(stands_on);
  if (facts === undefined) return askIn(parsed);
  const { handled_comments, finished } = facts.journal;
  const is_open = finished === null && isTask(openDraft(facts, world));
  return is_open || handled_comments.has(comment) ? guidanceIn(parsed) : askIn(parsed);
}

function askIn({ text }: FreeWords): ParsedCommand {
  return { kind: 'command', command: { verb: 'ask', text } };
}

function guidanceIn({ text }: FreeWords): ParsedCommand {
  return { kind: 'command', command: { verb: 'say', text: text.slice(0, SAY_CHARS_MAX).trim() } };
}

/** A word on a pull request of ours is a word on its task. */
function tasksByPull({ snapshot }: World): ReadonlyMap<number, TaskId> {
  const pairs = [...snapshot.tasks.values()].flatMap(({ id, journal, pull }): [number, TaskId][] => {
    const numbers = [journal.pr, pull?.number ?? null];
    return numbers.flatMap((number): [number, TaskId][] => (number === null ? [] : [[number, id]]));
  });
  return new Map(pairs);
}
