// Owns the proof that tasks survive as lines of JSON, ours and those of another tracker.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentOfLines } from '../../src/core/lines-document.ts';
import { PRIORITY_NAMES } from '../../src/domain/command.ts';
import type { TaskLine } from '../../src/domain/task-line.ts';
import { parseTaskLines, renderTaskLines } from '../../src/wire/task-lines.ts';
import * as any from './arbitraries.ts';

const word = fc.stringMatching(/^[\w./#-]{1,40}$/);
const count = fc.integer({ min: 0, max: 1_000_000 });
const line: fc.Arbitrary<TaskLine> = fc.record(
  {
    id: word,
    title: fc.stringMatching(/^\S(?:.{0,60}\S)?$/u),
    body: any.text.map((text) => text.slice(0, 50_000)),
    state: fc.option(word),
    priority: fc.option(fc.constantFrom(...PRIORITY_NAMES)),
    phase: fc.option(fc.integer({ min: 0, max: 999 })),
    labels: fc.array(word, { maxLength: 4 }),
    dependencies: fc.array(word, { maxLength: 4 }),
    files: fc.array(word, { maxLength: 4 }),
    done_so_far: fc.record({
      engine: fc.option(word),
      attempts: count,
      pull_request: fc.option(count),
      cost_usd: fc.option(fc.double({ min: 0, max: 1000, noNaN: true }).map((usd) => usd + 0)),
      tokens: fc.option(count),
      parent: fc.option(word),
      as_of: word,
    }),
  },
  { requiredKeys: ['id', 'title', 'body', 'state', 'priority', 'phase', 'labels', 'dependencies', 'files'] },
);

describe('tasks as lines of JSON', () => {
  it('come back as they were exported', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (tasks) => {
        const read = parseTaskLines(renderTaskLines(tasks));
        expect(read.unclear).toEqual([]);
        expect(read.tasks.map(({ task }) => task)).toEqual(tasks);
      }),
      { numRuns: 200 },
    );
  });

  it('are also those of another tracker, and what is not understood is told by line', () => {
    const read = parseTaskLines(
      [
        '{"id":"bd-1","title":"Add the store","description":"With tests.","status":"open","priority":0,"issue_type":"feature","created_at":"2026-01-09T10:00:00Z"}',
        '{"id":"bd-2","title":"Use the store","status":"open","priority":2,"labels":["ui"],"dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"blocks"},{"issue_id":"bd-2","depends_on_id":"bd-9","type":"related"}]}',
        '',
        '{"id":"bd-3","title":"Old","status":"closed"}',
        '{"id":"bd-4","title":" "}',
        '{"id":"bd-1","title":"Again","dependencies":["bd-7","#12"]}',
        '{"id":"bd-5","title":"Last","dependencies":["bd-7","#12","bd-2"]}',
        'oops',
      ].join('\n'),
    );
    const { tasks, unclear } = documentOfLines(read, 'acme/shop');
    expect(unclear).toEqual([
      { line: 5, why: 'no_title', words: '{"id":"bd-4","title":" "}' },
      { line: 6, why: 'name_twice', words: 'bd-1' },
      { line: 7, why: 'unknown_dependency', words: 'bd-7' },
      { line: 8, why: 'not_json', words: 'oops' },
    ]);
    const names = new Map(tasks.map(({ key, name }) => [key, name]));
    expect(
      tasks.map(({ name, title, body, labels, depends_on, depends_on_issues, done }) => ({
        name,
        title,
        body,
        labels,
        depends_on: depends_on.map((key) => names.get(key)),
        depends_on_issues,
        done,
      })),
    ).toMatchInlineSnapshot(`
      [
        {
          "body": "With tests.",
          "depends_on": [],
          "depends_on_issues": [],
          "done": false,
          "labels": [
            "priority:critical",
          ],
          "name": "bd-1",
          "title": "Add the store",
        },
        {
          "body": "",
          "depends_on": [
            "bd-1",
          ],
          "depends_on_issues": [],
          "done": false,
          "labels": [
            "ui",
            "priority:medium",
          ],
          "name": "bd-2",
          "title": "Use the store",
        },
        {
          "body": "",
          "depends_on": [],
          "depends_on_issues": [],
          "done": true,
          "labels": [],
          "name": "bd-3",
          "title": "Old",
        },
        {
          "body": "",
          "depends_on": [
            "bd-2",
          ],
          "depends_on_issues": [
            12,
          ],
          "done": false,
          "labels": [],
          "name": "bd-5",
          "title": "Last",
        },
      ]
    `);
  });

  it('say null where they say nothing, and which field it is that nobody can read', () => {
    const { tasks, unclear } = parseTaskLines(
      [
        '{"id":1,"title":"Bare","body":null,"description":null,"state":null,"status":null,"priority":null,"phase":null,"labels":null,"files":null,"dependencies":null,"done_so_far":null}',
        '{"id":2,"title":"Next","dependencies":[{"depends_on_id":"1","type":null}]}',
        '{"id":3,"title":"Odd","labels":"ui"}',
        `{"id":"${'long'.repeat(100)}","title":"Named at length"}`,
        '{"id":null,"title":"Nameless"}',
        '["no task"]',
      ].join('\n'),
    );
    expect(
      tasks.map(({ task: { id, body, state, files, dependencies } }) => ({ id, body, state, files, dependencies })),
    ).toEqual([
      { id: '1', body: '', state: null, files: [], dependencies: [] },
      { id: '2', body: '', state: null, files: [], dependencies: ['1'] },
    ]);
    expect(unclear).toEqual([
      { line: 3, why: 'wrong_field', words: 'labels' },
      { line: 4, why: 'wrong_field', words: 'id' },
      { line: 5, why: 'no_title', words: '{"id":null,"title":"Nameless"}' },
      { line: 6, why: 'no_title', words: '["no task"]' },
    ]);
  });

  it('of our own export name issues that are here already, and are tasks elsewhere', () => {
    const mine: TaskLine = {
      id: 'acme/shop#12',
      title: 'T',
      body: '',
      state: 'blocked',
      priority: null,
      phase: null,
      labels: [],
      dependencies: ['acme/shop#11'],
      files: [],
    };
    const read = parseTaskLines(renderTaskLines([{ ...mine, id: 'acme/shop#11', dependencies: [] }, mine]));
    expect(documentOfLines(read, 'acme/shop').tasks.map(({ done }) => done)).toEqual([true, true]);
    const [first, second] = documentOfLines(read, 'acme/other').tasks;
    expect([first?.done, second?.done, second?.depends_on]).toEqual([false, false, [first?.key]]);
  });
});
