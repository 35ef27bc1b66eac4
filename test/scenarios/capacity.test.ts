// Owns the histories of order and room: caps of an engine, collisions, tasks that run alone, nobody starving.
import { describe, expect, test } from 'vitest';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { renderWait } from '../../src/wire/wait-text.ts';
import { prompt, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function waitOf(story: Story, id: number): string {
  const wait = story.plan().reports.find(({ task }) => task === String(id))?.wait ?? null;
  return wait === null ? 'nothing' : renderWait(wait);
}

function running(story: Story): readonly number[] {
  return [...story.issues.keys()].filter((number) => story.state(number) === 'in_progress');
}

function finishAll(story: Story): void {
  for (const number of running(story)) {
    story.ends(number, 'delivered');
    story.merges(number);
  }
}

describe('the cap of one engine', () => {
  const engines = [{ ...ENGINE_DEFAULTS.claude, parallel_max: 1 }, ENGINE_DEFAULTS.codex];

  test('its tasks wait, tasks of others pass them, and the free choice goes to whoever has room', () => {
    const story = createStory({ engines, parallel_max: 4 });
    for (const number of [1, 2]) story.open(number, { labelled: ['agent-todo', 'agent:claude'] });
    story.open(3, { labelled: ['agent-todo', 'agent:codex'] });
    for (const number of [4, 5]) story.open(number);
    story.tick();
    expect(running(story)).toEqual([1, 3, 4, 5]);
    expect([story.attempts(4), story.attempts(5)]).toEqual([['1 codex live'], ['1 codex live']]);
    story.ends(3, 'delivered');
    expect(waitOf(story, 2)).toMatchInlineSnapshot(
      `"claude runs 1 attempt, at most 1 at a time (\`engines.claude.parallel_max\`)."`,
    );
    story.ends(1, 'delivered');
    story.tick();
    expect(running(story)).toContain(2);
  });
});

test('where every engine has weight 0, people are told how to name one, not to add a key', () => {
  const story = createStory({ engines: [{ ...ENGINE_DEFAULTS.claude, weight: 0 }] });
  story.open(1);
  story.tick();
  expect(story.state(1)).toBe('needs_review');
  expect(story.comment(1)).toContain('**Next:** Comment `/orch retry claude`.');
  story.says('ada', 1, '/orch retry claude');
  story.tick();
  expect(story.attempts(1)).toEqual(['1 claude live']);
});

test('a task that was done long ago and is opened again has not waited since then', () => {
  const story = createStory({ parallel_max: 1, patience_hours: 24 });
  story.open(1);
  story.tick();
  story.ends(1, 'delivered');
  story.merges(1);
  story.tick();
  story.passes(40 * 24 * 60);
  story.open(2, { labelled: ['agent-todo', 'priority:critical'] });
  story.reopens(1);
  story.says('ada', 2, '/orch start');
  story.tick();
  expect(running(story)).toEqual([2]);
  story.passes(24 * 60);
  story.open(3, { labelled: ['agent-todo', 'priority:critical'] });
  story.ends(2, 'delivered');
  story.says('ada', 3, '/orch start');
  story.tick();
  expect(running(story)).toEqual([1]);
});

describe('tasks that would collide', () => {
  test('run one after the other; a third one does not wait for either', () => {
    const story = createStory();
    story.open(1, { body: 'Rename it.\nFiles: src/a.ts, src/b.ts' });
    story.open(2, { body: 'Document it.\nFiles: src/b.ts' });
    story.open(3, { body: 'Files: docs/' });
    story.tick();
    expect(running(story)).toEqual([1, 3]);
    expect(waitOf(story, 2)).toMatchInlineSnapshot(
      `"#1 is under way and will probably touch \`src/b.ts\` too; one comes after the other."`,
    );
    story.ends(1, 'delivered');
    story.tick();
    expect(running(story)).toEqual([2, 3]);
  });

  test('with `overlap: merged` the second waits for the merge, a day at most', () => {
    for (const merged of [true, false]) {
      const story = createStory({ overlap: 'merged' });
      story.open(1, { body: 'Files: src/a.ts' });
      story.open(2, { body: 'Files: src/a.ts' });
      story.tick();
      story.ends(1, 'delivered');
      story.passes(60);
      story.tick();
      expect(running(story)).toEqual([]);
      if (merged) story.merges(1);
      else story.passes(24 * 60);
      story.tick();
      expect(running(story)).toEqual([2]);
    }
  });

  test('with `overlap: merged` the second waits, too, for a pull request that a person has to open', () => {
    const story = createStory({ overlap: 'merged' });
    story.open(1, { body: 'Files: src/a.ts' });
    story.tick();
    story.ends(1, 'delivered', { pull: 'forgotten' });
    story.journals.get(taskId(1))?.push({ kind: 'pr_refused', at: story.now, detail: 'not permitted' });
    story.tick();
    expect(story.state(1)).toBe('needs_review');
    story.passes(30);
    story.open(2, { body: 'Files: src/a.ts' });
    story.tick();
    expect(running(story)).toEqual([]);
    story.passes(24 * 60);
    story.tick();
    expect(running(story)).toEqual([2]);
  });

  test.each<readonly [string, (story: Story) => void]>([
    ['was rejected', (story) => story.closesPull(1)],
    ['was taken out by a word', (story) => story.says('ada', 1, '/orch skip')],
    ['was taken out by a label', (story) => story.labels(1, ['no-agent'])],
  ])('with `overlap: merged` nobody waits for a merge that does not come, since it %s', (_, give_up) => {
    const story = createStory({ overlap: 'merged' });
    story.open(1, { body: 'Files: src/a.ts' });
    story.tick();
    story.ends(1, 'delivered');
    story.tick();
    story.passes(30);
    give_up(story);
    story.tick();
    story.open(2, { body: 'Files: src/a.ts' });
    story.tick();
    expect(running(story)).toEqual([2]);
  });

  test('with `overlap: off` nobody looks', () => {
    const story = createStory({ overlap: 'off' });
    for (const number of [1, 2]) story.open(number, { body: 'Files: src/a.ts' });
    story.tick();
    expect(running(story)).toEqual([1, 2]);
  });
});

describe('a task that runs alone (`parallel:off`)', () => {
  test('waits until nothing runs, keeps those behind it back, and lets them go on afterwards', () => {
    const story = createStory({ parallel_max: 3 });
    story.open(1);
    story.tick();
    story.open(2, { labelled: ['agent-todo', 'parallel:off', 'priority:high'] });
    story.open(3);
    story.tick();
    expect(running(story)).toEqual([1]);
    expect([waitOf(story, 2), waitOf(story, 3)]).toMatchInlineSnapshot(`
      [
        "It runs with nothing beside it (\`parallel:off\`), and 1 attempt is running.",
        "#2 comes first, with nothing beside it (\`parallel:off\`).",
      ]
    `);
    story.ends(1, 'delivered');
    story.tick();
    expect(running(story)).toEqual([2]);
    story.ends(2, 'delivered');
    story.tick();
    expect(running(story)).toEqual([3]);
  });
});

describe('`assignment: manual`', () => {
  test('nothing starts by itself; a word, a label or a dispatch starts one task, and no other [QUE-14]', () => {
    const story = createStory({ assignment: 'manual', parallel_max: 9 });
    for (const number of [1, 2, 3]) story.open(number);
    story.tick();
    story.passes(60 * 48);
    story.tick();
    expect(running(story)).toEqual([]);
    expect(waitOf(story, 1)).toMatchInlineSnapshot(
      `"Assignment is manual here (\`assignment: manual\`): \`/orch start\` or an \`agent:\` label starts it."`,
    );
    expect(story.comment(1)).toContain('**Next:** Comment `/orch start`.');
    story.says('ada', 1, '/orch start');
    story.tick();
    expect(running(story)).toEqual([1]);
    story.labels(2, ['agent:codex']);
    story.tick();
    expect(running(story)).toEqual([1, 2]);
    story.dispatches(77, 'ada', prompt());
    story.tick();
    expect(story.attempts('i77')).toEqual(['1 claude live']);
    expect(running(story)).toEqual([1, 2]);
  });
});

describe('what a person started goes first, whoever gives tasks to engines [QUE-16]', () => {
  test.each(['auto', 'manual', 'hybrid'] as const)('`assignment: %s`', (assignment) => {
    const story = createStory({ assignment, parallel_max: 1 });
    // In `hybrid` the label itself is a person's word, and in `manual` nothing starts without one.
    const labelled = assignment === 'manual' ? ['agent-todo', 'agent:claude'] : ['agent-todo', 'priority:high'];
    story.open(10, { labelled });
    story.tick();
    story.passes(1);
    for (const number of [11, 12, 13]) story.open(number, number === 11 ? { labelled } : {});
    story.tick();
    story.says('ada', 12, '/orch start');
    story.says('ada', 13, '/orch retry');
    story.says('tom', 13, '/orch priority low');
    story.tick();
    const order: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      finishAll(story);
      story.tick();
      order.push(...running(story));
    }
    expect(order).toEqual([12, 11, 13]);
  });
});

