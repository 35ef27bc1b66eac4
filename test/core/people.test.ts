// Owns the proof that people are obeyed: who may, what it does, what is answered, and that each word counts once.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { ParsedCommand, SpokenCommand } from '../../src/domain/command.ts';
import type { TaskDecision } from '../../src/domain/decision.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import { CommentId, RunId } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import {
  admitted,
  branch,
  CANCEL,
  claimed,
  HELP,
  history,
  issue,
  label,
  minutes,
  policy,
  prompt,
  pull,
  RETRY,
  roles,
  routed,
  says,
  sha,
  SKIP,
  snapshot,
  task,
  WHY,
  who,
} from './facts.ts';

type Given = NonNullable<Parameters<typeof task>[1]>;

function after(given: Given, commands: readonly SpokenCommand[], more: Partial<Snapshot> = {}): TaskDecision {
  const world = snapshot([task(12, given)], { commands, ...more });
  const decision = decide(world, policy({ parallel_max: 0 })).tasks.find(({ facts }) => facts.id === '12');
  if (decision === undefined) throw new Error('no decision');
  return decision;
}

const RUNNING = [admitted(), routed(), claimed(1)];
const commandedIn = ({ records }: TaskDecision) => records.filter((record) => record.kind === 'commanded');

describe('letting a task in [TRG-01] [TRG-07]', () => {
  const fresh = (by: string | null, at = -60) =>
    issue(12, {
      label_events: [{ label: label('agent-todo'), by: by === null ? null : who(by), by_bot: false, at: minutes(at) }],
    });

  test('a label by somebody with write access is written down once, with the time of the label', () => {
    const decision = after({ issue: fresh('ada') }, []);
    expect(decision.records).toEqual([{ kind: 'admitted', at: minutes(-60), by: 'ada', issue_id: 'I_12' }]);
    expect(after({ issue: fresh('ada'), records: decision.records }, []).records).toEqual([]);
  });

  test('triage is not enough by default, and the policy may say it is', () => {
    expect(after({ issue: fresh('tom') }, []).records).toEqual([]);
    const world = snapshot([task(12, { issue: fresh('tom') })]);
    const [open] = decide(
      world,
      policy({ parallel_max: 0, intake: { ...DEFAULT_POLICY.intake, permission: 'triage' } }),
    ).tasks;
    expect(open?.records).toMatchObject([{ kind: 'admitted', by: 'tom' }]);
  });

  test('another label name serves as well', () => {
    const world = snapshot([task(12, { issue: issue(12, { labelled: ['Robot'] }) })]);
    const named = { label: label('robot'), permission: 'write' } as const;
    expect(decide(world, policy({ intake: named })).tasks[0]?.records).toMatchObject([
      { kind: 'admitted', by: 'ada' },
      { kind: 'routed' },
    ]);
  });

  test("a trusted person's retry lets in what a stranger labelled; a stranger's does not", () => {
    const stranger = { issue: fresh('eve') };
    const ada = after(stranger, [says('ada', RETRY)]);
    expect(ada.records).toMatchObject([
      { kind: 'admitted', by: 'ada' },
      { kind: 'commanded', verb: 'retry', refused: null },
    ]);
    expect(ada.state).toBe('new');
    expect(after(stranger, [says('eve', RETRY)]).records).toMatchObject([
      { kind: 'commanded', refused: 'not_permitted' },
    ]);
    expect(after({ ...stranger, records: ada.records }, []).state).toBe('new');
  });

  test("an issue without the label is nobody's task, whatever else is on it", () => {
    const decision = after({ issue: issue(12, { labelled: ['bug', 'status:new'] }) }, []);
    expect(decision).toMatchObject({ is_task: false, records: [], starts: [] });
  });

  test('a closed issue that was never let in stays out of the queue', () => {
    expect(after({ issue: issue(12, { open: false }) }, [])).toMatchObject({ is_task: false, records: [] });
  });
});

