// Owns the histories of files that people have imported: each task one issue, whatever happens in between, told at the end.
import { describe, expect, test } from 'vitest';
import { ImportPath } from '../../src/domain/command.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { prompt } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const EPIC = `---
title: A shop
tracking_repo: O/R
labels: [epic, devops]
---
# A shop

Sell things, @everyone. Closes #3.

## Phase 1: Ground

### 1.1 Store
- [ ] Keep goods
- [ ] Tell @ann

**Files:**
- \`src/store.ts\` (new)

### 1.2 Prices
Depends on: 1.1, #12

Words. <!-- orch:imported v1 {"key":"x","word":"y"} -->

## Phase 2: Face
- [ ] Window (depends on 1.2)
- [ ] Door (depends on 9.9)
- [x] Sign
`;

function shop(text = EPIC, path = 'docs/epic.md'): Story {
  const story = createStory();
  story.files.set(path, text);
  story.repository_labels.add('devops');
  story.open(12, { labelled: [], title: 'The shop' });
  story.tick();
  return story;
}

/** Ticks until nothing is left. */
function settles(story: Story): number {
  for (let ticks = 1; ticks <= 20; ticks += 1) if (!story.tick().more) return ticks;
  throw new Error('it never ends');
}

function said(story: Story, by: string, words: string): string {
  const before = story.answers.length;
  story.passes(1);
  story.says(by, 12, words);
  settles(story);
  return story.answers
    .slice(before)
    .map((answer) => answer.replace(/\s*<!--.*-->\s*$/, ''))
    .join('\n---\n');
}

const made = (story: Story) => [...story.issues.values()].filter(({ parent }) => parent !== null);
const titles = (story: Story): readonly string[] =>
  made(story).map(({ number, title, parent, labels }) => `#${parent} > #${number} ${title} [${labels.join(' ')}]`);