describe('`assignment: hybrid` [QUE-16]', () => {
  test('the queue goes on by itself, and what a person gave to an engine goes first', () => {
    const story = createStory({ assignment: 'hybrid', parallel_max: 1 });
    story.open(1, { labelled: ['agent-todo', 'priority:high'] });
    story.open(2);
    story.open(3, { labelled: ['agent-todo', 'agent:codex'] });
    const order: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      story.tick();
      order.push(...running(story));
      finishAll(story);
    }
    expect(order).toEqual([3, 1, 2]);
  });
});

describe('nobody starves', () => {
  test('under an endless stream of urgent tasks, one without urgency starts when its patience is over', () => {
    const story = createStory({ parallel_max: 2, patience_hours: 24 });
    story.open(1, { labelled: ['agent-todo', 'priority:low'] });
    let next = 2;
    let hours = 0;
    for (; hours <= 30 && story.attempts(1).length === 0; hours += 1) {
      for (let urgent = 0; urgent < 3; urgent += 1) {
        story.open(next, { labelled: ['agent-todo', 'priority:critical'] });
        next += 1;
      }
      story.passes(60);
      story.tick();
      if (hours < 22) expect(story.attempts(1)).toEqual([]);
      finishAll(story);
    }
    expect(story.attempts(1)).toHaveLength(1);
    expect(hours).toBeLessThanOrEqual(24);
  });
});

