// Owns the histories of hooks: other workflows are told of each moment once, and of nothing they did not ask for.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkPlan } from '../../src/core/check-plan.ts';
import { HookName, WAKING_EVENTS } from '../../src/domain/hook.ts';
import { JobName } from '../../src/domain/job.ts';
import type { Job } from '../../src/domain/job.ts';
import { Hooks } from '../../src/input/hook-schema.ts';
import { planOf } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const HOURLY: Job = {
  name: JobName.parse('hourly'),
  title: 'Tidy up',
  cron: '0 * * * *',
  timezone: 'UTC',
  role: 'code',
  enabled: true,
  prompt: 'Tidy up.',
  command: null,
  engine: null,
  model: null,
  failures_max: 3,
};
const ALL = Object.fromEntries(HookName.options.map((hook) => [hook, `acme.${hook}`]));

/** What was told, in short. */
function told(story: Story): readonly string[] {
  return story.hooks.map((line) => {
    const [, payload = '{}'] = /^\S+ (.*)$/.exec(line) ?? [];
    const { hook, task, state, attempt, outcome, pr, reason } = JSON.parse(payload);
    return [hook, `task ${task}`, state, attempt, outcome, pr, reason].filter((word) => word !== null).join(', ');
  });
}

function life(hooks: Readonly<Record<string, string>>): Story {
  const story = createStory({ hooks });
  story.open(12);
  story.tick();
  story.ends(12, 'missing_tool', { detail: 'docker' });
  story.tick();
  story.passes(60);
  story.tick();
  story.says('ada', 12, '/orch retry');
  story.tick();
  story.ends(12, 'delivered');
  story.tick();
  story.tick();
  story.merges(12);
  story.tick();
  story.tick();
  return story;
}

describe('hooks [BLT-09]', () => {
  test('each moment of a life, once, in its order', () => {
    expect(told(life(ALL))).toMatchInlineSnapshot(`
      [
        "on_start, task 12, in_progress, 1",
        "on_end, task 12, needs_review, 1, missing_tool, needs_person",
        "on_failure, task 12, needs_review, 1, missing_tool, needs_person",
        "on_start, task 12, in_progress, 2",
        "on_end, task 12, in_review, 2, delivered, 103",
        "on_pr, task 12, in_review, 2, delivered, 103",
        "on_merged, task 12, done, 2, delivered, 103",
        "on_done, task 12, done, 2, delivered, 103",
      ]
    `);
  });

  test('only what was asked for, whole', () => {
    expect(life({ on_merged: 'ship-it' }).hooks).toMatchInlineSnapshot(`
      [
        "ship-it {"hook":"on_merged","task":"12","issue":12,"state":"done","attempt":2,"engine":"claude","outcome":"delivered","pr":103,"branch":"orch/12-issue-12","reason":null}",
      ]
    `);
    expect(life({}).hooks).toEqual([]);
  });

  test('a task that comes to wait, one that a person stopped, and one that a job made', () => {
    const story = createStory({ hooks: ALL, jobs: [HOURLY] });
    story.passes(30);
    story.open(1);
    story.open(2);
    story.depends(2, [1]);
    story.tick();
    story.says('ada', 1, '/orch cancel');
    story.tick();
    story.passes(31);
    story.tick();
    expect(told(story)).toMatchInlineSnapshot(`
      [
        "on_start, task 1, in_progress, 1",
        "on_blocked, task 2, blocked",
        "on_end, task 1, needs_review, 1, cancelled, cancelled",
        "on_job, task i202611201300000, in_progress, 1",
        "on_start, task i202611201300000, in_progress, 1",
      ]
    `);
  });

  test('a journal that was lost tells nothing again', () => {
    const story = createStory({ hooks: ALL });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.tick();
    const before = told(story);
    story.losesJournal(12);
    story.tick();
    expect([story.state(12), told(story)]).toEqual(['in_review', before]);
  });

  test('what is not written down is not told', () => {
    const story = createStory({ hooks: ALL });
    story.open(12);
    const { snapshot } = story.look();
    const plan = planOf(snapshot, story.policy);
    expect(plan.effects.map(({ kind }) => kind)).toContain('send_hook');
    expect(checkPlan({ plan, snapshot, policy: story.policy })).toEqual([]);
    const unwritten = { ...plan, effects: plan.effects.filter(({ kind }) => kind === 'send_hook') };
    expect(checkPlan({ plan: unwritten, snapshot, policy: story.policy })).toContainEqual(
      expect.objectContaining({ invariant: 'a hook tells what was written down' }),
    );
  });

  test('its events are none that wake Orch', () => {
    const { on } = z
      .object({ on: z.object({ repository_dispatch: z.object({ types: z.array(z.string()) }) }) })
      .parse(parse(readFileSync(new URL('../../docs/caller.yml', import.meta.url), 'utf8')));
    expect([...WAKING_EVENTS]).toEqual(on.repository_dispatch.types);
    expect(Hooks.safeParse({ on_merged: 'pr.merged' }).error?.issues.map(({ message }) => message)).toEqual([
      'is an event that wakes Orch itself; choose another name',
    ]);
    expect(Hooks.safeParse({ on_merged: 'shipped' }).success).toBe(true);
  });
});
