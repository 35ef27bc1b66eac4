// Owns the histories of attempts side by side: how many start, who wins, what the others leave.
import { describe, expect, test } from 'vitest';
import { AttemptNumber } from '../../src/domain/ids.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { queueNow } from '../../src/reconcile/queue.ts';
import { sha } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const nth = (number: number): AttemptNumber => AttemptNumber.parse(number);

function twins(policy: Partial<Policy> = {}, labels: readonly string[] = ['instances:2']): Story {
  const story = createStory({ parallel_max: 6, ...policy });
  story.open(12, { labelled: ['agent-todo', ...labels] });
  story.tick();
  return story;
}

describe('a task that asks for several attempts side by side [MOD-12] [ENG-07]', () => {
  test('gets another engine for each as long as there is one, all on one branch, and people see them', () => {
    const story = twins({}, ['instances:3']);
    expect(story.attempts(12)).toEqual(['1 claude live', '2 codex live', '3 codex live']);
    const branches = story.journal(12).attempts.map(({ claim }) => claim.branch);
    expect(new Set(branches).size).toBe(1);
    expect(story.comment(12).split('\n').slice(0, 10).join('\n')).toMatchInlineSnapshot(`
      "**3 attempts work on it side by side: claude, codex and codex.**\\
      **Why:** The first to deliver opens the pull request, and the others are stopped. Each has 40 min.\\
      **Next:** Nothing to do; the pull request opens when the work is proven. \`/orch cancel\` stops it.

      | Issue | Agent | Pull request |
      | --- | --- | --- |
      | #12 | claude, codex, codex, attempts 1, 2 and 3 · [log](https://github.com/o/r/actions/runs/1000) | (awaiting PR) |

      <details><summary>3 attempts</summary>
      "
    `);
  });

  test('the first to deliver wins, the others are stopped, and one try is charged', () => {
    const story = twins();
    story.ends(12, 'delivered', { attempt: nth(1) });
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude delivered', '2 codex cancelled']);
    expect(story.state(12)).toBe('in_review');
    expect(story.comment(12)).toContain('Attempt 1 of 3 delivered it.');
    expect(story.comment(12)).toContain('attempt 1 delivered first');
    story.merges(12);
    story.tick();
    expect(story.state(12)).toBe('done');
  });

  test('whoever asks is told the engine that delivered, whichever was routed first', () => {
    const story = twins();
    story.ends(12, 'delivered', { attempt: nth(2) });
    story.tick();
    story.says('ada', 12, '/orch status');
    story.tick();
    expect(story.answers.at(-1)).toContain('engine: codex;');
    const { decision, snapshot } = story.look();
    expect(queueNow(decision, snapshot).items).toMatchObject([{ task: '12', engine: 'codex', attempts: 2 }]);
  });

  test('one that fails leaves the others running; when all have failed it is one try of three', () => {
    const story = twins();
    story.ends(12, 'failed', { attempt: nth(1), detail: 'No licence file.' });
    story.tick();
    expect(story.state(12)).toBe('in_progress');
    expect(story.attempts(12)).toEqual(['1 claude failed', '2 codex live']);
    const trio = twins({}, ['instances:3']);
    trio.ends(12, 'failed', { attempt: nth(2) });
    trio.tick();
    expect(trio.comment(12)).toContain('| claude, codex, attempts 1 and 3 ·');
    story.ends(12, 'failed', { attempt: nth(2), detail: 'No licence file.' });
    story.tick();
    expect(story.comment(12)).toContain('2 of 3 attempts used');
    expect(story.attempts(12)).toHaveLength(4);
  });

  test('a limit that one of them met is not what speaks for both', () => {
    const story = twins();
    story.ends(12, 'proof_failed', { attempt: nth(1) });
    story.ends(12, 'rate_limit', { attempt: nth(2) });
    story.tick();
    expect(story.journal(12).attempts.map(({ claim }) => claim.group)).toEqual([1, 1, 3, 3].map(nth));
  });

  test('unfinished work that one leaves is what the next attempt goes on from, by itself', () => {
    const story = twins();
    story.ends(12, 'timeout', { attempt: nth(2), head: sha('half') });
    story.ends(12, 'failed', { attempt: nth(1) });
    story.tick();
    expect(story.attempts(12).slice(2)).toEqual([expect.stringMatching(/^3 .* live$/)]);
    expect(story.journal(12).attempts[2]?.claim).toMatchObject({ continues: expect.any(String) });
    expect(story.journal(12).attempts[2]?.claim).not.toHaveProperty('group');
  });

  test('and so it is after a merged pull request and a reopening', () => {
    const story = twins();
    story.ends(12, 'delivered', { attempt: nth(1) });
    story.merges(12);
    story.tick();
    story.passes(60);
    story.reopens(12);
    story.tick();
    expect(story.attempts(12).slice(2)).toHaveLength(2);
    story.passes(30);
    story.ends(12, 'timeout', { attempt: nth(3), head: sha('half') });
    story.ends(12, 'failed', { attempt: nth(4) });
    story.tick();
    expect(story.attempts(12).slice(4)).toEqual([expect.stringMatching(/^5 .* live$/)]);
    expect(story.journal(12).attempts[4]?.claim).toMatchObject({ continues: expect.any(String) });
  });

  test('a cancel stops all of them, and each job that died is found by itself', () => {
    const story = twins();
    story.says('ada', 12, '/orch cancel');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude cancelled', '2 codex cancelled']);
    expect(story.state(12)).toBe('needs_review');
    const dead = twins();
    dead.dies(12, 'failed');
    dead.tick();
    expect(dead.attempts(12).slice(0, 2)).toEqual(['1 claude crashed', '2 codex crashed']);
  });
});