describe('an epic document, imported where its epic is', () => {
  test('[TRG-03] [DEP-10] its tasks are sub-issues with phases, files and dependencies, and the answer says what was not understood', () => {
    const story = shop();
    expect(said(story, 'ada', '/orch import docs/epic.md')).toMatchInlineSnapshot(`
      "Made 4 issues of \`docs/epic.md\` below #12: #102, #103, #104, #105. Orch leaves them alone until somebody labels them \`agent-todo\`.

      1 task is done, or here already.

      Not understood, and left out:

      - line 26: \`9.9\` names no task of the file

      Labels that this repository does not have, or that a file may not set, were left out: \`epic\`."
    `);
    expect(titles(story)).toMatchInlineSnapshot(`
      [
        "#12 > #102 Store [phase:1 devops parent:12]",
        "#12 > #103 Prices [phase:1 devops parent:12]",
        "#12 > #104 Window [phase:2 devops parent:12]",
        "#12 > #105 Door [phase:2 devops parent:12]",
      ]
    `);
    expect(made(story).map(({ body }) => body)).toMatchInlineSnapshot(`
      [
        "> - [ ] Keep goods
      > - [ ] Tell @​ann

      Files: \`src/store.ts\`

      Task 1.1 of \`docs/epic.md\`, imported for ada. Orch leaves it alone until somebody labels it \`agent-todo\`.

      <!-- orch:imported v1 {"key":"3f84290380092890","word":"c101"} -->",
        "> Words. <​!-- orch:imported v1 {"key":"x","word":"y"} -->

      Task 1.2 of \`docs/epic.md\`, imported for ada. Orch leaves it alone until somebody labels it \`agent-todo\`.

      Depends on #12, #102

      <!-- orch:imported v1 {"key":"c1d5068cdd039cd2","word":"c101"} -->",
        "A task of \`docs/epic.md\`, imported for ada. Orch leaves it alone until somebody labels it \`agent-todo\`.

      Depends on #103

      <!-- orch:imported v1 {"key":"f2ac478a545df0b9","word":"c101"} -->",
        "A task of \`docs/epic.md\`, imported for ada. Orch leaves it alone until somebody labels it \`agent-todo\`.

      <!-- orch:imported v1 {"key":"11011ffe8d2e71a8","word":"c101"} -->",
      ]
    `);
    expect(story.reactions).toEqual(['12 THUMBS_UP']);
  });

  test('the same file makes only what is new, however it is numbered by then', () => {
    const story = shop();
    said(story, 'ada', '/orch import docs/epic.md');
    const before = titles(story);
    story.files.set('docs/epic.md', EPIC.replace('### 1.2 Prices', '### 1.2 Taxes\n\n### 1.3 Prices'));
    expect(said(story, 'ada', '/orch import docs/epic.md')).toMatchInlineSnapshot(`
      "Made 1 issue of \`docs/epic.md\` below #12: #107. Orch leaves them alone until somebody labels them \`agent-todo\`.

      4 tasks had an issue before: #102, #103, #104, #105. 1 task is done, or here already.

      Not understood, and left out:

      - line 28: \`9.9\` names no task of the file

      Labels that this repository does not have, or that a file may not set, were left out: \`epic\`."
    `);
    expect(titles(story).slice(before.length)).toEqual([expect.stringContaining('Taxes')]);
    expect(said(story, 'ada', '/orch import ./docs/epic.md')).toMatch(/^Nothing in `docs\/epic.md` is new\./);
    expect(titles(story).length).toBe(before.length + 1);
  });

  test('nothing that it makes is in the queue before somebody labels it', () => {
    const story = shop();
    said(story, 'ada', '/orch import docs/epic.md');
    const [first] = made(story);
    expect([...story.journals.keys()]).toEqual(['12']);
    story.labels(first?.number ?? 0, ['agent-todo']);
    story.tick();
    expect(story.attempts(first?.number ?? 0)).toEqual(['1 claude live']);
  });

  test('a phase is started after the phase before it', () => {
    const story = shop();
    said(story, 'ada', '/orch import docs/epic.md');
    for (const { number } of made(story)) story.labels(number, ['agent-todo']);
    story.tick();
    expect(made(story).map(({ number }) => story.state(number))).toEqual([
      'in_progress',
      'in_progress',
      'blocked',
      'blocked',
    ]);
  });

  test('a tick that dies in between makes nothing twice, and the end is told once', () => {
    const story = shop();
    story.says('ada', 12, '/orch import docs/epic.md');
    story.diesAfter('append_journal');
    // It may be under way yet.
    story.diesAfter('import_tasks');
    expect(made(story)).toEqual([]);
    story.passes(15);
    story.diesAfter('import_tasks');
    const before = titles(story);
    expect(before.length).toBe(4);
    settles(story);
    expect(titles(story)).toEqual(before);
    expect(story.answers.filter((answer) => answer.startsWith('Made 4'))).toHaveLength(1);
  });

  test('a list that lags makes nothing twice: what was made stands in the journal', () => {
    const many = Array.from({ length: 30 }, (_, i) => `### 1.${i + 1} Task ${i + 1}\n`).join('');
    const story = shop(`# Shop\n## Phase 1\n${many}`);
    story.passes(1);
    story.says('ada', 12, '/orch import docs/epic.md');
    story.tick();
    while (made(story).length === 0) story.tick();
    for (const { number } of made(story)) story.unseen.add(number);
    settles(story);
    expect([made(story).length, new Set(titles(story).map((title) => title.split(' Task ')[1])).size]).toEqual([
      30, 30,
    ]);
    expect(story.answers.at(-1)).toContain('Made 30 issues');
    expect(story.journal(12).imported_tasks).toEqual([]);
  });

  test('its end is told beside another answer under the same comment', () => {
    const story = shop();
    const answers = said(story, 'ada', '/orch import docs/epic.md\n/orch import docs/other.md');
    expect(answers.split('\n---\n').map((answer) => answer.split('.')[0])).toEqual([
      'Not heeded: 1 further command of this comment',
      'Made 4 issues of `docs/epic',
    ]);
  });

  test('where the issue has a hundred sub-issues of others, it says so and makes nothing', () => {
    const story = shop();
    const others = Array.from({ length: 100 }, (_, i) => 1_000 + i);
    for (const number of others) story.open(number, { labelled: [] });
    story.adopts(12, others);
    expect(said(story, 'ada', '/orch import docs/epic.md')).toBe(
      'This issue has as many sub-issues as GitHub allows. Say it on another one.',
    );
    expect(made(story)).toHaveLength(100);
  });

  test('what cannot be told for two days is given up', () => {
    const story = shop();
    story.passes(1);
    story.says('ada', 12, '/orch import docs/epic.md');
    while (made(story).length === 0) story.tick();
    story.passes(49 * 60);
    story.tick();
    expect(story.journal(12).imports).toEqual([]);
    expect(story.answers.filter((answer) => answer.startsWith('Made'))).toEqual([]);
  });

  test('[DEP-10] more than a tick makes goes on in the next, and before the hundredth sub-issue below another issue', () => {
    const tasks = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, at) => `- [ ] Task ${from + at}\n`).join('');
    const story = shop(`# Phase 1\n${tasks(0, 60)}`);
    said(story, 'ada', '/orch import docs/epic.md');
    expect(made(story)).toHaveLength(60);
    story.files.set('docs/epic.md', `# Phase 1\n${tasks(0, 130)}`);
    story.passes(1);
    story.says('ada', 12, '/orch import docs/epic.md');
    expect(settles(story)).toBe(5);
    const parents = Map.groupBy(made(story), ({ parent }) => parent);
    expect([...parents.values()].map((children) => children.length)).toEqual([100, 31]);
    expect(story.issue(12).parent).toBeNull();
    expect(made(story).find(({ title }) => title.includes('part'))).toMatchObject({
      title: 'The shop (part 2)',
      parent: 12,
    });
    expect(story.answers.at(-1)).toContain('so they go on below #');
  });
});

