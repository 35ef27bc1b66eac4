// Owns the proof of the loop: what is read before deciding, what is written in which order, and what a failure costs.
import { describe, expect, test } from 'vitest';
import { lastDue, nextDue } from '../../src/domain/cron.ts';
import { sha256 } from '../../src/domain/digest.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import type { AppendJournal } from '../../src/domain/effect.ts';
import type { RouteAnswer } from '../../src/domain/route.ts';
import { RunId } from '../../src/domain/ids.ts';
import type { TaskId } from '../../src/domain/ids.ts';
import type { Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import type { EffectResult, JournalProof, TickPorts, VisibleEffect } from '../../src/reconcile/ports.ts';
import { configFile } from '../../src/input/config-file.ts';
import { guarded } from '../../src/reconcile/guard.ts';
import { runTick } from '../../src/reconcile/tick.ts';
import { renderBrief } from '../../src/wire/brief.ts';
import {
  admitted,
  branch,
  claimed,
  history,
  issue,
  minutes,
  NOW,
  policy,
  prompt,
  routed,
  sha,
  snapshot,
  task,
  taskId,
  who,
} from '../core/facts.ts';

const WAKE = { cause: 'schedule', issue: null, actor: null, sweep: false } as const;

interface World {
  readonly tasks: readonly TaskFacts[];
  readonly more?: Partial<Snapshot>;
  readonly lose?: readonly string[];
  readonly details?: 'fail' | 'gone';
  readonly freeze?: 'fail';
  readonly answer?: RouteAnswer;
  readonly forbid?: boolean;
}

/** Ports that answer from data and remember what they were given. */
function portsFor(world: World) {
  const did: string[] = [];
  const appends: AppendJournal[] = [];
  const shown: VisibleEffect[] = [];
  const logged: string[] = [];
  const ports: TickPorts = {
    observe: {
      snapshot: async () => ({
        snapshot: snapshot(world.tasks, world.more),
        policy: policy(),
        origin: { kind: 'newest' },
      }),
      details: async (ids) => {
        did.push(`details ${ids.join(',')}`);
        if (world.details === 'fail') throw new Error('HTTP 502');
        const fresh = world.details === 'gone' ? { issue: issue(12, { open: false }) } : {};
        const found = world.tasks.filter(({ id }) => ids.includes(id));
        return new Map(
          found.map((facts) => [
            facts.id,
            // As the edge does: a second look at a task does not ask for its job again.
            {
              facts: { ...facts, ...fresh, leases: new Map() },
              details: { thread: [], thread_cut: false },
            },
          ]),
        );
      },
    },
    router: {
      route: async (tasks) => {
        did.push(`route ${tasks.map(({ id }) => id).join(',')}`);
        return new Map(world.answer === undefined ? [] : tasks.map(({ id }) => [id, world.answer as RouteAnswer]));
      },
    },
    config: async () => configFile({ label: null }),
    journals: {
      appendRoom: async ({ records }) => {
        did.push(`room ${records.map(({ kind }) => kind).join('+')}`);
        return 'won';
      },
      append: async (given, { history: lines, inbox, branches }) => {
        did.push(
          `push ${given.map(({ task: id, records }) => `${id}:${records.map(({ kind }) => kind).join('+')}`).join(' ')} +${lines.length} history +${inbox.length} inbox`,
        );
        appends.push(...given);
        const lost = given.filter(({ task: id }) => world.lose?.includes(id));
        const won = given.filter((append) => !lost.includes(append));
        return {
          won: new Map(won.map(({ task: id }): [TaskId, JournalProof] => [id, { task: id, tip: sha(`won${id}`) }])),
          lost: new Map(lost.map(({ task: id }): [TaskId, string] => [id, 'the ref moved'])),
          deleted: branches.map((effect): EffectResult => ({ effect, result: 'done', why: null })),
        };
      },
    },
    briefs: {
      freeze: async (brief) => {
        did.push(`freeze ${brief.task}`);
        if (world.freeze === 'fail') throw new Error('the artifact service is down');
        return { artifact_id: 77, sha256: sha256(renderBrief(brief)) };
      },
    },
    apply: {
      apply: async (effects) => {
        did.push(`show ${effects.map(({ kind }) => kind).join(' ')}`);
        shown.push(...effects);
        return effects.map((effect): EffectResult =>
          world.forbid === true && effect.kind === 'open_pull_request'
            ? { effect, result: 'failed', why: 'not permitted', forbidden: true }
            : { effect, result: 'done', why: null },
        );
      },
    },
    clock: { now: () => NOW },
    documents: async () => {
      throw new Error('nobody imports anything here');
    },
    calendar: () => Promise.resolve({ lastDue, nextDue }),
    log: { info: () => undefined, warning: (line) => void logged.push(line), error: () => undefined },
  };
  return { ports, did, appends, shown, logged };
}

const fresh = (id: number, given: Partial<TaskFacts> = {}) => ({
  ...task(id, { records: [admitted()] }),
  details: null,
  answer: null,
  ...given,
});

describe('one tick, in order', () => {
  test('look again at what starts, ask the router, claim in one push, freeze, show [STA-03]', async () => {
    const { ports, did, appends } = portsFor({ tasks: [fresh(12)] });
    const { legs, plan } = await runTick(ports, WAKE, { dry_run: false });
    expect(did).toEqual([
      'details 12',
      'route 12',
      'push 12:routed+claimed+shown +2 history +0 inbox',
      'freeze 12',
      'show ensure_labels write_state_comment set_labels',
    ]);
    expect(legs).toEqual([
      {
        task: '12',
        attempt: 1,
        engine: 'claude',
        lease: sha('won12'),
        brief_artifact: 77,
        brief_sha256: expect.any(String),
        runs_on: policy().runs_on.attempt,
        timeout_minutes: 60,
      },
    ]);
    const claim = appends[0]?.records.find((record) => record.kind === 'claimed');
    expect(claim).toMatchObject({ attempt: 1, run: 900, brief_sha256: legs[0]?.brief_sha256 });
    expect(plan.more).toBe(false);
  });

  test('a dry run decides and checks everything, and writes nothing', async () => {
    const { ports, did } = portsFor({ tasks: [fresh(12)] });
    const { plan, legs } = await runTick(ports, WAKE, { dry_run: true });
    expect(did).toEqual(['details 12', 'route 12']);
    expect(legs).toEqual([]);
    expect(plan.effects.map(({ kind }) => kind)).toContain('start_attempt');
    expect(plan.reports).toMatchObject([
      { task: '12', state: 'in_progress', did: [{ kind: 'routed' }, { kind: 'starts' }] },
    ]);
  });

  test('a tick with nothing to do asks nothing and writes nothing', async () => {
    const { ports, did } = portsFor({ tasks: [] });
    await runTick(ports, WAKE, { dry_run: false });
    expect(did).toEqual([]);
  });
});

describe('what goes wrong costs its own task and no other', () => {
  test('a journal moved under us: that task is not shown and not started, the other is, and another tick is asked for', async () => {
    const { ports, did, shown } = portsFor({ tasks: [fresh(12), fresh(13)], lose: ['12'] });
    const { legs, lost, plan } = await runTick(ports, WAKE, { dry_run: false });
    expect([...lost.keys()]).toEqual(['12']);
    expect(legs.map(({ task: id }) => id)).toEqual(['13']);
    expect(did).toContain('freeze 13');
    expect(did).not.toContain('freeze 12');
    expect(shown.flatMap((effect) => ('task' in effect ? [effect.task] : []))).toEqual(['13', '13']);
    expect(plan.alarms).toContainEqual({ kind: 'lost', task: '12', why: 'the ref moved' });
    expect(plan.more).toBe(true);
  });

  test('a brief that cannot be kept gives its claim back, uncharged', async () => {
    const { ports, appends } = portsFor({ tasks: [fresh(12)], freeze: 'fail' });
    const { legs, plan } = await runTick(ports, WAKE, { dry_run: false });
    expect(legs).toEqual([]);
    expect(appends[1]).toMatchObject({
      task: '12',
      expected: sha('won12'),
      records: [{ kind: 'settled', attempt: 1, outcome: 'infra', engine_started: false }],
    });
    expect(foldJournal(appends.flatMap(({ records }) => records)).attempts[0]?.settled?.outcome).toBe('infra');
    expect(plan.more).toBe(true);
  });

  test('closed a moment ago: seen at the last look, not started', async () => {
    const { ports } = portsFor({ tasks: [fresh(12)], details: 'gone' });
    const { legs, plan } = await runTick(ports, WAKE, { dry_run: false });
    expect(legs).toEqual([]);
    expect(plan.reports).toMatchObject([{ state: 'done' }]);
  });

  test('details that cannot be read start nothing, and stop nothing else', async () => {
    const closed = task(13, {
      records: [admitted(), routed(), claimed(1)],
      issue: issue(13, { open: false }),
      lease: { kind: 'alive' },
    });
    const { ports, logged, did } = portsFor({ tasks: [fresh(12), closed], details: 'fail' });
    const { legs } = await runTick(ports, WAKE, { dry_run: false });
    expect(legs).toEqual([]);
    expect(logged).toEqual(['The threads of 1 tasks cannot be read now: HTTP 502']);
    expect(did.find((step) => step.startsWith('push'))).toContain('13:settled+finished+shown');
  });

  test('an attempt that is dead and may be tried again at once is settled, though its task is looked at twice', async () => {
    const dead = fresh(12, {
      ...task(12, { records: [admitted(), routed(), claimed(1)], lease: { kind: 'dead', cause: 'failed' } }),
      details: null,
    });
    const { ports, appends } = portsFor({ tasks: [dead] });
    await runTick(ports, WAKE, { dry_run: false });
    expect(appends[0]?.records.map(({ kind }) => kind)).toEqual(['settled', 'claimed', 'shown']);
  });

  test('a list that knows nothing of our comment is not believed: the task is looked at again first', async () => {
    const shown = {
      kind: 'shown',
      at: NOW,
      state: 'needs_review',
      comment: null,
      digest: sha256('x'),
      priority: 0,
    } as const;
    const behind = fresh(12, {
      ...task(12, { records: [...history([['no_change']]), shown] }),
      comment: null,
      details: null,
    });
    const { ports, did } = portsFor({ tasks: [behind] });
    await runTick(ports, WAKE, { dry_run: false });
    expect(did[0]).toBe('details 12');
  });

  test('a router that says nothing is a router that failed: the rotation decides', async () => {
    const { ports, appends } = portsFor({ tasks: [fresh(12)] });
    await runTick(ports, WAKE, { dry_run: false });
    expect(appends[0]?.records[0]).toMatchObject({ kind: 'routed', route: { source: 'round_robin' } });
  });

  test('a pull request the repository forbids is written down, so that a person is asked and nobody tries again', async () => {
    const delivered = task(12, { records: history([['delivered']]), branch: branch() });
    const { ports, appends } = portsFor({ tasks: [delivered], forbid: true });
    const { plan } = await runTick(ports, WAKE, { dry_run: false });
    expect(appends.at(-1)).toMatchObject({
      task: '12',
      expected: sha('won12'),
      records: [{ kind: 'pr_refused', detail: 'not permitted' }],
    });
    expect(plan.alarms).toContainEqual({
      kind: 'effect_failed',
      task: '12',
      what: 'open_pull_request',
      why: 'not permitted',
    });
  });

  test("a brand-new internal task gets the router's answer", async () => {
    const entry = {
      run: claimed(98).run,
      by: issue(1).author ?? ('ada' as never),
      at: minutes(-1),
      tip: sha('inbox'),
      ask: prompt(),
    };
    const id = taskId(`i${entry.run}`);
    const answer: RouteAnswer = {
      kind: 'answered',
      engine: 'codex',
      complexity: 'simple',
      role: 'code',
      profile: { skills: [], tools: [], constraints: [] },
      confidence: 1,
      likely_files: [],
      reason: '',
    };
    const { ports, did } = portsFor({ tasks: [], more: { inbox: [entry] }, answer });
    const { legs } = await runTick(ports, WAKE, { dry_run: false });
    expect(legs).toMatchObject([{ task: id, engine: 'codex' }]);
    expect(did.find((step) => step.startsWith('push'))).toBe(
      `push ${id}:asked+routed+claimed+shown +2 history +1 inbox`,
    );
  });
});

describe('a plan that breaks its own rules', () => {
  test('for one task: nothing of that task is done, the others go on, and it is said to be a bug', async () => {
    const { ports, appends } = portsFor({
      tasks: [shifting(task(12, { records: [admitted()] })), task(13, { records: [admitted()] })],
    });
    const { plan, legs } = await runTick(ports, WAKE, { dry_run: false });
    expect([legs.map((leg) => leg.task), appends.map((append) => append.task)]).toEqual([['13'], ['13']]);
    expect(plan.alarms).toContainEqual({
      kind: 'withheld',
      task: '12',
      why: expect.stringContaining('the fence is the tip that was seen'),
    });
  });

  test('for all of them: nothing is done', () => {
    const plan = { effects: [], reports: [], alarms: [], graph: null, more: false };
    const broken = { invariant: 'one matrix holds all starts', task: null, detail: '300 of 256' };
    expect(() => guarded(plan, () => [broken])).toThrow(
      expect.objectContaining({
        consequence: 'bug',
        title: expect.stringContaining('nothing was done'),
        reason: expect.stringContaining('300 of 256'),
      }),
    );
  });

  test('what a dispatch asked of that task stays in the inbox, and no line of it comes into the history', () => {
    const run = RunId.parse(71);
    const clear = { kind: 'clear_inbox', run, expected: sha('inbox') } as const;
    const other = { kind: 'clear_inbox', run: RunId.parse(72), expected: sha('inbox') } as const;
    const line = { kind: 'route', at: NOW, task: taskId(12), engine: 'claude', source: 'label' } as const;
    const by = { at: NOW, by: who('ada'), engine: null, model: null, refused: null } as const;
    const record = { kind: 'commanded', ...by, from: { run }, verb: 'cancel' } as const;
    const plan = {
      effects: [
        { kind: 'append_journal', task: taskId(12), expected: null, records: [record] },
        { kind: 'append_history', line },
        clear,
        other,
      ],
      reports: [],
      alarms: [],
      graph: null,
      more: false,
    } as const;
    const wrong = { invariant: 'records fit the journal', task: taskId(12), detail: '' };
    const rest = guarded(plan, ({ effects }) => (effects.some(({ kind }) => kind === 'append_journal') ? [wrong] : []));
    expect(rest.effects).toEqual([other]);
  });
});

/** Facts that do not hold still: each look sees another tip. */
function shifting(facts: TaskFacts): TaskFacts {
  let looks = 0;
  return Object.defineProperty({ ...facts }, 'journal_tip', {
    enumerable: true,
    get: () => sha(`look${(looks += 1)}`),
  });
}
