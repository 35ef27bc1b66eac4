// Owns the histories of labels that say what a task is for and where it came from.
import { describe, expect, test } from 'vitest';
import { JobName } from '../../src/domain/job.ts';
import { isOriginLabel, jobLabel, parentLabel } from '../../src/domain/origin-label.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { issue, label, prompt, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function lines(story: Story, number: number): string {
  return story.comment(number).split('\n').slice(0, 3).join('\n');
}

describe('a role asked for by label', () => {
  test('reaches the claim and the brief, and what an audit reports is for a person to read [BLT-02]', () => {
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

  test('a model goes with it, in its own spelling [BLT-02]', () => {
    const story = createStory();
    story.open(1, { labelled: ['agent-todo', 'role:audit', 'model:Org/Special-2'] });
    story.tick();
    expect(story.journal(1).attempts.at(-1)?.claim).toMatchObject({ role: 'audit', model: 'Org/Special-2' });
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

  test('one that has no prompt is not guessed, and two contradict each other [BLT-02]', () => {
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

describe('where an issue that Orch makes comes from', () => {
  /** The labels of the one issue that was made, and the looks of those that were made for it. */
  function publish(story: Story, task: string): readonly [readonly string[], readonly string[]] {
    const before = new Set(story.issues.keys());
    story.dispatches(900, 'tom', { kind: 'word', task: taskId(task), command: { verb: 'publish' } });
    const plan = story.tick();
    const [made] = [...story.issues.keys()].filter((number) => !before.has(number));
    return [made === undefined ? [] : story.issue(made).labels, looks(plan)];
  }

  function looks({ effects }: Plan): readonly string[] {
    const made = effects.flatMap((effect) => (effect.kind === 'ensure_labels' ? effect.labels : []));
    return made.filter(({ name }) => isOriginLabel(name)).map(({ name, description }) => `${name}: ${description}`);
  }

  test('`scheduled` and `job:` say which job, `mention` that a comment asked, and a dispatch needs no word [BLT-02]', () => {
    const nightly = { name: JobName.parse('nightly'), title: 'Tidy', cron: '0 * * * *', timezone: 'UTC' };
    const work = { enabled: true, prompt: 'Tidy.', command: null, role: 'code', engine: null, model: null } as const;
    const story = createStory({ jobs: [{ ...nightly, ...work, failures_max: 3 }], parallel_max: 0 });
    story.tick();
    story.passes(60);
    story.tick();
    expect(publish(story, [...story.journals.keys()].at(-1) ?? '')).toMatchInlineSnapshot(`
      [
        [
          "scheduled",
          "job:nightly",
        ],
        [
          "scheduled: Orch: made by a scheduled job",
          "job:nightly: Orch: made by the job nightly",
        ],
      ]
    `);
    story.open(20, { labelled: [] });
    story.says('ada', 20, '@orchestrator please update the changelog');
    story.tick();
    expect(publish(story, [...story.journals.keys()].at(-1) ?? '')).toMatchInlineSnapshot(`
      [
        [
          "mention",
        ],
        [
          "mention: Orch: asked for in a comment",
        ],
      ]
    `);
    story.dispatches(98, 'ada', prompt());
    story.tick();
    expect(publish(story, 'i98')).toEqual([[], []]);
  });

  test('typed by hand they ask for nothing, let nothing in, and stay where people put them [BLT-02]', () => {
    const story = createStory();
    const typed = ['scheduled', 'job:nightly', 'parent:7', 'mention', 'self-improvement'];
    story.open(1, { labelled: typed });
    expect(story.tick().effects).toEqual([]);
    story.open(2, { labelled: ['agent-todo', ...typed] });
    story.tick();
    expect(story.attempts(2)).toEqual(['1 claude live']);
    expect(story.issue(2).labels).toEqual(['agent-todo', ...typed, 'status:in_progress']);
  });

  test('a name GitHub would refuse is cut; a part of an issue names it [BLT-02]', () => {
    expect(jobLabel(JobName.parse('a'.repeat(64)))).toBe(`job:${'a'.repeat(46)}`);
    expect(parentLabel(issue(12).number)).toBe('parent:12');
    expect(['parent:x', 'jobs', 'Scheduled'].map((name) => isOriginLabel(label(name)))).toEqual([false, false, true]);
  });
});
