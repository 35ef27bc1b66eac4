// Owns the proof that the states are total: whatever the facts, one state, and one typed reason for not working on it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderStates, statesOf } from '../../.ci/states.ts';
import { checkPlan } from '../../src/core/check-plan.ts';
import { decide } from '../../src/core/decide.ts';
import { CAUSES } from '../../src/core/transitions.ts';
import type { Command } from '../../src/domain/command.ts';
import type { TaskDecision } from '../../src/domain/decision.ts';
import { IssueNumber, RunId } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import type { WaitReason } from '../../src/domain/plan.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import type { LeaseStatus, Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import { TASK_STATES } from '../../src/domain/task.ts';
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
  settled,
  snapshot,
  task,
  who,
} from './facts.ts';

const ISSUES = [11, 12, 13, 14];
const flag = fc.boolean();
const numbers = fc.subarray(ISSUES, { maxLength: 2 }).map((each) => each.map((number) => IssueNumber.parse(number)));
const until = fc.constantFrom(null, minutes(-5), minutes(60));

const command: fc.Arbitrary<Command> = fc.oneof(
  until.map((day): Command => ({ verb: 'hold', until: day })),
  until.map((day): Command => ({ verb: 'skip', until: day })),
  numbers.map((on): Command => ({ verb: 'block', on })),
  fc.constantFrom<Command>(
    { verb: 'cancel' },
    { verb: 'complete' },
    { verb: 'unskip' },
    { verb: 'retry', engine: null, model: null },
    { verb: 'assign', engine: 'custom', model: null },
    { verb: 'reroute', engine: 'codex', model: null },
  ),
);

const spoken = fc.tuple(command, fc.integer({ min: -90, max: 0 })).map(([said, at]): JournalRecord => ({
  kind: 'commanded',
  at: minutes(at),
  by: who('ada'),
  from: { event: 'reopened' },
  verb: said.verb,
  engine: 'engine' in said ? said.engine : null,
  model: null,
  command: said,
  refused: null,
}));

const ending = fc.record({
  outcome: fc.constantFrom(...OutcomeKind.options),
  at: fc.integer({ min: -200, max: 0 }),
  engine_started: flag,
  taken_out: flag,
  limit: fc.constantFrom(null, minutes(-1), minutes(90)),
});

const issueFacts = fc.record({
  open: fc.constantFrom(true, true, true, false),
  not_planned: flag,
  labels: fc.subarray([
    'agent-todo',
    'agent-skipped',
    'agent:claude',
    'agent:codex',
    'agent:abacus',
    'complexity:simple',
    'complexity:huge',
    'role:audit',
    'role:review',
    'parallel:off',
    'instances:2',
    'instances:3',
    'phase:1',
    'phase:2',
    'status:done',
  ]),
  intake: fc.constantFrom(true, true, true, false),
  by: fc.constantFrom('ada', 'ada', 'ada', 'eve'),
  depends: numbers,
  children: numbers,
  related_open: flag,
  reopened: fc.constantFrom(null, 'ada', 'eve'),
});

const taskFacts = fc.record({
  issue: issueFacts,
  read: fc.constantFrom<TaskFacts['issue_read']>(
    'read',
    'read',
    'read',
    'read',
    'missing',
    'unread',
    'internal',
    'pull',
  ),
  let_in: fc.constantFrom(true, true, false),
  endings: fc.array(ending, { maxLength: 4 }),
  live: flag,
  words: fc.array(spoken, { maxLength: 3 }),
  lease: fc.constantFrom<LeaseStatus>(
    { kind: 'alive' },
    { kind: 'unread' },
    { kind: 'dead', cause: 'failed' },
    { kind: 'dead', cause: 'never_started' },
  ),
  pull: fc.constantFrom(null, null, 'open', 'merged', 'closed'),
  pr_refused: flag,
  branch: flag,
  details: fc.constantFrom(true, true, false),
});

const rules = fc.record({
  parallel_max: fc.integer({ min: 0, max: 3 }),
  parallel_min: fc.constantFrom(null, 1),
  runners_max: fc.integer({ min: 1, max: 20 }),
  attempts_per_hour_max: fc.constantFrom(null, 2, 20),
  stop_on_failure: fc.constantFrom(false, false, true),
  assignment: fc.constantFrom('auto' as const, 'manual' as const, 'hybrid' as const),
  circuit: fc.constantFrom(
    { tasks_max: 5, window_minutes: 60, cooldown_minutes: 30 },
    { tasks_max: 2, window_minutes: 300, cooldown_minutes: 5 },
    { tasks_max: 2, window_minutes: 300, cooldown_minutes: 90 },
  ),
  backoff_minutes: fc.constantFrom([0], [0, 2, 10, 60], [120]),
});

type Given = typeof taskFacts extends fc.Arbitrary<infer Value> ? Value : never;

function factsOf(id: number, given: Given): TaskFacts {
  // Only an issue is let in.
  if (given.read === 'pull') return { ...task(id, { issue: null, issue_read: 'pull' }), details: null };
  const number = given.read === 'internal' ? `i${id}` : id;
  const read = given.read === 'read';
  return {
    ...task(number, { records: recordsOf(given), lease: given.lease }),
    issue: read ? issueOf(id, given.issue) : null,
    issue_read: given.read,
    pull: given.pull === null ? null : pull(id, { state: given.pull }),
    branch: given.branch ? branch() : null,
    ...(given.details ? {} : { details: null }),
  };
}