describe('commands [QUE-06] [QUE-08] [QUE-13] [QUE-19] [ERR-17] [ERR-19] [ERR-21]', () => {
  test("retry opens a new budget with the person's name on it and wishes for an engine", () => {
    const decision = after({ records: history([['crashed'], ['crashed'], ['crashed']]) }, [
      says('ada', { kind: 'command', command: { verb: 'retry', engine: 'codex', model: null } }),
    ]);
    expect(decision.state).toBe('routed');
    expect(decision.journal).toMatchObject({
      epoch: { number: 2, by: 'ada', since: minutes(-2) },
      wish: { engine: 'codex' },
    });
    expect(decision.answers).toEqual([
      {
        to: { comment: 1, comment_node: 'IC_1', issue: 12 },
        by: 'ada',
        at: minutes(-2),
        reaction: 'ROCKET',
        say: null,
      },
    ]);
  });

  test('cancel ends the running attempt and holds the task until a retry [ERR-04] [AGT-19]', () => {
    const decision = after({ records: RUNNING, lease: { kind: 'alive' } }, [says('tom', CANCEL)]);
    expect(decision.records).toMatchObject([
      { kind: 'commanded', verb: 'cancel', by: 'tom', refused: null },
      { kind: 'settled', attempt: 1, outcome: 'cancelled', by: 'reconcile', engine_started: true },
    ]);
    expect(decision.state).toBe('needs_review');
    expect(after({ records: [...RUNNING, ...decision.records] }, [says('ada', RETRY, { id: 2 })]).state).toBe('routed');
  });

  test('cancel also holds what has not started yet', () => {
    expect(after({ records: [admitted()] }, [says('tom', CANCEL)])).toMatchObject({
      state: 'needs_review',
      wait: { reason: { kind: 'cancelled', by: 'tom' } },
    });
  });

  test('skip takes it out, mid-flight too', () => {
    const decision = after({ records: RUNNING, lease: { kind: 'alive' } }, [says('tom', SKIP)]);
    expect(decision.state).toBe('skipped');
    expect(decision.records).toMatchObject([{ kind: 'commanded' }, { kind: 'settled', outcome: 'cancelled' }]);
  });

  test('why and help are answered by a comment, and change nothing else', () => {
    const decision = after({ records: [admitted()] }, [says('eve', WHY), says('eve', HELP, { id: 2 })]);
    expect(decision.answers.map(({ reaction, say }) => [reaction, say?.kind])).toEqual([
      ['THUMBS_UP', 'why'],
      ['THUMBS_UP', 'help'],
    ]);
    expect(decision.state).toBe('new');
  });

  test.each<readonly [string, Given, ParsedCommand, string, object]>([
    [
      'who may not',
      { records: RUNNING },
      CANCEL,
      'eve',
      { kind: 'not_permitted', verb: 'cancel', held: 'read', needed: 'triage' },
    ],
    ['who is not even known', { records: RUNNING }, CANCEL, 'mallory', { kind: 'not_permitted', held: 'none' }],
    ['retry below write', { records: [admitted()] }, RETRY, 'tom', { kind: 'not_permitted', needed: 'write' }],
    [
      'a word that is no command',
      { records: [admitted()] },
      { kind: 'unknown', word: 'dance', refusal: 'unknown_verb' },
      'ada',
      { kind: 'unknown_verb', word: 'dance' },
    ],
    [
      'an engine that does not exist',
      { records: [admitted()] },
      { kind: 'unknown', word: 'gpt9', refusal: 'unknown_engine' },
      'ada',
      { kind: 'unknown_engine', ready: ['claude', 'codex'] },
    ],
    [
      'an engine that cannot run here',
      { records: [admitted()] },
      { kind: 'command', command: { verb: 'retry', engine: 'custom', model: null } },
      'ada',
      { kind: 'unknown_engine', word: 'custom' },
    ],
    [
      'retry while it runs',
      { records: RUNNING, lease: { kind: 'alive' } },
      RETRY,
      'ada',
      { kind: 'already_running', attempt: 1 },
    ],
    [
      'retry when it is merged',
      { records: history([['delivered']]), pull: pull(7, { state: 'merged' }) },
      RETRY,
      'ada',
      { kind: 'already_done', state: 'done' },
    ],
    [
      'skip when it is closed',
      { records: [admitted()], issue: issue(12, { open: false }) },
      SKIP,
      'ada',
      { kind: 'already_done', state: 'done' },
    ],
    [
      'cancel with nothing to stop',
      { records: history([['delivered']]), pull: pull(7), branch: branch() },
      CANCEL,
      'ada',
      { kind: 'nothing_to_cancel', state: 'in_review' },
    ],
    [
      'retry against a skip label',
      { records: [admitted()], issue: issue(12, { labelled: ['agent-todo', 'no-agent'] }) },
      RETRY,
      'ada',
      { kind: 'label_forbids', label: 'no-agent', remedy: 'remove' },
    ],
    [
      'retry without the intake label',
      { records: [admitted()], issue: issue(12, { labelled: [] }) },
      RETRY,
      'ada',
      { kind: 'label_forbids', label: 'agent-todo', remedy: 'add' },
    ],
    [
      "retry with another engine than the label's",
      { records: [admitted()], issue: issue(12, { labelled: ['agent-todo', 'agent:claude'] }) },
      { kind: 'command', command: { verb: 'retry', engine: 'codex', model: null } },
      'ada',
      { kind: 'label_forbids', label: 'agent:claude', remedy: 'remove' },
    ],
    [
      'a word on an issue outside the queue',
      { issue: issue(12, { labelled: [] }) },
      RETRY,
      'ada',
      { kind: 'not_a_task', intake_label: 'agent-todo' },
    ],
  ])('refused with the reason: %s', (_, given, ...[parsed, by, refusal]) => {
    const decision = after(given, [says(by, parsed)]);
    expect(commandedIn(decision)).toMatchObject([{ by, refused: (refusal as { kind: string }).kind }]);
    expect(decision.answers).toMatchObject([{ reaction: 'CONFUSED', say: { kind: 'refused', refusal } }]);
    expect(
      decision.records.filter(({ kind }) => kind === 'admitted' || kind === 'settled' || kind === 'claimed'),
    ).toEqual([]);
  });

  test("a dead lease does not stand in a retry's way", () => {
    const decision = after({ records: RUNNING, lease: { kind: 'dead', cause: 'failed' } }, [says('ada', RETRY)]);
    expect(decision.records).toMatchObject([
      { kind: 'commanded', refused: null },
      { kind: 'settled', attempt: 1, outcome: 'crashed' },
    ]);
    expect(decision.state).toBe('routed');
  });
});

