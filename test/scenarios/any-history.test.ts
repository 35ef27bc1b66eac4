// Owns the proof that no order of events breaks the queue: random histories, every promise checked after every tick.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargedAttempts, infraAttempts, liveAttempt } from '../../src/domain/fold-journal.ts';
import { STOP_LABELS } from '../../src/domain/label.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import { minutes, sha, taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const NUMBERS = [1, 2, 3] as const;
const PARALLEL_MAX = 2;

/** One thing that somebody does to one issue; what makes no sense at that moment does nothing. */
interface Deed {
  readonly name: string;
  readonly run: (story: Story, number: number) => void;
}

const lives = (story: Story, number: number) => liveAttempt(story.journal(number)) !== null;
const exists = (story: Story, number: number) => story.issues.has(number);
const openPull = (story: Story, number: number) => story.pulls.get(taskId(number))?.state === 'open';

const ENDINGS: readonly Deed[] = OutcomeKind.options.map((outcome) => ({
  name: `ends ${outcome}`,
  run: (story, number) => {
    if (!lives(story, number)) return;
    const limit = outcome === 'rate_limit' ? { not_before: minutes(200) } : {};
    story.ends(number, outcome, { ...limit, ...(outcome === 'timeout' ? { head: sha('half') } : {}) });
  },
}));

const DEATHS: readonly Deed[] = (['cancelled', 'failed', 'finished_silent', 'never_started', 'run_gone'] as const).map(
  (cause) => ({
    name: `dies ${cause}`,
    run: (story, number) => (lives(story, number) ? story.dies(number, cause) : undefined),
  }),
);

const WORDS: readonly Deed[] = ['retry', 'retry codex', 'skip', 'cancel', 'why', 'dance'].flatMap((word) =>
  ['ada', 'tom', 'eve'].map((by) => ({
    name: `${by}: /orch ${word}`,
    run: (story: Story, number: number) => story.says(by, number, `/orch ${word}`),
  })),
);

const label = (name: string, add: readonly string[], remove: readonly string[] = [], by = 'ada'): Deed => ({
  name,
  run: (story, number) => (exists(story, number) ? story.labels(number, add, remove, by) : undefined),
});

const LABELS: readonly Deed[] = [
  label('unlabelled', [], ['agent-todo']),
  label('labelled', ['agent-todo'], ['agent-todo']),
  label('labelled by eve', ['agent-todo'], ['agent-todo'], 'eve'),
  label('tried twice at once', ['instances:2']),
  label('stopped', ['no-agent']),
  label('let go', [], ['no-agent']),
  label('pinned', ['agent:codex']),
  label('pinned wrong', ['agent:gpt9']),
  label('unpinned', [], ['agent:codex', 'agent:gpt9']),
  label('urgent', ['priority:high']),
  label('status by hand', ['status:done', 'status:new']),
];

const WORLD: readonly Deed[] = [
  { name: 'closed', run: (story, number) => (exists(story, number) ? story.closes(number) : undefined) },
  { name: 'not planned', run: (story, number) => (exists(story, number) ? story.closes(number, true) : undefined) },
  {
    name: 'reopened',
    run: (story, number) => (exists(story, number) && !story.issue(number).open ? story.reopens(number) : undefined),
  },
  {
    name: 'reopened by eve',
    run: (story, number) =>
      exists(story, number) && !story.issue(number).open ? story.reopens(number, 'eve') : undefined,
  },
  { name: 'deleted', run: (story, number) => story.deletes(number) },
  {
    name: 'blocked',
    run: (story, number) =>
      exists(story, number) ? story.depends(number, [(number % NUMBERS.length) + 1]) : undefined,
  },
  { name: 'unblocked', run: (story, number) => (exists(story, number) ? story.depends(number, []) : undefined) },
  { name: 'merged', run: (story, number) => (openPull(story, number) ? story.merges(number) : undefined) },
  { name: 'pull closed', run: (story, number) => (openPull(story, number) ? story.closesPull(number) : undefined) },
  { name: 'branch deleted', run: (story, number) => void story.branches.delete(taskId(number)) },
  { name: 'comment deleted', run: (story, number) => story.losesComment(number) },
  { name: 'journal lost', run: (story, number) => void (lives(story, number) || story.losesJournal(number)) },
  { name: 'time', run: (story) => story.passes(15) },
  { name: 'a minute', run: (story) => story.passes(1) },
  { name: 'only codex', run: (story) => void (story.ready = ['codex']) },
  { name: 'both engines', run: (story) => void (story.ready = ['claude', 'codex']) },
  { name: 'no engine', run: (story) => void (story.ready = []) },
];

