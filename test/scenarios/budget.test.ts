// Owns the histories of money: a budget is asked before each attempt, parks the task, and a person's word goes on.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../src/core/check-plan.ts';
import { liveAttempt } from '../../src/domain/fold-journal.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import type { Policy, SpendLimit } from '../../src/domain/policy.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { renderWait } from '../../src/wire/wait-text.ts';
import { planOf, policy } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const NONE: SpendLimit = { usd: null, tokens: null };

function budget(given: Partial<Policy['budget']>): Policy['budget'] {
  return { task: NONE, day: NONE, month: NONE, ...given };
}

function cost(cost_usd: number | null, tokens = 0) {
  return { usage: { ...UNKNOWN_USAGE, cost_usd, input_tokens: tokens, output_tokens: 0 } };
}

function waitOf(story: Story, id: number): string {
  const wait = story.plan().reports.find(({ task }) => task === String(id))?.wait ?? null;
  return wait === null ? 'nothing' : renderWait(wait);
}

/** What a person would paste: the first command in the words they read. */
function pasted(text: string): string {
  return /\/orch [a-z]+/.exec(text)?.[0] ?? '';
}

describe('what one task may cost', () => {
  const limits = { budget: budget({ task: { usd: 2, tokens: null } }) };

  test('[ERR-24] over it the task parks with the exact command, and that command goes on', () => {
    const story = createStory(limits);
    story.open(1);
    story.tick();
    story.ends(1, 'crashed', cost(2.5));
    story.tick();
    expect([story.state(1), story.attempts(1).length]).toEqual(['needs_review', 1]);
    expect(story.comment(1).split('\n').slice(0, 3).join('\n')).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** This round has cost $2.50, and a task may cost $2.00 (\`budget.task.usd\`).\\
      **Next:** Comment \`/orch retry\`."
    `);
    expect(story.comment(1)).toContain('- Limit: spent in this round: $2.50 of $2.00');
    story.says('ada', 1, pasted(story.comment(1)));
    story.tick();
    expect(story.attempts(1)).toEqual(['1 claude crashed', '2 claude live']);
  });

  test('below it the next attempt starts', () => {
    const story = createStory(limits);
    story.open(1);
    story.tick();
    story.ends(1, 'crashed', cost(1.99));
    story.tick();
    expect(story.attempts(1)).toHaveLength(2);
  });

  test('tokens are counted where dollars are not told', () => {
    const story = createStory({ budget: budget({ task: { usd: null, tokens: 1000 } }) });
    story.open(1);
    story.tick();
    story.ends(1, 'crashed', cost(null, 1200));
    story.tick();
    expect(story.state(1)).toBe('needs_review');
    expect(story.comment(1)).toContain('1.2k tokens');
  });
});

