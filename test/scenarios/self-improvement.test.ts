// Owns the histories of Orch looking at itself: few issues, none twice, and none that starts anything.
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { JobName } from '../../src/domain/job.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { label, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const LOOK_BACK: Job = {
  name: JobName.parse('look-back'),
  title: 'Look back',
  cron: '0 6 * * MON',
  timezone: 'UTC',
  enabled: true,
  prompt: "Look at Orch's own history, and file what stands out.",
  command: null,
  issues_max: 3,
  role: 'code',
  engine: null,
  model: null,
  failures_max: 3,
};

const DAY = 24 * 60;
const failing = (command: string) => ({ command: [command], exit_code: 1, seconds: 1, tail: '' });

/** Friday noon: four tasks run out of time with two proofs failing, and nobody looks at them. That is four findings. */
function troubled(given: Partial<Policy> = {}): Story {
  const circuit = { ...DEFAULT_POLICY.circuit, tasks_max: 0 };
  const story = createStory({ attempts_max: 1, parallel_max: 4, circuit, jobs: [LOOK_BACK], ...given });
  story.tick();
  const labelled = [story.policy.intake.label];
  for (const number of [1, 2, 3, 4]) story.open(number, { labelled });
  story.tick();
  for (const number of [1, 2, 3, 4]) story.ends(number, 'timeout', { proof: [failing('test'), failing('lint')] });
  story.tick();
  return story;
}

/** From Friday noon to the Monday of the week after next. */
const TO_MONDAY = 9 * DAY + 18 * 60 + 1;
const WEEK = 7 * DAY;

function filed(story: Story): readonly string[] {
  return [...story.issues.values()].filter(isFiled).map(({ title }) => title);
}

function isFiled({ labels }: { readonly labels: readonly string[] }): boolean {
  return labels.includes('self-improvement');
}

