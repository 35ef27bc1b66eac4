// Owns the proof that the checker finds a plan that says more about Orch than it may, or says it unwritten.
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../src/core/check-plan.ts';
import type { Effect } from '../../src/domain/effect.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { RunId } from '../../src/domain/ids.ts';
import { JobName } from '../../src/domain/job.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { minutes, planOf, policy, snapshot, task, who } from './facts.ts';

const FINDING: Finding = { kind: 'people_wait', tasks: 3, days: 7, longest: [] };
const ASKED: JournalRecord = {
  kind: 'asked',
  at: minutes(-7 * 60),
  by: who('orch.yml'),
  run: RunId.parse(1),
  title: 'Look back',
  prompt: 'Look.',
  engine: null,
  model: null,
  role: 'code',
  job: { name: JobName.parse('look-back'), slot: minutes(-7 * 60) },
};

/** A tick that was to file it died seven hours ago. */
const world = snapshot([
  task('i202611201050000', { records: [ASKED, { kind: 'filing', at: minutes(-7 * 60), findings: [FINDING] }] }),
]);

function violations(change: (effect: Effect) => readonly Effect[] = (effect) => [effect]): readonly string[] {
  const rules = policy();
  const plan = planOf(world, rules);
  expect(plan.effects.filter(({ kind }) => kind === 'file_finding')).toHaveLength(1);
  const effects = plan.effects.flatMap(change);
  return checkPlan({ plan: { ...plan, effects }, snapshot: world, policy: rules }).map(({ invariant }) => invariant);
}

function withRecords(change: (record: JournalRecord) => readonly JournalRecord[]) {
  return (effect: Effect): readonly Effect[] =>
    effect.kind === 'append_journal' ? [{ ...effect, records: effect.records.flatMap(change) }] : [effect];
}

describe('what Orch files about itself', () => {
  test('is filed by the tick that writes it down, and no other', () => {
    expect(violations()).toEqual([]);
    expect(violations(withRecords((record) => (record.kind === 'filing' ? [] : [record])))).toContain(
      'a finding is filed by the tick that writes it down',
    );
  });

  test('is three issues at most [JOB-10]', () => {
    const four = Array.from({ length: 4 }, () => FINDING);
    expect(
      violations(withRecords((record) => (record.kind === 'filing' ? [{ ...record, findings: four }] : [record]))),
    ).toContain('records fit the journal');
  });
});
