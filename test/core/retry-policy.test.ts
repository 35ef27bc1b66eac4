// Owns the proof of what follows from each ending: the table, the caps, the back-off.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMinutes, engineLimits, enginesToAvoid, verdictOf } from '../../src/core/retry-policy.ts';
import { sha256 } from '../../src/domain/digest.ts';
import { chargedAttempts, foldJournal } from '../../src/domain/fold-journal.ts';
import { RETRY_TABLE, RetryFollow } from '../../src/domain/retry-rule.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import { claimed, history, minutes, policy, retried, settled } from './facts.ts';

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
    expect(Object.keys(RETRY_TABLE).sort()).toEqual([...OutcomeKind.options].sort());
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
    expect(limits({ not_before: minutes(60 * 24 * 365) }).get('claude')).toBe(minutes(60 * 24 * 8));
    expect(limits({ outcome: 'model_unavailable', not_before: minutes(90) }).get('claude')).toBe(minutes(5));
  });

  test('an engine that hung or lied is not the first choice again; one that failed the proof may be [BLT-04]', () => {
    expect([
      ...enginesToAvoid(
        foldJournal(
          history([
            ['stalled', {}, 'claude'],
            ['proof_failed', {}, 'codex'],
          ]),
        ),
        policy(),
      ),
    ]).toEqual(['claude']);
  });
});

describe('the table', () => {
  test('each class of error of the seeds is a row, with its consequence [BLT-05]', () => {
    const seeds = {
      'rate limit': 'rate_limit',
      auth: 'auth',
      'model unavailable': 'model_unavailable',
      'context overflow': 'context_overflow',
      timeout: 'timeout',
      'missing tool': 'missing_tool',
      'permission denied': 'permission_denied',
      'waiting for input': 'stalled',
      'invalid response': 'invalid_output',
      'agent failed': 'failed',
      unknown: 'crashed',
    } as const;
    const rows = Object.entries(seeds).map(([name, outcome]) => `${name} → ${RETRY_TABLE[outcome].follow}`);
    expect(rows.join('\n')).toMatchInlineSnapshot(`
      "rate limit → later
      auth → person
      model unavailable → later
      context overflow → other
      timeout → longer
      missing tool → person
      permission denied → person
      waiting for input → other
      invalid response → other
      agent failed → again
      unknown → again"
    `);
  });

  test('a repository decides otherwise, class by class', () => {
    const asked = policy({
      retry: { ...RETRY_TABLE, crashed: { follow: 'person', times_max: null, equal_max: null } },
    });
    expect(verdictOf(foldJournal(history([['crashed']])), policy()).kind).toBe('again');
    expect(verdictOf(foldJournal(history([['crashed']])), asked)).toMatchObject({
      kind: 'person',
      reason: { kind: 'needs_person', outcome: 'crashed' },
    });
  });

  test('each class has its own cap, and a retry of a person begins it again [ERR-05] [ERR-17]', () => {
    const capped = policy({
      attempts_max: 9,
      retry: { ...RETRY_TABLE, crashed: { follow: 'again', times_max: 2, equal_max: null } },
    });
    const crashes = history([['crashed'], ['failed', { detail: 'a' }], ['crashed']]);
    expect(verdictOf(foldJournal(crashes.slice(0, -2)), capped).kind).toBe('again');
    expect(verdictOf(foldJournal(crashes), capped).kind).toBe('person');
    expect(verdictOf(foldJournal([...crashes, retried()]), capped)).toEqual({ kind: 'fresh' });
  });

  test("whatever the table says, a model's limit never counts as the task's fault", () => {
    fc.assert(
      fc.property(fc.constantFrom(...RetryFollow.options), (follow) => {
        const retry = { ...RETRY_TABLE, rate_limit: { follow, times_max: null, equal_max: null } };
        const journal = foldJournal(history([['rate_limit'], ['rate_limit']]));
        expect(chargedAttempts(journal)).toBe(0);
        expect(verdictOf(journal, policy({ retry, attempts_max: 1 }))).not.toMatchObject({
          reason: { kind: 'attempts_exhausted' },
        });
      }),
    );
  });
});

