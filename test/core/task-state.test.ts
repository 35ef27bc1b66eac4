// Owns the proof of the states: which facts make which state, with which reason for waiting.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { move, TRANSITIONS, CAUSES } from '../../src/core/transitions.ts';
import { IssueNumber } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { IssueFacts, LeaseStatus, Snapshot } from '../../src/domain/snapshot.ts';
import { TASK_STATES } from '../../src/domain/task.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import {
  admitted,
  branch,
  claimed,
  history,
  issue,
  label,
  minutes,
  policy,
  pull,
  retried,
  routed,
  settled,
  snapshot,
  task,
  who,
} from './facts.ts';

const FULL: Partial<Policy> = { parallel_max: 0 };

type Given = NonNullable<Parameters<typeof task>[1]>;

/** The one task, with no slot free, so that nothing starts and the state is the facts' own. */
function decided(
  given: Given,
  more: { readonly policy?: Partial<Policy>; readonly snapshot?: Partial<Snapshot> } = {},
) {
  const [only] = decide(snapshot([task(12, given)], more.snapshot), policy({ ...FULL, ...more.policy })).tasks;
  if (only === undefined) throw new Error('no decision');
  return only;
}

function issue12(given: Partial<IssueFacts> & { readonly labelled?: readonly string[] }): IssueFacts {
  return issue(12, given);
}

const RUNNING = [admitted(), routed(), claimed(1)];
const DELIVERED = history([['delivered']]);
const DEPENDENCY = { issue: IssueNumber.parse(7), title: 'first', open: true, source: 'native' } as const;

describe('the state a person sees', () => {
  test.each<readonly [string, Given, string, string | undefined]>([
    ['let in [STA-01] [STA-12]', { records: [admitted()] }, 'new', 'capacity'],
    ['routed, in line [STA-02]', { records: [admitted(), routed()] }, 'routed', 'capacity'],
    [
      'an attempt holds the lease [STA-03] [STA-13]',
      { records: RUNNING, lease: { kind: 'alive' } },
      'in_progress',
      'running',
    ],
    [
      'a lease that could not be read is left alone',
      { records: RUNNING, lease: { kind: 'unread' } },
      'in_progress',
      'lease_unread',
    ],
    ['its pull request is open', { records: DELIVERED, pull: pull(7), branch: branch() }, 'in_review', 'review'],
    ['merged [STA-04] [STA-29]', { records: DELIVERED, pull: pull(7, { state: 'merged' }) }, 'done', 'finished'],
    ['closed by a person [STA-14]', { records: [admitted()], issue: issue12({ open: false }) }, 'done', 'finished'],
    [
      'closed as not planned [STA-16]',
      { records: [admitted()], issue: issue12({ open: false, not_planned: true }) },
      'archived',
      'finished',
    ],
    ['deleted or transferred', { records: [admitted()], issue: null, issue_read: 'missing' }, 'archived', 'finished'],
    [
      'a dependency is open [STA-05] [STA-07] [STA-15] [DEP-01] [DEP-07]',
      { records: [admitted()], issue: issue12({ dependencies: [DEPENDENCY] }) },
      'blocked',
      'dependencies',
    ],
    [
      'agent-skipped [TRG-02]',
      { records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'agent-skipped'] }) },
      'skipped',
      'skipped',
    ],
    [
      'no-agent [BLT-01]',
      { records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'No-Agent'] }) },
      'skipped',
      'skipped',
    ],
    [
      'the intake label was taken away',
      { records: [admitted()], issue: issue12({ labelled: [] }) },
      'skipped',
      'skipped',
    ],
    ['backing off [ERR-06]', { records: history([['crashed'], ['crashed']]) }, 'routed', 'backoff'],
    ['delivered, the pull request is being opened', { records: DELIVERED, branch: branch() }, 'in_review', undefined],
  ])('%s', (_, given, state, wait) => {
    const decision = decided(given);
    expect(decision.state).toBe(state);
    expect(decision.wait?.kind).toBe(wait);
  });
});

