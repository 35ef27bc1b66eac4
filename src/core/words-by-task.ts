// Owns what people said to each task, through all doors, in the order in which they said it.
import type { InboxEntry } from '../domain/command.ts';
import { TaskId } from '../domain/ids.ts';
import type { IssueNumber } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { isToAll } from '../domain/word-to-all.ts';
import { whereWordsStand } from './addressees.ts';
import type { Addressed } from './addressees.ts';
import { mayCommand } from './permissions.ts';
import { hearComment, hearDispatch } from './steps/obey-commands.ts';
import type { Prompt, Utterance } from './steps/obey-commands.ts';
import type { World } from './world.ts';

export interface Words {
  readonly prompts: Prompt[];
  readonly said: Utterance[];
}

export const SILENCE: Words = { prompts: [], said: [] };

/** Oldest first. */
export function wordsByTask(world: World, addressed: readonly Addressed[]): ReadonlyMap<TaskId, Words> {
  const words = new Map<TaskId, Words>();
  const to = (task: TaskId): Words => {
    const known = words.get(task) ?? { prompts: [], said: [] };
    words.set(task, known);
    return known;
  };
  const home = homeOfDispatches(world);
  for (const { task, spoken } of addressed) to(task).said.push(hearComment(world, spoken));
  for (const { ask: asked, run, by, at } of world.snapshot.inbox) {
    if (asked.kind === 'prompt') to(TaskId.parse(`i${run}`)).prompts.push({ run, by, at, asked });
    else {
      const task = asked.kind === 'word' ? asked.task : home(asked.issue);
      if (task !== null) to(task).said.push(hearDispatch(world, { run, by, at }, asked.command));
    }
  }
  for (const each of saidToAll(words, world)) to(each.task).said.push(each.utterance);
  for (const { said } of words.values()) said.sort(inOrder);
  return words;
}

/** Under the number of a pull request of ours stands its task. */
export function homeOfDispatches(world: World): (issue: IssueNumber) => TaskId {
  const stands_on = world.snapshot.inbox.length === 0 ? () => undefined : whereWordsStand(world);
  return (issue) => stands_on(issue) ?? TaskId.parse(String(issue));
}

/** GitHub tells seconds, and numbers comments as they come. */
function inOrder(a: Utterance, b: Utterance): number {
  const apart = epochMs(a.at) - epochMs(b.at);
  return apart === 0 && 'comment' in a.from && 'comment' in b.from ? a.from.comment - b.from.comment : apart;
}

/**
 * `unblock all` reaches every task that a word blocks, `start all` those in line; each is answered where it was said.
 * Whom it concerns is asked when its turn comes, since an earlier word of this very tick may decide it.
 */
function saidToAll(
  words: ReadonlyMap<TaskId, Words>,
  world: World,
): readonly { readonly task: TaskId; readonly utterance: Utterance }[] {
  const spoken: readonly ToAll[] = [...words].flatMap(([task, { said }]) =>
    said.map((utterance) => ({ task, utterance })),
  );
  const heard = [...spoken, ...dispatchedToAll(world)]
    .filter(({ task, utterance }) => isToAll(utterance) && holdsEverywhere(utterance, task, world))
    .map(({ task, utterance }) => ({ task, utterance: { ...utterance, to: null, elsewhere: true as const } }));
  if (heard.length === 0) return [];
  return [...world.snapshot.tasks.keys()].flatMap((id) =>
    heard.filter(({ task }) => task !== id).map(({ utterance }) => ({ task: id, utterance })),
  );
}

interface ToAll {
  /** Where it was said; null: nowhere. */
  readonly task: TaskId | null;
  readonly utterance: Utterance;
}

function dispatchedToAll(world: World): readonly ToAll[] {
  return world.snapshot.inbox.flatMap((entry): ToAll[] =>
    isToNobody(entry) ? [{ task: null, utterance: hearDispatch(world, entry, entry.ask.command) }] : [],
  );
}

function isToNobody(entry: InboxEntry): entry is InboxEntry & { readonly ask: { readonly kind: 'word' } } {
  return entry.ask.kind === 'word' && entry.ask.task === null;
}

/**
 * By somebody who may, as far as is known now: who they are is read while the word is owed to anybody, and nobody who
 * was not asked about is refused where they did not speak. What was refused where it was said is refused.
 */
function holdsEverywhere({ parsed, role, from, edited }: Utterance, task: TaskId | null, world: World): boolean {
  if (edited === true || parsed.kind !== 'command' || !mayCommand(world, parsed.command.verb, role)) return false;
  const handled = task === null ? undefined : world.snapshot.tasks.get(task)?.journal.handled_comments;
  return !('comment' in from) || (handled?.get(from.comment) ?? null) === null;
}