describe('a task that goes first and waits', () => {
  test('keeps its files and its engine from those behind it, who are told', () => {
    const engines = [{ ...ENGINE_DEFAULTS.claude, parallel_max: 1 }, ENGINE_DEFAULTS.codex];
    const story = createStory({ engines, parallel_max: 9 });
    story.open(1, { labelled: ['agent-todo', 'agent:codex'], body: 'Files: src/a.ts' });
    story.tick();
    story.open(2, { labelled: ['agent-todo', 'agent:claude'], body: 'Files: src/a.ts, src/b.ts' });
    story.says('ada', 2, '/orch priority high');
    story.open(3, { labelled: ['agent-todo', 'agent:codex'], body: 'Files: src/b.ts' });
    story.open(4, { labelled: ['agent-todo', 'agent:claude'] });
    story.tick();
    expect(running(story)).toEqual([1]);
    expect([2, 3, 4].map((id) => waitOf(story, id))).toMatchInlineSnapshot(`
      [
        "#1 is under way and will probably touch \`src/a.ts\` too; one comes after the other.",
        "#2 goes first and will probably touch \`src/b.ts\` too; one comes after the other.",
        "The next place of claude is kept for #2, which goes first (\`engines.claude.parallel_max\`).",
      ]
    `);
    story.ends(1, 'delivered');
    story.tick();
    expect(running(story)).toEqual([2]);
  });
});

describe('the queue as people see it', () => {
  test('[QUE-11] [TRG-06] all of it in order, with the labels and the turn of each, and why not yet', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2, { labelled: ['agent-todo', 'enhancement', 'phase:2'] });
    story.open(3, { labelled: ['agent-todo', 'priority:high'] });
    story.tick();
    story.says('ada', 1, '/orch queue');
    story.tick();
    expect(story.answers.at(-1)?.split('\n<!--')[0]).toMatchInlineSnapshot(`
      "| Turn | Task | State | Why |
      | --- | --- | --- | --- |
      | 1 | #1 Issue 1 | \`new\` | All 1 slots are taken: 1 attempt running, at most 1 at a time. |
      | 2 | #2 Issue 2 \`enhancement\` | \`new\` | All 1 slots are taken: 1 attempt running, at most 1 at a time. |
      |  | #3 Issue 3 | \`in_progress\` | Attempt 1 is running. |
      "
    `);
  });
});