describe('what the repository may spend', () => {
  test('in a day: nothing more starts, a word starts one at once, the next day goes on by itself', () => {
    const story = createStory({ budget: budget({ day: { usd: 3, tokens: null } }), parallel_max: 1 });
    for (const number of [1, 2, 3]) story.open(number);
    story.tick();
    story.ends(1, 'delivered', cost(3.2));
    story.tick();
    expect(story.attempts(2)).toEqual([]);
    expect(waitOf(story, 2)).toMatchInlineSnapshot(
      `"\`budget.day.usd\` is $3.00, and $3.20 are spent today. It starts after 2026-11-21 00:00 UTC; \`/orch retry\` starts it at once."`,
    );
    const alarms = story.plan().alarms.map(renderAlarm);
    expect(alarms).toHaveLength(1);
    story.says('ada', 3, pasted(waitOf(story, 3)));
    story.tick();
    expect([story.attempts(2), story.attempts(3)]).toEqual([[], ['1 codex live']]);
    story.ends(3, 'delivered', cost(1));
    story.tick();
    expect(story.attempts(2)).toEqual([]);
    story.passes(12 * 60);
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });

  test('in a month: the first of the next one goes on', () => {
    const story = createStory({ budget: budget({ month: { usd: null, tokens: 500 } }), parallel_max: 1 });
    story.open(1);
    story.open(2);
    story.tick();
    story.ends(1, 'delivered', cost(null, 500));
    story.passes(24 * 60);
    story.tick();
    expect(waitOf(story, 2)).toMatchInlineSnapshot(
      `"\`budget.month.tokens\` is 500 tokens, and 500 tokens are spent this month. It starts after 2026-12-01 00:00 UTC; \`/orch retry\` starts it at once."`,
    );
    story.passes(10 * 24 * 60);
    story.tick();
    expect(story.attempts(2)).toHaveLength(1);
  });

  test('what runs counts as dear as the dearest; before any price is known one runs alone', () => {
    const story = createStory({ budget: budget({ day: { usd: 10, tokens: null } }), parallel_max: 5 });
    for (const number of [1, 2, 3, 4, 5]) story.open(number);
    story.tick();
    expect([1, 2, 3, 4, 5].filter((number) => story.state(number) === 'in_progress')).toEqual([1]);
    story.ends(1, 'delivered', cost(4));
    story.tick();
    // 4 are spent, each may cost 4 more: two fit into 10, the second of them overdraws.
    expect([2, 3, 4, 5].filter((number) => story.state(number) === 'in_progress')).toEqual([2, 3]);
    expect(waitOf(story, 4)).toMatchInlineSnapshot(
      `"\`budget.day.usd\` is $10.00, $4.00 of it are spent today, and what runs now may use up the rest."`,
    );
  });

  test('the status says what is spent', () => {
    const story = createStory({ budget: budget({ day: { usd: 10, tokens: 5000 } }) });
    story.open(1);
    story.tick();
    story.ends(1, 'delivered', cost(4, 1200));
    story.tick();
    story.says('ada', 1, '/orch status');
    story.tick();
    expect(story.answers.at(-1)).toContain('spent today: $4.00 of $10.00; spent today: 1.2k tokens of 5k tokens');
  });

  test('prices that nobody tells are said, since a limit in dollars does not hold them', () => {
    const story = createStory({ budget: budget({ month: { usd: 10, tokens: null } }) });
    story.open(1);
    story.tick();
    story.ends(1, 'delivered', cost(null));
    expect(story.tick().alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "A budget in dollars is set, and 1 attempt of this month did not tell what it cost: they count as nothing. A limit in \`tokens\` holds them too.",
      ]
    `);
  });
});

describe('whatever attempts cost', () => {
  const dollars = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 25 });

  test('a task never costs more than its budget and one attempt', () => {
    fc.assert(
      fc.property(dollars, fc.integer({ min: 1, max: 12 }), (costs, limit) => {
        const story = createStory({ budget: budget({ task: { usd: limit, tokens: null } }), attempts_max: 30 });
        story.open(1);
        let spent = 0;
        for (const [index, each] of costs.entries()) {
          story.passes(24 * 60);
          story.tick();
          if (story.attempts(1).at(-1)?.endsWith('live') !== true) break;
          expect(spent).toBeLessThan(limit);
          story.ends(1, 'crashed', { ...cost(each), detail: `in way ${index}` });
          spent += each;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a day never costs more than its budget and one attempt of the dearest kind, many running at once', () => {
    fc.assert(
      fc.property(dollars, fc.integer({ min: 3, max: 20 }), (costs, limit) => {
        const dearest = 5;
        const story = createStory({ budget: budget({ day: { usd: limit, tokens: null } }), parallel_max: 4 });
        for (let number = 1; number <= costs.length + 1; number += 1) story.open(number);
        story.tick();
        story.ends(1, 'delivered', cost(dearest));
        let spent = dearest;
        for (const each of costs) {
          story.tick();
          const live = [...story.journals.keys()].find((id) => liveAttempt(story.journal(id)) !== null);
          if (live === undefined) break;
          story.ends(live, 'delivered', cost(each));
          spent += each;
          expect(spent).toBeLessThanOrEqual(limit + dearest);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the check of every plan', () => {
  test('finds a start that the budget forbids', () => {
    const story = createStory();
    story.open(1);
    story.tick();
    story.ends(1, 'crashed', cost(9));
    const { snapshot } = story.look();
    const plan = planOf(snapshot, story.policy);
    const found = (limits: Partial<Policy['budget']>) =>
      checkPlan({ plan, snapshot, policy: policy({ budget: budget(limits) }) }).map(({ detail }) => detail);
    expect(found({})).toEqual([]);
    expect(found({ task: { usd: 9, tokens: null } })).toEqual(['9 usd are spent on it']);
    expect(found({ day: { usd: 8, tokens: null } })).toEqual(['9 usd are spent this day']);
    expect(found({ month: { usd: 9, tokens: null } })).toEqual(['9 usd are spent this month']);
  });
});