describe('what is not imported', () => {
  test('is forgotten where its issue is gone', () => {
    const story = shop();
    story.says('ada', 12, '/orch import docs/epic.md');
    story.diesAfter('append_journal');
    story.deletes(12);
    story.passes(15);
    settles(story);
    expect([story.journal(12).imports, made(story)]).toEqual([[], []]);
  });

  test('is nowhere, of another repository, without a task, or too much; it says so and makes nothing', () => {
    const many = Array.from({ length: 101 }, (_, at) => `- [ ] T${at}\n`).join('');
    const texts = ['---\nworking_repo: acme/other\n---\n# Phase 1\n## 1.1 A\n', '# Words\n', `# Phase 1\n${many}`];
    const story = shop('Only words.');
    const answers = texts.map((text) => {
      story.files.set('docs/epic.md', text);
      return said(story, 'ada', '/orch import docs/epic.md');
    });
    expect([said(story, 'ada', '/orch import no/such.md'), ...answers]).toMatchInlineSnapshot(`
      [
        "There is no file \`no/such.md\` on the default branch.",
        "\`docs/epic.md\` is for another repository: its \`working_repo\` is \`acme/other\`. Have it imported there, or take that line out.",
        "\`docs/epic.md\` tells of no task. In a Markdown file a heading \`Phase 1: …\` has numbered headings such as \`1.1 …\`, or check-list items, below it; a \`.jsonl\` file has an object with \`id\` and \`title\` on each line.",
        "\`docs/epic.md\` has 101 new tasks, and one import makes 100 at most. Split it.",
      ]
    `);
    expect(made(story)).toEqual([]);
  });

  test('by somebody whose role does not allow it', () => {
    const story = shop();
    expect(said(story, 'tom', '/orch import docs/epic.md')).toMatchInlineSnapshot(
      `"\`/orch import\` takes at least the role \`write\` in this repository, and yours is \`triage\`. Somebody with that role can say it for you."`,
    );
    expect(made(story)).toEqual([]);
  });
});

