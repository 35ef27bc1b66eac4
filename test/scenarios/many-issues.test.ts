// Owns the histories of a whole queue: order, slots, dependencies, dispatches, and what one typo must not cost.
import { describe, expect, test } from 'vitest';
import { planShowing } from '../../src/reconcile/show.ts';
import { TASKS_WRITTEN_MAX } from '../../src/domain/plan.ts';
import { prompt, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const running = (story: Story) => [...story.journals.keys()].filter((id) => story.state(id) === 'in_progress');

describe('slots and order', () => {
  test('three at a time by default; the next one starts when one ends [QUE-15] [QUE-23] [QUE-32] [QUE-33] [PUR-10] [ENG-03]', () => {
    const story = createStory();
    for (const number of [1, 2, 3, 4, 5]) story.open(number);
    story.tick();
    expect(running(story)).toEqual(['1', '2', '3']);
    story.ends(2, 'delivered');
    story.tick();
    expect(running(story)).toEqual(['1', '3', '4']);
  });

  test('a priority label set while waiting changes who is next, and is remembered for the reader [ENG-10]', () => {
    const story = createStory({ parallel_max: 1 });
    for (const number of [1, 2, 3]) story.open(number);
    story.tick();
    story.labels(3, ['priority:high']);
    story.tick();
    expect(story.journal(3).shown?.priority).toBe(200);
    story.closes(1);
    story.tick();
    expect(running(story)).toEqual(['3']);
  });

  test('engines take turns', () => {
    const story = createStory({ parallel_max: 4 });
    for (const number of [1, 2, 3, 4]) story.open(number);
    story.tick();
    expect([1, 2, 3, 4].map((number) => story.attempts(number)[0])).toEqual([
      '1 claude live',
      '1 codex live',
      '1 claude live',
      '1 codex live',
    ]);
  });

  test('a failure does not stop the queue', () => {
    const story = createStory({ parallel_max: 1, attempts_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.ends(1, 'failed');
    story.tick();
    expect([story.state(1), story.state(2)]).toEqual(['needs_review', 'in_progress']);
  });
});

describe('dependencies [DEP-01] [DEP-07] [DEP-09] [STA-10] [STA-17] [PUR-09]', () => {
  test('a chain runs one after the other, by merging and by closing', () => {
    const story = createStory();
    for (const number of [1, 2, 3]) story.open(number);
    story.depends(2, [1]);
    story.depends(3, [1, 2]);
    story.tick();
    expect([1, 2, 3].map((number) => story.state(number))).toEqual(['in_progress', 'blocked', 'blocked']);
    story.ends(1, 'delivered');
    story.merges(1);
    story.tick();
    expect(story.state(1)).toBe('done');
    story.tick();
    expect([2, 3].map((number) => story.state(number))).toEqual(['in_progress', 'blocked']);
    story.closes(2);
    story.tick();
    expect([2, 3].map((number) => story.state(number))).toEqual(['done', 'in_progress']);
  });

  test('a dependency added while the task waits in line holds it back', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.open(9, { labelled: [] });
    story.depends(2, [9]);
    story.closes(1);
    story.tick();
    expect(story.state(2)).toBe('blocked');
    expect(story.comment(2)).toContain('#9');
    expect(story.issue(9).labels).toEqual([]);
  });
});

describe('tasks without an issue [TRG-16] [MOD-14] [DAT-09]', () => {
  test('a dispatched prompt is worked on, delivered and merged, without touching any issue', () => {
    const story = createStory();
    story.dispatches(98, 'ada', prompt({ title: 'Tidy the docs', prompt: 'Remove dead links.' }));
    story.tick();
    expect([story.state('i98'), story.inbox.size]).toEqual(['in_progress', 0]);
    expect(story.journal('i98').attempts[0]?.claim.branch).toBe('orch/i98-tidy-the-docs');
    story.ends('i98', 'delivered');
    story.tick();
    story.passes(1);
    story.merges('i98');
    story.tick();
    expect([story.state('i98'), story.comments.size, story.branches.size]).toEqual(['done', 0, 0]);
  });
});

describe('a task without an issue that is given one [TRG-16]', () => {
  function stuck(): Story {
    const story = createStory({ attempts_max: 1 });
    story.dispatches(98, 'ada', prompt({ title: 'Tidy the docs', prompt: 'Remove dead links.\n@everybody' }));
    story.tick();
    return story;
  }

  const task = taskId('i98');
  const says = (story: Story, run: number): void =>
    story.dispatches(run, 'tom', { kind: 'word', task, command: { verb: 'publish' } });

  test('the issue says what was asked and what came of it, and goes its own way once it is labelled', () => {
    const story = stuck();
    story.ends('i98', 'failed', { detail: 'No.', summary: 'Half of the links are dead.' });
    story.tick();
    says(story, 99);
    story.tick();
    expect(story.state('i98')).toBe('archived');
    const [issue] = story.issues.values();
    expect(issue?.title).toBe('Tidy the docs');
    expect(issue?.body).toMatchInlineSnapshot(`
      "> Remove dead links.
      > @​everybody

      What came of it so far:

      > Half of the links are dead.

      This was task i98, asked for by ada; tom made an issue of it. Orch leaves it alone until somebody labels it.

      <!-- orch:published v1 {"task":"i98"} -->"
    `);
    story.labels(issue?.number ?? 0, ['agent-todo'], [], 'tom');
    story.labels(issue?.number ?? 0, [], ['agent-todo']);
    story.labels(issue?.number ?? 0, ['agent-todo']);
    story.tick();
    expect(story.state(issue?.number ?? 0)).toBe('in_progress');
  });

  test('asked for twice, or by a tick that died before it knew the number, it is one issue', () => {
    const story = stuck();
    story.ends('i98', 'failed', { detail: 'No.' });
    story.tick();
    says(story, 99);
    story.diesAfter('create_issue');
    const records = story.journals.get(task) ?? [];
    story.journals.set(
      task,
      records.filter(({ kind }) => kind !== 'published'),
    );
    says(story, 100);
    story.tick();
    expect(story.issues.size).toBe(1);
    expect(story.journal('i98').published).toBe([...story.issues.keys()][0]);
  });

  test('a board shows it as a draft from the start [TRG-16]', () => {
    const story = createStory({ project: { owner: 'o', number: 1 } });
    story.dispatches(98, 'ada', prompt({ title: 'Tidy the docs', prompt: 'Remove dead links.' }));
    const [mirror] = story.tick().effects.filter((effect) => effect.kind === 'mirror_project');
    expect(mirror?.item).toMatchObject({ kind: 'draft', title: 'Tidy the docs' });
    expect(mirror?.fields).toMatchObject({ status: 'in_progress', attempts: 1 });
  });

  test('while it runs it is not', () => {
    const story = stuck();
    says(story, 99);
    story.tick();
    expect([story.issues.size, story.state('i98')]).toEqual([0, 'in_progress']);
  });
});

describe('one cause, few writes', () => {
  test('a broken configuration is told where something changes anyway, and rewrites no other comment', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    const problem = { line: 3, key: 'parallel_max', problem: 'must be a number', remedy: 'write 3' };
    const origin = { kind: 'last_good', commit: 'abc', problems: [problem] } as const;
    const { decision, snapshot } = story.look();
    const quiet = planShowing({ decision, snapshot, policy: story.policy, origin });
    expect(quiet.effects).toEqual([]);
    expect(quiet.alarms).toEqual([{ kind: 'policy', origin }]);
    story.closes(1);
    const changed = story.look();
    const plan = planShowing({ ...changed, policy: story.policy, origin });
    expect(plan.effects.find((effect) => effect.kind === 'write_state_comment')).toHaveProperty(
      'body',
      expect.stringContaining('parallel_max'),
    );
  });

  test('a thousand new issues are taken in by bounded steps, and each step says that there is more', () => {
    const story = createStory({ parallel_max: 2 });
    for (let number = 1; number <= 250; number += 1) story.open(number);
    const first = story.tick();
    expect(first.more).toBe(true);
    expect(first.effects.filter(({ kind }) => kind === 'write_state_comment')).toHaveLength(TASKS_WRITTEN_MAX);
    expect(running(story)).toEqual(['1', '2']);
    story.tick();
    const last = story.tick();
    expect([last.more, story.comments.size]).toEqual([false, 250]);
    expect(story.history.filter(({ kind }) => kind === 'tick')).toHaveLength(1);
  });

  test('labels are made when the first one is needed', () => {
    const story = createStory();
    expect(story.tick().effects).toEqual([]);
    story.open(1);
    const made = story.tick().effects.flatMap((effect) => (effect.kind === 'ensure_labels' ? effect.labels : []));
    const names = made.map(({ name }) => String(name));
    expect(names).toContain('status:new');
    // An engine that cannot run here is not offered in GitHub's list of labels.
    expect(names.filter((name) => name.startsWith('agent:'))).toEqual(['agent:claude', 'agent:codex']);
    expect(story.journals.has(taskId(1))).toBe(true);
  });
});
