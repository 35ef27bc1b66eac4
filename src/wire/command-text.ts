// Owns the grammar of commands: `/orch <verb> …`, or the mention, at the start of a line of prose; dispatches say the same.
import { ASK_CHARS_MAX, Command, ISSUES_MAX, QueuePart, SAY_CHARS_MAX, Verb } from '../domain/command.ts';
import type { FreeWords, ParsedCommand } from '../domain/command.ts';
import { ModelName } from '../domain/ids.ts';
import { EngineId } from '../domain/task.ts';
import { cutChars } from './cut.ts';
import { jobArguments, jobWords } from './job-words.ts';
import { withProse } from './prose.ts';
import { withoutFirst, wordsIn } from './words.ts';

const COMMANDS_MAX = 50;
const WORD_CHARS_MAX = 50;
const LINE_CHARS_MAX = 1_000;
const WORDS_MAX = ISSUES_MAX + 1;

/** How each command is said. Whatever follows is the person's own reason. */
export const USAGE: Readonly<Record<Verb, string>> = {
  start: 'start [all]',
  assign: 'assign <engine> [model]',
  route: 'route [simple|medium|complex]',
  retry: 'retry [engine] [model]',
  reroute: 'reroute [engine] [model]',
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
    const parsed = parseCommandWords(words);
    if (!by_mention || parsed.kind !== 'unknown' || parsed.refusal !== 'unknown_verb') return parsed;
    const rest = lines.slice(at + 1, addressed[index + 1]?.at);
    return freeWords([words, ...rest.map(({ line }) => line)]) ?? parsed;
  });
}

/** One or two words are a verb that was misspelt. */
const FREE_WORDS_MIN = 3;

function freeWords(lines: readonly string[]): FreeWords | null {
  const [first = ''] = lines;
  if (wordsIn(first).length < FREE_WORDS_MIN) return null;
  return { kind: 'free', text: lines.join('\n').trim().slice(0, ASK_CHARS_MAX) };
}

/** Most comments speak to nobody: whether what stands there is prose need not be found out for them. */
function mayAddress(body: string, mention: string): boolean {
  return (
    /^\s{0,3}\/orch(?:\s|$)/im.test(body) || (mention !== '' && body.toLowerCase().includes(mention.toLowerCase()))
  );
}

/** The words behind `/orch`: what the other doors take as they are. Never throws. */
export function parseCommandWords(line: string): ParsedCommand {
  const [verb_word = 'help', ...rest] = wordsIn(line.slice(0, LINE_CHARS_MAX));
  const verb = Verb.safeParse(bare(verb_word));
  if (!verb.success) return { kind: 'unknown', word: cutChars(verb_word, WORD_CHARS_MAX), refusal: 'unknown_verb' };
  const words = rest.slice(0, WORDS_MAX);
  const wrong = wrongEngine(verb.data, words);
  if (wrong !== null) return { kind: 'unknown', word: cutChars(wrong, WORD_CHARS_MAX), refusal: 'unknown_engine' };
  const command = Command.safeParse({
    verb: verb.data,
    ...argumentsOf(verb.data, { words, text: withoutFirst(line) }),
  });
  return command.success
    ? { kind: 'command', command: command.data }
    : { kind: 'unknown', word: verb.data, refusal: 'unknown_words' };
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
  return { words: line.slice(address?.[0].length ?? 0, LINE_CHARS_MAX), by_mention };
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
      return { engine: words[0] === undefined ? null : bare(words[0]), model: modelIn(words[1]) };
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
      return { text: text.slice(0, SAY_CHARS_MAX).trim() };
    case 'ask':
      return { text: text.slice(0, ASK_CHARS_MAX).trim() };
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

function isAll([first]: readonly string[]): boolean {
  return first !== undefined && bare(first) === 'all';
}

function wordsOf(command: Command): readonly string[] {
  switch (command.verb) {
    case 'assign':
    case 'retry':
    case 'reroute':
      return [command.engine, command.model].filter((word) => word !== null);
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

const WITH_ENGINE: ReadonlySet<Verb> = new Set(['assign', 'retry', 'reroute']);
const ENGINES: ReadonlySet<string> = new Set(EngineId.options);

/** The word that should have been an engine, or null. */
function wrongEngine(verb: Verb, [word]: readonly string[]): string | null {
  return WITH_ENGINE.has(verb) && word !== undefined && !ENGINES.has(bare(word)) ? word : null;
}

function modelIn(word: string | undefined): string | null {
  const model = ModelName.safeParse(word?.replaceAll('`', ''));
  return model.success ? model.data : null;
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/i;

/** A day begins at midnight UTC. `until` without a day that exists is not understood; other words are a reason. */
function untilIn([first, second]: readonly string[]): string | null | undefined {
  const named = first !== undefined && bare(first) === 'until';
  const word = (named ? second : first)?.replaceAll(/^[`*]+|[`*.,;!?]+$/g, '') ?? '';
  if (!DATE.test(word)) return named ? 'never' : null;
  const [day = '', time = '00:00'] = word.toUpperCase().replace('Z', '').split('T');
  const at = new Date(`${day}T${time}Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day ? 'never' : at.toISOString();
}

/** As far as words are numbers: `#12`, `12`; what follows is a reason. */
function issuesIn(words: readonly string[]): readonly number[] {
  const numbers = words.map((word) => /^#?(\d{1,9})[,.;]?$/.exec(word)?.[1]);
  const end = numbers.indexOf(undefined);
  return [...new Set(numbers.slice(0, end === -1 ? ISSUES_MAX : end).map(Number))].slice(0, ISSUES_MAX);
}

/** Any other word is a reason. */
function partIn(word: string | undefined): QueuePart | null {
  const part = QueuePart.safeParse(bare(word ?? '').replaceAll('-', '_'));
  return part.success ? part.data : null;
}

function keyIn(word: string): string {
  return word.replaceAll(/^[`*]+|[`*.,:;?]+$/g, '');
}

/** From the root of the repository, however it was typed. */
function pathIn(word: string): string {
  return word.replaceAll(/^[`*]+|[`*,;!?]+$/g, '').replace(/^\.?\//, '');
}

/** As it stands behind the key, without the backticks around it. */
function valueIn(text: string): string {
  const value = withoutFirst(text).trim();
  return (/^`([^`]*)`$/.exec(value)?.[1] ?? value).trim();
}

/** People write "Why?" and `codex`, with the backticks. */
function bare(word: string): string {
  return word.toLowerCase().replaceAll(/^[`*]+|[`*.,:;!?]+$/g, '');
}
