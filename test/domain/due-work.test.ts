// Owns the proof of which tasks a tick reads although no event named them.
import { describe, expect, test } from 'vitest';
import { dueWork } from '../../src/domain/due-work.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { Digest } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import type { TaskState } from '../../src/domain/task.ts';
import { admitted, claimed, minutes, NOW, retried, settled, taskId } from '../core/facts.ts';

function shown(state: TaskState, priority = 0): JournalRecord {
  return { kind: 'shown', at: minutes(-5), state, comment: null, digest: Digest.parse('d'.repeat(64)), priority };
}

function due(journals: Readonly<Record<number, readonly JournalRecord[]>>, places = 100, at = NOW): readonly string[] {
  const folded = Object.entries(journals).map(([id, records]) => [taskId(id), foldJournal(records)] as const);
  return dueWork(new Map(folded), { places, at });
}

function many(count: number, from: number, ...records: readonly JournalRecord[]) {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [from + index, [admitted(), ...records]]));
}

function within(ids: readonly string[], from: number, count: number): number {
  return ids.filter((id) => Number(id) >= from && Number(id) < from + count).length;
}

describe('what a tick looks at unasked [ENG-02] [QUE-33]', () => {
  test('whatever may have moved without an event: running, ended, in line, under review, blocked', () => {
    const journals = {
      1: [admitted(), shown('blocked')],
      2: [admitted(), shown('in_review')],
      3: [admitted(), shown('routed')],
      4: [admitted(), shown('needs_review'), claimed(1), settled(1, 'failed')],
      5: [admitted(), claimed(1), shown('in_progress')],
      6: [admitted()],
    };
    expect(due(journals)).toEqual(['4', '6', '5', '3', '2', '1']);
  });

  test('what only a person can move is not looked at', () => {
    const states: readonly TaskState[] = ['done', 'archived', 'skipped', 'needs_review'];
    expect(due(Object.fromEntries(states.map((state, index) => [index + 1, [admitted(), shown(state)]])))).toEqual([]);
    expect(due({ 9: [] })).toEqual([]);
  });

  test('the queue in its order: priority first, then who has waited longest', () => {
    const journals = {
      1: [admitted('ada', minutes(-10)), shown('new')],
      2: [admitted('ada', minutes(-90)), shown('new')],
      3: [admitted('ada', minutes(-5)), shown('routed', 200)],
    };
    expect(due(journals)).toEqual(['3', '2', '1']);
    expect(due(journals, 1)).toEqual(['3']);
  });

  test('an old task without urgency is looked at beside any number of urgent ones', () => {
    const urgent = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [100 + index, [admitted('ada', minutes(-5)), shown('new', 300)]]),
    );
    expect(due({ ...urgent, 1: [admitted('ada', minutes(-900)), shown('new', -100)] }, 9)).toContain('1');
  });

  test('a long queue does not starve reviews and blocked tasks, nor they each other', () => {
    const all = {
      ...many(50, 100, shown('new')),
      ...many(50, 200, shown('in_review')),
      ...many(50, 300, shown('blocked')),
    };
    const read = due(all, 20);
    expect([100, 200, 300].map((from) => within(read, from, 50))).toEqual([8, 6, 6]);
    expect(due(many(50, 300, shown('blocked')), 20)).toHaveLength(20);
  });

  test('whatever runs leaves room for what has ended, and for the queue', () => {
    const running = many(110, 1, claimed(1), shown('in_progress'));
    const ended = many(1, 500, claimed(1), shown('in_progress'), settled(1, 'delivered'));
    const read = due({ ...running, ...ended, ...many(20, 200, shown('new')) });
    expect([within(read, 500, 1), within(read, 200, 20), read.length]).toEqual([1, 20, 100]);
  });

  test('news that stay leave room for the others', () => {
    const news = many(120, 1, shown('routed'), claimed(1), settled(1, 'failed'));
    const others = { ...many(50, 200, shown('new')), ...many(50, 300, shown('blocked')) };
    const read = due({ ...news, ...others });
    expect([within(read, 1, 120), read.length]).toEqual([65, 100]);
  });

  test('a day that was named brings a task back when it has come, and never one that is finished', () => {
    const skip = (until: number): JournalRecord =>
      ({ ...retried(), verb: 'skip', command: { verb: 'skip', until: minutes(until) } }) as JournalRecord;
    const finished: JournalRecord = { kind: 'finished', at: minutes(-5), state: 'done', pr: null };
    const journals = {
      1: [admitted(), skip(-1), shown('skipped')],
      2: [admitted(), skip(60), shown('skipped')],
      3: [admitted(), skip(-1), finished, shown('done')],
    };
    expect(due(journals)).toEqual(['1']);
    expect(due(journals, 100, minutes(61))).toEqual(['1', '2']);
  });

  test.each([
    [2, 30],
    [2, 15],
    [2, 5],
    [2, 60],
    [3, 10],
    [3, 13],
  ])(
    'more blocked tasks than places: each is looked at within %i looks, %i minutes apart, whenever they begin',
    (looks, apart) => {
      const waiting = many(130, 1, shown('blocked'));
      for (let first = 0; first < 60; first += 1) {
        const read = Array.from({ length: looks }, (_, look) => due(waiting, 100, minutes(first + look * apart)));
        expect(read.map((ids) => ids.length)).toEqual(Array.from({ length: looks }, () => 100));
        expect(new Set(read.flat()).size).toBe(130);
      }
    },
  );
});