describe('a dispatch', () => {
  const path = ImportPath.parse('docs/epic.md');
  const dispatched = (story: Story, run: number, by = 'ada'): number => {
    story.passes(1);
    story.dispatches(run, by, { kind: 'word', task: null, command: { verb: 'import', path } });
    return settles(story);
  };

  test('[TRG-03] without an issue makes the parent first, once, and what is new later goes there too', () => {
    const story = shop();
    story.dispatches(71, 'ada', { kind: 'word', task: null, command: { verb: 'import', path } });
    const { alarms } = story.plan();
    expect(alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "To what ada asked in run 71:
      An issue is made for \`docs/epic.md\`; its tasks become sub-issues there, and an answer there says what came of it.",
      ]
    `);
    story.diesAfter('create_epic');
    settles(story);
    const epic = [...story.issues.values()].find(({ title }) => title === 'A shop');
    expect({ labels: epic?.labels, body: epic?.body }).toMatchInlineSnapshot(`
      {
        "body": "> Sell things, @​everyone. Closes​ #3.

      The tasks of \`docs/epic.md\` are its sub-issues; ada had them imported.

      <!-- orch:epic v1 {"run":71} -->",
        "labels": [
          "devops",
        ],
      }
    `);
    expect(titles(story)).toHaveLength(4);
    expect(made(story).every(({ parent }) => parent === epic?.number)).toBe(true);
    expect(story.inbox.size).toBe(0);
    story.files.set('docs/epic.md', `${EPIC}- [ ] Bell\n`);
    dispatched(story, 72);
    expect(titles(story)).toHaveLength(5);
    expect(story.inbox.size).toBe(0);
  });

  test('twice before a tick makes one parent', () => {
    const story = shop();
    for (const run of [71, 72])
      story.dispatches(run, 'ada', { kind: 'word', task: null, command: { verb: 'import', path } });
    settles(story);
    expect([...story.issues.values()].filter(({ title }) => title === 'A shop')).toHaveLength(1);
    expect([titles(story).length, story.inbox.size]).toEqual([4, 0]);
  });

  test('whose parent was deleted makes another one', () => {
    const story = shop();
    dispatched(story, 71);
    const epic = [...story.issues.values()].find(({ title }) => title === 'A shop');
    story.deletes(epic?.number ?? 0);
    dispatched(story, 72);
    expect([...story.issues.values()].filter(({ title }) => title === 'A shop')).toHaveLength(1);
    expect(story.inbox.size).toBe(0);
  });

  test('that is heard a day late is said to be given up', () => {
    const story = shop();
    story.dispatches(71, 'ada', { kind: 'word', task: null, command: { verb: 'import', path } });
    story.passes(25 * 60);
    expect(story.plan().alarms.map(renderAlarm)).toEqual([expect.stringContaining('Nothing came of it within a day')]);
    settles(story);
    expect([titles(story), story.inbox.size]).toEqual([[], 0]);
  });

  test('of what cannot be imported is told in the summary, and forgotten', () => {
    const story = shop('Nothing.');
    story.dispatches(73, 'ada', { kind: 'word', task: null, command: { verb: 'import', path } });
    expect(story.plan().alarms.map(renderAlarm).join('\n')).toContain('tells of no task');
    settles(story);
    expect([story.inbox.size, story.issues.size]).toEqual([0, 1]);
  });

  test('that names an issue speaks there', () => {
    const story = shop();
    const { number } = story.issue(12);
    story.dispatches(74, 'ada', { kind: 'command', issue: number, command: { verb: 'import', path } });
    settles(story);
    expect(titles(story)).toHaveLength(4);
    expect([story.inbox.size, story.answers.length]).toEqual([0, 1]);
  });
});

describe('lines of JSON', () => {
  test('are imported like a document, those of another tracker included', () => {
    const lines = [
      '{"id":"bd-2","title":"Use the store","status":"open","priority":1,"dependencies":[{"depends_on_id":"bd-1","type":"blocks"}]}',
      '{"id":"bd-1","title":"Add the store","description":"With tests.","status":"open","priority":0}',
      '{"id":"bd-3","title":"Old","status":"closed"}',
      'oops',
    ];
    const story = shop(lines.join('\n'), '.beads/issues.jsonl');
    expect(said(story, 'ada', '/orch import .beads/issues.jsonl')).toMatchInlineSnapshot(`
      "Made 2 issues of \`.beads/issues.jsonl\` below #12: #102, #103. Orch leaves them alone until somebody labels them \`agent-todo\`.

      1 task is done, or here already.

      Not understood, and left out:

      - line 4: \`oops\` is no JSON"
    `);
    expect(titles(story)).toMatchInlineSnapshot(`
      [
        "#12 > #102 Add the store [priority:critical parent:12]",
        "#12 > #103 Use the store [priority:high parent:12]",
      ]
    `);
  });
});

