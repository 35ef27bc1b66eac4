// Owns the words behind `/orch job`: a schedule is quoted, or is the five words that it has.
import { SAY_CHARS_MAX } from '../domain/command.ts';
import type { Command } from '../domain/command.ts';
import { withoutFirst, wordsIn } from './words.ts';

export type JobCommand = Command & { readonly verb: 'job' };

/** What the schema then judges; `bare` is how this grammar reads a single word. */
export function jobArguments(text: string, bare: (word: string) => string): object {
  const [first = 'list', name] = wordsIn(text);
  const action = bare(first);
  // A list names no job: what follows is a reason.
  if (action === 'list') return { action, name: null };
  if (action === 'check') return { action, ...checkedSchedule(withoutFirst(text)) };
  if (action === 'add') return { action, ...addedJob(withoutFirst(text), bare) };
  return { action, name: name === undefined ? null : bare(name) };
}

export function jobWords(command: JobCommand): readonly string[] {
  switch (command.action) {
    case 'list':
      return [command.action];
    case 'check':
      return [command.action, ...scheduleWords(command)];
    case 'add':
      return [command.action, command.name, ...scheduleWords(command), command.role, command.prompt];
    case 'enable':
    case 'disable':
    case 'run':
    case 'remove':
      return [command.action, command.name];
  }
}

function scheduleWords({ cron, timezone }: { readonly cron: string; readonly timezone: string }): readonly string[] {
  return [`"${cron}"`, 'in', timezone];
}

interface Said {
  readonly cron: string;
  readonly timezone: string;
  /** What follows. */
  readonly rest: string;
}

/** Whoever only checks one may leave out the `in`. */
function checkedSchedule(text: string): Omit<Said, 'rest'> {
  const { cron, timezone, rest } = scheduleIn(text);
  const [word] = wordsIn(rest);
  return { cron, timezone: timezone === UTC && word !== undefined ? unquoted(word) : timezone };
}

function addedJob(text: string, bare: (word: string) => string): object {
  const [name = ''] = wordsIn(text);
  const { cron, timezone, rest } = scheduleIn(withoutFirst(text));
  const [word = ''] = wordsIn(rest);
  const role = ROLES.find((one) => one === bare(word));
  const prompt = role === undefined ? rest : withoutFirst(rest);
  return { name: bare(name), cron, timezone, role: role ?? 'task', prompt: prompt.slice(0, SAY_CHARS_MAX).trim() };
}

const ROLES = ['task', 'audit'] as const;
const UTC = 'UTC';
const QUOTED = /^(?:"([^"]*)"|'([^']*)'|`([^`]*)`|“([^”]*)”)\s*([^]*)$/;
const NICKNAME = /^(@\S+)\s*([^]*)$/;
const FIVE_WORDS = /^((?:\S+\s+){0,4}\S+)\s*([^]*)$/;
const ZONE = /^in\s+(\S+)\s*([^]*)$/i;

function scheduleIn(text: string): Said {
  const said = text.trim();
  const found = QUOTED.exec(said) ?? NICKNAME.exec(said) ?? FIVE_WORDS.exec(said);
  const [cron = '', rest = ''] = (found?.slice(1) ?? []).filter((part) => part !== undefined);
  const zone = ZONE.exec(rest);
  return {
    cron: wordsIn(cron).join(' '),
    timezone: zone === null ? UTC : unquoted(zone[1] ?? ''),
    rest: zone === null ? rest : (zone[2] ?? ''),
  };
}

function unquoted(word: string): string {
  return word.replaceAll(/^["'`]+|["'`.,;!?]+$/g, '');
}