describe('needs_review always says why [STA-06] [STA-08] [STA-09]', () => {
  test.each<readonly [string, Given, object]>([
    [
      'a stranger labelled it',
      {
        issue: issue12({
          label_events: [{ label: label('agent-todo'), by: who('eve'), by_bot: false, at: minutes(-60) }],
        }),
      },
      { kind: 'untrusted_label', by: 'eve', label: 'agent-todo', needed: 'write' },
    ],
    [
      'a bot without a role labelled it',
      {
        issue: issue12({
          label_events: [{ label: label('agent-todo'), by: who('helper[bot]'), by_bot: true, at: minutes(-60) }],
        }),
      },
      { kind: 'untrusted_label', by: 'helper[bot]' },
    ],
    ['nobody knows who labelled it', { issue: issue12({ label_events: [] }) }, { kind: 'untrusted_label', by: null }],
    [
      'a stranger labelled it again',
      {
        records: [admitted('ada', minutes(-90))],
        issue: issue12({
          label_events: [{ label: label('agent-todo'), by: who('eve'), by_bot: false, at: minutes(-60) }],
        }),
      },
      { kind: 'untrusted_label', by: 'eve' },
    ],
    [
      'a label names an unknown engine',
      { records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'agent:foo'] }) },
      { kind: 'unknown_label', label: 'agent:foo', allowed: ['agent:claude', 'agent:codex'] },
    ],
    [
      'a label names an unknown complexity',
      { records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'complexity:huge'] }) },
      { kind: 'unknown_label', allowed: ['complexity:simple', 'complexity:medium', 'complexity:complex'] },
    ],
    [
      'two labels contradict each other',
      { records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'agent:claude', 'agent:codex'] }) },
      { kind: 'contradicting_labels', labels: ['agent:claude', 'agent:codex'] },
    ],
    [
      'an engine that cannot run here',
      { records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'agent:custom'] }) },
      { kind: 'no_engine', wanted: 'custom' },
    ],
    [
      'a cancel holds it',
      { records: [admitted(), { ...retried(), verb: 'cancel' } as JournalRecord] },
      { kind: 'cancelled', by: 'ada' },
    ],
    [
      'the budget is spent [ERR-12]',
      { records: history([['crashed'], ['crashed'], ['failed']]) },
      { kind: 'attempts_exhausted', attempts: 3, last: 'failed' },
    ],
    [
      'a key is wrong',
      { records: history([['auth', { detail: 'HTTP 401' }]]) },
      { kind: 'needs_person', outcome: 'auth', detail: 'HTTP 401' },
    ],
    [
      'a tool is missing [BLT-06]',
      { records: history([['missing_tool', { detail: 'bun' }]]) },
      { kind: 'needs_person', outcome: 'missing_tool', detail: 'bun' },
    ],
    [
      'the hand-in was refused',
      { records: history([['refused', { detail: 'protected_path: ci.yml' }]]) },
      { kind: 'needs_person', outcome: 'refused' },
    ],
    [
      'the pull request was closed by hand',
      { records: DELIVERED, pull: pull(7, { state: 'closed' }), branch: branch() },
      { kind: 'pr_closed', pr: 7 },
    ],
    [
      'pull requests are forbidden',
      { records: [...DELIVERED, { kind: 'pr_refused', at: minutes(0), detail: 'not permitted' }], branch: branch() },
      { kind: 'pr_forbidden', detail: 'not permitted' },
    ],
    ['the delivered branch is gone', { records: DELIVERED }, { kind: 'branch_gone', branch: 'orch/12-issue-12' }],
  ])('%s', (_, given, reason) => {
    const decision = decided(given);
    expect(decision.state).toBe('needs_review');
    expect(decision.wait).toMatchObject({ kind: 'person', reason });
  });
});

describe('what stands above what', () => {
  test('people stop what the machine would go on with: a skip label beats an open pull request, merging beats the label', () => {
    const skipped = issue12({ labelled: ['agent-todo', 'agent-skipped'] });
    expect(decided({ records: DELIVERED, pull: pull(7), issue: skipped }).state).toBe('skipped');
    expect(decided({ records: DELIVERED, pull: pull(7, { state: 'merged' }), issue: skipped }).state).toBe('done');
  });

  test("a stranger's later label does not disturb work under review", () => {
    const relabelled = issue12({
      label_events: [{ label: label('agent-todo'), by: who('eve'), by_bot: false, at: minutes(0) }],
    });
    expect(decided({ records: DELIVERED, pull: pull(7), issue: relabelled }).state).toBe('in_review');
  });

  test('a pull request closed before the retry is history; one closed after it counts', () => {
    const records = [...DELIVERED, retried('ada', minutes(-10))];
    expect(decided({ records, pull: pull(7, { state: 'closed', closed_at: minutes(-20) }) }).state).toBe('routed');
    const again = [...records, claimed(2), settled(2, 'delivered')];
    expect(
      decided({ records: again, pull: pull(7, { state: 'closed', closed_at: minutes(-5) }), branch: branch() }).state,
    ).toBe('needs_review');
  });

  test("assignment: manual waits for a person's word", () => {
    const manual = { policy: { assignment: 'manual' } } as const;
    expect(decided({ records: [admitted()] }, manual).wait).toEqual({ kind: 'unassigned' });
    expect(decided({ records: [admitted(), retried()] }, manual).wait?.kind).toBe('capacity');
    expect(
      decided({ records: [admitted()], issue: issue12({ labelled: ['agent-todo', 'agent:codex'] }) }, manual).wait
        ?.kind,
    ).toBe('capacity');
  });

  test('an issue depends on itself by mistake: nobody waits for that', () => {
    const own = { ...DEPENDENCY, issue: IssueNumber.parse(12) };
    expect(decided({ records: [admitted()], issue: issue12({ dependencies: [own] }) }).state).toBe('new');
  });
});

