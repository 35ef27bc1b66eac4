// Owns the grammar of commands in comments: `/orch <verb>`, or the mention, at the start of a line of prose.
import { Verb } from '../domain/command.ts';
import type { ParsedCommand } from '../domain/command.ts';
import { ModelName } from '../domain/ids.ts';
import { EngineId } from '../domain/task.ts';
import { commandOf } from './inbox.ts';

const COMMANDS_MAX = 5;
const BODY_CHARS_MAX = 70_000;
const LINE_CHARS_MAX = 1_000;

/**
 * Quotations, code and HTML comments do not speak: people quote each other, and paste logs. Linear in the text.
 */
export function parseCommands(body: string, mention: string): readonly ParsedCommand[] {
  return proseLines(body.slice(0, BODY_CHARS_MAX))
    .flatMap((line) => readLine(line.slice(0, LINE_CHARS_MAX), mention))
    .slice(0, COMMANDS_MAX);
}

/** The command as a person would type it. */
export function renderCommand(parsed: ParsedCommand & { readonly kind: 'command' }): string {
  const { command } = parsed;
  const words = command.verb === 'retry' ? [command.engine, command.model].filter((word) => word !== null) : [];
  return ['/orch', command.verb, ...words].join(' ');
}

function readLine(line: string, mention: string): readonly ParsedCommand[] {
  const words = line.trim().split(/\s+/);
  const [address = '', verb = '', ...rest] = words;
  const spoken_to = address.toLowerCase();
  if (spoken_to !== '/orch' && spoken_to.replace(/[,:]$/, '') !== mention.toLowerCase()) return [];
  return [understood(verb, rest)];
}

function understood(word: string, rest: readonly string[]): ParsedCommand {
  const verb = Verb.safeParse(word === '' ? 'help' : word.toLowerCase());
  if (!verb.success) return { kind: 'unknown', word: word.slice(0, 50), refusal: 'unknown_verb' };
  if (verb.data !== 'retry')
    return { kind: 'command', command: commandOf({ verb: verb.data, engine: null, model: null }) };
  const [first, second] = rest;
  if (first === undefined) return { kind: 'command', command: { verb: 'retry', engine: null, model: null } };
  const engine = EngineId.safeParse(first.toLowerCase());
  if (!engine.success) return { kind: 'unknown', word: first.slice(0, 50), refusal: 'unknown_engine' };
  const model = ModelName.safeParse(second);
  return { kind: 'command', command: { verb: 'retry', engine: engine.data, model: model.success ? model.data : null } };
}

/** Lines outside quotations, fenced and indented code, and HTML comments. */
function proseLines(body: string): readonly string[] {
  const lines: string[] = [];
  let fence: string | null = null;
  for (const line of withoutHtmlComments(body.replaceAll('\r\n', '\n')).split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    if (fence !== null) {
      if (mark !== null && mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark) fence = null;
      continue;
    }
    if (mark !== null) fence = mark;
    else if (!/^(?: {4}|\t| {0,3}>)/.test(line)) lines.push(line);
  }
  return lines;
}

/** An unclosed comment hides the rest, as it does when GitHub shows it. */
function withoutHtmlComments(text: string): string {
  const kept: string[] = [];
  for (let at = 0; at < text.length;) {
    const start = text.indexOf('<!--', at);
    if (start < 0) {
      kept.push(text.slice(at));
      break;
    }
    kept.push(text.slice(at, start));
    const end = text.indexOf('-->', start + 4);
    at = end < 0 ? text.length : end + 3;
  }
  return kept.join('');
}
