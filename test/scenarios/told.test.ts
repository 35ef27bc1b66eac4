// Owns the histories of sentences that must be true whatever came before: who cancelled, what blocks, how a task ended.
import { describe, expect, test } from 'vitest';
import { label, prompt, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const bare = (answer: string | undefined): string => answer?.replace(/\s*<!--.*-->\s*$/, '') ?? '';

function says(story: Story, ...[by, words, on = 12]: readonly [by: string, words: string, on?: number]): string {
  story.passes(1);
  story.says(by, on, words);
  story.tick();
  return bare(story.answers.at(-1));
}

const why = (story: Story, on = 12): string => says(story, 'tom', '/orch why', on);

describe('what people are told stays true', () => {
  test('who cancelled an attempt is remembered, whatever words came after', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    says(story, 'tom', '/orch cancel');
    says(story, 'ada', '/orch skip');
    says(story, 'ada', '/orch unskip');
    expect(why(story)).toMatchInlineSnapshot(`
      "**#12: Your turn: it does not go on by itself.**\\
      **Why:** tom cancelled it.\\
      **Next:** Comment \`/orch retry\`."
    `);
    says(story, 'ada', '/orch retry');
    story.ends(12, 'cancelled');
    story.tick();
    expect(why(story)).toContain('Its job was cancelled on GitHub.');
  });

  test('an issue blocks once, and only the issues that were named are taken back', () => {
    const story = createStory();
    story.open(12);
    says(story, 'tom', '/orch block #40');
    says(story, 'tom', '/orch block #40 #41');
    expect(why(story)).toMatchInlineSnapshot(`
      "**#12: Waiting for another issue.**\\
      **Why:** tom blocked it, since it waits for #40 and #41.\\
      **Next:** Comment \`/orch unblock\`."
    `);
    expect(says(story, 'ada', '/orch unblock #99')).toMatchInlineSnapshot(
      `"tom blocked it, since it waits for #40 and #41. \`/orch unblock\` takes all of that back."`,
    );
    says(story, 'tom', '/orch block');
    says(story, 'ada', '/orch unblock #40 #41');
    expect([story.state(12), story.journal(12).blocked?.on]).toEqual(['blocked', []]);
    expect(says(story, 'ada', '/orch unblock #99')).toMatchInlineSnapshot(
      `"tom blocked it. \`/orch unblock\` takes all of that back."`,
    );
    expect(story.attempts(12)).toEqual([]);
    says(story, 'ada', '/orch unblock');
    expect(story.attempts(12)).toEqual(['1 claude live']);
  });

  test('a refusal names the word that was said, and advises nothing that is done already', () => {
    const closed = createStory({ intake: { label: label('agent-todo'), permission: 'maintain' } });
    closed.open(12, { by: 'eve' });
    expect(says(closed, 'ada', '/orch start')).toMatchInlineSnapshot(
      `"\`/orch start\` takes at least the role \`maintain\` in this repository, and yours is \`write\`. Somebody with that role can say it for you."`,
    );
    const story = createStory();
    story.open(12);
    says(story, 'tom', '/orch skip');
    expect(says(story, 'tom', '/orch cancel')).toMatchInlineSnapshot(
      `"Nothing is running here; it stands at \`skipped\`."`,
    );
    says(story, 'tom', '/orch unskip');
    story.ends(12, 'delivered');
    story.tick();
    const pr = story.pulls.get(taskId(12))?.number ?? 0;
    expect(says(story, 'tom', '/orch publish', pr)).toMatchInlineSnapshot(
      `"This task has an issue already; \`/orch publish\` is for tasks without one."`,
    );
  });

  test('a task without an issue has nothing to close or reopen', () => {
    const delivered = (run: number): readonly [Story, number] => {
      const story = createStory();
      story.dispatches(run, 'ada', prompt());
      story.tick();
      story.ends(`i${run}`, 'delivered');
      story.tick();
      return [story, story.pulls.get(taskId(`i${run}`))?.number ?? 0];
    };
    const [merged, at] = delivered(71);
    expect(why(merged, at)).toMatchInlineSnapshot(`
      "**task i71: Ready for review in #101.**\\
      **Why:** Attempt 1 of 3 delivered it.\\
      **Next:** Review #101; merging it ends the task."
    `);
    merged.merges('i71');
    expect(why(merged, at)).toMatchInlineSnapshot(`
      "**task i71: Done.**\\
      **Why:** #101 was merged.\\
      **Next:** Nothing to do."
    `);
    const [completed, here] = delivered(72);
    says(completed, 'tom', '/orch complete', here);
    expect(why(completed, here)).toMatchInlineSnapshot(`
      "**task i72: Done.**\\
      **Why:** tom said that it is done.\\
      **Next:** Nothing to do."
    `);
    expect(says(completed, 'ada', '/orch retry', here)).toMatchInlineSnapshot(
      `"This is done. Reopen its issue to have more done, and close it first if it is open; what has no issue is asked for anew with \`/orch ask\`."`,
    );
    const [published, there] = delivered(73);
    says(published, 'tom', '/orch publish', there);
    published.tick();
    expect(why(published, there)).toMatchInlineSnapshot(`
      "**task i73: Over.**\\
      **Why:** It is #103 now.\\
      **Next:** Nothing to do here; a label on #103 has more done."
    `);
  });
});
