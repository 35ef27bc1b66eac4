// Owns how an import reads: the issues that are made of a file, what came of it, and why it is not done.
import { unreachable } from '../domain/fault.ts';
import type { ImportIssue } from '../domain/effect.ts';
import type { ImportPlan, ImportProblem, ImportStep } from '../domain/import.ts';
import type { IssueNumber, LabelName, Login, RunId } from '../domain/ids.ts';
import type { Commanded } from '../domain/journal.ts';
import type { ExportView, ToldImport } from '../domain/notice.ts';
import { TITLE_CHARS_MAX } from '../domain/task-document.ts';
import type { TaskDocument, Unclear, UnclearWhy } from '../domain/task-document.ts';
import { renderCount, renderList } from './amount-text.ts';
import { renderBody } from './body.ts';
import { cutBytes, cutChars } from './cut.ts';
import { escapeLine, inlineCode, neutralLine, quoteBlock } from './escape.ts';
import { renderLink } from './link.ts';
import { renderMarker } from './marker.ts';

const TEXT_BYTES_MAX = 30_000;

export interface ImportedFrom {
  readonly path: string;
  readonly by: Login;
  readonly root: IssueNumber;
  /** Title of the issue that the tasks go under. */
  readonly epic: string;
  /** The word it is done for. */
  readonly word: string;
  readonly intake_label: LabelName;
}

/** Without what it depends on, whose numbers are known when it is made. */
export function renderImportIssue(step: ImportStep, from: ImportedFrom): Omit<ImportIssue, 'labels'> {
  const { path, root, word, epic } = from;
  if (step.kind === 'part')
    return {
      key: null,
      title: cutChars(`${neutralLine(epic)} (part ${step.part})`, TITLE_CHARS_MAX),
      body: `Here the tasks of #${root} go on: GitHub allows 100 sub-issues for an issue. Close it when they are done.`,
      depends_on: [],
      depends_on_issues: [],
      marker: renderMarker('imported', { part: step.part, word }),
    };
  const { key, name, title, body, files, depends_on, depends_on_issues } = step.task;
  const hints = files.length === 0 ? '' : `Files: ${files.map(inlineCode).join(', ')}`;
  const sections = [
    { text: body === '' ? '' : quoteBlock(cutBytes(body, TEXT_BYTES_MAX)), rank: 1 },
    { text: hints, rank: 2 },
    {
      text: `${name === null ? 'A task' : `Task ${escapeLine(name)}`} of ${inlineCode(path)}, imported for ${escapeLine(from.by)}. ${waitsText(from.intake_label)}`,
      rank: 0,
    },
  ];
  return {
    key,
    title: cutChars(neutralLine(title), TITLE_CHARS_MAX) || `A task of ${path}`,
    body: renderBody(sections, ''),
    depends_on,
    depends_on_issues,
    marker: renderMarker('imported', { key, word }),
  };
}

function waitsText(label: LabelName): string {
  return `Orch leaves it alone until somebody labels it ${inlineCode(label)}.`;
}

/** `Depends on` is what Orch reads where nobody set GitHub's own dependencies. */
export function renderDependsOn(issues: readonly IssueNumber[]): string {
  return issues.length === 0 ? '' : `Depends on ${issues.map((issue) => `#${issue}`).join(', ')}`;
}

/** The issue that the tasks go under, where nobody named one. */
export function renderEpicIssue(
  { title, overview }: Pick<TaskDocument, 'title' | 'overview'>,
  { path, by, run }: { readonly path: string; readonly by: Login; readonly run: RunId },
): { readonly title: string; readonly body: string; readonly marker: string } {
  const marker = renderMarker('epic', { run });
  const sections = [
    { text: overview === '' ? '' : quoteBlock(cutBytes(overview, TEXT_BYTES_MAX)), rank: 1 },
    { text: `The tasks of ${inlineCode(path)} are its sub-issues; ${escapeLine(by)} had them imported.`, rank: 0 },
  ];
  const named = cutChars(neutralLine(title ?? ''), TITLE_CHARS_MAX);
  return { title: named || `Tasks of ${path}`, body: renderBody(sections, marker), marker };
}

/** Of the answer: the comment that asked, or the run of the dispatch. */
export function renderImportAnswer(
  told: ToldImport,
  from: Commanded['from'],
): { readonly body: string; readonly marker: string } {
  // Another answer under the same comment has a marker without the last word.
  const asked = 'comment' in from ? { comment: from.comment } : from;
  const marker = renderMarker('answer', { ...asked, of: 'import' });
  return { body: renderBody([{ text: renderToldImport(told), rank: 0 }], marker), marker };
}

const LINES_TOLD_MAX = 20;

