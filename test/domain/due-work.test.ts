// Owns the proof of which tasks a tick reads although no event named them.
import { describe, expect, test } from 'vitest';
import { dueWork } from '../../src/domain/due-work.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { Digest } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import type { TaskState } from '../../src/domain/task.ts';
import { admitted, claimed, minutes, settled, taskId } from '../core/facts.ts';

function shown(state: TaskState, priority = 0): JournalRecord {
  return { kind: 'shown', at: minutes(-5), state, comment: null, digest: Digest.parse('d'.repeat(64)), priority };
}

function due(journals: Readonly<Record<number, readonly JournalRecord[]>>, places = 100): readonly string[] {
  return dueWork(new Map(Object.entries(journals).map(([id, records]) => [taskId(id), foldJournal(records)])), places);
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
    expect(due(journals)).toEqual(['4', '5', '6', '3', '2', '1']);
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
    const many = (state: TaskState, from: number) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, index) => [from + index, [admitted(), shown(state)]]));
    const read = due({ ...many('new', 100), ...many('in_review', 200), ...many('blocked', 300) }, 20);
    const counted = [100, 200, 300].map(
      (from) => read.filter((id) => Number(id) >= from && Number(id) < from + 50).length,
    );
    expect(counted).toEqual([8, 6, 6]);
    expect(due({ ...many('blocked', 300) }, 20)).toHaveLength(20);
  });
});
