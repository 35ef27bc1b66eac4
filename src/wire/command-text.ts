// Owns the grammar of commands in comments: `/orch <verb>`, or the mention, at the start of a line of prose.
import { Verb } from '../domain/command.ts';
import type { ParsedCommand } from '../domain/command.ts';
import { ModelName } from '../domain/ids.ts';
import { EngineId } from '../domain/task.ts';
import { cutChars } from './cut.ts';
import { commandOf } from './inbox.ts';
import { proseLines } from './prose.ts';

const COMMANDS_MAX = 5;
const WORD_CHARS_MAX = 50;
const LINE_CHARS_MAX = 1_000;
/** Verb, engine, model; whatever follows is the person's own reason. */
const WORDS_MAX = 3;

/**
 * Quotations, code and HTML comments do not speak: people quote each other, and paste logs. An empty command asks for
 * help. `mention` is the configured one, with its `@`.
 */
export function parseCommands(body: string, mention: string): readonly ParsedCommand[] {
  const addressed = proseLines(body).flatMap((line) => addressedTo(line, mention));
  return addressed.slice(0, COMMANDS_MAX).map(understood);
}

/** The command as a person would type it. */
export function renderCommand({ command }: ParsedCommand & { readonly kind: 'command' }): string {
  const words = command.verb === 'retry' ? [command.engine, command.model].filter((word) => word !== null) : [];
  return ['/orch', command.verb, ...words].join(' ');
}

const ADDRESS = /^\s{0,3}(\S{1,120})(?:\s|$)/;

function addressedTo(line: string, mention: string): readonly (readonly string[])[] {
  const address = ADDRESS.exec(line);
  const word = address?.[1]?.toLowerCase() ?? '';
  if (word !== '/orch' && (mention === '' || word.replace(/[,:]$/, '') !== mention.toLowerCase())) return [];
  const rest = line.slice(address?.[0].length ?? 0, LINE_CHARS_MAX).split(/\s/);
  return [rest.filter((each) => each !== '').slice(0, WORDS_MAX)];
}

function understood([verb_word = 'help', engine_word, model_word]: readonly string[]): ParsedCommand {
  const verb = Verb.safeParse(bare(verb_word));
  if (!verb.success) return { kind: 'unknown', word: cutChars(verb_word, WORD_CHARS_MAX), refusal: 'unknown_verb' };
  if (verb.data !== 'retry') {
    return { kind: 'command', command: commandOf({ verb: verb.data, engine: null, model: null }) };
  }
  if (engine_word === undefined) return { kind: 'command', command: { verb: 'retry', engine: null, model: null } };
  const engine = EngineId.safeParse(bare(engine_word));
  if (!engine.success)
    return { kind: 'unknown', word: cutChars(engine_word, WORD_CHARS_MAX), refusal: 'unknown_engine' };
  const model = ModelName.safeParse(model_word?.replaceAll('`', ''));
  return { kind: 'command', command: { verb: 'retry', engine: engine.data, model: model.success ? model.data : null } };
}

/** People write "Why?" and `codex`, with the backticks. */
function bare(word: string): string {
  return word.toLowerCase().replaceAll(/^[`*]+|[`*.,:;!?]+$/g, '');
}
