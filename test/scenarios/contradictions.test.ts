// Owns the histories of people who contradict the machine or each other: the human's wish counts, and the page says so.
import { describe, expect, test } from 'vitest';
import { label } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function lines(story: Story, number: number): string {
  return story.comment(number).split('\n').slice(0, 3).join('\n');
}

describe('a status label typed by hand is a wish', () => {
  test('`status:skipped` takes the task out, as the command would, and the page says who wanted it', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.labels(2, ['status:skipped']);
    story.tick();
    expect([story.state(2), story.status(2)]).toEqual(['skipped', ['status:skipped']]);
    expect(lines(story, 2)).toMatchInlineSnapshot(`
      "**Left alone.**\\
      **Why:** ada skipped it.\\
      **Next:** Comment \`/orch unskip\`."
    `);
    story.says('ada', 2, '/orch unskip');
    story.tick();
    expect([story.state(2), story.status(2)]).toEqual(['new', ['status:new']]);
  });

  test('`status:done` completes what is in review; `status:blocked` blocks; `status:needs_review` holds; `status:new` retries', () => {
    const story = createStory();
    for (const number of [1, 2, 3, 4]) story.open(number);
    story.policy = { ...story.policy, parallel_max: 2, attempts_max: 1 };
    story.tick();
    story.ends(1, 'delivered');
    story.ends(2, 'failed', { detail: 'no' });
    story.tick();
    story.ends(3, 'delivered');
    story.ends(4, 'delivered');
    story.tick();
    story.labels(1, ['status:done']);
    story.labels(2, ['status:new']);
    story.tick();
    expect([story.state(1), story.issue(1).open]).toEqual(['done', false]);
    expect([story.state(2), story.attempts(2).length]).toEqual(['in_progress', 2]);
  });

  test('one that names what only events bring about is set right, and so are two at once', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.labels(2, ['status:in_review']);
    story.tick();
    expect(story.status(2)).toEqual(['status:new']);
    story.labels(2, ['status:done', 'status:blocked']);
    story.tick();
    expect([story.state(2), story.status(2), story.issue(2).open]).toEqual(['new', ['status:new'], true]);
  });

  test('somebody who may not say the command changes nothing by the label', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.labels(2, ['status:done'], [], 'eve');
    story.tick();
    expect([story.state(2), story.status(2), story.issue(2).open]).toEqual(['new', ['status:new'], true]);
    story.tick();
    expect(story.journal(2).completed).toBeNull();
  });

  test('a label that is gone is no wish, though it once was typed: `status:new` of a task that has started since', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(11);
    story.open(12);
    story.labels(12, ['status:new', 'status:done']);
    story.tick();
    expect(story.state(12)).toBe('done');
    story.passes(1);
    story.reopens(12);
    story.ends(11, 'delivered');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 codex live']);
    expect(story.journal(12).handled_labels.size).toBe(1);
  });

  test('a wish is heeded once: what a person says afterwards counts', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.labels(2, ['status:skipped']);
    story.tick();
    story.says('ada', 2, '/orch unskip');
    story.tick();
    story.passes(60);
    story.tick();
    expect(story.state(2)).toBe('new');
  });
});

describe('the last word of a person counts', () => {
  test.each<readonly [string, (story: Story) => void, (story: Story) => void]>([
    ['its label', (story) => story.labels(1, [], ['agent-todo']), (story) => story.labels(1, ['agent-todo'])],
    ['a stop label', (story) => story.labels(1, ['no-agent']), (story) => story.labels(1, [], ['no-agent'])],
    ['a word', (story) => story.says('ada', 1, '/orch skip'), (story) => story.says('ada', 1, '/orch unskip')],
  ])(
    'a task taken out by %s while an attempt runs is stopped; put back, it goes on without another word',
    (_, out, back) => {
      const story = createStory();
      story.open(1);
      story.tick();
      story.passes(5);
      out(story);
      story.tick();
      expect([story.state(1), story.attempts(1)]).toEqual(['skipped', ['1 claude cancelled']]);
      story.passes(5);
      back(story);
      story.tick();
      expect(story.attempts(1)).toEqual(['1 claude cancelled', '2 claude live']);
    },
  );

  test('a finished issue that is opened again gets a new budget in the name of whoever opened it', () => {
    const story = createStory();
    story.open(1);
    story.tick();
    story.ends(1, 'delivered');
    story.tick();
    story.passes(5);
    story.merges(1);
    story.tick();
    expect(story.state(1)).toBe('done');
    story.passes(5);
    story.reopens(1, 'ada');
    story.tick();
    expect([story.journal(1).epoch.by, story.state(1)]).toEqual(['ada', 'in_progress']);
  });

  test('another engine asked for by label while it waits in line is the one that starts', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2, { labelled: ['agent-todo', 'agent:claude'] });
    story.tick();
    story.labels(2, ['agent:codex'], ['agent:claude']);
    story.closes(1);
    story.tick();
    expect(story.attempts(2)).toEqual(['1 codex live']);
  });

  test('two engines asked for at once start none: a person is asked which', () => {
    const story = createStory();
    story.open(1, { labelled: ['agent-todo', 'agent:claude', 'agent:codex'] });
    story.tick();
    expect([story.state(1), story.attempts(1)]).toEqual(['needs_review', []]);
    expect(lines(story, 1)).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** Its labels contradict each other: \`agent:claude\` and \`agent:codex\`.\\
      **Next:** Remove the label \`agent:claude\`, or remove the label \`agent:codex\`."
    `);
    story.issue(1).labels = [label('agent-todo'), label('agent:codex'), label('status:needs_review')];
    story.tick();
    expect(story.attempts(1)).toEqual(['1 codex live']);
  });
});
