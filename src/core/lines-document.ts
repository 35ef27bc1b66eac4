// Owns what lines of JSON mean as a document: keys by id, dependencies that name a line or an issue, what is done.
import { IssueNumber } from '../domain/ids.ts';
import { documentKey, unclearAt } from '../domain/task-document.ts';
import type { DocumentTask, TaskDocument, Unclear } from '../domain/task-document.ts';
import type { TaskLine } from '../domain/task-line.ts';

export interface ReadLines {
  readonly tasks: readonly { readonly line: number; readonly task: TaskLine }[];
  readonly unclear: readonly Unclear[];
}

/** As trackers call what is over. */
const OVER: ReadonlySet<string> = new Set(['done', 'closed', 'archived', 'tombstone', 'completed', 'cancelled']);

/** `repository`: `owner/name` in lower case; a line of its own export is an issue that is there. */
export function documentOfLines({ tasks, unclear }: ReadLines, repository: string): TaskDocument {
  const seen = new Set<string>();
  const twice: Unclear[] = [];
  const first = tasks.filter(({ line, task: { id } }) => {
    if (seen.has(id)) twice.push(unclearAt(line, 'name_twice', id));
    return !seen.has(id) && seen.add(id);
  });
  const read = first.map(({ line, task }) => taskOf({ line, task }, seen, repository));
  return {
    title: null,
    overview: '',
    labels: [],
    tracking_repo: null,
    working_repo: null,
    tasks: read.map(({ task }) => task),
    unclear: [...unclear, ...twice, ...read.flatMap((each) => each.unclear)].toSorted((a, b) => a.line - b.line),
  };
}

function taskOf(
  { line, task }: ReadLines['tasks'][number],
  ids: ReadonlySet<string>,
  repository: string,
): { readonly task: DocumentTask; readonly unclear: readonly Unclear[] } {
  const { id, title, body, files, phase, labels, priority, state } = task;
  const others = [...new Set(task.dependencies)].filter((other) => other !== id);
  const issues = others.flatMap((other) => ownIssue(other, repository) ?? []);
  const unknown = others.filter((other) => !ids.has(other) && ownIssue(other, repository) === null);
  // Tasks without an issue are here as well.
  const is_here = id.toLowerCase().startsWith(`${repository}#`);
  return {
    task: {
      line,
      key: documentKey('id', id),
      name: id,
      title,
      body,
      files,
      phase,
      labels: priority === null ? labels : [...labels, `priority:${priority}`],
      depends_on: others
        .filter((other) => ids.has(other) && ownIssue(other, repository) === null)
        .map((other) => documentKey('id', other)),
      depends_on_issues: issues,
      done: is_here || (state !== null && OVER.has(state.toLowerCase())),
    },
    unclear: unknown.map((other) => unclearAt(line, 'unknown_dependency', other)),
  };
}

/** `owner/name#12`, or `#12`, of this repository. */
export function ownIssue(id: string, repository: string): IssueNumber | null {
  const [, of = '', digits = ''] = /^([\w.-]+\/[\w.-]+)?#([1-9]\d{0,8})$/.exec(id) ?? [];
  if (digits === '' || (of !== '' && of.toLowerCase() !== repository)) return null;
  return IssueNumber.parse(Number(digits));
}