describe('each word counts once', () => {
  test('a command is handled iff its id is in the journal', () => {
    const first = after({ records: history([['failed']]) }, [says('ada', RETRY)]);
    const records = [...history([['failed']]), ...first.records];
    const again = after({ records }, [says('ada', RETRY, { answered: true })]);
    expect(again.records).toEqual([]);
    expect(again.answers).toEqual([]);
  });

  test('a doubled delivery of the same comment is one command', () => {
    const spoken = says('ada', RETRY);
    expect(commandedIn(after({ records: history([['failed']]) }, [spoken, spoken]))).toHaveLength(1);
  });

  test('the last word wins, judged in the light of the earlier ones', () => {
    const decision = after({ records: [admitted()] }, [
      says('tom', CANCEL, { id: 2, at: minutes(-1) }),
      says('ada', SKIP, { id: 1, at: minutes(-3) }),
      says('ada', RETRY, { id: 3, at: minutes(0) }),
    ]);
    expect(commandedIn(decision).map(({ verb, refused }) => [verb, refused])).toEqual([
      ['skip', null],
      ['cancel', 'nothing_to_cancel'],
      ['retry', null],
    ]);
    expect(decision.state).toBe('new');
  });

  test('bots do not command, and strangers outside the queue talk to nobody', () => {
    expect(after({ records: [admitted()] }, [says('ada', CANCEL, { by_bot: true })]).records).toEqual([]);
    expect(after({ issue: issue(12, { labelled: [] }) }, [says('eve', RETRY)])).toMatchObject({
      records: [],
      answers: [],
    });
  });

  test('who has been told that they may not gets a reaction from then on, no second comment', () => {
    const first = after({ records: RUNNING }, [says('eve', CANCEL)]);
    const second = after({ records: [...RUNNING, ...first.records] }, [says('eve', CANCEL, { id: 2 })]);
    expect(second.answers).toMatchObject([{ reaction: 'CONFUSED', say: null }]);
    expect(foldJournal([...RUNNING, ...first.records, ...second.records]).handled_comments.size).toBe(2);
  });

  test('whoever says another word, or has another role by now, is told the reason of that', () => {
    const first = after({ records: RUNNING }, [says('eve', CANCEL)]);
    const records = [...RUNNING, ...first.records];
    expect(after({ records }, [says('eve', RETRY, { id: 2 })]).answers).toMatchObject([
      { say: { kind: 'refused', refusal: { kind: 'not_permitted', verb: 'retry' } } },
    ]);
    const promoted = snapshot([task(12, { records })], {
      commands: [says('eve', CANCEL, { id: 2 })],
      roles: roles({ eve: 'triage' }),
    });
    const strict = policy({ commands: { ...policy().commands, cancel: 'write' } });
    expect(decide(promoted, strict).tasks[0]?.answers).toMatchObject([
      { say: { kind: 'refused', refusal: { kind: 'not_permitted', held: 'triage', needed: 'write' } } },
    ]);
  });

  test('a flood is bounded: twenty now, the rest in the next tick, and it says so', () => {
    const flood = Array.from({ length: 30 }, (_, index) => says('eve', WHY, { id: index + 1 }));
    const world = snapshot([task(12, { records: [admitted()] })], { commands: flood });
    const decision = decide(world, policy());
    expect(decision.tasks[0]?.answers).toHaveLength(20);
    expect(decision.more).toBe(true);
    expect(decision.alarms).toContainEqual({ kind: 'bounded', what: 'commands', left: 10, limit: 20 });
  });

  test('a word on a pull request of ours is a word on its task', () => {
    const decision = after(
      {
        records: [...history([['delivered']]), { kind: 'opened', at: minutes(-1), pr: pull(7).number }],
        pull: pull(7),
        branch: branch(),
      },
      [says('ada', RETRY, { on: 7 })],
    );
    expect(commandedIn(decision)).toMatchObject([
      { verb: 'retry', refused: null, from: { comment: CommentId.parse(1) } },
    ]);
    expect(decision.answers[0]?.to.issue).toBe(7);
    expect(decision.state).toBe('routed');
  });
});