describe('an export', () => {
  const bare = (story: Story): string => story.answers.at(-1)?.replace(/\s*<!--.*-->\s*$/, '') ?? '';

  test('[DAT-03] is the queue as lines of JSON, kept as a file of the run, and an import elsewhere makes the same tasks of it', () => {
    const story = createStory();
    story.open(12, {
      labelled: ['agent-todo', 'ui', 'priority:high'],
      title: 'Store',
      body: 'Keep goods.\nFiles: src/a.ts',
    });
    story.open(13, { labelled: ['agent-todo', 'phase:2'], title: 'Window', body: '' });
    story.depends(13, [12]);
    story.dispatches(98, 'ada', prompt());
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.says('tom', 13, '/orch export');
    story.tick();
    expect(bare(story)).toMatchInlineSnapshot(
      `"3 tasks of the queue, a line of JSON each: the artifact \`orch-tasks\` of [this run](https://github.com/o/r/actions/runs/1002#artifacts). \`/orch import\` reads such a file."`,
    );
    const [text = ''] = story.exports;
    expect(
      text
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toMatchInlineSnapshot(`
      [
        {
          "body": "Keep goods.
      Files: src/a.ts",
          "dependencies": [],
          "done_so_far": {
            "as_of": "2026-11-20T12:00:00Z",
            "attempts": 1,
            "cost_usd": null,
            "engine": "claude",
            "parent": null,
            "pull_request": 103,
            "tokens": null,
          },
          "files": [
            "src/a.ts",
          ],
          "id": "o/r#12",
          "labels": [
            "ui",
          ],
          "phase": null,
          "priority": "high",
          "state": "in_review",
          "title": "Store",
        },
        {
          "body": "",
          "dependencies": [
            "o/r#12",
          ],
          "done_so_far": {
            "as_of": "2026-11-20T12:00:00Z",
            "attempts": 0,
            "cost_usd": null,
            "engine": null,
            "parent": null,
            "pull_request": null,
            "tokens": null,
          },
          "files": [],
          "id": "o/r#13",
          "labels": [],
          "phase": 2,
          "priority": null,
          "state": "blocked",
          "title": "Window",
        },
        {
          "body": "Tidy up.",
          "dependencies": [],
          "done_so_far": {
            "as_of": "2026-11-20T12:00:00Z",
            "attempts": 1,
            "cost_usd": null,
            "engine": "codex",
            "parent": null,
            "pull_request": null,
            "tokens": null,
          },
          "files": [],
          "id": "o/r#i98",
          "labels": [],
          "phase": null,
          "priority": null,
          "state": "in_progress",
          "title": "Tidy",
        },
      ]
    `);
    const here = shop(text, 'tasks.jsonl');
    expect(said(here, 'ada', '/orch import tasks.jsonl')).toMatchInlineSnapshot(`
      "Nothing in \`tasks.jsonl\` is new.

      3 tasks are done, or here already."
    `);
    const there = shop(text.replaceAll('o/r#', 'acme/else#'), 'tasks.jsonl');
    there.repository_labels.add('ui');
    said(there, 'ada', '/orch import tasks.jsonl');
    expect(titles(there)).toMatchInlineSnapshot(`
      [
        "#12 > #102 Store [ui priority:high parent:12]",
        "#12 > #103 Window [phase:2 parent:12]",
        "#12 > #104 Tidy [parent:12]",
      ]
    `);
    expect(made(there).find(({ title }) => title === 'Window')?.body).toContain('Depends on #');
  });

  test('leaves out what has come to its end in this very tick, and says so [DAT-03]', () => {
    const story = createStory();
    for (const number of [12, 13]) story.open(number);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.merges(12);
    story.says('tom', 13, '/orch export');
    story.tick();
    expect(bare(story)).toMatchInlineSnapshot(
      `"1 task of the queue, a line of JSON each: the artifact \`orch-tasks\` of [this run](https://github.com/o/r/actions/runs/1002#artifacts). \`/orch import\` reads such a file. Not in it: 1 task that is over."`,
    );
    expect(story.exports[0]?.trim().split('\n')).toHaveLength(1);
  });

  test('of an issue as long as GitHub lets it be is read by an import elsewhere, where it is cut and says so', () => {
    const story = createStory();
    story.open(12, { title: 'Long', body: 'x'.repeat(65_536) });
    story.says('tom', 12, '/orch export');
    story.tick();
    const there = shop((story.exports[0] ?? '').replaceAll('o/r#', 'acme/else#'), 'tasks.jsonl');
    expect(said(there, 'ada', '/orch import tasks.jsonl')).toMatchInlineSnapshot(
      `"Made 1 issue of \`tasks.jsonl\` below #12: #102. Orch leaves them alone until somebody labels them \`agent-todo\`."`,
    );
    expect(made(there).at(-1)?.body).toContain('[cut: 35536 bytes left out]');
  });

  test('asked for by a dispatch leads there in the summary, and is nothing that others may ask for', () => {
    const story = shop();
    story.dispatches(75, 'ada', { kind: 'word', task: null, command: { verb: 'export' } });
    expect(story.plan().alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "To what ada asked in run 75:
      0 tasks of the queue, a line of JSON each: the artifact \`orch-tasks\` of [this run](https://github.com/o/r/actions/runs/1001#artifacts). \`/orch import\` reads such a file.",
      ]
    `);
    settles(story);
    expect(story.exports).toEqual(['']);
    expect(said(story, 'eve', '/orch export')).toBe('');
    expect(story.exports).toHaveLength(1);
  });
});
