// Owns the proof of the machine's own steps: leases, results, finishing, unblocking, dispatch, sweep.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { needsDetails, needsRouting, ROUTES_MAX } from '../../src/core/needs.ts';
import type { Decision, TaskDecision } from '../../src/domain/decision.ts';
import { Digest, IssueNumber, NodeId, PrNumber } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { RouteAnswer } from '../../src/domain/route.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import type { TaskState } from '../../src/domain/task.ts';
import {
  admitted,
  branch,
  claimed,
  history,
  issue,
  minutes,
  policy,
  pull,
  retried,
  routed,
  sha,
  snapshot,
  task,
} from './facts.ts';

type Given = NonNullable<Parameters<typeof task>[1]>;

function decided(given: Given, more: Partial<Policy> = { parallel_max: 0 }): TaskDecision {
  const [only] = decide(snapshot([task(12, given)]), policy(more)).tasks;
  if (only === undefined) throw new Error('no decision');
  return only;
}

const RUNNING = [admitted(), routed(), claimed(1)];
const shown = (state: TaskState): JournalRecord => ({
  kind: 'shown',
  at: minutes(-30),
  state,
  comment: null,
  digest: Digest.parse('b'.repeat(64)),
  priority: 0,
});

describe('a lease ends with its job, never with its age [ERR-10] [ERR-11]', () => {
  test('a job that is alive is left alone, however old the claim', () => {
    const old = [admitted(), routed(), claimed(1, { at: minutes(-5000) })];
    expect(decided({ records: old, lease: { kind: 'alive' } }).records).toEqual([]);
    expect(decided({ records: old, lease: { kind: 'unread' } }).records).toEqual([]);
  });

  test.each([
    ['failed', 'crashed', true],
    ['finished_silent', 'crashed', true],
    ['run_gone', 'crashed', true],
    ['never_started', 'infra', false],
    ['cancelled', 'cancelled', true],
  ] as const)('%s → %s, charged: %s [ERR-01]', (cause, outcome, engine_started) => {
    expect(decided({ records: RUNNING, lease: { kind: 'dead', cause } }).records).toMatchObject([
      { kind: 'settled', attempt: 1, outcome, engine_started, seconds: 3000, by: 'reconcile' },
    ]);
  });

  test('and the task goes on in the same tick', () => {
    expect(decided({ records: RUNNING, lease: { kind: 'dead', cause: 'failed' } }, {})).toMatchObject({
      state: 'in_progress',
      starts: [{ attempt: 2 }],
    });
  });

  test.each<readonly [string, Given]>([
    ['closed mid-flight', { issue: issue(12, { open: false }) }],
    ['deleted mid-flight', { issue: null, issue_read: 'missing' }],
    ['unlabelled mid-flight', { issue: issue(12, { labelled: [] }) }],
    ['told off mid-flight', { issue: issue(12, { labelled: ['agent-todo', 'no-agent'] }) }],
    ['merged mid-flight', { pull: pull(7, { state: 'merged' }) }],
  ])('%s: the attempt no longer holds the task', (_, given) => {
    const { records } = decided({ records: RUNNING, lease: { kind: 'alive' }, ...given });
    expect(records).toContainEqual(
      expect.objectContaining({ kind: 'settled', outcome: 'cancelled', engine_started: true }),
    );
  });
});