describe('the inbox: what a dispatch asked [QUE-02]', () => {
  const entry = { run: RunId.parse(98), by: who('ada'), at: minutes(-1), tip: sha('inbox') };
  const ask = prompt({ title: 'Tidy up', prompt: 'Remove dead code', engine: 'codex' });

  test('a prompt becomes a task without an issue and starts like any other [TRG-16] [MOD-14]', () => {
    const { tasks, inbox } = decide(snapshot([], { inbox: [{ ...entry, ask }] }), policy());
    expect(tasks[0]).toMatchObject({
      facts: { id: 'i98', issue: null },
      state: 'in_progress',
      starts: [{ attempt: 1, engine: { id: 'codex' } }],
    });
    expect(tasks[0]?.records).toMatchObject([
      { kind: 'asked', run: 98, engine: 'codex' },
      { kind: 'routed', route: { source: 'command' } },
    ]);
    expect(inbox).toEqual([{ kind: 'clear_inbox', run: 98, expected: entry.tip }]);
  });

  test('a prompt already written down is only cleared', () => {
    const asked: JournalRecord = {
      kind: 'asked',
      at: entry.at,
      by: entry.by,
      run: entry.run,
      title: 't',
      prompt: 'p',
      engine: null,
      model: null,
      role: 'code',
    };
    const { tasks, inbox } = decide(
      snapshot([task('i98', { records: [asked, claimed(1)], lease: { kind: 'alive' } })], {
        inbox: [{ ...entry, ask }],
      }),
      policy(),
    );
    expect(tasks[0]?.records).toEqual([]);
    expect(inbox).toHaveLength(1);
  });

  test('a command for an issue is obeyed once, by whoever GitHub let dispatch', () => {
    const ask = {
      kind: 'command',
      issue: issue(12).number,
      command: { verb: 'retry', engine: null, model: null },
    } as const;
    const inbox = [{ ...entry, by: who('release-bot'), ask }];
    const decision = decide(
      snapshot([task(12, { records: history([['auth']]) })], { inbox }),
      policy({ parallel_max: 0 }),
    );
    expect(decision.tasks[0]?.records).toMatchObject([
      { kind: 'commanded', verb: 'retry', by: 'release-bot', from: { run: 98 }, refused: null },
    ]);
    expect(decision.inbox).toHaveLength(1);
  });

  test('a command for something that is no task is cleared and said aloud, never written into a ref', () => {
    const ask = { kind: 'command', issue: issue(44).number, command: { verb: 'skip', until: null } } as const;
    const decision = decide(
      snapshot([task(12, { records: [admitted()] })], { inbox: [{ ...entry, ask }] }),
      policy({ parallel_max: 0 }),
    );
    expect(decision.inbox).toHaveLength(1);
    expect(decision.alarms).toEqual([{ kind: 'dispatch_refused', run: 98, by: 'ada' }]);
  });

  test('a command for a task that could not be read waits', () => {
    const ask = { kind: 'command', issue: issue(12).number, command: { verb: 'skip', until: null } } as const;
    const unread = task(12, { records: [admitted()], issue: null, issue_read: 'unread' });
    expect(decide(snapshot([unread], { inbox: [{ ...entry, ask }] }), policy()).inbox).toEqual([]);
  });

  test('a prompt from somebody below the intake permission starts nothing', () => {
    const strict = policy({ intake: { ...DEFAULT_POLICY.intake, permission: 'maintain' } });
    const decision = decide(snapshot([], { inbox: [{ ...entry, ask }], roles: roles({ ada: 'write' }) }), strict);
    expect(decision.tasks).toEqual([]);
    expect(decision.alarms).toEqual([{ kind: 'dispatch_refused', run: 98, by: 'ada' }]);
  });
});

