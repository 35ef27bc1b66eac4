// Owns the proof of how much runs at once: never above any limit, growing with the queue, and who would collide.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POINTS_PER_ATTEMPT, slotsFor } from '../../src/core/capacity.ts';
import { filesHinted, overlapWith } from '../../src/core/overlap.ts';
import { checkPlan } from '../../src/core/check-plan.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { admitted, planOf, policy, snapshot, task, taskId } from './facts.ts';

const some = (max: number) => fc.integer({ min: 1, max });

describe('how many attempts may run', () => {
  test('a fixed pool is fixed [ENG-05]', () => {
    for (const load of [
      { running: 0, pending: 0 },
      { running: 3, pending: 90 },
    ])
      expect(slotsFor(load, policy({ parallel_max: 3 }), {})).toEqual({ slots: 3, by: 'parallel_max' });
  });

  test('a growing pool has more while more wait than run, and falls back as the queue empties [ENG-04] [ENG-06]', () => {
    const growing = policy({ parallel_min: 2, parallel_max: 10 });
    const slots = (running: number, pending: number) => slotsFor({ running, pending }, growing, {}).slots;
    expect([slots(0, 0), slots(0, 4), slots(0, 9), slots(0, 20), slots(0, 90)]).toEqual([2, 2, 5, 10, 10]);
    expect([slots(10, 8), slots(6, 0), slots(1, 0)]).toEqual([9, 3, 2]);
  });

  test('starting what there is room for leaves room for no more, so that a second look starts nothing', () => {
    fc.assert(
      fc.property(
        some(9),
        some(30),
        fc.nat({ max: 30 }),
        fc.nat({ max: 60 }),
        (parallel_min, max, running, pending) => {
          const limits = policy({ parallel_min, parallel_max: Math.max(parallel_min, max) });
          const { slots } = slotsFor({ running, pending }, limits, {});
          const started = Math.max(0, Math.min(slots - running, pending));
          const after = slotsFor({ running: running + started, pending: pending - started }, limits, {}).slots;
          expect(Math.max(0, Math.min(after - running - started, pending - started))).toBe(0);
        },
      ),
    );
  });

  test("the plan's runners and the API's limit bound it, and are named", () => {
    const load = { running: 0, pending: 99 };
    expect(slotsFor(load, policy({ parallel_max: 50, runners_max: 20 }), {})).toEqual({ slots: 19, by: 'runners_max' });
    expect(slotsFor(load, policy({ parallel_max: 5 }), { points: 3 * POINTS_PER_ATTEMPT })).toEqual({
      slots: 3,
      by: 'api',
    });
  });

  test('never above any limit, whatever the load; more waiting never gives fewer', () => {
    fc.assert(
      fc.property(
        fc.record({
          parallel_max: some(50),
          parallel_min: fc.option(some(50), { nil: null }),
          runners_max: fc.integer({ min: 2, max: 60 }),
        }),
        fc.record({ running: fc.nat({ max: 50 }), pending: fc.nat({ max: 200 }) }),
        fc.option(fc.nat({ max: 1000 }), { nil: undefined }),
        (given, load, points) => {
          const limits = policy(given);
          const { slots } = slotsFor(load, limits, { points });
          expect(slots).toBeLessThanOrEqual(given.parallel_max);
          expect(slots).toBeLessThanOrEqual(given.runners_max - 1);
          if (points !== undefined) expect(slots * POINTS_PER_ATTEMPT).toBeLessThanOrEqual(points);
          const more = slotsFor({ ...load, pending: load.pending + 1 }, limits, { points }).slots;
          expect(more).toBeGreaterThanOrEqual(slots);
        },
      ),
    );
  });
});

describe('the check of every plan', () => {
  test('finds more of one engine than it may run', () => {
    const given = snapshot([task(1, { records: [admitted()] }), task(2, { records: [admitted()] })]);
    const free = policy({ engines: [ENGINE_DEFAULTS.claude] });
    const plan = planOf(given, free);
    const capped = policy({ engines: [{ ...ENGINE_DEFAULTS.claude, parallel_max: 1 }] });
    expect(checkPlan({ plan, snapshot: given, policy: free })).toEqual([]);
    expect(checkPlan({ plan, snapshot: given, policy: capped }).map(({ detail }) => detail)).toEqual([
      'claude: 2 of 1',
    ]);
  });
});

describe('files that two tasks would touch', () => {
  test('a text names them in a line of their own [DEP-14]', () => {
    const text = 'Please fix it.\n\n**Files:** `src/a.ts`, docs/, (README.md)\nfiles: see below\nThe files: are many';
    expect(filesHinted(text)).toEqual(['src/a.ts', 'docs/', 'README.md']);
    expect(filesHinted('No such line; src/a.ts is mentioned.')).toEqual([]);
  });

  test('are read below any number of empty lines: a long text costs no more than it is long', () => {
    const text = `${'\n'.repeat(65_000)}Then\nFiles: src/a.ts`;
    const read = Array.from({ length: 40 }, () => filesHinted(text));
    expect(read.every(([first]) => first === 'src/a.ts')).toBe(true);
  });

  test('no text makes it fail, and what it gives are relative paths', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const file of filesHinted(`Files: ${text}`)) expect(file).toMatch(/^[^/\s]\S*$/);
      }),
    );
  });

  test('meet as the same file or below the same folder, never with themselves', () => {
    const taken = new Map([[taskId(1), ['src/a.ts', 'docs/']]]);
    expect(overlapWith(taskId(2), ['src/a.ts'], taken)).toEqual({ task: '1', files: ['src/a.ts'] });
    expect(overlapWith(taskId(2), ['docs/x.md'], taken)).toEqual({ task: '1', files: ['docs/x.md'] });
    expect(overlapWith(taskId(2), ['src/'], taken)).toEqual({ task: '1', files: ['src/'] });
    expect(overlapWith(taskId(2), ['src/a.tsx'], taken)).toBeNull();
    expect(overlapWith(taskId(1), ['src/a.ts'], taken)).toBeNull();
  });
});
