// Owns the histories of labels that say what a task is for and where it came from.
import { describe, expect, test } from 'vitest';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function lines(story: Story, number: number): string {
  return story.comment(number).split('\n').slice(0, 3).join('\n');
}

describe('a role asked for by label', () => {
  test('reaches the claim and the brief, and what an audit reports is for a person to read', () => {
    const story = createStory();
    story.open(1, { labelled: ['agent-todo', 'role:audit'] });
    const [started] = story.tick().effects.filter((effect) => effect.kind === 'start_attempt');
    expect(started?.brief.role).toBe('audit');
    expect(story.journal(1).attempts.at(-1)?.claim.role).toBe('audit');
    story.ends(1, 'no_change', { detail: 'The parser trusts the length field' });
    story.tick();
    expect([story.state(1), lines(story, 1)]).toMatchInlineSnapshot(`
      [
        "needs_review",
        "**Your turn: it does not go on by itself.**\\
      **Why:** The audit changed nothing; it reports: The parser trusts the length field.\\
      **Next:** Close this issue if you agree, or comment \`/orch retry\`.",
      ]
    `);
  });

  test('changed before a retry, the next attempt has the other one; taken away, none is asked for', () => {
    const story = createStory();
    story.open(1, { labelled: ['agent-todo', 'role:audit'] });
    story.tick();
    story.ends(1, 'failed', { detail: 'no' });
    story.labels(1, ['role:code'], ['role:audit']);
    story.tick();
    expect(story.journal(1).attempts.map(({ claim }) => claim.role)).toEqual(['audit', 'code']);
    story.ends(1, 'failed', { detail: 'again' });
    story.labels(1, ['role:audit'], ['role:code']);
    story.tick();
    story.passes(10);
    story.tick();
    story.says('ada', 1, '/orch cancel');
    story.tick();
    story.labels(1, [], ['role:audit']);
    story.says('ada', 1, '/orch retry');
    story.tick();
    expect(story.journal(1).attempts.map(({ claim }) => claim.role)).toEqual(['audit', 'code', 'audit', 'code']);
  });

  test('one that has no prompt is not guessed, and two contradict each other', () => {
    const story = createStory();
    story.open(1, { labelled: ['agent-todo', 'role:review'] });
    story.open(2, { labelled: ['agent-todo', 'role:code', 'role:audit'] });
    story.tick();
    expect([1, 2].map((number) => story.attempts(number))).toEqual([[], []]);
    expect([lines(story, 1), lines(story, 2)]).toMatchInlineSnapshot(`
      [
        "**Your turn: it does not go on by itself.**\\
      **Why:** \`role:review\` names something Orch does not know, and a label is not guessed.\\
      **Next:** Replace the label \`role:review\` with \`role:code\` or \`role:audit\`.",
        "**Your turn: it does not go on by itself.**\\
      **Why:** Its labels contradict each other: \`role:code\` and \`role:audit\`.\\
      **Next:** Remove the label \`role:code\`, or remove the label \`role:audit\`.",
      ]
    `);
    story.labels(1, ['role:audit'], ['role:review']);
    story.labels(2, [], ['role:audit']);
    story.tick();
    expect([1, 2].map((number) => story.journal(number).attempts[0]?.claim.role)).toEqual(['audit', 'code']);
  });

  test('on an issue outside the queue it says nothing', () => {
    const story = createStory();
    story.open(1, { labelled: ['role:review'] });
    expect(story.tick().effects).toEqual([]);
  });
});