test('a finished issue that somebody with write access opens again starts over with a new budget; attempts go on counting', () => {
  const opened = { kind: 'opened', at: minutes(-40), pr: pull(7).number } as JournalRecord;
  const done = [
    ...history([['delivered']]),
    opened,
    { kind: 'finished', at: minutes(-30), state: 'done', pr: pull(7).number } as JournalRecord,
  ];
  const merged = pull(7, { state: 'merged', closed_at: minutes(-31) });
  const reopened = (by: string) => issue(12, { reopened: { by: who(by), at: minutes(-20) } });
  const again = after({ records: done, issue: reopened('ada'), pull: merged }, []);
  expect(again).toMatchObject({
    state: 'routed',
    close: null,
    records: [{ kind: 'commanded', from: { event: 'reopened' }, by: 'ada' }],
  });
  expect(after({ records: done, issue: reopened('eve'), pull: merged }, [])).toMatchObject({
    state: 'needs_review',
    close: null,
    wait: { reason: { kind: 'reopened', by: 'eve', needed: 'write' } },
  });
  const [started] = decide(
    snapshot([task(12, { records: [...done, ...again.records], issue: reopened('ada'), pull: merged })]),
    policy(),
  ).tasks;
  expect(started?.starts[0]).toMatchObject({ attempt: 2, branch: null, continues: null });
});

test('a task that nobody read this tick is neither decided nor changed', () => {
  const unread = task(12, { records: [admitted()], issue: null, issue_read: 'unread' });
  expect(decide(snapshot([unread]), policy()).tasks).toEqual([]);
});
