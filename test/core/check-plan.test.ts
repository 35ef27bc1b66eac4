// Owns the proof that the checker finds each way a plan can go wrong: a good plan, broken in one place.
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../src/core/check-plan.ts';
import type { AppendJournal, Effect, StartAttempt } from '../../src/domain/effect.ts';
import { AttemptNumber, BranchName, CommentId, NodeId, RunId } from '../../src/domain/ids.ts';
import type { Claimed, JournalRecord } from '../../src/domain/journal.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import {
  admitted,
  branch,
  claimed,
  history,
  issue,
  label,
  minutes,
  planOf,
  policy,
  pull,
  RETRY,
  routed,
  says,
  sha,
  snapshot,
  task,
  who,
} from './facts.ts';

interface Scene {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly plan: Plan;
}

function scene(world: Snapshot, rules: Policy = policy()): Scene {
  const plan = planOf(world, rules);
  expect(checkPlan({ plan, snapshot: world, policy: rules }), 'the unbroken plan is clean').toEqual([]);
  return { snapshot: world, policy: rules, plan };
}

const starting = (given: Parameters<typeof task>[1] = {}) =>
  scene(snapshot([task(12, { records: [admitted()], ...given })]));
const finishing = () =>
  scene(
    snapshot([task(12, { records: history([['delivered']]), pull: pull(7, { state: 'merged' }), branch: branch() })]),
  );
const catching = () => scene(snapshot([task(12, { records: history([['delivered']]), branch: branch() })]));

/** Broken in one place: what `change` makes of an effect of that kind. */
function broken<Kind extends Effect['kind']>(
  { plan, ...rest }: Scene,
  kind: Kind,
  change: (effect: Effect & { kind: Kind }) => readonly Effect[],
) {
  const effects = plan.effects.flatMap((effect) =>
    effect.kind === kind ? change(effect as Effect & { kind: Kind }) : [effect],
  );
  return checkPlan({ plan: { ...plan, effects }, ...rest }).map(({ invariant }) => invariant);
}

function withRecords(
  append: AppendJournal,
  change: (record: JournalRecord) => readonly JournalRecord[],
): readonly Effect[] {
  return [{ ...append, records: append.records.flatMap(change) }];
}

const claimChanged = (change: Partial<Claimed>) => (record: JournalRecord) => [
  record.kind === 'claimed' ? { ...record, ...change } : record,
];

describe('journals', () => {
  test('the fence is the tip that was seen', () => {
    expect(broken(starting(), 'append_journal', (effect) => [{ ...effect, expected: sha('other') }])).toContain(
      'the fence is the tip that was seen',
    );
    expect(broken(starting(), 'append_journal', (effect) => [{ ...effect, expected: null }])).toContain(
      'the fence is the tip that was seen',
    );
  });

  test('one append per task, and it says something', () => {
    expect(broken(starting(), 'append_journal', (effect) => [effect, effect])).toContain('one append per task');
    expect(broken(starting(), 'append_journal', (effect) => [{ ...effect, records: [] }])).toContain(
      'an append says something',
    );
  });

  test('journals first, what people see after', () => {
    const { plan, ...rest } = starting();
    const violations = checkPlan({ plan: { ...plan, effects: plan.effects.toReversed() }, ...rest });
    expect(violations.map(({ invariant }) => invariant)).toContain('journals first, what people see after');
  });

  test('only the holder is settled, no lease is claimed twice, no command obeyed twice, no journal rebuilt over itself', () => {
    const live = scene(
      snapshot([task(12, { records: [admitted(), routed(), claimed(1)], lease: { kind: 'dead', cause: 'failed' } })]),
    );
    const misfit = 'records fit the journal';
    expect(
      broken(live, 'append_journal', (effect) =>
        withRecords(effect, (record) =>
          record.kind === 'settled' ? [{ ...record, attempt: AttemptNumber.parse(9) }] : [record],
        ),
      ),
    ).toContain(misfit);
    expect(
      broken(live, 'append_journal', (effect) =>
        withRecords(effect, (record) => (record.kind === 'settled' ? [] : [record])),
      ),
    ).toContain(misfit);
    const again: JournalRecord = {
      kind: 'commanded',
      at: minutes(0),
      by: who('ada'),
      from: { comment: CommentId.parse(1) },
      verb: 'why',
      engine: null,
      model: null,
      refused: null,
    };
    expect(
      broken(live, 'append_journal', (effect) => [{ ...effect, records: [...effect.records, again, again] }]),
    ).toContain(misfit);
    expect(
      broken(live, 'append_journal', (effect) => [
        { ...effect, records: [{ kind: 'rebuilt', at: minutes(0), attempts_before: 0, pr: null }, ...effect.records] },
      ]),
    ).toContain(misfit);
  });

  test('an edit does not speak', () => {
    const rest = scene(snapshot([task(12, { records: [admitted()] })], { commands: [says('ada', RETRY)] }));
    const edited = snapshot([task(12, { records: [admitted()] })], {
      commands: [says('ada', RETRY, { edited: true })],
    });
    expect(checkPlan({ ...rest, snapshot: edited }).map(({ invariant }) => invariant)).toContain(
      'an edit does not speak',
    );
  });

  test('nothing is decided for a task that was not read', () => {
    const { plan, policy: rules } = starting();
    const unread = snapshot([task(12, { records: [admitted()], issue_read: 'unread' })]);
    expect(checkPlan({ plan, snapshot: unread, policy: rules }).map(({ invariant }) => invariant)).toContain(
      'nothing is decided for a task that was not read',
    );
  });

  test('only what was read leaves the inbox', () => {
    const { plan, ...rest } = starting();
    const effects: Effect[] = [{ kind: 'clear_inbox', run: RunId.parse(5), expected: sha('x') }, ...plan.effects];
    expect(checkPlan({ plan: { ...plan, effects }, ...rest }).map(({ invariant }) => invariant)).toContain(
      'only what was read leaves the inbox',
    );
  });
});

