// Owns the proof that the queue is fair and safe whatever arrives: every ready task starts in time, and no limit is passed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlapWith } from '../../src/core/overlap.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { liveAttempt } from '../../src/domain/fold-journal.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const PATIENCE_HOURS = 4;
/** Ticks are an hour apart, and no attempt takes longer than this. */
const ATTEMPT_HOURS_MAX = 3;

interface Arrival {
  readonly labels: readonly string[];
  readonly files: readonly string[];
}

const FILES = ['src/a.ts', 'src/b.ts', 'docs/'] as const;

const arrivals = fc.record({
  labels: fc.uniqueArray(
    fc.constantFrom('priority:critical', 'agent:claude', 'agent:codex', 'parallel:off', 'instances:2'),
    {
      selector: (name) => name.split(':')[0],
      maxLength: 2,
    },
  ),
  files: fc.subarray([...FILES]),
});

/** Slots, and the cap of each engine. */
const rooms = fc.record({
  parallel_max: fc.integer({ min: 1, max: 3 }),
  parallel_min: fc.option(fc.constant(1), { nil: null }),
  claude: fc.option(fc.integer({ min: 1, max: 2 }), { nil: null }),
  codex: fc.option(fc.integer({ min: 1, max: 2 }), { nil: null }),
});

function policyOf({ claude, codex, ...rest }: typeof rooms extends fc.Arbitrary<infer Room> ? Room : never) {
  const engines = [
    { ...ENGINE_DEFAULTS.claude, parallel_max: claude },
    { ...ENGINE_DEFAULTS.codex, parallel_max: codex },
  ];
  return { ...rest, engines, patience_hours: PATIENCE_HOURS } satisfies Partial<Policy>;
}

function arrive(story: Story, number: number, { labels, files }: Arrival): void {
  story.open(number, {
    labelled: ['agent-todo', ...labels],
    body: files.length === 0 ? 'Please.' : `Please.\nFiles: ${files.join(', ')}`,
  });
}

function live(story: Story): readonly number[] {
  return [...story.issues.keys()].filter((number) => liveAttempt(story.journal(number)) !== null);
}

function ends(story: Story, number: number): void {
  story.ends(number, 'delivered');
  story.merges(number);
}

/** What may run side by side. */
function expectSafe(story: Story, { parallel_max, engines }: ReturnType<typeof policyOf>): void {
  const running = live(story).map((number) => ({ number, journal: story.journal(number) }));
  expect(running.length).toBeLessThanOrEqual(parallel_max);
  for (const { id, parallel_max: cap } of engines) {
    const own = running.filter(({ journal }) => liveAttempt(journal)?.claim.engine === id);
    expect(own.length, id).toBeLessThanOrEqual(cap ?? Infinity);
  }
  const files = new Map(running.map(({ number, journal }) => [taskId(number), journal.route?.likely_files ?? []]));
  for (const [id, theirs] of files) expect(overlapWith(id, theirs, files), `${id} collides`).toBeNull();
  if (running.some(({ journal }) => liveAttempt(journal)?.claim.alone === true)) expect(running).toHaveLength(1);
}

test('under any stream of arrivals each task starts once its patience is over and those older than it are through [ENG-10]', () => {
  fc.assert(
    fc.property(
      rooms,
      fc.array(arrivals, { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(arrivals, { maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: ATTEMPT_HOURS_MAX }), { minLength: 1, maxLength: 7 }),
      (room, first, stream, hours) => {
        const policy = policyOf(room);
        const story = createStory(policy);
        const lasts = (number: number): number => hours[number % hours.length] ?? 1;
        first.forEach((arrival, index) => arrive(story, index + 1, arrival));
        const started = new Map<number, number>();
        // Those that came first, one after the other at worst, each behind the longest attempt of somebody else.
        const bound = PATIENCE_HOURS + 2 * ATTEMPT_HOURS_MAX * first.length;
        let next = first.length + 1;
        for (let hour = 0; hour <= bound; hour += 1) {
          for (const number of live(story)) if (hour - (started.get(number) ?? 0) >= lasts(number)) ends(story, number);
          story.tick();
          for (const number of live(story)) if (!started.has(number)) started.set(number, hour);
          expectSafe(story, policy);
          for (const arrival of stream[hour % stream.length] ?? []) arrive(story, (next += 1), arrival);
          story.passes(60);
        }
        const waiting = first.map((_, index) => index + 1).filter((number) => !started.has(number));
        expect(waiting).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

describe('one more task in the queue', () => {
  const plain = fc.record({
    labels: fc.subarray(['priority:critical', 'agent:claude'], { maxLength: 2 }),
    files: fc.constant([]),
  });

  test('never makes fewer start', () => {
    fc.assert(
      fc.property(rooms, fc.array(plain, { maxLength: 6 }), plain, (room, tasks, more) => {
        const begun = (all: readonly Arrival[]): number => {
          const story = createStory(policyOf(room));
          all.forEach((arrival, index) => arrive(story, index + 1, arrival));
          story.tick();
          return live(story).length;
        };
        expect(begun([...tasks, more])).toBeGreaterThanOrEqual(begun(tasks));
        expect(begun([more, ...tasks])).toBeGreaterThanOrEqual(begun(tasks));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a task that needs two things which others use in turn', () => {
  /** Two lines of urgent tasks, each task two hours long, one line an hour behind the other: something is always taken. */
  function hoursUntilStart(victim: Arrival, lines: readonly [Arrival, Arrival]): number {
    const room = { parallel_max: 3, parallel_min: null, claude: 1, codex: null };
    const story = createStory(policyOf(room));
    const since = new Map<number, number>();
    let next = 1;
    for (let hour = 0; hour <= 4 * PATIENCE_HOURS; hour += 1) {
      if (hour === 1) arrive(story, 1, victim);
      const line = lines[hour % 2];
      if (line !== undefined) arrive(story, (next += 1), line);
      for (const number of live(story)) if (hour - (since.get(number) ?? 0) >= 2) ends(story, number);
      story.tick();
      for (const number of live(story)) if (!since.has(number)) since.set(number, hour);
      expectSafe(story, policyOf(room));
      if (since.has(1)) return hour;
      story.passes(60);
    }
    return Infinity;
  }

  test('two files: neither is taken again once its patience is over', () => {
    const hours = hoursUntilStart({ labels: [], files: ['src/a.ts', 'src/b.ts'] }, [
      { labels: ['priority:critical', 'agent:codex'], files: ['src/a.ts'] },
      { labels: ['priority:critical', 'agent:codex'], files: ['src/b.ts'] },
    ]);
    expect(hours).toBeGreaterThan(PATIENCE_HOURS);
    expect(hours).toBeLessThanOrEqual(1 + PATIENCE_HOURS + 2);
  });

  test('a file and an engine: both are kept for it', () => {
    const hours = hoursUntilStart({ labels: ['agent:claude'], files: ['src/a.ts'] }, [
      { labels: ['priority:critical', 'agent:claude'], files: [] },
      { labels: ['priority:critical', 'agent:codex'], files: ['src/a.ts'] },
    ]);
    expect(hours).toBeGreaterThan(PATIENCE_HOURS);
    expect(hours).toBeLessThanOrEqual(1 + PATIENCE_HOURS + 2);
  });
});
