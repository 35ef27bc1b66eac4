// Owns the stories of what an import makes of a document: order, labels, bounds, and a second time of the same file.
import { describe, expect, it } from 'vitest';
import { importProblem, planImport } from '../../src/core/import-plan.ts';
import type { ImportPlan, ImportSight } from '../../src/domain/import.ts';
import { IssueNumber, LabelName, NodeId } from '../../src/domain/ids.ts';
import type { DocumentTask, TaskDocument } from '../../src/domain/task-document.ts';

const task = (key: string, more: Partial<DocumentTask> = {}): DocumentTask => ({
  line: 1,
  key,
  name: key,
  title: `Task ${key}`,
  body: '',
  files: [],
  phase: null,
  labels: [],
  depends_on: [],
  depends_on_issues: [],
  done: false,
  ...more,
});

const many = (count: number): readonly DocumentTask[] => Array.from({ length: count }, (_, at) => task(`t${at}`));

const documentOf = (tasks: readonly DocumentTask[], more: Partial<TaskDocument> = {}): TaskDocument => ({
  title: null,
  overview: '',
  labels: [],
  tracking_repo: null,
  working_repo: null,
  tasks,
  unclear: [],
  ...more,
});

const sightOf = (document: TaskDocument, more: Partial<ImportSight> = {}): ImportSight => ({
  found: { kind: 'document', document },
  parts: [{ id: NodeId.parse('I_1'), number: IssueNumber.parse(1), children: 0 }],
  there: [],
  labels: new Set(),
  ...more,
});

const made = (key: string, issue: number, word: string) => ({ key, issue: IssueNumber.parse(issue), word });

const REPOSITORY = 'acme/shop';

function plan(document: TaskDocument, more: Partial<ImportSight> = {}): ImportPlan {
  const intake_label = LabelName.parse('agent-todo');
  return planImport(document, { sight: sightOf(document, more), repository: REPOSITORY, intake_label, word: 'c9' });
}

const keysOf = ({ steps }: ImportPlan): readonly string[] =>
  steps.map((step) => (step.kind === 'task' ? step.task.key : `part ${step.part}`));

const problem = (document: TaskDocument, more: Partial<ImportSight> = {}) =>
  importProblem({ sight: sightOf(document, more), repository: REPOSITORY });

describe('what an import makes', () => {
  it('makes what others depend on first, and in a circle nobody waits', () => {
    const told = plan(
      documentOf([
        task('a', { depends_on: ['c'] }),
        task('b', { depends_on: ['d'], line: 4 }),
        task('c'),
        task('d', { depends_on: ['b', 'c'] }),
      ]),
    );
    expect(keysOf(told)).toEqual(['c', 'a', 'b', 'd']);
    expect(told.unclear).toEqual([{ line: 4, why: 'circle', words: 'b, d' }]);
    expect(told.steps.map((step) => step.kind === 'task' && step.task.depends_on)).toEqual([[], ['c'], [], ['c']]);
  });

  it('makes only what is new of a file that was imported before, and nothing of what is done', () => {
    const told = plan(documentOf([task('a'), task('b'), task('c', { done: true }), task('d')]), {
      there: [made('a', 5, 'c1'), made('b', 6, 'c9'), made('gone', 7, 'c1')],
    });
    expect(keysOf(told)).toEqual(['d']);
    expect([told.here, told.made, told.done]).toEqual([[made('a', 5, 'c1')], [made('b', 6, 'c9')], 1]);
  });

  it('sets labels that the repository has and those of ours, and never lets a task in by itself', () => {
    const document = documentOf(
      [task('a', { phase: 2, labels: ['priority:high', 'Agent-Todo', 'status:done', 'UI', 'x'.repeat(51)] })],
      { labels: ['epic', 'ui'] },
    );
    const told = plan(document, { labels: new Set(['ui']) });
    expect(told.steps).toMatchObject([{ labels: ['phase:2', 'priority:high', 'ui'] }]);
    expect(told.labels_left_out).toEqual(['Agent-Todo', 'status:done', 'x'.repeat(51), 'epic']);
  });

  it('goes on in the next tick where a tick is full', () => {
    const told = plan(documentOf(many(45)));
    expect([told.steps.length, told.left]).toEqual([20, 25]);
  });

  it('goes on below another issue before the hundredth sub-issue of one', () => {
    const parts = [
      { id: NodeId.parse('I_1'), number: IssueNumber.parse(1), children: 100 },
      { id: NodeId.parse('I_2'), number: IssueNumber.parse(2), children: 97 },
    ];
    expect(keysOf(plan(documentOf(many(4)), { parts }))).toEqual(['t0', 't1', 'part 3', 't2', 't3']);
  });
});

describe('what is not imported', () => {
  it('is another repository’s, nothing, or too much, with the figure', () => {
    expect(problem(documentOf([task('a')], { tracking_repo: 'Acme/Shop' }))).toBeNull();
    expect(problem(documentOf([task('a')], { working_repo: 'acme/other' }))).toEqual({
      kind: 'other_repository',
      key: 'working_repo',
      named: 'acme/other',
    });
    expect(problem(documentOf([]))).toEqual({ kind: 'no_tasks' });
    expect(problem(documentOf(many(101)))).toEqual({ kind: 'too_many', tasks: 101, tasks_max: 100 });
    expect(problem(documentOf(many(101)), { there: [made('t3', 8, 'c1')] })).toBeNull();
  });
});