describe('claims [ENG-03] [DEP-07] [BLT-01]', () => {
  test('attempts are numbered in order', () => {
    expect(
      broken(starting(), 'append_journal', (effect) =>
        withRecords(effect, claimChanged({ attempt: AttemptNumber.parse(2) })),
      ),
    ).toContain('attempts are numbered in order');
  });

  test('every claim is started exactly once, and no start is without a claim', () => {
    expect(broken(starting(), 'start_attempt', () => [])).toContain('every claim is started exactly once');
    expect(broken(starting(), 'start_attempt', (effect) => [effect, effect])).toContain(
      'every claim is started exactly once',
    );
    expect(
      broken(starting(), 'append_journal', (effect) =>
        withRecords(effect, (record) => (record.kind === 'claimed' ? [] : [record])),
      ),
    ).toContain('no start without a claim');
  });

  test.each<readonly [string, (start: StartAttempt) => StartAttempt]>([
    ['base', (start) => ({ ...start, brief: { ...start.brief, base: sha('else') } })],
    ['branch', (start) => ({ ...start, brief: { ...start.brief, branch: BranchName.parse('orch/9-x') } })],
    ['limit', (start) => ({ ...start, brief: { ...start.brief, timeout_minutes: 999 } })],
    ['run', (start) => ({ ...start, brief: { ...start.brief, run: RunId.parse(1) } })],
  ])("the brief is the claim's: %s", (_, change) => {
    expect(broken(starting(), 'start_attempt', (effect) => [change(effect)])).toContain("the brief is the claim's");
  });

  test('several claims at once only where the label asks for so many, on one branch, of one group [MOD-12]', () => {
    const twins = starting({ issue: issue(12, { labelled: ['agent-todo', 'instances:2'] }) });
    expect(twins.plan.effects.filter(({ kind }) => kind === 'start_attempt')).toHaveLength(2);
    expect(checkPlan(twins)).toEqual([]);
    const once = snapshot([task(12, { records: [admitted()] })]);
    const named = (checked: Scene) => checkPlan(checked).map(({ invariant }) => invariant);
    expect(named({ ...twins, snapshot: once })).toContain('at most one claim per task');
    expect(named({ ...twins, policy: policy({ instances_max: 1 }) })).toContain('at most one claim per task');
    const apart = broken(twins, 'append_journal', (effect) =>
      withRecords(effect, (record) =>
        record.kind === 'claimed' && record.attempt === 2 ? [{ ...record, group: AttemptNumber.parse(2) }] : [record],
      ),
    );
    expect(apart).toContain('attempts side by side have one start');
  });

  test.each<readonly [string, Parameters<typeof task>[1]]>([
    ['closed', { issue: issue(12, { open: false }) }],
    ['told off', { issue: issue(12, { labelled: ['agent-todo', 'no-agent'] }) }],
    ['unlabelled', { issue: issue(12, { labelled: [] }) }],
    [
      'blocked',
      { issue: issue(12, { dependencies: [{ issue: issue(7).number, title: '', open: true, source: 'native' }] }) },
    ],
    ['gone', { issue: null, issue_read: 'missing' }],
    ['never let in', { records: [] }],
  ])("no start against a person's word or an open dependency: %s", (_, given) => {
    const { plan, policy: rules } = starting();
    const other = snapshot([task(12, { records: [admitted()], ...given, journal_tip: sha('tip12') })]);
    expect(checkPlan({ plan, snapshot: other, policy: rules }).map(({ invariant }) => invariant)).toContain(
      "no start against a person's word or an open dependency",
    );
  });

  test('attempts stay within the budget, and slots within the limit', () => {
    const { plan, snapshot: world } = starting();
    expect(
      checkPlan({ plan, snapshot: world, policy: policy({ attempts_max: 0 }) }).map(({ invariant }) => invariant),
    ).toContain('attempts stay within the budget');
    expect(
      checkPlan({ plan, snapshot: world, policy: policy({ parallel_max: 0 }) }).map(({ invariant }) => invariant),
    ).toContain('never more than parallel_max');
  });

  test('a lowered limit lets what runs end in peace', () => {
    const running = [1, 2, 3].map((id) =>
      task(id, { records: [admitted(), routed(), claimed(1)], lease: { kind: 'alive' } }),
    );
    expect(scene(snapshot(running), policy({ parallel_max: 1 })).plan.reports).toHaveLength(3);
  });
});