describe('finishing', () => {
  const merged = { records: history([['delivered']]), pull: pull(7, { state: 'merged' }), branch: branch('head1') };

  test('merged: written down, issue closed, branch deleted while it holds nothing else', () => {
    expect(decided(merged)).toMatchObject({
      state: 'done',
      close: 'COMPLETED',
      delete_branch: { name: 'orch/12-issue-12', expected: sha('head1') },
      records: [
        { kind: 'opened', pr: 7 },
        { kind: 'finished', state: 'done', pr: 7 },
      ],
    });
  });

  test('merged on record, and no longer seen: the issue that stayed open is closed, and nothing is written twice', () => {
    const records = [...history([['delivered']]), ...(decided(merged).records ?? [])];
    expect(decided({ records })).toMatchObject({ state: 'done', close: 'COMPLETED', records: [] });
    expect(decided({ records }, { auto_close: false })).toMatchObject({ state: 'done', close: null, records: [] });
  });

  test('the policy may keep issue and branch', () => {
    expect(decided(merged, { auto_close: false, delete_branch: false })).toMatchObject({
      state: 'done',
      close: null,
      delete_branch: null,
    });
  });

  test("a branch that moved on after the merge, or is not ours, is nobody's to delete", () => {
    expect(decided({ ...merged, branch: branch('later') }).delete_branch).toBeNull();
    expect(decided({ ...merged, branch: branch('head1', 'feature') }).delete_branch).toBeNull();
  });

  test('an issue closed by hand is finished; not planned is archived', () => {
    expect(decided({ records: [admitted()], issue: issue(12, { open: false }) }).records).toMatchObject([
      { kind: 'finished', state: 'done', pr: null },
    ]);
    expect(
      decided({ records: [admitted()], issue: issue(12, { open: false, not_planned: true }) }).records,
    ).toMatchObject([{ kind: 'finished', state: 'archived' }]);
    expect(decided({ records: [admitted()], issue: null, issue_read: 'missing' }).records).toMatchObject([
      { kind: 'finished', state: 'archived' },
    ]);
  });

  test('what is finished stays finished without another word', () => {
    const finished: JournalRecord = { kind: 'finished', at: minutes(-3), state: 'done', pr: null };
    expect(decided({ records: [admitted(), finished], issue: issue(12, { open: false }) }).records).toEqual([]);
  });

  test('a delivered branch without a pull request gets one; a lost or foreign one is taken in', () => {
    const delivered = { records: history([['delivered']]), branch: branch() };
    expect(decided(delivered).open_pull).toMatchObject({
      branch: 'orch/12-issue-12',
      base: 'main',
      attempt: { number: 1 },
    });
    expect(decided({ ...delivered, pull: pull(7) })).toMatchObject({
      open_pull: null,
      records: [{ kind: 'opened', pr: 7 }],
    });
  });

  test('a checkpoint is no delivery: no pull request is opened for it', () => {
    expect(
      decided({ records: history([['timeout', { head: sha('half') }]]), branch: branch('half') }).open_pull,
    ).toBeNull();
  });
});

describe('a journal that was lost', () => {
  const comment = (remembers: { attempts: number; pr: PrNumber | null } | null) => ({
    id: NodeId.parse('IC_9'),
    digest: Digest.parse('c'.repeat(64)),
    believed: false,
    remembers,
  });

  test('is rebuilt from our comment, says so, and goes on counting', () => {
    const lost = decided({ comment: comment({ attempts: 2, pr: null }) }, {});
    expect(lost.records).toMatchObject([
      { kind: 'rebuilt', attempts_before: 2, pr: null },
      { kind: 'admitted' },
      { kind: 'routed' },
    ]);
    expect(lost.starts[0]).toMatchObject({ attempt: 3 });
  });

  test('with its pull request open it is under review, not started over', () => {
    expect(
      decided({ comment: comment({ attempts: 1, pr: PrNumber.parse(7) }), pull: pull(7), branch: branch() }, {}),
    ).toMatchObject({ state: 'in_review', starts: [] });
  });

  test('a comment that is not believed rebuilds nothing', () => {
    expect(decided({ comment: comment(null) }).records).toMatchObject([{ kind: 'admitted' }]);
  });
});

describe('dependencies [DEP-09] [STA-17]', () => {
  const waiting = (open: boolean) =>
    issue(12, { dependencies: [{ issue: IssueNumber.parse(7), title: 'first', open, source: 'text' }] });

  test('the closing of the last one starts the task, and says so', () => {
    const blocked = [admitted(), shown('blocked')];
    expect(decided({ records: blocked, issue: waiting(true) }, {})).toMatchObject({
      state: 'blocked',
      starts: [],
      did: [],
    });
    expect(decided({ records: blocked, issue: waiting(false) }, {})).toMatchObject({
      state: 'in_progress',
      did: [{ kind: 'unblocked' }, { kind: 'routed' }, { kind: 'starts' }],
    });
  });
});