export function renderToldImport({ path, problem, plan, parts, intake_label }: ToldImport): string {
  if (problem !== null) return renderImportProblem(path, problem);
  if (plan === null) return `Nothing came of ${inlineCode(path)}.`;
  return [
    madeText(path, plan, { parts, intake_label }),
    restText(plan),
    ...unclearText(plan.unclear),
    labelsText(plan.labels_left_out),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function madeText(
  path: string,
  { made, steps, left }: ImportPlan,
  { parts, intake_label }: Pick<ToldImport, 'parts' | 'intake_label'>,
): string {
  const [root, ...more] = parts.map((part) => `#${part}`);
  if (made.length === 0 && steps.length === 0) return `Nothing in ${inlineCode(path)} is new.`;
  const missing = left + steps.length;
  return [
    `Made ${renderCount(made.length, 'issue')} of ${inlineCode(path)} below ${root ?? ''}: ${numbers(made)}.`,
    `Orch leaves them alone until somebody labels them ${inlineCode(intake_label)}.`,
    ...(more.length === 0
      ? []
      : [`GitHub allows 100 sub-issues for an issue, so they go on below ${renderList(more, 'and')}.`]),
    ...(missing === 0
      ? []
      : [`${renderCount(missing, 'task')} could not be made for a day; the same command makes them.`]),
  ].join(' ');
}

function restText({ here, done }: ImportPlan): string {
  return [
    ...(here.length === 0 ? [] : [`${renderCount(here.length, 'task')} had an issue before: ${numbers(here)}.`]),
    ...(done === 0 ? [] : [`${renderCount(done, 'task')} ${done === 1 ? 'is' : 'are'} done, or here already.`]),
  ].join(' ');
}

function numbers(tasks: ImportPlan['made']): string {
  return tasks.length === 0 ? 'none' : tasks.map(({ issue }) => `#${issue}`).join(', ');
}

const WHY: Readonly<Record<UnclearWhy, (words: string) => string>> = {
  front_matter: (words) => `${words} is not what the front matter may say`,
  no_task: (words) => `${words} belongs to no task`,
  outside: (words) => `${words} stands outside of the phases`,
  too_many: (words) => `${words} is one dependency too many`,
  unknown_dependency: (words) => `${words} names no task of the file`,
  name_twice: (words) => `${words} is the name of another task`,
  circle: (words) => `${words} wait for each other, so none does`,
  not_json: (words) => `${words} is no JSON`,
  no_title: (words) => `${words} has no id and title`,
  wrong_field: (words) => `its ${words} holds what is not read there, or too much of it`,
};

function unclearText(unclear: readonly Unclear[]): readonly string[] {
  if (unclear.length === 0) return [];
  const shown = unclear
    .slice(0, LINES_TOLD_MAX)
    .map(({ line, why, words }) => `- line ${line}: ${WHY[why](inlineCode(words))}`);
  const left = unclear.length - shown.length;
  const more = left > 0 ? [`- ${renderCount(left, 'more line')}`] : [];
  return [['Not understood, and left out:', '', ...shown, ...more].join('\n')];
}

function labelsText(labels: readonly string[]): string {
  if (labels.length === 0) return '';
  const shown = labels.slice(0, LINES_TOLD_MAX).map((label) => inlineCode(cutChars(label, 50)));
  return `Labels that this repository does not have, or that a file may not set, were left out: ${shown.join(', ')}.`;
}

/** Of the artifact, and of the file in it. */
export const EXPORT_NAME = 'orch-tasks';

export function renderExport({ tasks, over, unread, run_url }: ExportView): string {
  const left = [
    ...(over > 0 ? [`${renderCount(over, 'task')} that ${over === 1 ? 'is' : 'are'} over`] : []),
    ...(unread > 0 ? [`${renderCount(unread, 'task')} that could not be read`] : []),
  ];
  return [
    `${renderCount(tasks, 'task')} of the queue, a line of JSON each: the artifact \`${EXPORT_NAME}\` of ${renderLink('this run', `${run_url}#artifacts`)}. \`/orch import\` reads such a file.`,
    ...(left.length === 0 ? [] : [`Not in it: ${renderList(left, 'and')}.`]),
  ].join(' ');
}

export const NO_EXPORT = 'The artifact with the tasks could not be kept. Say it again in a minute.';

export function renderImportProblem(path: string, problem: ImportProblem): string {
  const file = inlineCode(path);
  switch (problem.kind) {
    case 'no_file':
      return `There is no file ${file} on the default branch.`;
    case 'no_text':
      return `${file} is not a text file.`;
    case 'too_large':
      return `${file} has ${problem.bytes} bytes, and ${problem.bytes_max} are the most that is read. Split it.`;
    case 'other_repository':
      return `${file} is for another repository: its \`${problem.key}\` is ${inlineCode(problem.named)}. Have it imported there, or take that line out.`;
    case 'no_tasks':
      return `${file} tells of no task. In a Markdown file a heading \`Phase 1: …\` has numbered headings such as \`1.1 …\`, or check-list items, below it; a \`.jsonl\` file has an object with \`id\` and \`title\` on each line.`;
    case 'full':
      return 'This issue has as many sub-issues as GitHub allows. Say it on another one.';
    case 'too_many':
      return `${file} has ${problem.tasks} new tasks, and one import makes ${problem.tasks_max} at most. Split it.`;
    case 'no_issue':
      return 'The tasks of a file become sub-issues of the issue where this is said, and here is none.';
    case 'unread':
      return `${file} could not be read just now. Say it again in a minute.`;
    default:
      return unreachable(problem);
  }
}
