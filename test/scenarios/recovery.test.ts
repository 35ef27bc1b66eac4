// Owns the histories of trouble: failures that come again, limits, outages, and how the queue gets over them.
import { describe, expect, test } from 'vitest';
import { minutes, taskId } from '../core/facts.ts';
import { decide } from '../../src/core/decide.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { RETRY_TABLE } from '../../src/domain/retry-rule.ts';
import type { TaskFacts } from '../../src/domain/snapshot.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { renderWait } from '../../src/wire/wait-text.ts';
import type { Story } from './story.ts';
import { createStory } from './story.ts';

function waitOf(story: Story, id: number): string {
  const wait = story.plan().reports.find(({ task }) => task === String(id))?.wait ?? null;
  return wait === null ? 'nothing' : renderWait(wait);
}

describe('one task that fails', () => {
  test('the same failure twice asks a person, says so, and goes on from the branch when told to [ERR-14] [BLT-34]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file (after 12 s).' });
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file (after 15 s).' });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(waitOf(story, 12)).toMatchInlineSnapshot(
      `"2 attempts in a row ended in the very same way; the last one said that it could not do it: The build needs a licence file (after 15 s). One more would end like them."`,
    );
    expect(story.comment(12)).toContain('/orch retry');

    story.says('ada', 12, '/orch retry');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude failed', '2 claude failed', '3 claude live']);
  });

  test('without that rule it goes on until the budget is gone', () => {
    const story = createStory({
      retry: { ...RETRY_TABLE, failed: { follow: 'again', times_max: null, equal_max: null } },
    });
    story.open(12);
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file.' });
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file.' });
    story.passes(3);
    story.tick();
    expect(story.attempts(12)).toHaveLength(3);
  });

  test('the clock of the back-off is visible [ERR-06] [ERR-13]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    expect(waitOf(story, 12)).toMatchInlineSnapshot(
      `"The last attempt ended without a word; the next one starts after 2026-11-20 12:02 UTC."`,
    );
  });
});

/** Tasks 1 to `count`, each started and crashed in the same minute. */
function outage(given: Parameters<typeof createStory>[0], count: number): Story {
  const story = createStory({ parallel_max: 3, attempts_max: 1, ...given });
  for (let number = 1; number <= count + 3; number += 1) story.open(number);
  story.tick();
  for (let number = 1; number <= count; number += 1) story.ends(number, 'crashed');
  return story;
}

function alarms(story: Story): readonly string[] {
  return story
    .plan()
    .alarms.filter(({ kind }) => kind === 'brake')
    .map(renderAlarm);
}

describe('many tasks that fail in one way', () => {
  const circuit = { tasks_max: 3, window_minutes: 60, cooldown_minutes: 30 };

  test('stop new starts, with one notice; one attempt probes after the wait; its success lets all go on', () => {
    const story = outage({ circuit }, 3);
    story.tick();
    expect([4, 5, 6].map((number) => story.attempts(number))).toEqual([[], [], []]);
    expect(waitOf(story, 4)).toMatchInlineSnapshot(
      `"3 tasks failed in one way, and nothing has succeeded since: the attempt ended without a word. Nothing new starts before 2026-11-20 12:30 UTC; then one attempt finds out, and \`/orch retry\` does so at once."`,
    );
    expect(alarms(story)).toMatchInlineSnapshot(`
      [
        "New attempts are held back. 3 tasks failed in one way, and nothing has succeeded since: the attempt ended without a word. Nothing new starts before 2026-11-20 12:30 UTC; then one attempt finds out, and \`/orch retry\` does so at once.",
      ]
    `);

    story.passes(29);
    story.tick();
    expect(story.attempts(4)).toEqual([]);
    story.passes(1);
    story.tick();
    story.tick();
    expect([4, 5, 6].map((number) => story.attempts(number).length)).toEqual([1, 0, 0]);
    expect(waitOf(story, 5)).toMatchInlineSnapshot(
      `"3 tasks failed in one way, and nothing has succeeded since: the attempt ended without a word. One attempt at a time finds out whether it works again."`,
    );

    story.passes(5);
    story.ends(4, 'delivered');
    story.tick();
    expect([5, 6].map((number) => story.attempts(number).length)).toEqual([1, 1]);
    expect(alarms(story)).toEqual([]);
  });

  test('a probe that fails opens it for another wait', () => {
    const story = outage({ circuit }, 3);
    story.tick();
    story.passes(30);
    story.tick();
    story.ends(4, 'crashed');
    story.tick();
    story.passes(29);
    story.tick();
    expect([5, 6].map((number) => story.attempts(number).length)).toEqual([0, 0]);
    story.passes(1);
    story.tick();
    expect([5, 6].map((number) => story.attempts(number).length)).toEqual([1, 0]);
  });

  test("a person's retry does not wait for it [ERR-17]", () => {
    const story = outage({ circuit }, 3);
    story.tick();
    story.passes(1);
    story.says('ada', 1, '/orch retry');
    story.tick();
    expect(story.attempts(1)).toHaveLength(2);
    expect(story.attempts(4)).toHaveLength(0);
  });

  test('switched off, the queue goes on into the outage', () => {
    const story = outage({ circuit: { ...circuit, tasks_max: 0 } }, 3);
    story.tick();
    expect([4, 5, 6].map((number) => story.attempts(number).length)).toEqual([1, 1, 1]);
  });
});

