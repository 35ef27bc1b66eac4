// Owns the proof of what follows from each ending: the table, the caps, the back-off.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMinutes, engineLimits, enginesToAvoid, FOLLOWS, verdictOf } from '../../src/core/retry-policy.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import { history, minutes, policy, retried, settled } from './facts.ts';

function verdict(endings: Parameters<typeof history>[0], more: Parameters<typeof foldJournal>[0] = []) {
  return verdictOf(
    foldJournal([...history(endings), ...more]),
    policy({ attempts_max: 3, infra_attempts_max: 3, backoff_minutes: [0, 2, 10] }),
  );
}

describe('what follows from one ending', () => {
  test.each([
    ['timeout', 'again'],
    ['stalled', 'again'],
    ['proof_failed', 'again'],
    ['no_evidence', 'again'],
    ['context_overflow', 'again'],
    ['invalid_output', 'again'],
    ['failed', 'again'],
    ['crashed', 'again'],
    ['infra', 'again'],
    ['rate_limit', 'again'],
    ['model_unavailable', 'again'],
    ['auth', 'person'],
    ['missing_tool', 'person'],
    ['permission_denied', 'person'],
    ['refused', 'person'],
    ['no_change', 'person'],
    ['cancelled', 'person'],
    ['delivered', 'delivered'],
  ] as const)('%s → %s [ERR-03] [ERR-21]', (outcome, kind) => {
    expect(verdict([[outcome]]).kind).toBe(kind);
  });

  test('every outcome has its row', () => {
    expect(Object.keys(FOLLOWS).sort()).toEqual([...OutcomeKind.options].sort());
  });

  test("no change is a person's to accept, with the evidence, and never silently done", () => {
    expect(verdict([['no_change', { detail: 'the file is already there' }]])).toEqual({
      kind: 'person',
      reason: { kind: 'needs_person', outcome: 'no_change', detail: 'the file is already there' },
    });
  });
});

describe('the budget', () => {
  test('a crash is retried at once, then with back-off, until three attempts are spent [ERR-01] [ERR-05] [ERR-06] [ERR-12] [ERR-13] [ERR-15]', () => {
    expect(verdict([['crashed', { at: minutes(0) }]])).toMatchObject({ kind: 'again', not_before: minutes(0) });
    expect(verdict([['crashed'], ['crashed', { at: minutes(0) }]])).toMatchObject({
      kind: 'again',
      not_before: minutes(2),
    });
    expect(verdict([['crashed'], ['crashed'], ['failed']])).toEqual({
      kind: 'person',
      reason: { kind: 'attempts_exhausted', attempts: 3, last: 'failed' },
    });
  });

  test('a timeout is tried once more with a larger limit, then a person is asked [ERR-02] [ERR-22] [STA-08]', () => {
    expect(verdict([['timeout']])).toMatchObject({ kind: 'again', longer: true });
    expect(verdict([['timeout'], ['timeout']])).toMatchObject({
      kind: 'person',
      reason: { kind: 'attempts_exhausted', last: 'timeout' },
    });
  });

  test("endings that are not the task's fault have a cap of their own and charge nothing", () => {
    const limited = ['rate_limit', {}] as const;
    expect(verdict([limited, limited])).toMatchObject({ kind: 'again' });
    expect(verdict([limited, ['infra'], limited])).toMatchObject({
      kind: 'person',
      reason: { kind: 'infra_exhausted', attempts: 3 },
    });
    expect(verdict([limited, ['infra'], ['crashed'], ['crashed']])).toMatchObject({ kind: 'again' });
  });

  test("a person's retry opens a new budget; attempts go on counting [ERR-17] [QUE-19]", () => {
    expect(verdict([['crashed'], ['crashed'], ['crashed']], [retried()])).toEqual({ kind: 'fresh' });
  });

  test('a limit ends when the vendor says so, else after the back-off, and only for that engine', () => {
    const limits = (given: object) =>
      engineLimits(foldJournal(history([['rate_limit', { at: minutes(0), ...given }]])), policy());
    expect(limits({ not_before: minutes(90) }).get('claude')).toBe(minutes(90));
    expect(limits({ not_before: null }).get('claude')).toBe(minutes(5));
    expect(limits({ not_before: minutes(-90) }).get('claude')).toBe(minutes(5));
    expect(limits({}).get('codex')).toBeUndefined();
  });

  test('an engine that hung or lied is not the first choice again; one that failed the proof may be', () => {
    expect([
      ...enginesToAvoid(
        foldJournal(
          history([
            ['stalled', {}, 'claude'],
            ['proof_failed', {}, 'codex'],
          ]),
        ),
      ),
    ]).toEqual(['claude']);
  });
});

test('the back-off never shrinks and stays at its last step [ERR-06]', () => {
  const ascending = fc.array(fc.nat(600), { minLength: 1, maxLength: 8 }).map((steps) => steps.sort((a, b) => a - b));
  fc.assert(
    fc.property(ascending, fc.integer({ min: 1, max: 50 }), (steps, ended) => {
      const now = backoffMinutes(steps, ended);
      expect(backoffMinutes(steps, ended + 1)).toBeGreaterThanOrEqual(now);
      expect(backoffMinutes(steps, ended + steps.length)).toBe(steps.at(-1));
    }),
  );
});

test('no history of endings lets the machine start more than the budget allows [ERR-12]', () => {
  const endings = fc.array(fc.constantFrom(...OutcomeKind.options), { maxLength: 12 });
  fc.assert(
    fc.property(endings, (outcomes) => {
      const records = history(outcomes.map((outcome) => [outcome] as const));
      const charged = outcomes.filter(
        (outcome) => settled(1, outcome).engine_started && outcome !== 'rate_limit' && outcome !== 'model_unavailable',
      ).length;
      const result = verdictOf(foldJournal(records), policy({ attempts_max: 3, infra_attempts_max: 3 }));
      if (result.kind === 'again') {
        expect(charged).toBeLessThan(3);
        expect(outcomes.length - charged).toBeLessThan(3);
      }
    }),
  );
});
