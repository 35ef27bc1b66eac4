// Owns the words behind `/orch job`: a schedule is quoted, or is the five words that it has.
import type { Command } from '../domain/command.ts';
import { isTimezone } from '../domain/schedule.ts';
import { withoutFirst, wordsIn } from './words.ts';

export type JobCommand = Command & { readonly verb: 'job' };
type AddedJob = JobCommand & { readonly action: 'add' };

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
      return [command.action, command.name, ...scheduleWords(command), ...kindWords(command), command.prompt];
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

function kindWords({ role, prompt }: Pick<AddedJob, 'role' | 'prompt'>): readonly string[] {
  return role === 'audit' || KINDS.has(wordsIn(prompt)[0] ?? '') ? [role] : [];
}

interface Said {
  readonly cron: string;
  readonly timezone: string;
  /** What follows. */
  readonly rest: string;
}

/** Whoever only checks one may leave out the `in`. */
function checkedSchedule(text: string): Omit<Said, 'rest'> {
  const { cron, timezone, rest } = scheduleIn(text, () => true);
  const [word] = wordsIn(rest);
  return { cron, timezone: timezone === UTC && word !== undefined ? unquoted(word) : timezone };
}

function addedJob(text: string, bare: (word: string) => string): object {
  const [name = ''] = wordsIn(text);
  const { cron, timezone, rest } = scheduleIn(withoutFirst(text), readsAsZone);
  const { role, prompt } = kindIn(rest);
  return { name: bare(name), cron, timezone, role, prompt: prompt.trim() };
}

const KINDS: ReadonlySet<string> = new Set(['task', 'audit']);

/** As it is written: a prompt may begin with such a word. `task`, which needs no saying, is one where a kind would follow. */
function kindIn(text: string): { readonly role: 'task' | 'audit'; readonly prompt: string } {
  const [first = '', second = ''] = wordsIn(text).slice(0, 2).map(unquoted);
  if (first === 'audit') return { role: 'audit', prompt: withoutFirst(text) };
  return { role: 'task', prompt: first === 'task' && KINDS.has(second) ? withoutFirst(text) : text };
}

/** "in the evening" says nothing of a zone; "in Berlin" meant one, and that it is none is told. */
function readsAsZone(word: string): boolean {
  return /^[A-Z]/.test(word) || isTimezone(word);
}

const UTC = 'UTC';
const QUOTED = /^(?:"([^"]*)"|'([^']*)'|`([^`]*)`|“([^”]*)”)\s*([^]*)$/;
const NICKNAME = /^(@\S+)\s*([^]*)$/;
const FIVE_WORDS = /^((?:\S+\s+){0,4}\S+)\s*([^]*)$/;
const ZONE = /^in\s+(\S+)\s*([^]*)$/i;

function scheduleIn(text: string, isZone: (word: string) => boolean): Said {
  const said = text.trim();
  const found = QUOTED.exec(said) ?? NICKNAME.exec(said) ?? FIVE_WORDS.exec(said);
  const [cron = '', rest = ''] = (found?.slice(1) ?? []).filter((part) => part !== undefined);
  const [, zone, behind = ''] = ZONE.exec(rest) ?? [];
  const is_named = zone !== undefined && isZone(unquoted(zone));
  return {
    cron: wordsIn(cron).join(' '),
    timezone: is_named ? unquoted(zone) : UTC,
    rest: is_named ? behind : rest,
  };
}

function unquoted(word: string): string {
  return word.replaceAll(/^["'`]+|["'`.,;!?]+$/g, '');
}
