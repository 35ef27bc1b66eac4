// Owns the histories of epic documents: front matter, phases and tasks read from Markdown, and the lines nothing was made of.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentTask } from '../../src/domain/task-document.ts';
import { parseEpic } from '../../src/input/epic-file.ts';
import * as any from '../wire/arbitraries.ts';

const EPIC = `---
title: "Epic: One tab"
tracking_repo: acme/shop
working_repo: acme/shop
labels:
  - epic
  - devops
---

# Epic: One tab

## Overview

Add a tab.

### Phase 1: Core

#### 1.1 Backend - state
- [ ] Create the struct
  - with an id
- [ ] Add the command

**Files:**
- \`src/state.rs\` (new)
- \`src/commands.rs\` (add commands)

#### 1.2 Backend - assignment
Depends on: 1.1, #12 and 9.9

\`\`\`md
#### 7.7 Not a task
\`\`\`

##### How
By hand.

### Phase 2: Front

Some words on the phase.

- [ ] Tab navigation (depends on 1.2)
  - in the layout
- [x] Remove the old one

## Testing

- [ ] Try it
`;

const brief = ({ name, title, phase, body, files, depends_on_issues, done }: DocumentTask): object => ({
  name,
  title,
  phase,
  body,
  files,
  depends_on_issues,
  done,
});

describe('an epic document', () => {
  it('is front matter, phases and their tasks, with files and what they wait for', () => {
    const { tasks, ...document } = parseEpic(EPIC);
    expect(document).toMatchInlineSnapshot(`
      {
        "labels": [
          "epic",
          "devops",
        ],
        "overview": "## Overview

      Add a tab.

      ## Testing

      - [ ] Try it",
        "title": "Epic: One tab",
        "tracking_repo": "acme/shop",
        "unclear": [
          {
            "line": 28,
            "why": "unknown_dependency",
            "words": "9.9",
          },
          {
            "line": 39,
            "why": "no_task",
            "words": "Some words on the phase.",
          },
          {
            "line": 47,
            "why": "outside",
            "words": "Try it",
          },
        ],
        "working_repo": "acme/shop",
      }
    `);
    expect(tasks.map(brief)).toMatchInlineSnapshot(`
      [
        {
          "body": "- [ ] Create the struct
        - with an id
      - [ ] Add the command",
          "depends_on_issues": [],
          "done": false,
          "files": [
            "src/state.rs",
            "src/commands.rs",
          ],
          "name": "1.1",
          "phase": 1,
          "title": "Backend - state",
        },
        {
          "body": "\`\`\`md
      #### 7.7 Not a task
      \`\`\`

      ##### How
      By hand.",
          "depends_on_issues": [
            12,
          ],
          "done": false,
          "files": [],
          "name": "1.2",
          "phase": 1,
          "title": "Backend - assignment",
        },
        {
          "body": "- in the layout",
          "depends_on_issues": [],
          "done": false,
          "files": [],
          "name": null,
          "phase": 2,
          "title": "Tab navigation",
        },
        {
          "body": "",
          "depends_on_issues": [],
          "done": true,
          "files": [],
          "name": null,
          "phase": 2,
          "title": "Remove the old one",
        },
      ]
    `);
    const keys = new Map(tasks.map(({ key, title }) => [key, title]));
    expect(tasks.map(({ depends_on }) => depends_on.map((key) => keys.get(key)))).toEqual([
      [],
      ['Backend - state'],
      ['Backend - assignment'],
      [],
    ]);
  });

  it('may have no phases: numbered headings and check-list items are its tasks', () => {
    const { title, tasks, unclear, overview } = parseEpic(
      '# Spring cleaning\n\nWhy.\n\n- [ ] Sweep\n- [ ] Wipe\n\n## Rooms\n\n### 2. Kitchen\n- [x] oven\n\n### 3. Bath\n',
    );
    expect({ title, overview, unclear }).toEqual({
      title: 'Spring cleaning',
      overview: 'Why.\n\n## Rooms',
      unclear: [],
    });
    expect(tasks.map(({ name, title: said, done }) => [name, said, done])).toEqual([
      [null, 'Sweep', false],
      [null, 'Wipe', false],
      ['2', 'Kitchen', true],
      ['3', 'Bath', false],
    ]);
  });

  it('has the same keys after it was numbered anew, and keeps equal titles apart', () => {
    const before = parseEpic('# Phase 1\n## 1.1 Tests\n## 1.2 Docs\n# Phase 2\n## 2.1 Tests\n').tasks;
    const after = parseEpic('# Phase 1\n## 1.1 New\n## 1.2  Tests\n## 1.3 `Docs`\n# Phase 2\n## 2.1 tests\n').tasks;
    const keys = before.map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
    expect(after.slice(1).map(({ key }) => key)).toEqual(keys);
  });

  it('with a mistake in its front matter says on which line, and is read all the same', () => {
    const { labels, title, unclear } = parseEpic('---\ntitle: T\ntracking_repo: 5\nlabels: {a: b}\n---\n# Phase 1\n');
    expect({ labels, title }).toEqual({ labels: [], title: 'T' });
    expect(unclear).toEqual([
      { line: 3, why: 'front_matter', words: 'tracking_repo' },
      { line: 4, why: 'front_matter', words: 'labels' },
    ]);
    expect(parseEpic('---\n{ :\n---\n').unclear).toEqual([{ line: 1, why: 'front_matter', words: '{ :' }]);
  });

  it('is what docs/import.md shows', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/import.md'), 'utf8');
    const [, example = ''] = /```markdown\n([^]*?)\n```\n/.exec(page) ?? [];
    const { tasks, unclear, title } = parseEpic(example);
    expect({ title, unclear }).toEqual({ title: 'Epic: a shop', unclear: [] });
    expect(tasks.map(({ title: said, phase, files, done }) => [said, phase, files.length, done])).toEqual([
      ['Store', 1, 1, false],
      ['Prices', 1, 0, false],
      ['Window', 2, 0, false],
      ['What is done is left out', 2, 0, true],
    ]);
  });

  it('is never a reason to throw, whatever stands in it', () => {
    fc.assert(
      fc.property(any.text, fc.constantFrom('', '---\n', '# Phase 1\n', '# Phase 1\n## 1.1 a\n'), (text, before) => {
        const { tasks } = parseEpic(before + text);
        expect(new Set(tasks.map(({ key }) => key)).size).toBe(tasks.length);
      }),
      { numRuns: 300 },
    );
  });
});