describe('the same failure again [ERR-14]', () => {
  const failing = (...details: readonly string[]) =>
    verdictOf(foldJournal(history(details.map((detail) => ['failed', { detail }] as const))), policy());

  test('asks a person before the budget is gone, whatever the times and hashes in it', () => {
    expect(
      failing('no route to db at 12:01:07, build 1a2b3c4d', 'No route to db  at 12:09:44, build 99ffee00'),
    ).toEqual({
      kind: 'person',
      reason: {
        kind: 'same_failure',
        times: 2,
        outcome: 'failed',
        detail: 'No route to db  at 12:09:44, build 99ffee00',
      },
    });
  });

  test('another failure in between, or other words, is another try', () => {
    expect(failing('no route to db', 'disk is full').kind).toBe('again');
    const failed = ['failed', { detail: 'no route to db' }] as const;
    const between = foldJournal(history([failed, ['crashed'], failed]));
    expect(verdictOf(between, policy({ attempts_max: 9 })).kind).toBe('again');
  });

  test("a model's limit in between hides nothing", () => {
    const failed = ['failed', { detail: 'no route to db' }] as const;
    expect(verdictOf(foldJournal(history([failed, ['rate_limit'], failed])), policy()).kind).toBe('person');
  });

  test('silence is like no other silence', () => {
    expect(failing('', '').kind).toBe('again');
  });

  test('a proof that fails elsewhere is progress', () => {
    const proof = (tail: string) => [{ command: ['npm', 'test'], exit_code: 1, seconds: 3, tail }];
    const ended = (...tails: readonly string[]) =>
      verdictOf(
        foldJournal(history(tails.map((tail) => ['proof_failed', { detail: '', proof: proof(tail) }] as const))),
        policy(),
      ).kind;
    expect(ended('adds numbers: failed', 'takes numbers away: failed')).toBe('again');
    expect(ended('adds numbers: failed in 17 ms', 'adds numbers: failed in 20 ms')).toBe('person');
  });

  test('can be switched off', () => {
    const retry = { ...RETRY_TABLE, failed: { follow: 'again', times_max: null, equal_max: null } } as const;
    const failed = ['failed', { detail: 'no route to db' }] as const;
    expect(verdictOf(foldJournal(history([failed, failed])), policy({ retry })).kind).toBe('again');
  });
});

describe('the back-off [ERR-06] [ERR-13]', () => {
  const ascending = fc.array(fc.nat(600), { minLength: 1, maxLength: 8 }).map((steps) => steps.sort((a, b) => a - b));
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const ended = fc.integer({ min: 1, max: 50 });

  test('grows with each ending up to its last entry, whatever share each attempt adds', () => {
    fc.assert(
      fc.property(ascending, share, share, ended, (steps, one, other, number) => {
        const now = backoffMinutes(steps, number, one);
        if (number < steps.length) expect(backoffMinutes(steps, number + 1, other)).toBeGreaterThanOrEqual(now);
        expect(backoffMinutes(steps, number + steps.length, one)).toBe(backoffMinutes(steps, steps.length, one));
      }),
    );
  });

  test('adds a quarter at most, nothing to nothing, and whole seconds', () => {
    fc.assert(
      fc.property(ascending, share, ended, (steps, part, number) => {
        const base = steps[Math.min(number, steps.length) - 1] ?? 0;
        const minutes_waited = backoffMinutes(steps, number, part);
        expect(minutes_waited).toBeGreaterThanOrEqual(base);
        expect(minutes_waited).toBeLessThanOrEqual(base * 1.25);
        expect(backoffMinutes(steps, number, 0)).toBe(base);
        expect(minutes_waited * 60).toBeCloseTo(Math.round(minutes_waited * 60), 6);
      }),
    );
  });

  test('shows one clock for one attempt at every look, and tasks that failed together come back apart', () => {
    const rules = policy({ backoff_minutes: [60] });
    const untilOf = (name: string) => {
      const records = [claimed(1, { brief_sha256: sha256(name) }), settled(1, 'failed', { at: minutes(0) })];
      const seen = verdictOf(foldJournal(records), rules);
      return seen.kind === 'again' ? seen.not_before : null;
    };
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(untilOf(name)).toBe(untilOf(name));
      }),
    );
    const names = Array.from({ length: 50 }, (_, index) => `task ${index}`);
    expect(new Set(names.map(untilOf)).size).toBeGreaterThan(40);
  });
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

test('taken out before an engine ran, and put back, as often as any start may fail; then a person is asked', () => {
  const out = { engine_started: false, taken_out: true } as const;
  expect(
    verdict([
      ['cancelled', out],
      ['cancelled', out],
    ]).kind,
  ).toBe('again');
  expect(
    verdict([
      ['cancelled', out],
      ['cancelled', out],
      ['cancelled', out],
    ]),
  ).toMatchObject({ kind: 'person', reason: { kind: 'infra_exhausted', attempts: 3 } });
});