const DEEDS = [...ENDINGS, ...DEATHS, ...WORDS, ...LABELS, ...WORLD, ...WORLD];

function promisesHold(story: Story): void {
  const live = NUMBERS.filter((number) => lives(story, number));
  expect(live.length).toBeLessThanOrEqual(PARALLEL_MAX);
  for (const number of live) {
    const issue = story.issue(number);
    expect(issue.open).toBe(true);
    expect(issue.labels.filter((name) => STOP_LABELS.includes(name))).toEqual([]);
    expect(issue.labels).toContain('agent-todo');
    expect(story.journal(number).hold).toBeNull();
  }
  for (const id of story.journals.keys()) {
    const journal = story.journal(id);
    const numbers = journal.attempts.map((attempt) => attempt.number - journal.attempts_before);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    if (journal.shown?.state === 'blocked') expect(story.issue(Number(id)).dependencies).not.toEqual([]);
    expect(chargedAttempts(journal)).toBeLessThanOrEqual(Math.max(story.policy.attempts_max, journal.attempts_before));
    expect(infraAttempts(journal)).toBeLessThanOrEqual(story.policy.infra_attempts_max);
    if (story.issues.has(Number(id)) && journal.shown !== null)
      expect(story.status(Number(id))).toEqual([`status:${journal.shown.state}`]);
  }
}

function histories(deeds: readonly Deed[]) {
  const steps = fc.array(
    fc.record({ deed: fc.constantFrom(...deeds), number: fc.constantFrom(...NUMBERS), ticks: fc.boolean() }),
    { maxLength: 40 },
  );
  return steps.map((list) =>
    Object.assign(list, {
      toString: () =>
        list.map(({ deed, number, ticks }) => `${deed.name} #${number}${ticks ? ' · tick' : ''}`).join('; '),
    }),
  );
}

type History = ReturnType<typeof histories> extends fc.Arbitrary<infer Value> ? Value : never;

function live(history: History): void {
  const story = createStory({ parallel_max: PARALLEL_MAX, backoff_minutes: [0, 2] });
  for (const number of NUMBERS) story.open(number);
  for (const { deed, number, ticks } of history) {
    story.passes(1);
    deed.run(story, number);
    if (!ticks) continue;
    story.tick();
    promisesHold(story);
  }
  story.tick();
  story.tick();
  promisesHold(story);
}

test('whatever happens in whatever order, the promises hold after every tick, and a second tick is silent [STA-10]', () => {
  fc.assert(fc.property(histories(DEEDS), live), { numRuns: 300 });
});

test('however attempts end, the budget holds until a person opens a new one [ERR-12]', () => {
  const failures = [...ENDINGS, ...DEATHS].filter(
    ({ name }) => !/delivered|person|auth|refused|missing|denied|no_change|cancelled/.test(name),
  );
  const more = [
    ...failures,
    ...WORLD.filter(({ name }) => name === 'time'),
    ...WORDS.filter(({ name }) => name === 'ada: /orch retry'),
  ];
  fc.assert(fc.property(histories([...failures, ...failures, ...more]), live), { numRuns: 150 });
});

test('what is lost is found again: journals, comments, branches, leases', () => {
  const losses = WORLD.filter(({ name }) => /lost|deleted|time/.test(name) && name !== 'deleted');
  const work = ENDINGS.filter(({ name }) => /delivered|failed|crashed|timeout/.test(name));
  fc.assert(fc.property(histories([...losses, ...work, ...DEATHS]), live), { numRuns: 150 });
});
