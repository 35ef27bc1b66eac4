// Owns the proof, over the wire, that issues of a file are sub-issues with their labels from the start, and the end is told once.
import { describe, expect, test } from 'vitest';
import type { ImportIssue, ImportTasks } from '../../src/domain/effect.ts';
import { CommentId, IssueNumber, LabelName, NodeId, TaskId } from '../../src/domain/ids.ts';
import { plusMinutes } from '../../src/domain/instant.ts';
import { createApply } from '../../src/github/apply.ts';
import { createDocuments } from '../../src/github/documents.ts';
import type { GraphqlAnswer } from '../../src/github/graphql-answer.ts';
import { importTasks, tellImport } from '../../src/github/imports.ts';
import { nothingKnown } from '../../src/github/known.ts';
import { renderMarker } from '../../src/wire/marker.ts';
import { faultOf, ground } from './ground.ts';

const issue = (key: string | null, more: Partial<ImportIssue> = {}): ImportIssue => ({
  key,
  title: `Task ${key ?? 'part'}`,
  body: '> Do it.',
  depends_on: [],
  depends_on_issues: [],
  marker: renderMarker('imported', key === null ? { part: 2, word: 'c5' } : { key, word: 'c5' }),
  labels: [],
  ...more,
});

async function shop() {
  const place = await ground();
  const { world } = place.github;
  world.openIssue('octo', 'The shop');
  world.openIssue('octo', 'Before', '', ['phase:1']);
  const client = place.client();
  const known = nothingKnown();
  const documents = createDocuments({ client, known });
  const { data } = await client.query(
    'query R($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id issue(number: 1) { id } } }',
    { owner: client.owner, name: client.repo },
  );
  const { id, issue: root } = data['repository'] as { readonly id: string; readonly issue: { readonly id: string } };
  known.repository_id = NodeId.parse(id);
  return { place, world, client, known, documents, root: NodeId.parse(root.id) };
}

describe('issues of a file', () => {
  test('[DEP-10] are sub-issues with labels and dependencies from the start, and are found again as ours', async () => {
    const { place, world, client, known, documents, root } = await shop();
    expect(await documents.labels([LabelName.parse('phase:1'), LabelName.parse('nope')])).toEqual(new Set(['phase:1']));
    const effect: ImportTasks = {
      kind: 'import_tasks',
      task: TaskId.parse('1'),
      from: { comment: CommentId.parse(5) },
      until: plusMinutes(place.clock.now(), 10),
      parent: root,
      issues: [
        issue('a', { labels: [LabelName.parse('phase:1')] }),
        issue('b', { depends_on: ['a', 'there', 'unknown'], depends_on_issues: [IssueNumber.parse(2)] }),
        issue(null),
        issue('c'),
      ],
      there: new Map([['there', IssueNumber.parse(2)]]),
    };
    expect(await importTasks({ client, known, clock: place.clock }, effect)).toMatchObject({ result: 'done' });
    const made = [...world.issues.values()].map(({ number, title, labels, sub_issues, body }) => ({
      number,
      title,
      labels,
      sub_issues,
      body,
    }));
    expect(made).toMatchInlineSnapshot(`
      [
        {
          "body": "",
          "labels": [],
          "number": 1,
          "sub_issues": [
            3,
            4,
            5,
          ],
          "title": "The shop",
        },
        {
          "body": "",
          "labels": [
            "phase:1",
          ],
          "number": 2,
          "sub_issues": [],
          "title": "Before",
        },
        {
          "body": "> Do it.

      <!-- orch:imported v1 {"key":"a","word":"c5"} -->",
          "labels": [
            "phase:1",
          ],
          "number": 3,
          "sub_issues": [],
          "title": "Task a",
        },
        {
          "body": "> Do it.

      Depends on #2, #3

      <!-- orch:imported v1 {"key":"b","word":"c5"} -->",
          "labels": [],
          "number": 4,
          "sub_issues": [],
          "title": "Task b",
        },
        {
          "body": "> Do it.

      <!-- orch:imported v1 {"part":2,"word":"c5"} -->",
          "labels": [],
          "number": 5,
          "sub_issues": [
            6,
          ],
          "title": "Task part",
        },
        {
          "body": "> Do it.

      <!-- orch:imported v1 {"key":"c","word":"c5"} -->",
          "labels": [],
          "number": 6,
          "sub_issues": [],
          "title": "Task c",
        },
      ]
    `);
    world.openIssue('octo', 'Not ours', issue('d').body + issue('d').marker);
    world.adopt(1, 7);
    expect(await documents.parts(root)).toMatchObject({
      parts: [
        { number: 1, children: 4 },
        { number: 5, children: 1 },
      ],
      there: [
        { key: 'a', issue: 3, word: 'c5' },
        { key: 'b', issue: 4 },
        { key: 'c', issue: 6 },
      ],
    });
  });

  test('are not made by a tick that comes back long after it was paused', async () => {
    const { place, world, client, known, root } = await shop();
    const until = plusMinutes(place.clock.now(), 10);
    const effect = { kind: 'import_tasks', task: TaskId.parse('1'), from: { comment: CommentId.parse(5) } } as const;
    place.pass(10);
    const ask: ImportTasks = { ...effect, until, parent: root, issues: [issue('a')], there: new Map() };
    await importTasks({ client, known, clock: place.clock }, ask);
    expect(world.issues.size).toBe(2);
  });

  test('that GitHub refuses end it there, and it says so', async () => {
    const { place, world, client, known, root } = await shop();
    const until = plusMinutes(place.clock.now(), 10);
    const effect = { kind: 'import_tasks', task: TaskId.parse('1'), from: { comment: CommentId.parse(5) } } as const;
    const issues = [issue('a', { title: '' }), issue('b')];
    const ask: ImportTasks = { ...effect, until, parent: root, issues, there: new Map() };
    const { result, why } = await importTasks({ client, known, clock: place.clock }, ask);
    expect([result, why]).toEqual(['failed', expect.stringContaining('CreateIssue')]);
    expect(world.issues.size).toBe(2);
  });

  test('are told of once, whatever became of the answer', async () => {
    const { world, client, root } = await shop();
    const marker = renderMarker('answer', { comment: 5 });
    const effect = {
      kind: 'tell_import',
      task: TaskId.parse('1'),
      from: { comment: CommentId.parse(5) },
      issue_id: root,
      body: `Made 2.\n\n${marker}`,
      marker,
      made: 2,
    } as const;
    expect((await tellImport(client, effect)).result).toBe('done');
    expect((await tellImport(client, effect)).result).toBe('already');
    expect(world.comments.size).toBe(1);
  });
});