const word = fc.stringMatching(/^[A-Z][a-z]{0,8}( [a-z]{1,8}){0,3}$/);
const filePath = fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,8}\.ts$/);
const task = fc.record({
  title: word,
  body: fc.constantFrom('', 'Some words.', '- [ ] one\n- [ ] two', '```\n# no heading\n```'),
  files: fc.uniqueArray(filePath, { maxLength: 3 }),
});
const epic = fc.record({
  title: word,
  phases: fc.array(fc.uniqueArray(task, { minLength: 1, maxLength: 4, selector: ({ title }) => title }), {
    minLength: 1,
    maxLength: 3,
  }),
});
type Epic = typeof epic extends fc.Arbitrary<infer Value> ? Value : never;

/** As a person would write it. */
function written({ title, phases }: Epic): string {
  const parts = phases.flatMap((tasks, at) => [
    `## Phase ${at + 1}: ${title}`,
    ...tasks.flatMap((one, nth) => [
      `### ${at + 1}.${nth + 1} ${one.title}`,
      one.body,
      ...(one.files.length === 0 ? [] : ['**Files:**', ...one.files.map((file) => `- \`${file}\` (new)`)]),
    ]),
  ]);
  return [`---\ntitle: ${JSON.stringify(title)}\n---`, ...parts].join('\n\n');
}

describe('what was written', () => {
  it('is what is read: title, phases, numbers, titles, texts and files', () => {
    fc.assert(
      fc.property(epic, (wanted) => {
        const read = parseEpic(written(wanted));
        expect(read).toMatchObject({ title: wanted.title, unclear: [], overview: '' });
        expect(read.tasks.map(({ name, title, phase, body, files }) => ({ name, title, phase, body, files }))).toEqual(
          wanted.phases.flatMap((tasks, at) =>
            tasks.map((one, nth) => ({ name: `${at + 1}.${nth + 1}`, phase: at + 1, ...one })),
          ),
        );
      }),
      { numRuns: 200 },
    );
  });
});
