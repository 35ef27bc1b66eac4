// Owns the proof of what Orch notices about itself, and of the silence where there is too little to say.
import { describe, expect, test } from 'vitest';
import { findingsIn, findingsToFile } from '../../src/core/findings.ts';
import { findingKey } from '../../src/domain/finding.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { RunId } from '../../src/domain/ids.ts';
import type { TaskId } from '../../src/domain/ids.ts';
import { plusMinutes } from '../../src/domain/instant.ts';
import type { JournalRecord, Settled, TaskJournal } from '../../src/domain/journal.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { EngineId } from '../../src/domain/task.ts';
import { admitted, claimed, NOW, policy, routed, settled, taskId, who } from './facts.ts';

const DAY = 24 * 60;
const ago = (days: number) => plusMinutes(NOW, -days * DAY);

interface One {
  readonly engine?: EngineId;
  readonly outcome: OutcomeKind;
  readonly days?: number;
  readonly given?: Partial<Settled>;
}

/** One task, one attempt. */
function one({ engine = 'claude', outcome, days = 2, given = {} }: One): readonly JournalRecord[] {
  return [admitted(), routed(), claimed(1, { engine }), settled(1, outcome, { at: ago(days), ...given })];
}

function times(count: number, records: readonly JournalRecord[]): readonly (readonly JournalRecord[])[] {
  return Array.from({ length: count }, () => records);
}

function journals(all: readonly (readonly JournalRecord[])[]): ReadonlyMap<TaskId, TaskJournal> {
  return new Map(all.map((records, index) => [taskId(index + 1), foldJournal(records)]));
}

function found(all: readonly (readonly JournalRecord[])[], given: Partial<Policy> = {}) {
  return findingsIn({ journals: journals(all), at: NOW, policy: policy(given) });
}

const failing = (command: string, exit_code = 1) => ({ command: [command], exit_code, seconds: 1, tail: '' });

