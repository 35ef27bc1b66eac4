// Owns the outline of an epic document: which of its lines are phases, which are tasks, and what belongs to each.
import { unclearAt } from '../domain/task-document.ts';
import type { Unclear } from '../domain/task-document.ts';
import { blocksOf } from '../wire/prose.ts';

export interface Line {
  readonly number: number;
  readonly text: string;
  /** Neither code nor HTML, nor too long for it: it may be a heading or a list item. */
  readonly is_text: boolean;
}

export interface OutlinedTask {
  readonly line: number;
  readonly heading: string;
  readonly phase: number | null;
  readonly done: boolean;
  readonly lines: readonly Line[];
}

export interface Outline {
  /** Of the first heading, when it is one of the first level. */
  readonly title: string | null;
  readonly overview: string;
  readonly tasks: readonly OutlinedTask[];
  readonly unclear: readonly Unclear[];
}

interface Section {
  /** 0: what stands before the first heading. */
  readonly level: number;
  readonly heading: string;
  readonly line: number;
  readonly lines: Line[];
}

const HEADING = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/;
/** No heading is longer, and what looks at a line looks more than once at some of it. */
const LINE_CHARS_MAX = 1_000;
const PHASE = /^phase\s+(\d{1,3})\b/i;
const NUMBERED = /^(?:task\s+)?\d{1,4}(?:\.\d{1,4}){0,5}[.):]*\s+\S/i;

export function outlineOf(rest: readonly string[], first_line: number): Outline {
  const sections = sectionsOf(linesOf(rest, first_line));
  const first = sections.find(({ level }) => level > 0);
  const is_title = first?.level === 1 && !PHASE.test(first.heading);
  const walked = sections.some(({ heading, level }) => level > 0 && PHASE.test(heading))
    ? byPhases(sections)
    : withoutPhases(sections, is_title ? first : null);
  const overview = walked.outside
    .map((section) => textOf(section, is_title && section.line === first.line && section.level > 0))
    .join('\n');
  return {
    title: is_title ? first.heading : null,
    overview: overview.trim(),
    tasks: walked.tasks,
    unclear: walked.unclear,
  };
}

function linesOf(rest: readonly string[], first_line: number): readonly Line[] {
  const kinds = blocksOf(rest).flatMap(({ kind, lines }) => lines.map(() => kind === 'text'));
  return rest.map((text, at) => {
    const is_text = (kinds[at] ?? true) && text.length <= LINE_CHARS_MAX;
    return { number: first_line + at, text, is_text };
  });
}