describe('the table of moves', () => {
  test('every state says what each word of a person does to it', () => {
    const table = TASK_STATES.map((state) => {
      const words = (['retry', 'skip', 'cancel', 'close', 'discard'] as const).map((cause) => {
        const result = move(state, cause);
        return `${cause}: ${result.kind === 'to' ? `→ ${result.state}` : result.why}`;
      });
      return `${state} | ${words.join(' | ')}`;
    });
    expect(table).toMatchInlineSnapshot(`
      [
        "new | retry: → new | skip: → skipped | cancel: → needs_review | close: → done | discard: → archived",
        "routed | retry: → new | skip: → skipped | cancel: → needs_review | close: → done | discard: → archived",
        "in_progress | retry: already_running | skip: → skipped | cancel: → needs_review | close: → done | discard: → archived",
        "in_review | retry: → new | skip: → skipped | cancel: nothing_to_cancel | close: → done | discard: → archived",
        "done | retry: already_done | skip: already_done | cancel: already_done | close: → done | discard: → archived",
        "blocked | retry: → new | skip: → skipped | cancel: → needs_review | close: → done | discard: → archived",
        "needs_review | retry: → new | skip: → skipped | cancel: nothing_to_cancel | close: → done | discard: → archived",
        "skipped | retry: → new | skip: → skipped | cancel: nothing_to_cancel | close: → done | discard: → archived",
        "archived | retry: already_done | skip: already_done | cancel: already_done | close: → done | discard: → archived",
      ]
    `);
  });

  test('a cause the table lacks is refused with a typed reason', () => {
    expect(move('done', 'claim')).toEqual({ kind: 'refused', why: 'impossible' });
    expect(move('blocked', 'claim')).toEqual({ kind: 'refused', why: 'impossible' });
    expect(move('skipped', 'claim')).toEqual({ kind: 'refused', why: 'impossible' });
    expect(move('needs_review', 'claim')).toEqual({ kind: 'refused', why: 'impossible' });
  });

  test('an attempt can only be claimed from new or routed, and nothing but a person leaves done', () => {
    const claims = TASK_STATES.filter((state) => TRANSITIONS[state].claim !== undefined);
    expect(claims).toEqual(['new', 'routed']);
    const exits = CAUSES.filter(
      (cause) => move('done', cause).kind === 'to' && !['done', 'archived'].includes(TRANSITIONS.done[cause] ?? ''),
    );
    expect(exits).toEqual(['reopen']);
  });
});

test('decide is total: any facts give one of the nine states and either work, a result or a reason', () => {
  const flag = fc.boolean();
  const facts = fc.record({
    open: flag,
    not_planned: flag,
    labels: fc.subarray([
      'agent-todo',
      'agent-skipped',
      'no-agent',
      'agent:claude',
      'agent:codex',
      'agent:x',
      'complexity:simple',
      'priority:y',
      'status:done',
    ]),
    admitted: flag,
    endings: fc.array(fc.constantFrom(...OutcomeKind.options), { maxLength: 4 }),
    live: flag,
    lease: fc.constantFrom<LeaseStatus>(
      { kind: 'alive' },
      { kind: 'unread' },
      { kind: 'dead', cause: 'failed' },
      { kind: 'dead', cause: 'never_started' },
      { kind: 'dead', cause: 'cancelled' },
    ),
    pull: fc.constantFrom(null, 'open', 'merged', 'closed'),
    branch: flag,
    missing: flag,
    blocked: flag,
    retried: flag,
    slots: fc.nat(2),
  });
  fc.assert(
    fc.property(facts, (world) => {
      const records = [
        ...(world.admitted ? [admitted()] : []),
        ...history(world.endings.map((outcome) => [outcome] as const)).slice(1),
        ...(world.retried ? [retried()] : []),
        ...(world.live ? [claimed(world.endings.length + 1)] : []),
      ];
      const about = issue12({
        open: world.open,
        not_planned: world.not_planned,
        labelled: world.labels,
        dependencies: world.blocked ? [DEPENDENCY] : [],
      });
      const decision = decided(
        {
          records,
          issue: world.missing ? null : about,
          issue_read: world.missing ? 'missing' : 'read',
          lease: world.lease,
          pull: world.pull === null ? null : pull(7, { state: world.pull }),
          branch: world.branch ? branch() : null,
        },
        { policy: { parallel_max: world.slots } },
      );
      expect(TASK_STATES).toContain(decision.state);
      expect(decision.starts.length > 0 || decision.open_pull !== null || decision.wait !== null).toBe(true);
      if (decision.starts.length > 0) {
        expect([world.open, world.missing, world.blocked]).toEqual([true, false, false]);
        expect(world.labels).not.toContain('no-agent');
      }
    }),
    { numRuns: 500 },
  );
});
