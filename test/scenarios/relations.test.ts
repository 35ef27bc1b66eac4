// Owns the histories of issues that hang together: circles, parents, phases, soft wishes, a queue that stands still.
import { describe, expect, test } from 'vitest';
import { IssueNumber } from '../../src/domain/ids.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { renderGraph } from '../../src/wire/graph-text.ts';
import { label, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function states(story: Story, numbers: readonly number[]) {
  return numbers.map((number) => story.state(number));
}

/** The three lines people read first. */
function lines(story: Story, number: number): string {
  return story.comment(number).split('\n').slice(0, 5).join('\n');
}

describe('issues that wait for each other', () => {
  test('[DEP-06] never start, are listed once, and go on as soon as somebody breaks the circle', () => {
    const story = createStory();
    for (const number of [1, 2, 3, 4]) story.open(number);
    story.depends(1, [2]);
    story.depends(2, [3]);
    story.depends(3, [1]);
    story.depends(4, [3]);
    story.tick();
    expect(states(story, [1, 2, 3, 4])).toEqual(['needs_review', 'needs_review', 'needs_review', 'blocked']);
    expect(lines(story, 1)).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** These issues wait for each other, each for the next: #1 → #2 → #3 → #1. None of them can start.\\
      **Next:** Take one of these dependencies away; the tasks go on by themselves then.

      | Issue | Agent | Pull request |"
    `);
    expect(lines(story, 2)).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** It waits in a circle of issues, listed at #1.\\
      **Next:** See #1 for the whole circle, and take one dependency away.

      | Issue | Agent | Pull request |"
    `);
    expect([1, 2, 3].filter((number) => story.comment(number).includes('#1 → #2 → #3 → #1'))).toEqual([1]);
    story.passes(600);
    story.tick();
    expect([1, 2, 3].flatMap((number) => story.attempts(number))).toEqual([]);
    story.depends(3, []);
    story.tick();
    expect(states(story, [1, 2, 3, 4])).toEqual(['blocked', 'blocked', 'in_progress', 'blocked']);
  });

  test('a parent and a child that waits for it are a circle too', () => {
    const story = createStory();
    for (const number of [5, 6]) story.open(number);
    story.adopts(5, [6]);
    story.depends(6, [5]);
    story.tick();
    expect(states(story, [5, 6])).toEqual(['needs_review', 'needs_review']);
    expect(story.comment(5)).toContain('#5 → #6 → #5');
  });

  test('a circle is looked at in every tick, though it needs a person', () => {
    const story = createStory();
    for (const number of [1, 2]) story.open(number);
    story.depends(1, [2]);
    story.depends(2, [1]);
    story.tick();
    expect(story.journal(2).shown?.knot).toEqual([1, 2]);
    // The other one alone is read: what its journal knows keeps the circle whole.
    const { snapshot } = story.look();
    const first = snapshot.tasks.get(taskId(1));
    if (first === undefined) throw new Error('no such task');
    const tasks = new Map(snapshot.tasks).set(first.id, { ...first, issue: null, issue_read: 'unread' as const });
    expect(story.plan({ tasks }).effects).toEqual([]);
  });
});

describe('an issue of another repository', () => {
  test('is waited for, by its whole name, and is in no circle with our own of its number', () => {
    const story = createStory();
    for (const number of [7, 20]) story.open(number);
    story.issue(20).foreign = [{ name: 'acme/lib#7', open: true }];
    story.depends(7, [20]);
    story.tick();
    expect(states(story, [7, 20])).toEqual(['blocked', 'blocked']);
    expect(lines(story, 20)).toMatchInlineSnapshot(`
      "**Waiting for another issue.**\\
      **Why:** It waits for acme/lib#7, which is still open in another repository.\\
      **Next:** Nothing to do here; it starts by itself when acme/lib#7 is closed.

      | Issue | Agent | Pull request |"
    `);
    story.issue(20).foreign = [{ name: 'acme/lib#7', open: false }];
    story.tick();
    expect(states(story, [7, 20])).toEqual(['blocked', 'in_progress']);
  });
});

describe('the graph of dependencies', () => {
  test('[DEP-03] [DEP-05] is drawn in the job summary, and the longest chain of work is bold and goes first', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1, { title: 'Tidy up' });
    story.open(2, { title: 'Add "quotes"' });
    story.open(3, { title: 'Use them' });
    story.open(4, { title: 'Parse it' });
    story.open(5, { title: 'Print it', labelled: ['agent-todo', 'complexity:complex'] });
    story.depends(3, [2]);
    story.depends(5, [4]);
    story.open(6, { title: 'Try it', labelled: [] });
    story.adopts(5, [6]);
    const plan = story.tick();
    expect(states(story, [4])).toEqual(['in_progress']);
    expect(renderGraph(plan.graph)).toMatchInlineSnapshot(`
      "### Who waits for whom

      \`\`\`mermaid
      flowchart LR
        t4["#35;4 Parse it, in progress"]
        t5["#35;5 Print it, blocked"]
        t2["#35;2 Add #34;quotes#34;, new"]
        t3["#35;3 Use them, blocked"]
        t6["#35;6 Try it"]
        t4 ==> t5
        t2 --> t3
        t6 --> t5
      \`\`\`

      Bold: the critical path, #4 → #5. By its time limits it takes up to 2 h 10 min, and its tasks go first among equals.

      Only what this tick looked at is drawn; a sweep looks at everything."
    `);
  });

  test('[DEP-03] is left out when nothing waits for anything', () => {
    const story = createStory();
    for (const number of [1, 2]) story.open(number);
    expect(story.tick().graph).toBeNull();
  });
});