describe('dispatch [QUE-15] [QUE-23] [QUE-32] [ENG-03] [ENG-05] [ENG-09]', () => {
  const ready = (id: number, given: Given = {}) => task(id, { records: [admitted()], ...given });
  const live = (id: number, given: Given = {}) => task(id, { records: RUNNING, lease: { kind: 'alive' }, ...given });
  const started = ({ tasks }: Decision) => tasks.filter(({ starts }) => starts.length > 0).map(({ facts }) => facts.id);

  test('free slots are filled in order; the others say what they wait for', () => {
    const decision = decide(
      snapshot([ready(1), ready(2), ready(3, { issue: issue(3, { labelled: ['agent-todo', 'priority:high'] }) })]),
      policy({ parallel_max: 2 }),
    );
    expect(started(decision)).toEqual(['1', '3']);
    expect(decision.tasks.find(({ facts }) => facts.id === '2')?.wait).toEqual({
      kind: 'capacity',
      running: 2,
      parallel_max: 2,
      by: 'parallel_max',
    });
  });

  test('running attempts count, those of tasks that were not read too', () => {
    const unread = live(5, { issue: null, issue_read: 'unread', lease: { kind: 'unread' } });
    const decision = decide(snapshot([live(1), unread, ready(2), ready(3)]), policy({ parallel_max: 3 }));
    expect(started(decision)).toEqual(['2']);
  });

  test('an attempt that ends in this tick frees its slot in this tick', () => {
    const decision = decide(
      snapshot([live(1, { issue: issue(1, { open: false }) }), ready(2)]),
      policy({ parallel_max: 1 }),
    );
    expect(started(decision)).toEqual(['2']);
  });

  test("the rotation turns within one tick, from the history's counter", () => {
    const lately = { recent_routes: [{ engine: 'claude', source: 'label' }] };
    const world = snapshot([ready(1), ready(2), ready(3)], {
      history: { tip: null, recent_endings: [], last_sweep_at: null, watermark: null, owed_since: null, ...lately },
    });
    const engines = decide(world, policy()).tasks.map(({ starts }) => starts[0]?.engine.id);
    expect(engines).toEqual(['codex', 'claude', 'codex']);
  });

  test('the limit grows with complexity, and once more after a timeout [BLT-07] [ERR-08] [AGT-23]', () => {
    const simple = issue(12, { labelled: ['agent-todo', 'complexity:simple'] });
    expect(decided({ records: [admitted()], issue: simple }, {}).starts[0]).toMatchObject({
      timeout_minutes: 20,
      job_timeout_minutes: 40,
    });
    expect(decided({ records: [admitted()] }, {}).starts[0]).toMatchObject({ timeout_minutes: 40 });
    expect(decided({ records: history([['timeout']]) }, {}).starts[0]).toMatchObject({
      attempt: 2,
      timeout_minutes: 60,
    });
  });

  test.each([
    [200, 300, 320],
    [300, 340, 360],
    [360, 340, 360],
  ])(
    '%i minutes, longer after a timeout, are %i: the attempt ends before GitHub ends its job',
    (minutes, limit, job) => {
      const timeout_minutes = { simple: minutes, medium: minutes, complex: minutes };
      expect(decided({ records: history([['timeout']]) }, { timeout_minutes }).starts[0]).toMatchObject({
        timeout_minutes: limit,
        job_timeout_minutes: job,
      });
    },
  );

  test('the next attempt continues what stands on the branch, whoever put it there', () => {
    const checkpoint = { records: history([['timeout', { head: sha('half') }]]), branch: branch('theirs') };
    expect(decided(checkpoint, {}).starts[0]).toMatchObject({ branch: 'orch/12-issue-12', continues: sha('theirs') });
    expect(decided({ records: [admitted()] }, {}).starts[0]).toMatchObject({ branch: null, continues: null });
  });

  test('a task cannot start on a stale look: it is read again first, with its thread', () => {
    const unread = { details: null, answer: null };
    const world = snapshot([ready(1, unread), ready(2, unread), ready(3, unread), ready(4, unread)]);
    expect(needsDetails(world, policy({ parallel_max: 1 }))).toEqual(['1', '2', '3']);
    expect(needsDetails(world, policy({ parallel_max: 0 }))).toEqual([]);
    expect(decide(world, policy()).tasks[0]).toMatchObject({ starts: [], wait: { kind: 'details_unread' } });
  });

  test('a task whose details cannot be had leaves its slot to the next', () => {
    expect(started(decide(snapshot([ready(1, { details: null }), ready(2)]), policy({ parallel_max: 1 })))).toEqual([
      '2',
    ]);
  });

  test('the LLM is asked for what is about to start, ten at a time; the rest wait for the next tick', () => {
    const many = Array.from({ length: 14 }, (_, index) => ready(index + 1, { answer: null }));
    const open = policy({ parallel_max: 12 });
    const asked = needsRouting(snapshot(many), open);
    expect(asked).toHaveLength(ROUTES_MAX);
    const unanswered: RouteAnswer = { kind: 'unanswered', why: 'timeout', detail: '' };
    const answered = many.map((facts) => (asked.includes(facts) ? { ...facts, answer: unanswered } : facts));
    const decision = decide(snapshot(answered), open);
    expect(started(decision)).toHaveLength(10);
    expect(decision.tasks.filter(({ wait }) => wait?.kind === 'routing_budget')).toHaveLength(4);
    expect(decision.more).toBe(true);
  });

  test('nobody is asked about an issue no trusted person has released [RTE-01]', () => {
    const stranger = ready(1, { records: [], answer: null, issue: issue(1, { label_events: [] }) });
    expect(needsRouting(snapshot([stranger]), policy())).toEqual([]);
    expect(needsDetails(snapshot([{ ...stranger, details: null }]), policy())).toEqual([]);
  });

  test('what others wait for goes first', () => {
    const first = { issue: IssueNumber.parse(2), title: 'Issue 2', open: true, source: 'native' } as const;
    const dependant = ready(3, { issue: issue(3, { dependencies: [first] }) });
    expect(started(decide(snapshot([ready(1), ready(2), dependant]), policy({ parallel_max: 1 })))).toEqual(['2']);
  });

  test('a retry that backs off says until when, and starts when the time has come', () => {
    const crashed = (at: number) => ({ records: history([['crashed'], ['crashed', { at: minutes(at) }]]) });
    expect(decided(crashed(-1), {}).wait).toEqual({ kind: 'backoff', until: minutes(1), after: 'crashed' });
    expect(decided(crashed(-2), {}).starts[0]).toMatchObject({ attempt: 3 });
  });
});

