// Owns the proof that an attempt which was stopped from outside tells its price, once, and that budgets count it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overTaskBudget } from '../../src/core/spend.ts';
import { deliver } from '../../src/deliver/deliver.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { sha256 } from '../../src/domain/digest.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { ArtifactId, AttemptNumber, RunId } from '../../src/domain/ids.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import type { Usage } from '../../src/domain/outcome.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { renderBrief } from '../../src/wire/brief.ts';
import { renderHandIn } from '../../src/wire/hand-in.ts';
import * as build from '../core/facts.ts';
import * as any from '../wire/arbitraries.ts';
import { askOf, portsOf, RUN } from './facts.ts';

const COST: Usage = { ...UNKNOWN_USAGE, input_tokens: 900, output_tokens: 100, cost_usd: 2 };
const brief = oneOf(any.brief);
const hand_in = oneOf(any.handIn);
const TEXT = renderBrief(brief);
const CLAIM = { run: RUN, engine: hand_in.engine, brief_sha256: sha256(TEXT) };
const CANCELLED = build.settled(1, 'cancelled', { by: 'reconcile' });

function oneOf<Value>(values: fc.Arbitrary<Value>): Value {
  const [value] = fc.sample(values, { numRuns: 1, seed: 1 });
  if (value === undefined) throw new Error('a sample is never empty');
  return value;
}

interface Given {
  readonly records: readonly JournalRecord[];
  readonly usage?: Usage;
  readonly run?: RunId;
  /** Others that push before us. */
  readonly moves?: number;
}

/** The deliver job of attempt 1, which was stopped after it had cost something. */
async function ends({ records, usage = COST, run = RUN, moves = 0 }: Given) {
  const journal = { records: [...records], tip: build.sha('0'), pushes: 0 };
  const result = renderHandIn({
    ...hand_in,
    task: brief.task,
    attempt: AttemptNumber.parse(1),
    brief_sha256: sha256(TEXT),
    outcome: 'cancelled',
    seconds: 30,
    usage,
  });
  const work: Parameters<typeof portsOf>[0] = {
    fetch: async () => ({ records: [...journal.records], tip: journal.tip }),
    push: async ({ journal: { records: recordsOf } }) => {
      journal.pushes += 1;
      if (journal.pushes <= moves) return { kind: 'journal_moved' };
      journal.records.push(...recordsOf(null));
      return { kind: 'pushed', head: null };
    },
  };
  const artifacts = { brief: async () => TEXT, handIn: async () => ({ files: { result, bundle: null } }) };
  const ports = portsOf(work, { artifacts, wake: () => Promise.reject(new Error('nothing waits for it')) });
  const frozen = { artifact: ArtifactId.parse(1), sha256: sha256(TEXT) };
  const ask = askOf(1, { task: brief.task, run, brief: frozen, attempt_result: 'success' });
  const delivery = await deliver(ports, ask);
  return { delivery, added: journal.records.slice(records.length), journal: foldJournal(journal.records) };
}

const STOPPED = [build.claimed(1, CLAIM), CANCELLED];

describe('an attempt that was settled while it ran', () => {
  test('tells what it cost, and nothing else of it changes [ERR-24]', async () => {
    const { delivery, added, journal } = await ends({ records: STOPPED });
    expect(delivery).toMatchObject({ kind: 'not_ours', why: expect.stringContaining('what it cost is written down') });
    expect(added.map(({ kind }) => kind)).toEqual(['priced']);
    expect(journal.attempts[0]?.settled).toEqual({ ...CANCELLED, seconds: 30, usage: COST });
    const budget = { ...DEFAULT_POLICY.budget, task: { usd: 2, tokens: null } };
    expect(overTaskBudget(journal, { ...DEFAULT_POLICY, budget })).toMatchObject({ kind: 'over_budget', spent: 2 });
    expect(overTaskBudget(foldJournal(STOPPED), { ...DEFAULT_POLICY, budget })).toBeNull();
  });

  test('tells it also where the runner had been given up as dead before its engine was seen', async () => {
    const lost = build.settled(1, 'infra', { by: 'reconcile', engine_started: false });
    const { journal } = await ends({ records: [build.claimed(1, CLAIM), lost] });
    const budget = { ...DEFAULT_POLICY.budget, task: { usd: null, tokens: 1_000 } };
    expect(overTaskBudget(journal, { ...DEFAULT_POLICY, budget })).toMatchObject({ spent: 1_000 });
  });

  test('tells it though others write at the same time, but not for ever', async () => {
    expect((await ends({ records: STOPPED, moves: 2 })).added).toHaveLength(1);
    expect((await ends({ records: STOPPED, moves: 3 })).added).toEqual([]);
  });

  test.each<readonly [string, Given]>([
    ['whose price is known', { records: [build.claimed(1, CLAIM), { ...CANCELLED, usage: COST }] }],
    ['that told its price already', { records: [...STOPPED, priced(5)] }],
    ["that is another run's", { records: STOPPED, run: RunId.parse(801) }],
    ['whose engine said nothing', { records: STOPPED, usage: UNKNOWN_USAGE }],
    ['of another brief', { records: [build.claimed(1, { ...CLAIM, brief_sha256: sha256('another') }), CANCELLED] }],
  ])('nothing is written for one %s', async (_, given) => {
    const { delivery, added } = await ends(given);
    expect(delivery.kind).toBe('not_ours');
    expect(added).toEqual([]);
  });
});

function priced(cost_usd: number): JournalRecord {
  return {
    kind: 'priced',
    at: build.NOW,
    attempt: AttemptNumber.parse(1),
    seconds: 1,
    usage: { ...UNKNOWN_USAGE, cost_usd },
  };
}