describe('a parent', () => {
  test('[DEP-12] [STA-07] [STA-11] [MOD-22] waits for its sub-issues, and goes on when the last one is closed', () => {
    const story = createStory();
    for (const number of [1, 2]) story.open(number);
    story.open(3, { labelled: [] });
    story.adopts(1, [2, 3]);
    story.tick();
    expect(states(story, [1, 2])).toEqual(['blocked', 'in_progress']);
    expect(lines(story, 1)).toMatchInlineSnapshot(`
      "**Waiting for another issue.**\\
      **Why:** Its sub-issues #2 and #3 are still open.\\
      **Next:** Nothing to do here; it starts by itself when #2 and #3 are closed.

      | Issue | Agent | Pull request |"
    `);
    story.ends(2, 'delivered');
    story.merges(2);
    story.tick();
    story.tick();
    expect(story.state(1)).toBe('blocked');
    story.closes(3);
    story.tick();
    expect(story.state(1)).toBe('in_progress');
  });
});

describe('an epic with phases', () => {
  test('[DEP-13] a later phase waits for all earlier ones under the same parent, and for no other', () => {
    const story = createStory();
    story.open(10, { labelled: [] });
    story.open(1, { labelled: ['agent-todo', 'phase:1'] });
    story.open(2, { labelled: ['agent-todo', 'phase:2'] });
    story.open(3, { labelled: ['agent-todo', 'phase:3'] });
    story.open(4, { labelled: ['agent-todo', 'phase:2'] });
    story.adopts(10, [1, 2, 3]);
    story.tick();
    expect(states(story, [1, 2, 3, 4])).toEqual(['in_progress', 'blocked', 'blocked', 'in_progress']);
    expect(lines(story, 3)).toMatchInlineSnapshot(`
      "**Waiting for another issue.**\\
      **Why:** It comes after the earlier phases of its epic, of which #1 and #2 are still open.\\
      **Next:** Nothing to do here; it starts by itself when #1 and #2 are closed.

      | Issue | Agent | Pull request |"
    `);
    story.closes(1);
    story.tick();
    expect(states(story, [2, 3])).toEqual(['in_progress', 'blocked']);
    story.closes(2);
    story.tick();
    expect(story.state(3)).toBe('in_progress');
  });

  test('[BLT-31] goes on where it was after any interruption: a lost runner, a killed tick, a lost journal', () => {
    const story = createStory({ backoff_minutes: [0] });
    story.open(10, { labelled: [] });
    story.open(1, { labelled: ['agent-todo', 'phase:1'] });
    story.open(2, { labelled: ['agent-todo', 'phase:2'] });
    story.adopts(10, [1, 2]);
    story.diesAfter('append_journal');
    story.dies(1, 'never_started');
    story.tick();
    expect(story.attempts(1)).toEqual(['1 claude infra', '2 claude live']);
    story.dies(1, 'run_gone');
    story.tick();
    expect(story.attempts(1).at(-1)).toBe('3 claude live');
    story.ends(1, 'delivered');
    story.tick();
    story.losesJournal(1);
    story.losesJournal(2);
    story.tick();
    expect(states(story, [1, 2])).toEqual(['in_review', 'blocked']);
    story.merges(1);
    story.tick();
    story.tick();
    expect(states(story, [1, 2])).toEqual(['done', 'in_progress']);
    expect(story.attempts(2)).toEqual(['1 claude live']);
  });

  test('a phase whose task needs a person is not over, though nobody reads that task', () => {
    const story = createStory({ attempts_max: 1 });
    story.open(1, { labelled: ['agent-todo', 'phase:1'] });
    story.open(2, { labelled: ['agent-todo', 'phase:2'] });
    story.open(10, { labelled: [] });
    story.adopts(10, [1, 2]);
    story.tick();
    story.ends(1, 'failed');
    story.tick();
    expect(states(story, [1, 2])).toEqual(['needs_review', 'blocked']);
    const { snapshot } = story.look();
    const first = snapshot.tasks.get(taskId(1));
    if (first === undefined) throw new Error('no such task');
    const tasks = new Map(snapshot.tasks).set(first.id, { ...first, issue: null, issue_read: 'unread' as const });
    expect(story.plan({ tasks }).effects).toEqual([]);
  });
});

describe('a soft dependency', () => {
  test('[DEP-02] is a warning; a person decides', () => {
    const story = createStory();
    story.open(1);
    story.open(2, { labelled: [] });
    story.issue(1).dependencies = [{ issue: IssueNumber.parse(2), title: 'Rename it', open: true, source: 'soft' }];
    story.tick();
    expect(story.state(1)).toBe('in_progress');
    expect(story.comment(1)).toContain('It would rather come after #2, still open.');
  });
});

describe('a queue that stands still', () => {
  test('is raised with what to look at first, and no longer once something moves', () => {
    const story = createStory();
    for (const number of [1, 2, 3]) story.open(number);
    story.open(9, { labelled: [] });
    story.depends(1, [2]);
    story.depends(2, [9]);
    story.depends(3, [1]);
    const { alarms } = story.tick();
    expect(alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "3 tasks wait for other issues, and nothing is under way that could end that. Look at #9 first.",
      ]
    `);
    story.open(4);
    expect(story.tick().alarms).toEqual([]);
  });

  test('one that is only held by people is not called so', () => {
    const story = createStory();
    story.open(1);
    story.issue(1).labels = [label('agent-todo'), label('no-agent')];
    expect(story.tick().alarms).toEqual([]);
  });
});
