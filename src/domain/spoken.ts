// Owns commands as they are found: in what was said, and in records, in the words of the first version or whole.
import { saidToAllTasks } from './command.ts';
import type { Command, FreeWords, InboxEntry, ParsedCommand, SpokenCommand, Verb } from './command.ts';
import type { ModelName } from './ids.ts';
import type { EngineId } from './task.ts';

/** What records always held: enough for people who read `git log`, and for the version that knew no more. */
export interface SpokenWords {
  readonly verb: Verb;
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
}

export function spokenWords(command: Command): SpokenWords {
  const engine = 'engine' in command ? command.engine : null;
  return { verb: command.verb, engine, model: 'model' in command ? command.model : null };
}

/** Records of the first version know `retry`, `skip`, `cancel`, `why` and `help`, and hold no command. */
export function commandOf({
  verb,
  engine,
  model,
  command,
}: SpokenWords & { readonly command?: Command | undefined }): Command {
  if (command?.verb === verb) return command;
  if (verb === 'retry') return { verb, engine, model };
  if (verb === 'skip') return { verb, until: null };
  return verb === 'cancel' || verb === 'why' ? { verb } : { verb: 'help' };
}

/** All that is understood of what was said, through whichever door. */
export function commandsIn(said: {
  readonly commands: readonly SpokenCommand[];
  readonly inbox: readonly InboxEntry[];
}): readonly Command[] {
  return [
    ...said.commands
      .flatMap(({ parsed, more = [] }) => [parsed, ...more])
      .flatMap((parsed) => (parsed.kind === 'command' ? [parsed.command] : [])),
    ...said.inbox.flatMap(({ ask }) => (ask.kind === 'prompt' ? [] : [ask.command])),
  ];
}

/** More of them are a text, not an order. */
export const HEEDED_MAX = 5;

/** Whether a word changes nothing but the task it is said to; all others stand alone in their comment. */
const IS_TO_ITS_TASK: Readonly<Record<Verb, boolean>> = {
  start: true,
  assign: true,
  route: true,
  retry: true,
  reroute: true,
  skip: true,
  unskip: true,
  cancel: true,
  hold: true,
  block: true,
  unblock: true,
  priority: true,
  say: true,
  complete: true,
  publish: true,
  ask: false,
  import: false,
  export: false,
  refresh: true,
  pause: false,
  resume: false,
  job: false,
  set: false,
  why: true,
  status: true,
  queue: true,
  settings: true,
  help: true,
};

/**
 * What one comment says. Its commands share one id, so they are written down in one append or not at all: that holds
 * for words to one task only. The same one right again says nothing new.
 */
export function inOneComment(
  words: readonly (ParsedCommand | FreeWords)[],
): Pick<SpokenCommand, 'parsed' | 'more' | 'unheeded'> | null {
  const [parsed, ...others] = words.filter((word, at) => !isEcho(word, words.slice(0, at)));
  if (parsed === undefined) return null;
  const heard = isToItsTask(parsed) ? others.filter(isToItsTask) : [];
  // One answer tells what would be understood.
  const unknown = [parsed, ...heard].find(({ kind }) => kind === 'unknown');
  const more = heard.filter((word) => word.kind === 'command' || word === unknown).slice(0, HEEDED_MAX - 1);
  const unheeded = others.length - more.length;
  return { parsed, ...(more.length === 0 ? {} : { more }), ...(unheeded === 0 ? {} : { unheeded }) };
}

/** Behind another command, the same one may undo what that did. A word that nobody understands does nothing. */
function isEcho(word: ParsedCommand | FreeWords, before: readonly (ParsedCommand | FreeWords)[]): boolean {
  const last = before.findLast(({ kind }) => word.kind === 'unknown' || kind !== 'unknown');
  return JSON.stringify(last) === JSON.stringify(word);
}

function isToItsTask(parsed: ParsedCommand | FreeWords): parsed is ParsedCommand {
  if (parsed.kind !== 'command') return parsed.kind === 'unknown';
  return IS_TO_ITS_TASK[parsed.command.verb] && saidToAllTasks(parsed.command) === null;
}
