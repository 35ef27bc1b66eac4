// Owns the grammar of commands: `/orch <verb> …`, or the mention, at the start of a line of prose; dispatches say the same.
import { Command, ISSUES_MAX, tooLong, Verb } from '../domain/command.ts';
import type { FreeWords, ParsedCommand } from '../domain/command.ts';
import { EngineId } from '../domain/task.ts';
import { cutChars } from './cut.ts';
import { jobArguments, jobWords } from './job-words.ts';
import { withProse } from './prose.ts';
import {
  bare,
  issuesIn,
  keyIn,
  modelIn,
  modelWord,
  partIn,
  pathIn,
  untilIn,
  valueIn,
  wrongEngine,
} from './word-values.ts';
import { withoutFirst, wordsIn } from './words.ts';

const COMMANDS_MAX = 50;
const WORD_CHARS_MAX = 50;
const WORDS_MAX = ISSUES_MAX + 1;

/** How each command is said. Whatever follows is the person's own reason; a `<text>` goes on in the lines below. */
export const USAGE: Readonly<Record<Verb, string>> = {
  start: 'start [all]',
  assign: 'assign <engine> [model|model:<name>]',
  route: 'route [simple|medium|complex]',
  retry: 'retry [engine] [model|model:<name>]',
  reroute: 'reroute [engine] [model|model:<name>]',
  skip: 'skip [until YYYY-MM-DD]',
  unskip: 'unskip',
  cancel: 'cancel',
  hold: 'hold [until YYYY-MM-DD]',
  block: 'block [#issue …]',
  unblock: 'unblock [#issue …|all]',
  priority: 'priority critical|high|medium|low|none',
  say: 'say <text>',
  complete: 'complete',
  publish: 'publish',
  import: 'import <path of a .md or .jsonl file>',
  export: 'export',
  ask: 'ask <text>',
  refresh: 'refresh',
  pause: 'pause',
  resume: 'resume',
  job: 'job list | enable|disable|run|remove <name> | add <name> "<cron>" [in <time zone>] [audit] <prompt> | check "<cron>" [in <time zone>]',
  set: 'set <key> <value>|default',
  why: 'why',
  status: 'status',
  queue: 'queue [<state>|issues|jobs|prompts]',
  settings: 'settings [key]',
  help: 'help',
};

export function usageOf(word: string): string {
  const verb = Verb.safeParse(word);
  return verb.success ? USAGE[verb.data] : word;
}

/**
 * Quotations, code and HTML comments do not speak: people quote each other, and paste logs. An empty command asks for
 * help. `mention` is the configured one, with its `@`.
 */
export function parseCommands(body: string, mention: string): readonly (ParsedCommand | FreeWords)[] {
  if (!mayAddress(body, mention)) return [];
  const lines = withProse(body);
  const addressed = lines.flatMap(({ line, is_prose }, at) => {
    const address = is_prose ? addressedTo(line, mention) : null;
    return address === null ? [] : [{ ...address, at }];
  });
  return addressed.slice(0, COMMANDS_MAX).map(({ words, by_mention, at }, index) => {
    const below = lines.slice(at + 1, addressed[index + 1]?.at).map(({ line }) => line);
    const parsed = parseCommandWords(words, below);
    if (!by_mention || parsed.kind !== 'unknown' || parsed.refusal !== 'unknown_verb') return parsed;
    return freeWords(words, below) ?? parsed;
  });
}

/** One or two words are a verb that was misspelt. */
const FREE_WORDS_MIN = 3;

function freeWords(words: string, below: readonly string[]): FreeWords | ParsedCommand | null {
  if (wordsIn(words).length < FREE_WORDS_MIN) return null;
  const text = [words, ...below].join('\n').trim();
  return tooLong('ask', text) ?? { kind: 'free', text };
}

/** Most comments speak to nobody: whether what stands there is prose need not be found out for them. */
function mayAddress(body: string, mention: string): boolean {
  return (
    /^\s{0,3}\/orch(?:\s|$)/im.test(body) || (mention !== '' && body.toLowerCase().includes(mention.toLowerCase()))
  );
}

/** The words behind `/orch`: what the other doors take as they are. `below`: the lines under them. Never throws. */
export function parseCommandWords(line: string, below: readonly string[] = []): ParsedCommand {
  const [verb_word = 'help', ...rest] = wordsIn(line);
  const verb = Verb.safeParse(bare(verb_word));
  if (!verb.success) return { kind: 'unknown', word: cutChars(verb_word, WORD_CHARS_MAX), refusal: 'unknown_verb' };
  const words = rest.slice(0, WORDS_MAX);
  const wrong = wrongEngine(verb.data, words);
  if (wrong !== null) return { kind: 'unknown', word: cutChars(wrong, WORD_CHARS_MAX), refusal: 'unknown_engine' };
  const text = withoutFirst(GOES_ON.has(verb.data) ? [line, ...below].join('\n') : line);
  const said = argumentsOf(verb.data, { words, text });
  const command = Command.safeParse({ verb: verb.data, ...said });
  return command.success
    ? { kind: 'command', command: command.data }
    : (tooLongIn(verb.data, said) ?? { kind: 'unknown', word: verb.data, refusal: 'unknown_words' });
}