function sectionsOf(lines: readonly Line[]): readonly Section[] {
  const sections: Section[] = [{ level: 0, heading: '', line: lines[0]?.number ?? 1, lines: [] }];
  for (const line of lines) {
    const [, marks = '', heading = ''] = (line.is_text ? HEADING.exec(line.text) : null) ?? [];
    if (marks !== '') sections.push({ level: marks.length, heading: unclosed(heading), line: line.number, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Without the marks that may close a heading; those of `C#` belong to it. */
function unclosed(heading: string): string {
  const words = heading.trimEnd();
  let end = words.length;
  // at most as often as the heading is long
  while (end > 0 && words[end - 1] === '#') end -= 1;
  return end < words.length && /\s/.test(words[end - 1] ?? '') ? words.slice(0, end).trimEnd() : words;
}

interface GrowingTask extends OutlinedTask {
  readonly lines: Line[];
}

interface Walked {
  readonly tasks: GrowingTask[];
  readonly outside: Section[];
  readonly unclear: Unclear[];
}

/** A phase ends at the next heading that does not stand below its own. Its tasks are those one level down. */
function byPhases(sections: readonly Section[]): Walked {
  const walked: Walked = { tasks: [], outside: [], unclear: [] };
  let phase: { readonly number: number; readonly level: number } | null = null;
  let task_level = 0;
  for (const section of sections) {
    const [, digits] = section.level > 0 ? (PHASE.exec(section.heading) ?? []) : [];
    if (digits !== undefined) {
      phase = { number: Number(digits), level: section.level };
      task_level = 0;
      takeItems(walked, section, phase.number);
      continue;
    }
    if (phase !== null && section.level <= phase.level) phase = null;
    if (phase === null) {
      walked.outside.push(section);
      walked.unclear.push(...itemsIn(section).items.map(({ line, heading }) => unclearAt(line, 'outside', heading)));
    } else if (task_level > 0 && section.level > task_level) belongs(walked, section);
    else {
      task_level = section.level;
      walked.tasks.push(taskOf(section, phase.number));
    }
  }
  return walked;
}

/** Numbered headings are tasks then, and so are the check-list items that stand below no task. */
function withoutPhases(sections: readonly Section[], title: Section | null): Walked {
  const walked: Walked = { tasks: [], outside: [], unclear: [] };
  let task_level = 0;
  for (const section of sections) {
    if (task_level > 0 && section.level > task_level) {
      belongs(walked, section);
      continue;
    }
    const is_task = section !== title && section.level > 0 && NUMBERED.test(section.heading);
    task_level = is_task ? section.level : 0;
    if (is_task) walked.tasks.push(taskOf(section, null));
    else {
      const { items, others } = itemsIn(section);
      walked.outside.push({ ...section, lines: [...others] });
      walked.tasks.push(...items.map((item) => ({ ...item, phase: null })));
    }
  }
  return walked;
}

function taskOf({ heading, line, lines }: Section, phase: number | null): GrowingTask {
  return { heading, line, phase, done: false, lines };
}

/** Deeper headings are part of the task above them. */
function belongs({ tasks }: Walked, { level, heading, line, lines }: Section): void {
  const last = tasks.at(-1)?.lines;
  last?.push({ number: line, text: `${'#'.repeat(level)} ${heading}`, is_text: false });
  for (const each of lines) last?.push(each);
}

function takeItems({ tasks, unclear }: Walked, section: Section, phase: number): void {
  const { items, others } = itemsIn(section, true);
  tasks.push(...items.map((item) => ({ ...item, phase })));
  const [first] = others.filter(({ text }) => text.trim() !== '');
  if (first !== undefined) unclear.push(unclearAt(first.number, 'no_task', first.text));
}

type Item = Omit<GrowingTask, 'phase'>;

const CHECKED = /^( {0,3})[-*+]\s+\[([ xX])\]\s+(\S.*)$/;
const COUNTED = /^( {0,3})\d{1,4}[.)]\s+(\S.*)$/;

/** What is indented behind an item, and the blank lines between, are its own. Numbered items count where a phase is. */
function itemsIn(
  { lines }: Section,
  counts_numbers = false,
): { readonly items: readonly Item[]; readonly others: readonly Line[] } {
  const items: Item[] = [];
  const others: Line[] = [];
  let is_open = false;
  for (const line of lines) {
    const [, , mark, checked] = (line.is_text ? CHECKED.exec(line.text) : null) ?? [];
    const counted = line.is_text && counts_numbers ? COUNTED.exec(line.text)?.[2] : undefined;
    const heading = checked ?? counted;
    if (heading !== undefined) {
      items.push({ heading, line: line.number, done: mark?.toLowerCase() === 'x', lines: [] });
      is_open = true;
    } else if (is_open && /^(?:\s{2,}\S|\t|\s*$)/.test(line.text)) items.at(-1)?.lines.push(dedented(line));
    else {
      is_open = false;
      others.push(line);
    }
  }
  return { items, others };
}

function dedented(line: Line): Line {
  return { ...line, text: line.text.replace(/^(?: {2,4}|\t)/, '') };
}

function textOf({ level, heading, lines }: Section, is_title: boolean): string {
  const head = level === 0 || is_title ? [] : [`${'#'.repeat(level)} ${heading}`];
  return [...head, ...lines.map(({ text }) => text)].join('\n');
}