function issueOf(id: number, given: Given['issue']) {
  const related = (list: readonly IssueNumber[]) =>
    list.map((each) => ({ issue: each, title: '', open: given.related_open, source: 'native' as const }));
  const labelled = [...(given.intake ? ['agent-todo'] : []), ...given.labels.filter((name) => name !== 'agent-todo')];
  return issue(id, {
    open: given.open,
    not_planned: given.not_planned,
    labelled,
    label_events: labelled.map((name) => ({
      label: label(name),
      by: who(given.by),
      by_bot: false,
      at: minutes(-30),
    })),
    dependencies: related(given.depends),
    children: related(given.children),
    parent: IssueNumber.parse(1),
    reopened: given.reopened === null ? null : { by: who(given.reopened), at: minutes(-1) },
  });
}

const ASKED: JournalRecord = {
  kind: 'asked',
  at: minutes(-90),
  by: who('ada'),
  run: RunId.parse(77),
  title: 'Tidy up',
  prompt: 'Please.',
  engine: null,
  model: null,
  role: 'code',
};

function recordsOf({ read, let_in, endings, live, words, pr_refused }: Given): readonly JournalRecord[] {
  const attempts = endings.flatMap(({ outcome, at, engine_started, taken_out, limit }, index) => [
    claimed(index + 1, { at: minutes(at - 5) }),
    settled(index + 1, outcome, {
      at: minutes(at),
      engine_started,
      not_before: limit,
      ...(taken_out ? { taken_out: true as const } : {}),
    }),
  ]);
  const routed = endings.length > 0 ? history([]).slice(1) : [];
  return [
    ...(read === 'internal' ? [ASKED] : []),
    ...(let_in ? [admitted()] : []),
    ...routed,
    ...attempts,
    ...words,
    ...(live ? [claimed(endings.length + 1)] : []),
    ...(pr_refused ? [{ kind: 'pr_refused', at: minutes(0), detail: 'not permitted' } as const] : []),
  ];
}

const world = fc.record({
  tasks: fc.tuple(taskFacts, taskFacts, taskFacts, taskFacts),
  rules,
  paused: fc.constantFrom(false, false, false, true),
  points: fc.constantFrom(undefined, 10, 50, 5_000),
  engines: fc.subarray(['claude', 'codex']),
});

type Told = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function snapshotOf({ tasks, paused, points, engines }: Told): Snapshot {
  const facts = tasks.map((given, index) => factsOf(ISSUES[index] ?? 0, given));
  const room = { ...EMPTY_ROOM, paused: { at: minutes(-9), by: who('ada'), from: { event: 'reopened' as const } } };
  return snapshot(facts, {
    points,
    engines_ready: new Set(engines),
    ...(paused ? { room: { state: room, tip: null } } : {}),
  });
}

/** Being worked on: it starts, its pull request is being opened, or this tick ends it. */
function isWorkedOn({ starts, open_pull }: TaskDecision): boolean {
  return starts.length > 0 || open_pull !== null;
}

function reasonOf(wait: WaitReason) {
  return wait.kind === 'person' ? wait.reason.kind : wait.kind;
}

describe('whatever the facts [STA-10]', () => {
  test('each task has one state, and is worked on or has one reason why not, which the table names', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(world, (told) => {
        const given = snapshotOf(told);
        const decision = decide(given, policy(told.rules));
        const read = [...given.tasks.values()].filter(({ issue_read }) => issue_read !== 'unread');
        expect(decision.tasks.map(({ facts }) => facts.id)).toEqual(read.map(({ id }) => id));
        expect(decision.alarms.filter(({ kind }) => kind === 'unread')).toEqual([]);
        for (const each of decision.tasks) {
          expect(TASK_STATES).toContain(each.state);
          if (each.wait === null) expect(isWorkedOn(each)).toBe(true);
          else expect(each.starts).toEqual([]);
          if (each.wait === null || !each.is_task) continue;
          expect(statesOf(reasonOf(each.wait)), reasonOf(each.wait)).toContain(each.state);
          seen.add(reasonOf(each.wait));
        }
      }),
      { numRuns: 1_500, seed: 7 },
    );
    expect(seen.size, [...seen].join(' ')).toBeGreaterThan(25);
  });

  test('and the plan that is made of it satisfies the checker', () => {
    fc.assert(
      fc.property(world, (told) => {
        const given = snapshotOf(told);
        const law = policy(told.rules);
        expect(checkPlan({ plan: planOf(given, law), snapshot: given, policy: law })).toEqual([]);
      }),
      { numRuns: 700 },
    );
  });
});

test('the page of states has a row for every cause and every state [STA-01]', () => {
  const page = renderStates();
  for (const cause of CAUSES) expect(page).toContain(`| \`${cause}\` |`);
  for (const state of TASK_STATES) expect(page).toContain(`\`${state}\``);
});
