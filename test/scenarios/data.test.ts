// Owns what is true and where it is kept: the issue, the record and the run; all that people see is made of them.
import { describe, expect, test } from 'vitest';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import { parseJournalMessage, renderJournalMessage } from '../../src/wire/journal-record.ts';
import { taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const ALL = [1, 2, 3, 4, 5, 6, 7];

/** One task in each state that lasts. */
function everyState(): Story {
  const story = createStory({ parallel_max: 2 });
  for (const number of ALL) story.open(number);
  story.depends(4, [1]);
  story.labels(5, ['agent-skipped']);
  story.says('ada', 6, '/orch hold');
  story.tick();
  story.ends(1, 'delivered');
  story.ends(2, 'delivered');
  story.merges(2);
  story.tick();
  return story;
}

/** Whatever people see of a task; the branch of a merged one is gone by the second look. */
function seen(story: Story) {
  const says = (number: number) => story.comment(number).replace(/^- Branch: .*orch\/2-.*\n/m, '');
  return ALL.map((number) => ({ state: story.state(number), labels: story.status(number), says: says(number) }));
}

describe('what a task is made of', () => {
  test('[ENG-15] [DAT-13] issue, journal and run: without comments, status labels and history the same is shown again', () => {
    const story = everyState();
    const before = seen(story);
    expect(before.map(({ state }) => state)).toEqual([
      'in_review',
      'done',
      'in_progress',
      'blocked',
      'skipped',
      'needs_review',
      'in_progress',
    ]);
    story.comments.clear();
    story.history.length = 0;
    for (const number of ALL) story.labels(number, [], story.status(number));
    story.tick();
    expect(seen(story)).toEqual(before);
    story.dies(3, 'run_gone');
    story.tick();
    expect(story.attempts(3)).toEqual(['1 claude crashed', '2 claude live']);
  });

  test('[DAT-13] neither half is enough: the words are the issue’s, the attempts the record’s', () => {
    const story = createStory({ attempts_max: 2, backoff_minutes: [0] });
    story.open(12, { title: 'Add a flag', body: 'Call it --dry-run.' });
    story.tick();
    story.ends(12, 'crashed');
    const { effects } = story.tick();
    const [brief] = effects.flatMap((effect) => (effect.kind === 'start_attempt' ? [effect.brief] : []));
    expect(brief?.issue).toMatchObject({ title: 'Add a flag', body: { text: 'Call it --dry-run.' } });
    expect([brief?.attempt, brief?.past.map(({ outcome }) => outcome)]).toEqual([2, ['crashed']]);
    expect(JSON.stringify(story.journals.get(taskId(12)))).not.toContain('--dry-run');
  });

  test.each([
    ['/orch complete', (story: Story) => story.reopens(12), 'in_progress'],
    ['/orch skip', (story: Story) => story.closes(12), 'done'],
    ['/orch hold', (story: Story) => story.closes(12, true), 'archived'],
    ['/orch priority critical', (story: Story) => story.labels(12, ['agent-skipped']), 'skipped'],
  ])('[DAT-06] `%s` is written down, and what the issue says after it is what holds', (word, act, state) => {
    const story = createStory();
    story.open(12);
    story.says('ada', 12, word);
    story.tick();
    expect(story.journals.get(taskId(12))).toContainEqual(expect.objectContaining({ kind: 'commanded', by: 'ada' }));
    story.passes(1);
    act(story);
    story.tick();
    expect(story.state(12)).toBe(state);
  });

  test('[DAT-06] what a word finishes is finished on the issue itself', () => {
    const story = createStory();
    story.open(12);
    story.says('ada', 12, '/orch complete');
    story.tick();
    story.tick();
    expect([story.issue(12).open, story.state(12)]).toEqual([false, 'done']);
  });
});

describe('the record of an attempt', () => {
  test('[DAT-11] has every field that matters, and reads back as it was written', () => {
    const story = createStory();
    story.open(12, { title: 'Add a flag', labelled: ['agent-todo', 'model:claude-opus-4-5'] });
    story.tick();
    const began = story.now;
    story.passes(3);
    const usage = { ...UNKNOWN_USAGE, cost_usd: 0.42, input_tokens: 1_000, output_tokens: 50, turns: 7 };
    story.ends(12, 'failed', {
      detail: 'npm test ended with exit code 3',
      seconds: 180,
      usage,
      proof: [{ command: ['npm', 'test'], exit_code: 3, seconds: 9, tail: '1 failed' }],
    });
    const [attempt] = story.journal(12).attempts;
    expect(attempt).toMatchObject({
      number: 1,
      claim: {
        at: began,
        role: 'code',
        engine: 'claude',
        model: 'claude-opus-4-5',
        run: 1000,
        run_attempt: 1,
        base: expect.stringMatching(/^[0-9a-f]{40}$/),
        branch: 'orch/12-add-a-flag',
        timeout_minutes: 40,
      },
      settled: {
        at: story.now,
        outcome: 'failed',
        detail: 'npm test ended with exit code 3',
        seconds: 180,
        usage,
        proof: [{ command: ['npm', 'test'], exit_code: 3, seconds: 9, tail: '1 failed' }],
      },
    });
    const records = story.journals.get(taskId(12)) ?? [];
    expect(parseJournalMessage(renderJournalMessage(records, 'tick 1'))).toEqual(records);
    story.tick();
    const row = story
      .comment(12)
      .split('\n')
      .find((line) => line.startsWith('| 1 |'));
    expect(row).toMatchInlineSnapshot(
      `"| 1 | claude · claude-opus-4-5 | failed: npm test ended with exit code 3 | 3 min | $0.42 | [log](https://github.com/o/r/actions/runs/1000) |"`,
    );
  });
});

describe('guidance and questions', () => {
  test('[BLT-41] what is said while an attempt runs reaches the next one, and a question to a person is exact', () => {
    const story = createStory({ backoff_minutes: [0] });
    const nextBrief = () =>
      story.tick().effects.flatMap((effect) => (effect.kind === 'start_attempt' ? [effect.brief] : []))[0];
    story.open(12);
    story.tick();
    story.says('ada', 12, '/orch say Keep the old names.');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude live']);
    story.ends(12, 'timeout');
    expect(nextBrief()?.thread.at(-1)).toMatchObject({ by: 'ada', trust: 'trusted', text: 'Keep the old names.' });
    story.ends(12, 'missing_tool', { detail: 'docker, for the tests' });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(story.comment(12).split('\n').slice(0, 3).join('\n')).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** The attempt needs a tool that the runner does not have: docker, for the tests.\\
      **Next:** Use a runner that has it; \`runs_on.attempt\` in \`.github/orch.yml\` names one. Then comment \`/orch retry\`, or \`/orch retry claude\`, or \`/orch retry codex\`."
    `);
    story.says('ada', 12, '/orch say Yes, leave them out.');
    story.says('ada', 12, '/orch retry');
    expect(nextBrief()?.thread.at(-1)).toMatchObject({ by: 'ada', text: 'Yes, leave them out.' });
  });
});

describe('finished tasks', () => {
  test('[QUE-28] are cleared from the queue as people see it, and stay on record', () => {
    const story = everyState();
    story.says('ada', 1, '/orch queue');
    story.tick();
    const answer = story.answers.at(-1) ?? '';
    expect(ALL.filter((number) => answer.includes(`#${number} `))).toEqual([1, 3, 4, 5, 6, 7]);
    expect(story.journal(2).finished).toMatchObject({ state: 'done' });
  });
});
