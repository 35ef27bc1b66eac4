// Owns the proof that the queue has one order: total, by numbered rules, the tie-break last.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareTasks, milestoneRank, priorityRank } from '../../src/core/queue-order.ts';
import type { Place } from '../../src/core/queue-order.ts';
import { Instant } from '../../src/domain/ids.ts';
import { readLabels } from '../../src/domain/label.ts';
import { label, taskId } from './facts.ts';

const NONE = milestoneRank(null);

function place(task: number | string, given: Partial<Place> = {}): Place {
  const plain = { word: 0, overdue: false, rank: 0, unblocks: 0, chain_minutes: 0, milestone: NONE, since_ms: 0 };
  return { task: taskId(task), ...plain, ...given };
}

function order(places: readonly Place[]): readonly string[] {
  return [...places].sort(compareTasks).map(({ task }) => task);
}

describe('who goes first [ENG-10] [QUE-22]', () => {
  test('1. what a person put forward by a command, whatever else', () => {
    expect(order([place(1, { rank: 300, overdue: true }), place(2, { word: 100 })])).toEqual(['2', '1']);
    expect(order([place(1, { word: -100, rank: 300 }), place(2)])).toEqual(['2', '1']);
  });

  test('2. then whoever has waited too long, the oldest first, whatever their worth', () => {
    const late = (task: number, since_ms: number, rank: number) => place(task, { overdue: true, since_ms, rank });
    expect(order([place(1, { rank: 300 }), late(2, -5, 100), late(3, -9, -100)])).toEqual(['3', '2', '1']);
  });

  test('3. then the stronger priority by label', () => {
    expect(order([place(1, { unblocks: 9, since_ms: -900 }), place(2, { rank: 100 })])).toEqual(['2', '1']);
  });

  test('4. then the one more others wait for', () => {
    expect(order([place(1, { since_ms: -900 }), place(2, { unblocks: 1 })])).toEqual(['2', '1']);
  });

  test('5. then the one with the longer chain of work behind it', () => {
    expect(order([place(1, { since_ms: -900 }), place(2, { chain_minutes: 30 })])).toEqual(['2', '1']);
  });

  test('6. then the one whose open milestone is due first [BLT-35]', () => {
    const due = (day: string) =>
      milestoneRank({ title: 'v2', open: true, due: Instant.parse(`2026-12-${day}T00:00:00Z`) });
    const undated = milestoneRank({ title: 'later', open: true, due: null });
    const closed = milestoneRank({ title: 'v1', open: false, due: Instant.parse('2026-01-01T00:00:00Z') });
    const waiting = [place(1, { since_ms: -900 }), place(2, { milestone: closed, since_ms: -800 })];
    const planned = [
      place(3, { milestone: undated }),
      place(4, { milestone: due('24') }),
      place(5, { milestone: due('03') }),
    ];
    expect(order([...waiting, ...planned])).toEqual(['5', '4', '3', '1', '2']);
    expect(order([place(1, { milestone: due('03') }), place(2, { chain_minutes: 30 })])).toEqual(['2', '1']);
  });

  test('7. then the one that has waited longest', () => {
    expect(order([place(1), place(2, { since_ms: -1 })])).toEqual(['2', '1']);
  });

  test('8. then the lower number, as numbers, issues before internal tasks', () => {
    expect(order([place('i5'), place(10), place(9)])).toEqual(['9', '10', 'i5']);
  });

  test.each([
    [['priority:critical'], 300],
    [['priority:high'], 200],
    [['Priority:Medium'], 100],
    [[], 0],
    [['priority:low'], -100],
    [['priority:7'], 7],
    [['priority:low', 'priority:high'], 200],
    [['priority:whenever'], 0],
  ])('labels %j stand for %i', (labels, rank) => {
    expect(priorityRank(readLabels(labels.map(label), label('agent-todo')).priorities)).toBe(rank);
  });
});

const places = fc.record({
  task: fc
    .oneof(
      fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 1, max: 99 }).map((run) => `i${run}`),
    )
    .map(taskId),
  word: fc.constantFrom(-100, 0, 1, 300),
  overdue: fc.boolean(),
  rank: fc.constantFrom(-100, 0, 100, 200),
  unblocks: fc.nat(3),
  chain_minutes: fc.nat(3),
  milestone: fc.constantFrom(5, 9, NONE - 1, NONE),
  since_ms: fc.integer({ min: -9, max: 0 }),
});

test('the order is total: antisymmetric, transitive, and two different tasks never tie [ENG-10]', () => {
  fc.assert(
    fc.property(places, places, places, (a, b, c) => {
      expect(Math.sign(compareTasks(a, b)) + Math.sign(compareTasks(b, a))).toBe(0);
      if (a.task !== b.task) expect(compareTasks(a, b)).not.toBe(0);
      if (compareTasks(a, b) < 0 && compareTasks(b, c) < 0) expect(compareTasks(a, c)).toBeLessThan(0);
    }),
  );
});

test('the order does not depend on the order in which the tasks were read [ENG-10]', () => {
  const queue = fc.uniqueArray(places, { maxLength: 12, selector: ({ task }) => task });
  const twice = queue.chain((tasks) =>
    fc.tuple(fc.constant(tasks), fc.shuffledSubarray(tasks, { minLength: tasks.length })),
  );
  fc.assert(
    fc.property(twice, ([tasks, shuffled]) => {
      expect(order(shuffled)).toEqual(order(tasks));
    }),
  );
});
