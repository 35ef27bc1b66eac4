// Owns the proof that no plan starts work which anything in the snapshot speaks against: a good plan, met by another world.
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../../src/core/check-plan.ts';
import type { Effect } from '../../src/domain/effect.ts';
import { IssueNumber, NodeId, TaskId } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { TASKS_WRITTEN_MAX } from '../../src/domain/plan.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import type { Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import type { Verb } from '../../src/domain/command.ts';
import {
  admitted,
  claimed,
  history,
  issue,
  minutes,
  planOf,
  policy,
  retried,
  RETRY,
  routed,
  says,
  sha,
  snapshot,
  task,
  who,
} from './facts.ts';

function starts(plan: Plan): readonly TaskId[] {
  return plan.effects.flatMap((effect) => (effect.kind === 'start_attempt' ? [effect.task] : []));
}

/** Decided for this world, it starts what is expected, and the checker agrees. */
function expectAccepted(world: Snapshot, rules: Policy, expected: readonly number[]): Plan {
  const plan = planOf(world, rules);
  expect(starts(plan)).toEqual(expected.map((id) => TaskId.parse(String(id))));
  expect(checkPlan({ plan, snapshot: world, policy: rules })).toEqual([]);
  return plan;
}

/** What the checker says to a plan that was made for a kinder world. */
function refused(plan: Plan, world: Snapshot, rules: Policy): readonly string[] {
  return checkPlan({ plan, snapshot: world, policy: rules }).map(({ invariant }) => invariant);
}

const word = (verb: Verb, given: Partial<JournalRecord & { kind: 'commanded' }> = {}): JournalRecord => ({
  kind: 'commanded',
  at: minutes(-3),
  by: who('ada'),
  from: { event: 'reopened' },
  verb,
  engine: null,
  model: null,
  refused: null,
  ...given,
});

const READY: Partial<TaskFacts> = { journal_tip: sha('tip12') };
const ready = (given: Parameters<typeof task>[1] = {}) => task(12, { records: [admitted()], ...READY, ...given });
const HELD_BACK = "no start against a person's word or an open dependency";

describe("people's words and what has to end first", () => {
  const plan = expectAccepted(snapshot([ready()]), policy(), [12]);
  const on = (...numbers: number[]) => numbers.map((number) => IssueNumber.parse(number));

  test.each<readonly [string, readonly JournalRecord[]]>([
    ['hold', [word('hold', { command: { verb: 'hold', until: null } })]],
    ['hold until a day that has not come', [word('hold', { command: { verb: 'hold', until: minutes(60) } })]],
    ['skip', [word('skip', { command: { verb: 'skip', until: null } })]],
    ['cancel', [word('cancel')]],
    ['block', [word('block', { command: { verb: 'block', on: [] } })]],
    ['block on an issue', [word('block', { command: { verb: 'block', on: on(7) } })]],
  ])('no start after %s', (_, records) => {
    const world = snapshot([ready({ records: [admitted(), ...records] })]);
    expect(refused(plan, world, policy())).toContain(HELD_BACK);
    expect(planOf(world, policy()).effects.filter(({ kind }) => kind === 'start_attempt')).toEqual([]);
  });

  test('a hold and a skip whose day has come keep nothing back', () => {
    for (const verb of ['hold', 'skip'] as const) {
      const over = word(verb, { command: { verb, until: minutes(-1) } });
      expectAccepted(snapshot([ready({ records: [admitted(), over] })]), policy(), [12]);
    }
  });

  test('no start in a circle, not of any of its members', () => {
    const waits = (number: number, issues: readonly number[]) =>
      issue(number, {
        dependencies: on(...issues).map((each) => ({ issue: each, title: '', open: true, source: 'native' as const })),
      });
    const world = snapshot([
      ready({ issue: waits(12, [13]) }),
      task(13, { records: [admitted()], issue: waits(13, [12]) }),
    ]);
    expect(refused(plan, world, policy())).toContain(HELD_BACK);
  });

  test('no start while a sub-issue is open, or an issue of an earlier phase', () => {
    const child = { issue: IssueNumber.parse(13), title: '', open: true };
    expect(refused(plan, snapshot([ready({ issue: issue(12, { children: [child] }) })]), policy())).toContain(
      HELD_BACK,
    );
    const [parent = null] = on(1);
    const inPhase = (number: number, phase: number, open = true) =>
      issue(number, { parent, open, labelled: ['agent-todo', `phase:${phase}`] });
    const second = ready({ issue: inPhase(12, 2) });
    const first = (open: boolean) => task(11, { records: [admitted()], issue: inPhase(11, 1, open) });
    expect(refused(plan, snapshot([second, first(true)]), policy())).toContain(HELD_BACK);
    expectAccepted(snapshot([second, first(false)]), policy(), [12]);
  });

  test('no start on labels that are not understood or contradict each other, nor unassigned', () => {
    for (const labels of [['agent:abacus'], ['agent:claude', 'agent:codex']]) {
      const world = snapshot([ready({ issue: issue(12, { labelled: ['agent-todo', ...labels] }) })]);
      expect(refused(plan, world, policy())).toContain(HELD_BACK);
    }
    const manual = policy({ assignment: 'manual' });
    expect(refused(plan, snapshot([ready()]), manual)).toContain(HELD_BACK);
    expectAccepted(snapshot([ready({ issue: issue(12, { labelled: ['agent-todo', 'agent:claude'] }) })]), manual, [12]);
  });

  test('no start over delivered work, nor over an ending that needs a person', () => {
    const invariant = 'no start over what the last attempt asks for';
    const ended = (outcome: 'delivered' | 'auth') => snapshot([ready({ records: history([[outcome]]) })]);
    expect(refused(plan, ended('delivered'), policy())).toContain(invariant);
    expect(refused(plan, ended('auth'), policy())).toContain(invariant);
    expectAccepted(
      snapshot([ready({ records: [...history([['auth']]), retried('ada', minutes(0))] })]),
      policy(),
      [12],
    );
  });

  test('no start before the back-off is over', () => {
    const failed = (at: number) => snapshot([ready({ records: history([['failed', { at: minutes(at) }]]) })]);
    const slow = policy({ backoff_minutes: [20] });
    expect(refused(plan, failed(-19), slow)).toContain('no start before the back-off is over');
    expectAccepted(failed(-26), slow, [12]);
  });

  test('attempts that were not its fault have a cap of their own', () => {
    const world = snapshot([ready({ records: history([['infra'], ['infra']]) })]);
    expect(refused(plan, world, policy({ infra_attempts_max: 2 }))).toContain('attempts stay within the budget');
  });
});