describe('what stands out', () => {
  test('an engine that fails far above the others on like tasks; not one that fails like them', () => {
    const good = times(9, one({ engine: 'codex', outcome: 'delivered' }));
    const bad = times(8, one({ outcome: 'failed' }));
    expect(found([...good, ...bad])).toEqual([
      {
        kind: 'engine_fails',
        engine: 'claude',
        complexity: 'medium',
        failed: 8,
        tries: 8,
        others_failed: 0,
        others_tries: 9,
      },
    ]);
    expect(found([...good, ...bad.slice(1)])).toEqual([]);
    expect(found([...times(9, one({ engine: 'codex', outcome: 'failed' })), ...bad])).toEqual([]);
    const stopped = times(8, one({ outcome: 'cancelled' }));
    expect(found([...good, ...stopped, ...times(8, one({ outcome: 'infra' }))])).toEqual([]);
  });

  test('one command failing on many tasks; what passed in the end failed on none', () => {
    const bad = one({ outcome: 'proof_failed', given: { proof: [failing('lint')] } });
    const good = one({ outcome: 'delivered', given: { proof: [failing('lint', 0)] } });
    expect(found([...times(4, bad), ...times(6, good)])).toEqual([
      { kind: 'proof_fails', command: 'lint', failed: 4, tasks: 10 },
    ]);
    expect(found([...times(3, bad), ...times(3, good)])).toEqual([]);
    expect(found([...times(4, bad), ...times(7, good)])).toEqual([]);
    const mended = [...bad, claimed(2), settled(2, 'delivered', { at: ago(1), proof: [failing('lint', 0)] })];
    expect(found(times(9, mended))).toEqual([]);
  });

  test('tasks that wait for people; not those that somebody holds, nor those of this week', () => {
    const waits = (days: number): readonly JournalRecord[] => [
      ...one({ outcome: 'failed', days }),
      {
        kind: 'shown',
        at: ago(days),
        state: 'needs_review',
        comment: null,
        digest: claimed(1).brief_sha256,
        priority: 0,
      },
    ];
    expect(found([waits(8), waits(20), waits(9)])).toEqual([
      { kind: 'people_wait', tasks: 3, days: 7, longest: ['2', '3', '1'] },
    ]);
    expect(found([waits(8), waits(20), waits(6)])).toEqual([]);
  });

  test('time that runs out, at one complexity', () => {
    const late = times(4, one({ outcome: 'timeout' }));
    expect(found([...late, ...times(12, one({ outcome: 'delivered' }))])).toEqual([
      { kind: 'time_runs_out', complexity: 'medium', ended: 4, tries: 16 },
    ]);
    expect(found([...late, ...times(13, one({ outcome: 'delivered' }))])).toEqual([]);
    expect(found(late.map((records) => [...records.slice(0, -1), settled(1, 'timeout', { at: ago(29) })]))).toEqual([]);
  });

  test('the breaker, opened twice by one kind of failure', () => {
    const wave = (days: number) => times(5, one({ outcome: 'crashed', days }));
    const calm = one({ outcome: 'delivered', days: 4 });
    expect(found([...wave(5), calm, ...wave(3)])).toEqual([{ kind: 'circuit_opens', times: 2, outcome: 'crashed' }]);
    expect(found([...wave(5), calm])).toEqual([]);
  });

  test('a limit that is met on most days', () => {
    const met = [1, 2, 3, 4, 5].map((days) => one({ outcome: 'rate_limit', days }));
    expect(found(met)).toEqual([{ kind: 'limit_met', engine: 'claude', model: null, days: 5, of_days: 7 }]);
    expect(found(met.slice(1))).toEqual([]);
    expect(found([...met.slice(1), ...times(9, met[1] ?? [])])).toEqual([]);
  });

  test('the budget of a day, reached on many days', () => {
    const usage = { ...UNKNOWN_USAGE, cost_usd: 5 };
    const dear = [1, 2, 3].map((days) => one({ outcome: 'delivered', days, given: { usage } }));
    const budget = (usd: number | null): Partial<Policy> => {
      const none = { usd: null, tokens: null };
      return { budget: { task: none, day: { usd, tokens: null }, month: none } };
    };
    expect(found(dear, budget(5))).toEqual([{ kind: 'budget_reached', unit: 'usd', days: 3, of_days: 7 }]);
    expect(found(dear, budget(6))).toEqual([]);
    expect(found(dear.slice(1), budget(5))).toEqual([]);
    expect(found(dear)).toEqual([]);
  });

  test('nothing, where nothing happened', () => {
    expect(found([])).toEqual([]);
  });

  test('a command of a job is no engine', () => {
    const asked: JournalRecord = {
      kind: 'asked',
      at: ago(3),
      by: who('orch.yml'),
      run: RunId.parse(1),
      title: '',
      prompt: '',
      engine: null,
      model: null,
      role: 'code',
      command: ['true'],
    };
    const job = [asked, claimed(1), settled(1, 'timeout', { at: ago(2) })];
    expect(found(times(9, job))).toEqual([]);
  });
});

describe('what is filed of it', () => {
  const late = times(5, one({ outcome: 'timeout', given: { proof: ['a', 'b', 'c'].map((name) => failing(name)) } }));
  const all = journals(late);

  test('the gravest, three whatever is asked for', () => {
    const history = { journals: all, at: NOW, policy: policy({ circuit: { ...policy().circuit, tasks_max: 0 } }) };
    expect(findingsIn(history)).toHaveLength(4);
    expect(findingsToFile(history, 99)).toHaveLength(3);
    expect(findingsToFile(history, 1)).toEqual(findingsIn(history).slice(0, 1));
  });

  test('not what was said, or meant to be said, within thirty days', () => {
    const before = findingsIn({ journals: all, at: NOW, policy: policy() });
    const at = ago(29);
    const meant = foldJournal([{ kind: 'filing', at, findings: before.slice(0, 1) }]);
    const history = { journals: new Map([...all, [taskId('i1'), meant]]), at: NOW, policy: policy() };
    const keys = findingsToFile(history, 3).map(findingKey);
    expect(keys).toEqual(before.slice(1, 4).map(findingKey));
    expect(findingsToFile({ ...history, at: plusMinutes(NOW, 2 * DAY) }, 3).map(findingKey)).toEqual(
      before.slice(0, 3).map(findingKey),
    );
  });
});
