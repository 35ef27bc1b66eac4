// Owns the histories of status labels set by hand that cannot have their way: taken away again, and said once why.
import { describe, expect, test } from 'vitest';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

/** The sentences about labels set by hand, as they stand in the comment. */
function remarks(story: Story, number: number): string {
  return story
    .comment(number)
    .split('\n')
    .filter((line) => line.startsWith('The label'))
    .join('\n');
}

function oneTask(given: Parameters<typeof createStory>[0] = {}): Story {
  const story = createStory(given);
  story.open(12);
  story.tick();
  return story;
}

describe('a status label set by hand', () => {
  test('[STA-28] two of them: one stays, and whoever set the other is told how to say it', () => {
    const story = oneTask();
    story.labels(12, ['status:done', 'status:skipped']);
    story.tick();
    expect([story.status(12), story.state(12)]).toEqual([['status:in_progress'], 'in_progress']);
    expect(remarks(story, 12)).toMatchInlineSnapshot(`
      "The label \`status:done\`, set by ada, was taken away again: it does not stand so, and the label alone cannot change that. If it is done, close the issue.
      The label \`status:skipped\`, set by ada, was taken away again: it does not stand so, and the label alone cannot change that. To have it left alone, comment \`/orch skip\`."
    `);
    story.ends(12, 'delivered');
    story.tick();
    expect(remarks(story, 12)).toBe('');
  });

  test.each([
    ['status:new', 'To have it done anew, comment `/orch retry` once it has ended.'],
    ['status:routed', 'the label alone cannot change that.'],
    ['status:in_review', 'the label alone cannot change that.'],
    ['status:done', 'If it is done, close the issue.'],
    ['status:archived', 'close the issue as not planned.'],
  ])('[STA-28] %s on a task under way: the attempt goes on', (label, ending) => {
    const story = oneTask();
    story.labels(12, [label]);
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude live']);
    expect(story.status(12)).toEqual(['status:in_progress']);
    expect(remarks(story, 12).endsWith(ending)).toBe(true);
  });

  test.each(['status:blocked', 'status:needs_review', 'status:skipped'])(
    '%s is heeded, and so not remarked on',
    (label) => {
      const story = oneTask();
      story.labels(12, [label]);
      story.tick();
      expect([story.status(12).length, remarks(story, 12)]).toEqual([1, '']);
    },
  );

  test('set by somebody who may not say the command: nothing changes, and the page says so', () => {
    const story = oneTask();
    story.labels(12, ['status:skipped'], [], 'eve');
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['in_progress', ['1 claude live']]);
    expect(remarks(story, 12)).toContain('set by eve');
  });

  test('status:in_progress on a task in line starts nothing and says what would', () => {
    const story = oneTask({ parallel_max: 0 });
    story.labels(12, ['status:in_progress'], ['status:new']);
    story.tick();
    expect([story.status(12), story.attempts(12)]).toEqual([[`status:${story.state(12)}`], []]);
    expect(remarks(story, 12)).toContain('comment `/orch start`');
  });

  test('[STA-28] on a finished task that has no intake label any more', () => {
    const story = oneTask();
    story.ends(12, 'delivered');
    story.tick();
    story.merges(12);
    story.tick();
    story.labels(12, ['status:new'], ['agent-todo']);
    story.tick();
    expect([story.status(12), story.state(12)]).toEqual([['status:done'], 'done']);
    expect(remarks(story, 12)).toContain('comment `/orch retry`');
  });

  test('what a killed tick of ours left behind is nobody’s word', () => {
    const story = oneTask();
    story.ends(12, 'delivered');
    story.diesAfter('append_journal');
    story.labels(12, ['status:in_review'], [], 'github-actions[bot]');
    story.tick();
    expect([story.status(12), remarks(story, 12)]).toEqual([['status:in_review'], '']);
  });
});