describe('the tick as a whole', () => {
  test('one poisoned task never stops the others', () => {
    const poison = Object.defineProperty({ ...issue(1) }, 'labels', {
      get: () => {
        throw new Error('unreadable');
      },
    });
    const poisoned = task(1, { records: [admitted()], issue: poison });
    const decision = decide(snapshot([poisoned, task(2, { records: [admitted()] })]), policy());
    expect(decision.tasks.map(({ facts }) => facts.id)).toEqual(['2']);
    expect(decision.alarms).toEqual([{ kind: 'unread', task: '1', why: 'unreadable' }]);
  });

  test('a router that keeps falling through raises an alarm [RTE-08]', () => {
    const routes = (fallbacks: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        engine: 'claude',
        source: index < fallbacks ? 'round_robin' : 'llm',
      }));
    const alarms = (fallbacks: number, count: number) => {
      const facts: Snapshot['history'] = {
        tip: null,
        recent_routes: routes(fallbacks, count),
        recent_endings: [],
        last_sweep_at: null,
        watermark: null,
        owed_since: null,
      };
      return decide(snapshot([], { history: facts }), policy()).alarms;
    };
    expect(alarms(3, 10)).toEqual([{ kind: 'router_fallback', fallbacks: 3, routes: 10, share_max: 0.2 }]);
    expect(alarms(2, 10)).toEqual([]);
    expect(alarms(4, 4)).toEqual([]);
  });

  test('a sweep remembers itself, but not twice in a row', () => {
    const swept = (ago: number | null) => {
      const last_sweep_at = ago === null ? null : minutes(-ago);
      return decide(
        snapshot([], {
          scope: 'all',
          history: {
            tip: null,
            recent_routes: [],
            recent_endings: [],
            last_sweep_at,
            watermark: null,
            owed_since: null,
          },
        }),
        policy(),
      ).history;
    };
    expect(swept(null)).toMatchObject([{ kind: 'tick', sweep: true }]);
    expect(swept(60 * 7)).toHaveLength(1);
    expect(swept(5)).toEqual([]);
  });

  test('a decision is a function of its snapshot: asked twice, it says the same', () => {
    const world = snapshot([
      task(1, { records: [admitted()] }),
      task(2, { records: history([['crashed']]) }),
      task(3, { records: RUNNING, lease: { kind: 'alive' } }),
    ]);
    expect(decide(world, policy())).toEqual(decide(world, policy()));
  });
});

test('labels name unknown priorities without stopping anything', () => {
  expect(
    decided({ records: [admitted(), retried()], issue: issue(12, { labelled: ['agent-todo', 'priority:soon'] }) }, {})
      .starts[0],
  ).not.toBeNull();
});
