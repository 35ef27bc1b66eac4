// Owns commands as they are found: in what was said, and in records, in the words of the first version or whole.
import type { Command, InboxEntry, SpokenCommand, Verb } from './command.ts';
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
    ...said.commands.flatMap(({ parsed }) => (parsed.kind === 'command' ? [parsed.command] : [])),
    ...said.inbox.flatMap(({ ask }) => (ask.kind === 'prompt' ? [] : [ask.command])),
  ];
}
