// Owns the histories of calling people: what they asked to be told of, once each time, and nobody else.
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../src/core/check-plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { planOf } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

/** First lines of the comments that mention somebody. */
function calls(story: Story): readonly string[] {
  return story.answers.filter((body) => body.startsWith('@')).map((body) => body.split('\n')[0] ?? '');
}

/** Fails for good, is put back by Tom, delivered, merged. */
function life(notify: Policy['notify']): Story {
  const story = createStory({ notify, commands: { ...createStory().policy.commands, retry: 'triage' } });
  story.open(12);
  story.tick();
  story.ends(12, 'missing_tool', { detail: 'docker' });
  story.tick();
  story.passes(60);
  story.tick();
  story.says('tom', 12, '/orch retry');
  story.tick();
  story.ends(12, 'delivered');
  story.tick();
  story.merges(12);
  story.tick();
  return story;
}

describe('who is called [BLT-10]', () => {
  test.each([
    ['none', []],
    ['errors', ['@ada **Your turn: it does not go on by itself.**\\']],
    [
      'all',
      [
        '@ada **Your turn: it does not go on by itself.**\\',
        '@tom **Ready for review in #103.**\\',
        '@tom **Done.**\\',
      ],
    ],
  ] as const)('notify: %s', (notify, expected) => {
    const story = life(notify);
    expect(calls(story)).toEqual(expected);
    expect(story.reactions).toContain('12 ROCKET');
  });

  test('whole: what it is about, why, and the way on', () => {
    expect(life('errors').answers.find((body) => body.startsWith('@'))).toMatchInlineSnapshot(`
      "@ada **Your turn: it does not go on by itself.**\\
      **Why:** The attempt needs a tool that the runner does not have: docker.\\
      **Next:** Use a runner that has it; \`runs_on.attempt\` in \`.github/orch.yml\` names one. Then comment \`/orch retry\`, or \`/orch retry claude\`, or \`/orch retry codex\`.

      <!-- orch:call v1 {"task":"12","state":"needs_review","round":1,"attempts":1} -->"
    `);
  });

  test('who let in what needs them from the first look on is called, and not again for a journal that was lost', () => {
    const story = createStory({ notify: 'errors' });
    story.open(12, { labelled: ['agent-todo', 'agent:claude', 'agent:codex'] });
    story.tick();
    expect(calls(story)).toEqual(['@ada **Your turn: it does not go on by itself.**\\']);
    story.losesJournal(12);
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(calls(story)).toHaveLength(1);
  });

  test('nobody is called for what they did themselves, and no stranger ever', () => {
    const story = createStory({ notify: 'all' });
    story.open(1);
    story.open(2, { by: 'eve' });
    story.tick();
    story.says('ada', 1, '/orch cancel');
    story.tick();
    story.dies(1, 'cancelled');
    story.tick();
    story.says('eve', 2, '/orch retry');
    story.tick();
    expect([story.state(1), story.state(2)]).toEqual(['needs_review', 'needs_review']);
    expect(calls(story)).toEqual([]);
  });

  test.each(['all', 'none'] as const)('with notify: %s, answers and receipts are as ever', (notify) => {
    const story = createStory({ notify });
    story.open(12);
    story.tick();
    story.says('ada', 12, '/orch why');
    story.says('eve', 12, '/orch cancel');
    story.tick();
    expect(story.answers.map((body) => body.split('\n')[0])).toEqual([
      '**#12: Claude is working on it.**\\',
      expect.stringContaining('takes at least the role `triage`'),
    ]);
    expect(story.reactions).toHaveLength(2);
  });

  test('a call that nobody asked for is refused by the checks', () => {
    const story = createStory({ notify: 'all' });
    story.open(12);
    story.tick();
    story.ends(12, 'missing_tool', { detail: 'docker' });
    const { snapshot } = story.look();
    const plan = planOf(snapshot, story.policy);
    expect(checkPlan({ plan, snapshot, policy: story.policy })).toEqual([]);
    const silent = { ...story.policy, notify: 'none' as const };
    expect(checkPlan({ plan, snapshot, policy: silent }).map(({ invariant }) => invariant)).toEqual([
      'answers follow a command written down',
    ]);
  });
});