describe('Orch, looking at itself', () => {
  test('is off until a job of that kind is configured [JOB-10]', () => {
    expect(DEFAULT_POLICY.jobs).toEqual([]);
    const story = troubled({ jobs: [{ ...LOOK_BACK, issues_max: undefined, command: ['true'] }] });
    story.passes(TO_MONDAY);
    story.tick();
    expect(filed(story)).toEqual([]);
  });

  test('files what stands out, three at most, and says what was seen and what to do [JOB-10]', () => {
    const story = troubled();
    story.passes(TO_MONDAY);
    const plan = story.tick();
    expect(plan.effects.filter(({ kind }) => kind === 'start_attempt')).toEqual([]);
    expect(filed(story)).toMatchInlineSnapshot(`
      [
        "Tasks wait for people for a long time",
        "\`test\` fails on many tasks",
        "\`lint\` fails on many tasks",
      ]
    `);
    const [first] = [...story.issues.values()].filter(isFiled);
    expect([first?.labels, first?.body]).toMatchInlineSnapshot(`
      [
        [
          "self-improvement",
          "scheduled",
          "job:look-back",
        ],
        "**Seen:** 4 tasks have needed a person for more than 7 days, longest #1, #2, #3 and #4.

      **To do:** Each says in its comment what it needs. \`/orch queue needs_review\` lists them, \`/orch skip\` puts one aside, and \`notify: errors\` calls whoever let a task in.

      The job \`look-back\` found this in the history of Orch itself, 2026-11-30 06:01 UTC. It starts nothing: close it, or change something and then close it. While it is open, and for 30 days after it was said or closed, it is not said again. Should an engine work on it, somebody who may gives it the label \`agent-todo\`.

      <!-- orch:finding v1 {"key":"people_wait"} -->",
      ]
    `);
    const made = plan.effects.flatMap((effect) => (effect.kind === 'ensure_labels' ? effect.labels : []));
    expect(made.map(({ name }) => name)).toEqual(['self-improvement', 'scheduled', 'job:look-back']);
  });

  test('its issues are never worked on by themselves; somebody who may lets them in like any other [JOB-10]', () => {
    const story = troubled({ intake: { label: label('self-improvement'), permission: 'write' } });
    story.passes(TO_MONDAY);
    story.diesAfter('mirror_project'); // what it made is in the queue's own list, and news to the next tick
    for (const _ of [1, 2]) {
      story.passes(10);
      story.tick();
    }
    const numbers = [...story.issues.values()]
      .filter(({ title }) => !title.startsWith('Issue '))
      .map((each) => each.number);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.flatMap((number) => story.attempts(number))).toEqual([]);
    const usual = troubled();
    usual.passes(TO_MONDAY);
    usual.tick();
    const [first] = [...usual.issues.values()].filter(isFiled);
    const number = first?.number ?? 0;
    usual.tick();
    expect([usual.state(number), usual.attempts(number)]).toEqual([undefined, []]);
    usual.labels(number, ['agent-todo']);
    usual.tick();
    expect(usual.attempts(number)).toEqual(['1 claude live']);
  });

  test('the fourth comes when its turn is, and no week sees more than three [JOB-10]', () => {
    const story = troubled();
    story.passes(TO_MONDAY);
    story.tick();
    const first = filed(story);
    story.open(20, { labelled: [] });
    story.says('ada', 20, '/orch job run look-back');
    story.tick();
    expect(filed(story)).toEqual(first);
    story.passes(WEEK);
    story.tick();
    expect(filed(story).slice(first.length)).toMatchInlineSnapshot(`
      [
        "Attempts on medium tasks run out of time",
      ]
    `);
    story.passes(WEEK);
    story.tick();
    expect(filed(story)).toHaveLength(4);
  });

  test('what its issue says already is not said again, open or closed a short while ago [JOB-10]', () => {
    const story = createStory({ attempts_max: 1, parallel_max: 4, jobs: [LOOK_BACK] });
    story.tick();
    for (const number of [1, 2, 3]) story.open(number);
    story.tick();
    for (const number of [1, 2, 3]) story.ends(number, 'failed', { detail: `no ${number}` });
    story.tick();
    story.passes(TO_MONDAY);
    story.tick();
    expect(filed(story)).toEqual(['Tasks wait for people for a long time']);
    const number = [...story.issues.values()].find(isFiled)?.number ?? 0;
    for (const _ of [1, 2, 3, 4, 5, 6]) {
      story.passes(WEEK);
      story.tick();
    }
    expect(filed(story)).toHaveLength(1);
    story.closes(number);
    for (const _ of [1, 2, 3, 4]) {
      story.passes(WEEK);
      story.tick();
      expect(filed(story)).toHaveLength(1);
    }
    for (const _ of [1, 2, 3, 4, 5, 6]) {
      story.passes(WEEK);
      story.tick();
    }
    expect(filed(story)).toHaveLength(2);
  });

  test('a tick that dies between an issue and its record makes it once; another one goes on with the rest [JOB-10]', () => {
    const story = troubled();
    story.passes(TO_MONDAY);
    story.diesAfter('file_finding');
    const [task = '', records = []] = [...story.journals].at(-1) ?? [];
    const kept = records.filter(({ kind }) => kind !== 'filed');
    expect([filed(story).length, records.length - kept.length]).toEqual([1, 1]);
    story.journals.set(taskId(task), kept);
    story.passes(5);
    story.tick();
    expect(filed(story)).toHaveLength(1);
    story.passes(6 * 60);
    story.tick();
    expect([filed(story).length, new Set(filed(story)).size, story.journal(task).filed.length]).toEqual([3, 3, 3]);
    story.passes(120);
    story.tick();
    expect(filed(story)).toHaveLength(3);
  });

  test('one that dies before it wrote anything but the room files the same', () => {
    const story = troubled();
    story.passes(TO_MONDAY);
    story.diesAfter('append_room');
    story.passes(1);
    story.tick();
    expect([filed(story).length, new Set(filed(story)).size]).toEqual([3, 3]);
  });

  test('where nothing stands out nothing is filed, and the run is over; words to jobs work on it as on any', () => {
    const story = createStory({ jobs: [LOOK_BACK] });
    story.open(12, { labelled: [] });
    story.tick();
    story.passes(TO_MONDAY);
    story.tick();
    expect(filed(story)).toEqual([]);
    story.says('ada', 12, '/orch job list');
    story.tick();
    expect(story.answers.at(-1)).toContain('task i202611300600000, `done`');
    story.says('ada', 12, '/orch job disable look-back');
    story.tick();
    story.passes(WEEK);
    story.tick();
    expect([...story.journals.keys()].filter((id) => id.startsWith('i'))).toHaveLength(1);
    story.says('ada', 12, '/orch job run look-back');
    story.tick();
    expect([...story.journals.keys()].filter((id) => id.startsWith('i'))).toHaveLength(2);
  });
});