describe('how many start', () => {
  test.each<readonly [string, Partial<Policy>, readonly string[], number]>([
    ['as many as the policy allows', {}, ['instances:9'], 3],
    ['as many as the policy allows, however large the number', {}, ['instances:10'], 3],
    ['one for a number that is none', {}, ['instances:0'], 1],
    ['one where the policy allows no more', { instances_max: 1 }, ['instances:2'], 1],
    ['one where it is to run alone', {}, ['instances:2', 'parallel:off'], 1],
    ['as many as there are slots', { parallel_max: 2 }, ['instances:3'], 2],
    [
      'as many as the engine may run',
      { engines: [{ ...ENGINE_DEFAULTS.claude, parallel_max: 2 }] },
      ['instances:3'],
      2,
    ],
    ['one where the task has a budget and no attempt has told its price', budget(5), ['instances:3'], 1],
    ['all of the engine that a label names', {}, ['instances:2', 'agent:codex'], 2],
    ['one for a word that is no number', {}, ['instances:many'], 1],
  ])('%s', (_, policy, labels, count) => {
    expect(twins(policy, labels).attempts(12)).toHaveLength(count);
  });

  test('all of the one engine that has room, while the other is full', () => {
    const { claude, codex } = ENGINE_DEFAULTS;
    const story = createStory({ parallel_max: 6, engines: [claude, { ...codex, parallel_max: 1 }] });
    story.open(11, { labelled: ['agent-todo', 'agent:codex'] });
    story.tick();
    story.open(12, { labelled: ['agent-todo', 'instances:2'] });
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude live', '2 claude live']);
  });

  test('what one leaves free another takes: they count among all that run', () => {
    const story = twins({ parallel_max: 4 }, ['instances:3']);
    for (const number of [13, 14]) story.open(number);
    story.tick();
    expect([story.state(13), story.state(14)]).toEqual(['in_progress', 'new']);
  });
});

function budget(usd: number): Partial<Policy> {
  const none = { usd: null, tokens: null };
  return { budget: { task: { usd, tokens: null }, day: none, month: none } };
}
