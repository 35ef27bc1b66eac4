// Owns the proof of the circuit breaker: what opens it, what probes it, what closes it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCircuit } from '../../src/core/circuit.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import type { Ending } from '../../src/domain/snapshot.ts';
import { minutes, policy, taskId } from './facts.ts';

const POLICY = policy({ circuit: { tasks_max: 3, window_minutes: 60, cooldown_minutes: 30 } });

function ended(task: number, outcome: OutcomeKind, at: number): Ending {
  return { task: taskId(task), attempt: at + 1_000, outcome, at: minutes(at) };
}

const THREE = [ended(1, 'crashed', 0), ended(2, 'crashed', 1), ended(3, 'crashed', 2)];

describe('the circuit', () => {
  test('opens when as many tasks fail in one way within the window', () => {
    expect(openCircuit(THREE.slice(0, 2), POLICY)).toBeNull();
    expect(openCircuit(THREE, POLICY)).toEqual({
      outcome: 'crashed',
      tasks: 3,
      since: minutes(2),
      until: minutes(32),
    });
  });

  test('one task that fails often does not open it, nor failures of different ways, nor slow ones', () => {
    expect(
      openCircuit(
        [0, 1, 2, 3].map((at) => ended(1, 'crashed', at)),
        POLICY,
      ),
    ).toBeNull();
    const mixed = [ended(1, 'crashed', 0), ended(2, 'stalled', 1), ended(3, 'failed', 2)];
    expect(openCircuit(mixed, POLICY)).toBeNull();
    expect(
      openCircuit(
        [0, 50, 100].map((at, index) => ended(index + 1, 'crashed', at)),
        POLICY,
      ),
    ).toBeNull();
  });

  test("a model's limit, a refused hand-in and a person's cancel neither open nor close it", () => {
    for (const outcome of ['rate_limit', 'model_unavailable', 'refused', 'cancelled'] as const) {
      expect(
        openCircuit(
          [1, 2, 3, 4].map((task) => ended(task, outcome, task)),
          POLICY,
        ),
      ).toBeNull();
      expect(openCircuit([...THREE, ended(4, outcome, 3)], POLICY)).not.toBeNull();
    }
  });

  test('closes by a success, and begins to count anew', () => {
    expect(openCircuit([...THREE, ended(4, 'delivered', 40)], POLICY)).toBeNull();
    expect(openCircuit([...THREE, ended(4, 'delivered', 40), ended(5, 'crashed', 41)], POLICY)).toBeNull();
  });

  test('a probe that fails opens it for another wait', () => {
    expect(openCircuit([...THREE, ended(4, 'failed', 40)], POLICY)?.until).toBe(minutes(70));
  });

  test('can be switched off', () => {
    expect(openCircuit(THREE, policy({ circuit: { ...POLICY.circuit, tasks_max: 0 } }))).toBeNull();
  });

  test('depends on the endings alone, not on the order they are read in; the wait is bounded', () => {
    const ending = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...OutcomeKind.options), fc.integer({ min: 0, max: 300 }))
      .map(([task, outcome, at]) => ended(task, outcome, at));
    const endings = fc.uniqueArray(ending, { maxLength: 30, selector: ({ at }) => at });
    fc.assert(
      fc.property(endings, (given) => {
        const circuit = openCircuit(given, POLICY);
        expect(openCircuit(given.toReversed(), POLICY)).toEqual(circuit);
        if (circuit === null) return;
        const newest =
          given
            .map(({ at }) => at)
            .toSorted()
            .at(-1) ?? minutes(0);
        expect(circuit.since <= newest).toBe(true);
        expect(Date.parse(circuit.until) - Date.parse(circuit.since)).toBe(30 * 60_000);
      }),
    );
  });
});