/** What is said in them may be a text of several lines. */
const GOES_ON: ReadonlySet<Verb> = new Set(['say', 'ask']);

/** In what the schema refused. */
function tooLongIn(verb: Verb, said: object): ParsedCommand | null {
  if (verb !== 'say' && verb !== 'ask' && verb !== 'job') return null;
  const text = 'text' in said ? said.text : 'prompt' in said ? said.prompt : null;
  return typeof text === 'string' ? tooLong(verb, text) : null;
}

/** The command as a person would type it. */
export function renderCommand({ command }: ParsedCommand & { readonly kind: 'command' }): string {
  return ['/orch', command.verb, ...wordsOf(command)].join(' ');
}

const ADDRESS = /^\s{0,3}(\S{1,120})(?:\s|$)/;

interface Address {
  readonly words: string;
  readonly by_mention: boolean;
}

function addressedTo(line: string, mention: string): Address | null {
  const address = ADDRESS.exec(line);
  const word = address?.[1]?.toLowerCase() ?? '';
  const by_mention = mention !== '' && word.replace(/[,:]$/, '') === mention.toLowerCase();
  if (word !== '/orch' && !by_mention) return null;
  return { words: line.slice(address?.[0].length ?? 0), by_mention };
}

interface Said {
  readonly words: readonly string[];
  /** The rest of the line as it stands. */
  readonly text: string;
}

/** What the schema then judges; a value that is not there is left for it to refuse. */
function argumentsOf(verb: Verb, { words, text }: Said): object {
  switch (verb) {
    case 'assign':
    case 'retry':
    case 'reroute':
      return engineAndModel(words);
    case 'route':
      return { complexity: words[0] === undefined ? null : bare(words[0]) };
    case 'skip':
    case 'hold':
      return { until: untilIn(words) };
    case 'block':
      return { on: issuesIn(words) };
    case 'unblock':
      return { of: issuesIn(words), all: isAll(words) };
    case 'priority':
      return { level: bare(words[0] ?? '') === 'none' ? null : bare(words[0] ?? '') };
    case 'job':
      return jobArguments(text, bare);
    case 'queue':
      return { of: partIn(words[0]) };
    case 'settings':
      return { key: words[0] === undefined ? null : keyIn(words[0]) };
    case 'set':
      return { key: keyIn(words[0] ?? ''), value: valueIn(text) };
    case 'import':
      return { path: pathIn(words[0] ?? '') };
    case 'say':
    case 'ask':
      return { text: text.trim() };
    case 'start':
      return isAll(words) ? { all: true } : {};
    case 'unskip':
    case 'cancel':
    case 'complete':
    case 'publish':
    case 'export':
    case 'refresh':
    case 'pause':
    case 'resume':
    case 'why':
    case 'status':
    case 'help':
      return {};
  }
}

function engineAndModel([engine_word, model_word]: readonly string[]): object {
  const engine = EngineId.safeParse(bare(engine_word ?? '')).data ?? null;
  return { engine, model: modelIn(model_word, engine) };
}

function engineWords({
  engine,
  model,
}: Command & { readonly verb: 'assign' | 'retry' | 'reroute' }): readonly string[] {
  return [engine, model === null ? null : modelWord(model, engine)].filter((word) => word !== null);
}

function isAll([first]: readonly string[]): boolean {
  return first !== undefined && bare(first) === 'all';
}

function wordsOf(command: Command): readonly string[] {
  switch (command.verb) {
    case 'assign':
    case 'retry':
    case 'reroute':
      return engineWords(command);
    case 'route':
      return command.complexity === null ? [] : [command.complexity];
    case 'skip':
    case 'hold':
      return command.until === null ? [] : ['until', command.until];
    case 'block':
      return command.on.map((issue) => `#${issue}`);
    case 'unblock':
      return command.all ? ['all'] : command.of.map((issue) => `#${issue}`);
    case 'priority':
      return [command.level ?? 'none'];
    case 'job':
      return jobWords(command);
    case 'queue':
      return command.of === null ? [] : [command.of];
    case 'settings':
      return command.key === null ? [] : [command.key];
    case 'set':
      return [command.key, command.value];
    case 'import':
      return [command.path];
    case 'say':
    case 'ask':
      return [command.text];
    case 'start':
      return command.all === true ? ['all'] : [];
    case 'unskip':
    case 'cancel':
    case 'complete':
    case 'publish':
    case 'export':
    case 'refresh':
    case 'pause':
    case 'resume':
    case 'why':
    case 'status':
    case 'help':
      return [];
  }
}
