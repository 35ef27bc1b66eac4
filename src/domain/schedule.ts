// Owns what a schedule may say: five fields of cron, and the zone whose wall clock they mean.
import type { Instant } from './ids.ts';

export interface Schedule {
  readonly cron: string;
  /** Such as `Europe/Berlin`. */
  readonly timezone: string;
}

/** When schedules fall due; domain/cron.ts is the one there is, loaded where there are jobs. */
export interface Calendar {
  /** The newest instant up to `at`; null: none. */
  readonly lastDue: (schedule: Schedule, at: Instant) => Instant | null;
  /** The first one after `at`. */
  readonly nextDue: (schedule: Schedule, at: Instant) => Instant | null;
}

export interface ScheduleProblem {
  readonly key: keyof Schedule;
  readonly problem: string;
}

const NICKNAMES: ReadonlySet<string> = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly']);

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for the numbers from `min` on. */
  readonly words: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of week', min: 0, max: 7, words: DAYS },
];
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * In words for people; null: nothing is wrong. Only what every cron understands: the calendar itself, which knows more,
 * is loaded where there are jobs, and a file is checked everywhere.
 */
export function scheduleProblem({ cron, timezone }: Schedule): ScheduleProblem | null {
  if (!isTimezone(timezone)) return { key: 'timezone', problem: `${JSON.stringify(timezone)} is not a time zone` };
  const problem = NICKNAMES.has(cron) ? null : cronProblem(cron);
  return problem === null ? null : { key: 'cron', problem };
}

export function scheduleText({ cron, timezone }: Schedule): string {
  return `${cron} ${timezone}`;
}

function cronProblem(cron: string): string | null {
  const texts = cron.trim().split(/\s+/);
  if (texts.length !== FIELDS.length) return `has ${texts.length} fields`;
  const wrong = FIELDS.find((field, index) => valuesOf(texts[index] ?? '', field) === null);
  if (wrong !== undefined) return `has a ${wrong.name} that is none (${wrong.min} to ${wrong.max})`;
  const [days = [], months = []] = [2, 3].map((index) => valuesIn(texts, index));
  const longest = Math.max(...months.map((month) => LONGEST_MONTHS[month - 1] ?? 0));
  return texts[4] === '*' && Math.min(...days) > longest ? 'never falls due' : null;
}

function valuesIn(texts: readonly string[], index: number): readonly number[] {
  const field = FIELDS[index];
  return field === undefined ? [] : (valuesOf(texts[index] ?? '', field) ?? []);
}

/** null: not understood. */
function valuesOf(text: string, field: Field): readonly number[] | null {
  const all: number[] = [];
  for (const item of text.split(',')) {
    const values = valuesOfItem(item, field);
    if (values === null) return null;
    all.push(...values);
  }
  return all;
}

const ITEM = /^(?:(?<any>\*)|(?<from>\d{1,2}|[A-Z]{3})(?:-(?<to>\d{1,2}|[A-Z]{3}))?)(?:\/(?<step>\d{1,2}))?$/i;

function valuesOfItem(item: string, field: Field): readonly number[] | null {
  const { any, from, to, step } = ITEM.exec(item)?.groups ?? {};
  if (any === undefined && from === undefined) return null;
  if (step !== undefined && any === undefined && to === undefined) return null;
  const first = any === undefined ? numberOf(from, field) : field.min;
  // Sunday ends a week as well as it begins one.
  const named = to?.toUpperCase() === 'SUN' ? field.max : numberOf(to, field);
  const last = any === undefined ? (to === undefined ? first : named) : field.max;
  const each = step === undefined ? 1 : Number(step);
  if (first === null || last === null || first > last || each < 1 || each > field.max - field.min) return null;
  return Array.from({ length: Math.floor((last - first) / each) + 1 }, (_, index) => first + index * each);
}

function numberOf(word: string | undefined, { min, max, words }: Field): number | null {
  const index = words.indexOf(word?.toUpperCase() ?? '');
  const number = index >= 0 ? min + index : /^\d+$/.test(word ?? '') ? Number(word) : null;
  return number === null || number < min || number > max ? null : number;
}

export function isTimezone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