describe('an answer in part', () => {
  test('is no fact: what it does not show is not made once more, and a file is not said to be missing', async () => {
    const { client, known, root } = await shop();
    const errors = [{ message: 'Something went wrong', type: 'INTERNAL', path: ['nodes', 0] }];
    const answers: GraphqlAnswer[] = [
      { data: { nodes: [null] }, errors },
      { data: { nodes: [null] }, errors: [] },
      { data: { repository: { document: null } }, errors },
    ];
    const query = (): Promise<GraphqlAnswer> => Promise.resolve(answers.shift() ?? { data: {}, errors: [] });
    const documents = createDocuments({ client: { ...client, query }, known });
    expect((await faultOf(documents.parts(root))).consequence).toBe('retry');
    expect((await faultOf(documents.parts(root))).consequence).toBe('retry');
    expect((await faultOf(documents.file('docs/epic.md'))).consequence).toBe('retry');
  });
});

describe('a file', () => {
  test('is read at the head of the default branch; what is none, is no text or is too large, says so', async () => {
    const { world, documents } = await shop();
    world.push('octo', 'main', { 'docs/epic.md': '# Phase 1\n', 'big.md': 'x'.repeat(262_145) });
    expect(await documents.file('docs/epic.md')).toEqual({ kind: 'text', text: '# Phase 1\n' });
    expect(await documents.file('docs/none.md')).toEqual({ kind: 'problem', problem: { kind: 'no_file' } });
    expect(await documents.file('big.md')).toMatchObject({ problem: { kind: 'too_large', bytes: 262_145 } });
  });
});

describe('an export', () => {
  test('that cannot be kept is not promised: the answer says so instead', async () => {
    const { place, world, client, known, root } = await shop();
    const { apply } = createApply({
      client,
      pulls: client,
      known,
      clock: place.clock,
      log: { info: () => undefined, warning: () => undefined, error: () => undefined },
      keep: () => Promise.reject(new Error('the storage is full')),
      mirror: () => Promise.resolve(),
    });
    const answer = {
      kind: 'post_comment',
      task: TaskId.parse('1'),
      issue: IssueNumber.parse(1),
      issue_id: root,
    } as const;
    const results = await apply([
      { kind: 'keep_export', text: '{}\n' },
      { ...answer, body: 'Here it is.', without_export: 'Not kept.' },
      { ...answer, body: 'Something else.' },
    ]);
    expect(results.map(({ result, why }) => why ?? result)).toEqual(['Error: the storage is full', 'done', 'done']);
    expect([...world.comments.values()].map(({ body }) => body)).toEqual(['Not kept.', 'Something else.']);
  });
});