describe('what stops the whole repository', () => {
  const plan = expectAccepted(snapshot([ready()]), policy(), [12]);
  const paused = { ...EMPTY_ROOM, paused: { at: minutes(-9), by: who('ada'), from: { event: 'reopened' as const } } };

  test('nothing starts while the queue is paused; the word that resumes it counts at once', () => {
    const invariant = 'nothing starts while the queue is paused';
    const world = snapshot([ready()], { room: { state: paused, tip: null } });
    expect(refused(plan, world, policy())).toContain(invariant);
    const resumed: Effect = {
      kind: 'append_room',
      expected: null,
      records: [{ kind: 'resumed', at: minutes(0), by: who('ada'), from: { event: 'reopened' } }],
      room: EMPTY_ROOM,
    };
    expect(refused({ ...plan, effects: [resumed, ...plan.effects] }, world, policy())).toEqual([]);
    expect(refused({ ...plan, effects: [{ ...resumed, room: paused }, ...plan.effects] }, world, policy())).toContain(
      'the room is what its records make of it',
    );
  });

  test('never more starts an hour than the policy allows', () => {
    const invariant = 'never more starts an hour than the policy allows';
    const earlier = task(5, { records: history([['delivered']]) });
    const world = snapshot([ready(), earlier]);
    expect(refused(plan, world, policy({ attempts_per_hour_max: 1 }))).toContain(invariant);
    expectAccepted(world, policy({ attempts_per_hour_max: 2 }), [12]);
  });

  test("never more an hour by a person's word either, whatever else brakes", () => {
    const rules = policy({
      attempts_per_hour_max: 4,
      circuit: { tasks_max: 3, window_minutes: 60, cooldown_minutes: 30 },
    });
    const told = ready({ records: [...history([['crashed']]), retried('ada', minutes(0))] });
    const others = [1, 2, 3].map((id) => task(id, { records: history([['crashed']]) }));
    expectAccepted(snapshot([told, ...others]), rules, []);
    expectAccepted(snapshot([told, ...others]), { ...rules, attempts_per_hour_max: 5 }, [12]);
  });

  const crashed = (at: number) =>
    [1, 2, 3].map((id) => ({
      task: TaskId.parse(String(id)),
      attempt: 1,
      outcome: 'crashed' as const,
      at: minutes(at),
    }));
  const after = (at: number, tasks: readonly TaskFacts[]) => {
    const { history: before } = snapshot([]);
    return snapshot(tasks, { history: { ...before, recent_endings: crashed(at) } });
  };
  const breaking = policy({ circuit: { tasks_max: 3, window_minutes: 60, cooldown_minutes: 30 } });

  test('nothing starts while the circuit is open, unless a person says so', () => {
    expect(refused(plan, after(-10, [ready()]), breaking)).toContain('nothing starts while the circuit is open');
    const told = ready({ records: [...history([['failed']]), retried('ada', minutes(0))] });
    expectAccepted(after(-10, [told]), breaking, [12]);
  });

  test('one attempt at a time probes the circuit', () => {
    const second = task(13, { records: [admitted()], journal_tip: sha('tip13') });
    const both = expectAccepted(snapshot([ready(), second]), policy(), [12, 13]);
    expect(refused(both, after(-40, [ready(), second]), breaking)).toContain(
      'one attempt at a time probes the circuit',
    );
    expectAccepted(after(-40, [ready(), second]), breaking, [12]);
  });

  test('nothing starts beside a failure that nobody has seen to', () => {
    const strict = policy({ stop_on_failure: true });
    const failed = task(5, { records: history([['auth']]) });
    expect(refused(plan, snapshot([ready(), failed]), strict)).toContain(
      'nothing starts beside a failure that nobody has seen to',
    );
    const closed = task(5, { records: history([['auth']]), issue: issue(5, { open: false }) });
    expectAccepted(snapshot([ready(), closed]), strict, [12]);
    for (const labelled of [['agent-todo', 'no-agent'], []]) {
      const taken_out = task(5, { records: history([['auth']]), issue: issue(5, { labelled }) });
      expectAccepted(snapshot([ready(), taken_out]), strict, [12]);
    }
  });
});