describe('what people see', () => {
  test('what is shown is in the journal first, in one comment edited in place', () => {
    expect(broken(starting(), 'write_state_comment', (effect) => [{ ...effect, body: `${effect.body}!` }])).toContain(
      'what is shown is in the journal first',
    );
    expect(
      broken(starting(), 'write_state_comment', (effect) => [{ ...effect, comment: NodeId.parse('IC_other') }]),
    ).toContain('one state comment, edited in place');
  });

  test('only status labels are ours to set, and exactly one stays [STA-28]', () => {
    expect(
      broken(starting(), 'set_labels', (effect) => [{ ...effect, add: [...effect.add, label('agent-todo')] }]),
    ).toContain('only status labels are ours to set');
    expect(broken(starting(), 'set_labels', (effect) => [{ ...effect, remove: [label('agent-todo')] }])).toContain(
      'only status labels are ours to set',
    );
    expect(
      broken(starting(), 'set_labels', (effect) => [{ ...effect, add: [...effect.add, label('status:done')] }]),
    ).toContain('exactly one status label');
    expect(broken(starting(), 'set_labels', (effect) => [{ ...effect, remove: effect.add }])).toContain(
      'no label is added and removed',
    );
  });

  test('an issue is closed, and a branch deleted, only for merged work of ours', () => {
    const open = snapshot([task(12, { records: history([['delivered']]), pull: pull(7), branch: branch() })]);
    const { plan, policy: rules } = finishing();
    const invariants = checkPlan({ plan, snapshot: open, policy: rules }).map(({ invariant }) => invariant);
    expect(invariants).toContain('an issue is closed only for a merged pull request or by a word');
    expect(invariants).toContain('nothing unmerged is deleted');
    expect(
      broken(finishing(), 'delete_branch', (effect) => [{ ...effect, branch: BranchName.parse('main') }]),
    ).toContain('only branches we claimed are deleted');
    expect(broken(finishing(), 'delete_branch', (effect) => [{ ...effect, expected: sha('moved') }])).toContain(
      'nothing unmerged is deleted',
    );
    expect(
      checkPlan({ ...finishing(), policy: policy({ auto_close: false }) }).map(({ invariant }) => invariant),
    ).toContain('auto_close: false keeps issues open');
  });

  test('a pull request needs a delivered branch, and there is one per task', () => {
    expect(
      broken(catching(), 'open_pull_request', (effect) => [{ ...effect, branch: BranchName.parse('orch/9-x') }]),
    ).toContain('a pull request needs a delivered branch');
    const { plan, policy: rules } = catching();
    const there = snapshot([task(12, { records: history([['delivered']]), branch: branch(), pull: pull(7) })]);
    expect(checkPlan({ plan, snapshot: there, policy: rules }).map(({ invariant }) => invariant)).toContain(
      'one open pull request per task',
    );
  });

  test('answers follow a command written down', () => {
    const asked = scene(snapshot([task(12, { records: history([['failed']]) })], { commands: [says('ada', RETRY)] }));
    expect(
      broken(asked, 'append_journal', (effect) =>
        withRecords(effect, (record) => (record.kind === 'commanded' ? [] : [record])),
      ),
    ).toContain('answers follow a command written down');
  });

  test("texts fit GitHub's limits", () => {
    expect(broken(starting(), 'write_state_comment', (effect) => [{ ...effect, body: 'x'.repeat(65_537) }])).toContain(
      "texts fit GitHub's limits",
    );
    expect(broken(catching(), 'open_pull_request', (effect) => [{ ...effect, title: 'x'.repeat(257) }])).toContain(
      "texts fit GitHub's limits",
    );
  });
});
