// Owns what an import makes of a file: which issues, in which order, how many in this tick, and what it leaves out.
import { IMPORTED_A_TICK_MAX, IMPORTED_MAX, SUB_ISSUES_MAX } from '../domain/import.ts';
import type { ImportedTask, ImportPlan, ImportProblem, ImportSight, ImportStep } from '../domain/import.ts';
import { LabelName } from '../domain/ids.ts';
import { isStatusLabel, PRIORITIES, sameLabel } from '../domain/label.ts';
import { unclearAt } from '../domain/task-document.ts';
import type { DocumentTask, TaskDocument, Unclear } from '../domain/task-document.ts';
import { Complexity } from '../domain/task.ts';
import { sortGraph } from './graph.ts';

export interface Importing {
  readonly sight: ImportSight;
  /** `owner/name` */
  readonly repository: string;
  readonly intake_label: LabelName;
  /** The word it is done for. */
  readonly word: string;
}

/** null: it can be imported. */
export function importProblem({ sight, repository }: Pick<Importing, 'sight' | 'repository'>): ImportProblem | null {
  const { found, there } = sight;
  if (found.kind === 'problem') return found.problem;
  const { document } = found;
  for (const key of ['tracking_repo', 'working_repo'] as const) {
    const named = document[key];
    if (named !== null && named.toLowerCase() !== repository.toLowerCase())
      return { kind: 'other_repository', key, named };
  }
  if (document.tasks.length === 0) return { kind: 'no_tasks' };
  const tasks = freshIn(document, there).length;
  if (tasks > 0 && (sight.parts.at(-1)?.children ?? 0) >= SUB_ISSUES_MAX) return { kind: 'full' };
  return tasks > IMPORTED_MAX ? { kind: 'too_many', tasks, tasks_max: IMPORTED_MAX } : null;
}

/** Of a document without a problem. */
export function planImport(document: TaskDocument, importing: Importing): ImportPlan {
  const { sight, word } = importing;
  const { ordered, circles } = inOrder(document.tasks.filter(({ done }) => !done));
  const fresh = new Set(freshIn(document, sight.there).map(({ key }) => key));
  const tasks = ordered.filter(({ key }) => fresh.has(key));
  const keys = new Set(document.tasks.map(({ key }) => key));
  const there = sight.there.filter(({ key }) => keys.has(key));
  const labelled = tasks.map((task) => ({ task, ...labelsOf(task, document, importing) }));
  const now = labelled.slice(0, IMPORTED_A_TICK_MAX);
  const named = ordered.map((task) => labelsOf(task, document, importing).left_out);
  return {
    steps: placed(now, sight),
    left: tasks.length - now.length,
    made: there.filter((each) => each.word === word),
    here: there.filter((each) => each.word !== word),
    done: document.tasks.filter(({ key, done }) => done && !there.some((each) => each.key === key)).length,
    unclear: [...document.unclear, ...circles].toSorted((a, b) => a.line - b.line),
    labels_left_out: [...new Set(named.flat())],
  };
}

function freshIn({ tasks }: TaskDocument, there: readonly ImportedTask[]): readonly DocumentTask[] {
  const known = new Set(there.map(({ key }) => key));
  return tasks.filter(({ key, done }) => !done && !known.has(key));
}

/** What others depend on comes first, since an issue is named by its number; in a circle nobody waits. */
function inOrder(all: readonly DocumentTask[]): {
  readonly ordered: readonly DocumentTask[];
  readonly circles: readonly Unclear[];
} {
  const by_key = new Map(all.map((task) => [task.key, task]));
  const waits_for = new Map(all.map(({ key, depends_on }) => [key, depends_on]));
  const { order, cycles } = sortGraph({ nodes: [...by_key.keys()], waits_for });
  const circle_of = new Map(cycles.flatMap((cycle) => cycle.map((key) => [key, cycle])));
  const ordered = order.flatMap((key) => {
    const task = by_key.get(key);
    const circle = circle_of.get(key) ?? [];
    return task === undefined
      ? []
      : [{ ...task, depends_on: task.depends_on.filter((other) => !circle.includes(other)) }];
  });
  const circles = cycles.map((cycle) => {
    const members = cycle.flatMap((key) => by_key.get(key) ?? []);
    return unclearAt(members[0]?.line ?? 1, 'circle', members.map(({ name, title }) => name ?? title).join(', '));
  });
  return { ordered, circles };
}

interface Labels {
  readonly labels: readonly LabelName[];
  readonly left_out: readonly string[];
}

/** Of the issue that a document is made into. */
export function epicLabels(
  document: TaskDocument,
  importing: Pick<Importing, 'sight' | 'intake_label'>,
): readonly LabelName[] {
  return mayBeSet(document.labels, importing).labels;
}

/** Ours are made where they are missing; what lets a task in, and what its state is, no document says. */
function labelsOf(task: DocumentTask, document: TaskDocument, importing: Importing): Labels {
  const phase = task.phase === null ? [] : [`phase:${task.phase}`];
  return mayBeSet([...new Set([...phase, ...task.labels, ...document.labels])], importing);
}

function mayBeSet(
  named: readonly string[],
  { sight, intake_label }: Pick<Importing, 'sight' | 'intake_label'>,
): Labels {
  const labels = new Map<string, LabelName>();
  const left_out: string[] = [];
  for (const word of named) {
    const label = LabelName.safeParse(word);
    const may = label.success && !sameLabel(label.data, intake_label) && !isStatusLabel(label.data);
    if (may && (isOurs(word) || sight.labels.has(word.toLowerCase()))) labels.set(word.toLowerCase(), label.data);
    else left_out.push(word);
  }
  return { labels: [...labels.values()], left_out };
}

const OURS: ReadonlySet<string> = new Set([
  ...Object.keys(PRIORITIES).map((priority) => `priority:${priority}`),
  ...Complexity.options.map((complexity) => `complexity:${complexity}`),
]);

export function isOurs(label: string): boolean {
  return OURS.has(label.toLowerCase()) || /^phase:\d{1,3}$/i.test(label);
}

/** The last place below an issue is for the one that goes on. */
function placed(
  tasks: readonly { readonly task: DocumentTask; readonly labels: readonly LabelName[] }[],
  { parts }: ImportSight,
): readonly ImportStep[] {
  const steps: ImportStep[] = [];
  let part = Math.max(1, parts.length);
  let room = SUB_ISSUES_MAX - 1 - (parts.at(-1)?.children ?? 0);
  for (const { task, labels } of tasks) {
    if (room <= 0) {
      part += 1;
      room = SUB_ISSUES_MAX - 1;
      steps.push({ kind: 'part', part });
    }
    steps.push({ kind: 'task', task, labels });
    room -= 1;
  }
  return steps;
}