describe('stop_on_failure [ERR-23] [QUE-31]', () => {
  function failed(stop_on_failure: boolean): Story {
    const story = createStory({ parallel_max: 1, attempts_max: 1, stop_on_failure });
    story.open(1);
    story.open(2);
    story.tick();
    story.ends(1, 'failed');
    story.tick();
    return story;
  }

  test('a failed task keeps everything else from starting, and says so, until a person acts', () => {
    const story = failed(true);
    expect([story.state(1), story.attempts(2)]).toEqual(['needs_review', []]);
    expect(waitOf(story, 2)).toMatchInlineSnapshot(
      `"#1 failed, and nothing new starts (\`stop_on_failure\`) until a person retries, skips or closes it."`,
    );
    expect(alarms(story)).toHaveLength(1);
    story.says('ada', 1, '/orch skip');
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });

  test('closing it is acting, too', () => {
    const story = failed(true);
    story.closes(1, true);
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });

  test.each([
    ['a label that says no', ['agent-skipped'], []],
    ['taking the intake label away', [], ['agent-todo']],
  ] as const)('so is %s, and it stays so while nobody looks at that task', (_, add, remove) => {
    const story = failed(true);
    story.labels(1, add, remove);
    story.tick();
    expect([story.state(1), story.attempts(2).length]).toEqual(['skipped', 1]);
    story.open(3);
    const { snapshot } = story.look();
    const unread = { ...snapshot.tasks.get(taskId(1)), issue: null, issue_read: 'unread' } as TaskFacts;
    const world = { ...snapshot, tasks: new Map([...snapshot.tasks, [unread.id, unread]]) };
    expect(decide(world, story.policy).tasks.find(({ facts }) => facts.id === '3')?.wait?.kind).toBe('capacity');
  });

  test('off, a failure does not stop the queue', () => {
    expect(failed(false).attempts(2)).toHaveLength(1);
  });
});

describe('the cap per hour', () => {
  function started(attempts_per_hour_max: number | null): Story {
    const story = createStory({ parallel_max: 9, attempts_per_hour_max });
    for (const number of [1, 2, 3, 4]) story.open(number);
    story.tick();
    return story;
  }

  test('holds for the whole repository, names its clock, and lets go when the hour is over', () => {
    const story = started(2);
    expect([1, 2, 3, 4].map((number) => story.attempts(number).length)).toEqual([1, 1, 0, 0]);
    expect(waitOf(story, 3)).toMatchInlineSnapshot(
      `"2 attempts started within the last hour, and \`attempts_per_hour_max\` is 2; the next one starts after 2026-11-20 13:00 UTC."`,
    );
    story.passes(59);
    story.tick();
    expect(story.attempts(3)).toHaveLength(0);
    story.passes(1);
    story.tick();
    expect([3, 4].map((number) => story.attempts(number).length)).toEqual([1, 1]);
  });

  test("is nobody's default", () => {
    expect([1, 2, 3, 4].map((number) => started(null).attempts(number).length)).toEqual([1, 1, 1, 1]);
  });
});

describe('a limit that one task runs into', () => {
  function limited(given: Parameters<typeof createStory>[0], ready: readonly string[] = ['claude']): Story {
    const story = createStory({ parallel_max: 1, ...given });
    story.ready = ready;
    story.open(1);
    story.tick();
    story.ends(1, 'rate_limit', { not_before: minutes(90) });
    story.open(2);
    story.tick();
    return story;
  }

  test('keeps the others off that key until the vendor says, and says so; none of it is charged', () => {
    const story = limited({});
    expect(story.attempts(2)).toEqual([]);
    expect(waitOf(story, 2)).toMatchInlineSnapshot(
      `"claude rests since another task ran into the model's limit; it starts after 2026-11-20 13:30 UTC, or as soon as an attempt gets through."`,
    );
    story.passes(89);
    story.tick();
    expect(story.attempts(2)).toEqual([]);
    story.passes(1);
    story.tick();
    expect(story.attempts(1)).toEqual(['1 claude rate_limit', '2 claude live']);
    story.ends(1, 'delivered');
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });

  test('met as often as anything that is not its fault may end it, a person is told of the limit', () => {
    const story = createStory({ engines: [ENGINE_DEFAULTS.claude], infra_attempts_max: 2 });
    story.open(1);
    for (let time = 0; time < 2; time += 1) {
      story.tick();
      story.ends(1, 'rate_limit', { detail: 'usage limit reached' });
      story.tick();
      story.passes(60);
    }
    expect([story.state(1), waitOf(story, 1)]).toMatchInlineSnapshot(`
      [
        "needs_review",
        "2 attempts of this round ended without the task being at fault; the last one ran into the model's limit: usage limit reached.",
      ]
    `);
  });

  test('never keeps them off another engine', () => {
    const story = limited({ parallel_max: 2 }, ['claude', 'codex']);
    expect([story.attempts(1), story.attempts(2)]).toEqual([['1 claude rate_limit', '2 codex live'], ['1 codex live']]);
  });

  test('does not bind a task that a person tells to go on', () => {
    const story = limited({});
    story.passes(1);
    story.says('ada', 2, '/orch retry');
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });

  test('switched off, each task runs into it by itself', () => {
    const story = createStory({ parallel_max: 1, cooldown_minutes: { engine: 0, model: 0 } });
    story.ready = ['claude'];
    story.open(1);
    story.tick();
    story.ends(1, 'rate_limit');
    story.open(2);
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });
});