describe('how many at once', () => {
  const second = task(13, { records: [admitted()], journal_tip: sha('tip13') });
  const world = snapshot([ready(), second]);
  const plan = expectAccepted(world, policy(), [12, 13]);

  test('never more than the plan has runners for, nor than the API has points for', () => {
    const tight = policy({ runners_max: 2 });
    expect(refused(plan, world, tight)).toContain('never more than the plan has runners for');
    expectAccepted(world, tight, [12]);
    const poor = snapshot([ready(), second], { points: 39 });
    expect(refused(plan, poor, policy())).toContain('never more than the API has points for');
    expectAccepted(poor, policy(), [12]);
  });

  test('what ends in this tick frees its slot once, whatever the limit was before', () => {
    const dead = [1, 2].map((id) =>
      task(id, { records: [admitted(), routed(), claimed(1)], lease: { kind: 'dead', cause: 'failed' } }),
    );
    const freed = snapshot([...dead, ready(), second]);
    const one = policy({ parallel_max: 1 });
    expectAccepted(freed, one, [1]);
    const both = planOf(freed, policy({ parallel_max: 2 }));
    expect(starts(both)).toHaveLength(2);
    expect(refused(both, freed, one)).toContain('never more than parallel_max');
  });

  test('nothing starts beside a task that runs alone', () => {
    const alone = plan.effects.map((effect) =>
      effect.kind !== 'append_journal' || effect.task !== '12'
        ? effect
        : {
            ...effect,
            records: effect.records.map((record) =>
              record.kind === 'claimed' ? { ...record, alone: true as const } : record,
            ),
          },
    );
    expect(refused({ ...plan, effects: alone }, world, policy())).toContain(
      'nothing starts beside a task that runs alone',
    );
  });

  test('one live attempt per task: what runs is not claimed again', () => {
    const running = ready({ records: [admitted(), routed(), claimed(1)], lease: { kind: 'alive' } });
    expect(refused(plan, snapshot([running, second]), policy())).toContain('records fit the journal');
  });
});

describe('bounds', () => {
  test('one pull request per task, in one plan too', () => {
    const branch = { name: claimed(1).branch, head: sha('head1') };
    const world = snapshot([ready({ records: history([['delivered']]), branch })]);
    const plan = planOf(world, policy());
    const twice = plan.effects.flatMap((effect): readonly Effect[] =>
      effect.kind === 'open_pull_request' ? [effect, effect] : [effect],
    );
    expect(refused(plan, world, policy())).toEqual([]);
    expect(refused({ ...plan, effects: twice }, world, policy())).toContain('one open pull request per task');
  });

  test('a tick writes for so many tasks, and only what cannot wait goes beyond', () => {
    const invariant = 'a tick writes for so many tasks';
    const blocked = (id: number) =>
      task(id, {
        records: [admitted()],
        issue: issue(id, {
          dependencies: [{ issue: IssueNumber.parse(9_999), title: '', open: true, source: 'native' }],
        }),
      });
    const many = Array.from({ length: TASKS_WRITTEN_MAX + 1 }, (_, index) => blocked(index + 100));
    const world = snapshot(many);
    const plan = planOf(world, policy());
    expect(refused(plan, world, policy())).toEqual([]);
    const left = many.find(({ id }) => !plan.effects.some((effect) => 'task' in effect && effect.task === id));
    expect(left).toBeDefined();
    const more: Effect = {
      kind: 'set_labels',
      task: left?.id ?? TaskId.parse('1'),
      issue: IssueNumber.parse(1),
      issue_id: NodeId.parse('I_1'),
      add: [],
      remove: [],
    };
    expect(refused({ ...plan, effects: [...plan.effects, more] }, world, policy())).toContain(invariant);
  });

  test('answers go out however many there are', () => {
    const asked = Array.from({ length: TASKS_WRITTEN_MAX + 1 }, (_, index) => index + 100);
    const tasks = asked.map((id) => task(id, { records: history([['auth']]) }));
    const commands = asked.map((id) => says('ada', RETRY, { id, on: id }));
    const world = snapshot(tasks, { commands });
    expect(refused(planOf(world, policy()), world, policy())).toEqual([]);
  });
});
