// Owns the border to epic documents: Markdown with front matter in; the tasks of its phases, and what was not understood, out.
import { IssueNumber } from '../domain/ids.ts';
import { documentKey, TITLE_CHARS_MAX, unclearAt } from '../domain/task-document.ts';
import type { DocumentTask, TaskDocument, Unclear } from '../domain/task-document.ts';
import { splitFrontMatter } from './front-matter.ts';
import { outlineOf } from './epic-outline.ts';
import type { OutlinedTask } from './epic-outline.ts';
import { hintsOf } from './epic-hints.ts';

/** Never throws: what it cannot read stands in `unclear`. */
export function parseEpic(text: string): TaskDocument {
  const { front, rest, first_line, unclear } = splitFrontMatter(text);
  const outline = outlineOf(rest, first_line);
  const read = namedOnce(outline.tasks.map(readTask));
  const keys = keysByName(read.tasks);
  const resolved = read.tasks.map((task) => resolve(task, keys));
  return {
    title: front.title ?? outline.title,
    overview: outline.overview,
    labels: front.labels,
    tracking_repo: front.tracking_repo,
    working_repo: front.working_repo,
    tasks: resolved.map(({ task }) => task),
    unclear: [...unclear, ...outline.unclear, ...read.unclear, ...resolved.flatMap((each) => each.unclear)].toSorted(
      (a, b) => a.line - b.line,
    ),
  };
}

interface ReadTask {
  readonly line: number;
  readonly task: Omit<DocumentTask, 'depends_on' | 'depends_on_issues'>;
  readonly waits_for: readonly { readonly line: number; readonly word: string }[];
}

/** `1.2 Title`, `Task 3: Title` */
const NUMBERED = /^(?:task\s+)?(\d{1,4}(?:\.\d{1,4}){0,5})[.):]*\s+(.+)$/i;
const BEHIND = /\s*\((?:depends on|after)\s+([^()]{1,200})\)\s*$/i;

function readTask({ line, heading: given, phase, lines, done }: OutlinedTask): ReadTask {
  const heading = given.replaceAll(/\s+/g, ' ');
  const [, inline = ''] = BEHIND.exec(heading) ?? [];
  const bare = heading.replace(BEHIND, '');
  const [, name = null, named = bare] = NUMBERED.exec(bare) ?? [];
  const title = Array.from(named).slice(0, TITLE_CHARS_MAX).join('').trim();
  const hints = hintsOf(lines);
  const here = inline === '' ? [] : wordsOf(inline).map((word) => ({ line, word }));
  return {
    line,
    task: {
      line,
      key: documentKey('title', title),
      name,
      title,
      body: hints.body,
      files: hints.files,
      phase,
      labels: [],
      done: done || isTicked(hints.body),
    },
    waits_for: [
      ...here,
      ...hints.depends_on.flatMap((said) => wordsOf(said.words).map((word) => ({ line: said.line, word }))),
    ],
  };
}

/** Everything that was to be done for it. */
function isTicked(body: string): boolean {
  return /^[ \t]*[-*+][ \t]+\[[xX]\]\s/m.test(body) && !/^[ \t]*[-*+][ \t]+\[ \]\s/m.test(body);
}

/** `1.1, 1.2 and #12` */
function wordsOf(words: string): readonly string[] {
  return words
    .split(/[\s,;&]+|\band\b/i)
    .map((word) => word.replaceAll(/^[`*_(]+|[`*_).:]+$/g, ''))
    .filter((word) => word !== '' && !/^tasks?$/i.test(word));
}

/** Equal titles are told apart by their order; of equal numbers the first one has it. */
function namedOnce(read: readonly ReadTask[]): {
  readonly tasks: readonly ReadTask[];
  readonly unclear: readonly Unclear[];
} {
  const titles = new Map<string, number>();
  const names = new Set<string>();
  const unclear: Unclear[] = [];
  const tasks = read.map((each): ReadTask => {
    const { key, name, title } = each.task;
    const nth = (titles.get(key) ?? 0) + 1;
    titles.set(key, nth);
    const is_taken = name !== null && names.has(name);
    if (is_taken) unclear.push(unclearAt(each.line, 'name_twice', name));
    if (name !== null) names.add(name);
    return { ...each, task: { ...each.task, key: documentKey('title', title, nth), name: is_taken ? null : name } };
  });
  return { tasks, unclear };
}

function keysByName(read: readonly ReadTask[]): ReadonlyMap<string, string> {
  return new Map(read.flatMap(({ task }) => (task.name === null ? [] : [[task.name, task.key]])));
}

/** As many as GitHub keeps for an issue. */
const DEPENDENCIES_MAX = 50;

function resolve(
  { task, waits_for }: ReadTask,
  keys: ReadonlyMap<string, string>,
): { readonly task: DocumentTask; readonly unclear: readonly Unclear[] } {
  const depends_on = new Set<string>();
  const issues = new Set<IssueNumber>();
  const unclear: Unclear[] = [];
  for (const { line, word } of waits_for) {
    const issue = issueIn(word);
    const key = keys.get(word);
    if (depends_on.size + issues.size >= DEPENDENCIES_MAX) unclear.push(unclearAt(line, 'too_many', word));
    else if (issue !== null) issues.add(issue);
    else if (key !== undefined && key !== task.key) depends_on.add(key);
    else unclear.push(unclearAt(line, 'unknown_dependency', word));
  }
  return { task: { ...task, depends_on: [...depends_on], depends_on_issues: [...issues] }, unclear };
}

function issueIn(word: string): IssueNumber | null {
  const digits = /^#([1-9]\d{0,8})$/.exec(word)?.[1];
  return digits === undefined ? null : IssueNumber.parse(Number(digits));
}
