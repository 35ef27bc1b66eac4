// Owns the proof that a task's pull request is found whatever people write into it, and however many stand before it.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { AttemptNumber, BranchName, CommentId, CommitSha, PrNumber, RunId, TaskId } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import { ALICE, RUN, claim, scene, settled } from './scene.ts';
import type { Scene, Seen } from './scene.ts';

/** What would be done for a task now. */
function decided({ snapshot, policy }: Seen, id: number | string) {
  const task = decide(snapshot, policy).tasks.find(({ facts }) => facts.id === String(id));
  return { state: task?.state, wait: task?.wait, opens: task?.open_pull?.branch ?? null };
}

/** Delivered on its branch, with a pull request of the given text. */
async function delivered(world: Scene, body: (number: number) => string, ...more: readonly JournalRecord[]) {
  const { world: shop, repository } = world.github;
  const number = world.issue();
  const branch = `orch/${number}-add-a-greeting`;
  await world.known(number, 'in_review', claim(number), settled(), ...more);
  repository.commitFiles(branch, { 'a.txt': 'hi\n' }, 'Greet');
  const pull = shop.openPull('alice', { title: 'Greet', body: body(number), head: branch, base: 'main' });
  return { number, branch, pull: pull.number };
}

const WHOLE = { wake: { sweep: true } } as const;

describe('a pull request whose text somebody rewrote', () => {
  it('[GIT-07] is still its task’s: rejected, a person is asked and no second one is opened', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const { number, pull } = await delivered(world, (issue) => `Closes #${issue}`);
    expect((await world.look()).task(number).pull?.number).toBe(pull);
    shop.editPull('alice', pull, { body: 'A greeting, in my own words.' });
    const rewritten = await world.look();
    expect(rewritten.task(number).pull).toMatchObject({ number: pull, state: 'open' });
    expect(decided(rewritten, number)).toEqual({ state: 'in_review', wait: { kind: 'review', pr: pull }, opens: null });
    shop.closePull('alice', pull);
    expect(decided(await world.look(WHOLE), number)).toMatchObject({
      state: 'needs_review',
      wait: { reason: { kind: 'pr_closed', pr: pull } },
      opens: null,
    });
  });

  it('merged, with its branch gone, the task is done', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const { number, branch, pull } = await delivered(world, (issue) => `Closes #${issue}`);
    shop.editPull('alice', pull, { body: 'A greeting.' });
    shop.mergePull('alice', pull);
    shop.deleteBranch('alice', branch);
    expect(decided(await world.look(WHOLE), number).state).toBe('done');
  });

  it('is found by the number on record where the branch’s name says nothing: forks may use it as well', async () => {
    const world = await scene();
    const { world: shop, repository } = world.github;
    const number = world.issue();
    repository.commitFiles('orch/renamed', { 'a.txt': 'hi\n' }, 'Greet');
    const pull = shop.openPull('alice', { title: 'Greet', body: '', head: 'orch/renamed', base: 'main' });
    const opened = { kind: 'opened', at: world.clock.now(), pr: PrNumber.parse(pull.number) } as const;
    await world.known(number, 'in_review', claim(number), settled(), opened);
    expect((await world.look()).task(number).pull?.number).toBe(pull.number);
    expect(world.requests().filter((request) => request === 'POST Pulls')).toHaveLength(1);
  });

  it('where GitHub does not say, the task is left alone: what was not read is no reason to open another', async () => {
    const world = await scene();
    const { number } = await delivered(world, () => '');
    world.github.faults.add({
      kind: 'graphql',
      what: 'Pulls',
      fault: 'partial',
      path: ['repository', 'head0', 'nodes'],
    });
    const seen = await world.look();
    expect(seen.task(number).issue_read).toBe('unread');
    expect(seen.snapshot.unread.map(({ task }) => task)).toContain(String(number));
    expect(decided(seen, number).opens).toBeNull();
  });
});

describe('a pull request that says `For #n`, which closes nothing', () => {
  const FOR = (issue: number) => `For #${issue}`;

  it('merged and on record as finished, the task stays done, with its branch or without', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const { number, branch, pull } = await delivered(world, FOR);
    const at = world.clock.now();
    shop.mergePull('alice', pull);
    expect(decided(await world.look(WHOLE), number).state).toBe('done');
    await world.record(number, { kind: 'finished', at, state: 'done', pr: PrNumber.parse(pull) });
    expect(decided(await world.look(WHOLE), number)).toMatchObject({ state: 'done', opens: null });
    shop.deleteBranch('alice', branch);
    expect(decided(await world.look(WHOLE), number)).toMatchObject({ state: 'done', opens: null });
  });

  it('merged while a newer attempt ran out of time, the task is done and nothing starts', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const { number, pull } = await delivered(world, FOR);
    const at = world.clock.now();
    const attempt = AttemptNumber.parse(2);
    const from = { comment: CommentId.parse(77) };
    await world.record(
      number,
      { kind: 'opened', at, pr: PrNumber.parse(pull) },
      { kind: 'commanded', at, by: ALICE, from, verb: 'retry', engine: null, model: null, refused: null },
      claim(number, { at, attempt, run: RUN.run }),
      settled({ at, attempt, outcome: 'timeout' }),
    );
    world.pass(5);
    shop.mergePull('alice', pull);
    world.pass(60);
    expect(decided(await world.look(WHOLE), number).state).toBe('done');
  });

  it('is found by its number alone where the journal was lost and rebuilt', async () => {
    const world = await scene();
    const { number, pull } = await delivered(world, FOR);
    const pr = PrNumber.parse(pull);
    const lost = world.issue('Lost');
    const open = { kind: 'rebuilt', at: world.clock.now(), attempts_before: 1, pr } as const;
    await world.known(lost, 'in_review', open);
    const seen = await world.look(WHOLE);
    expect(seen.task(number).pull?.number).toBe(pull);
    expect(decided(seen, lost)).toEqual({ state: 'in_review', wait: { kind: 'review', pr }, opens: null });
  });
});

describe('how little is asked', () => {
  it('nothing more for a task whose pull request is linked, or that has delivered nothing', async () => {
    const world = await scene();
    const { number } = await delivered(world, (issue) => `Closes #${issue}`);
    const other = world.issue('Other');
    await world.known(other, 'needs_review', claim(other), settled({ outcome: 'no_change' }));
    await world.look(WHOLE);
    expect(number).toBeLessThan(other);
    expect(world.requests()).not.toContain('POST Pulls');
  });

  it('nor for a task opened anew, whose merged pull request is still linked: that one is history', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const { number, pull } = await delivered(world, (issue) => `Closes #${issue}`);
    const at = world.clock.now();
    shop.mergePull('alice', pull);
    world.pass(5);
    const from = { comment: CommentId.parse(77) };
    const again = { kind: 'commanded', by: ALICE, from, verb: 'retry', engine: null, model: null } as const;
    await world.record(
      number,
      { kind: 'opened', at, pr: PrNumber.parse(pull) },
      { ...again, at: world.clock.now(), refused: null },
    );
    await world.look(WHOLE);
    expect(world.requests()).not.toContain('POST Pulls');
  });
});

describe('five older pull requests of others', () => {
  it('do not hide the sixth, which is ours', async () => {
    const world = await scene();
    const { world: shop, repository } = world.github;
    const number = world.issue();
    for (let i = 0; i < 5; i += 1) {
      repository.commitFiles(`someone/try-${i}`, { [`f${i}.txt`]: 'hi\n' }, 'Try');
      const body = `Fixes #${number}`;
      const { number: theirs } = shop.openPull('alice', { title: 'Try', body, head: `someone/try-${i}`, base: 'main' });
      shop.closePull('alice', theirs);
    }
    await world.known(number, 'in_review', claim(number), settled());
    const head = `orch/${number}-add-a-greeting`;
    repository.commitFiles(head, { 'a.txt': 'hi\n' }, 'Greet');
    const pull = shop.openPull('alice', { title: 'Greet', body: `Closes #${number}`, head, base: 'main' });
    expect(decided(await world.look(), number)).toMatchObject({ wait: { pr: pull.number }, opens: null });
    shop.closePull('alice', pull.number);
    expect(decided(await world.look(WHOLE), number).state).toBe('needs_review');
  });
});

describe('tasks without an issue', () => {
  function begun(world: Scene, id: string, outcome: OutcomeKind): readonly [string, readonly JournalRecord[]] {
    const at = world.clock.now();
    const asked = { title: 'Look', prompt: 'Look.', engine: null, model: null, role: 'code' } as const;
    const records: readonly JournalRecord[] = [
      { kind: 'asked', at, by: ALICE, run: RunId.parse(Number(id.slice(1))), ...asked },
      claim(1, { at, branch: BranchName.parse(`orch/${id}-look`), base: CommitSha.parse('a'.repeat(40)) }),
      settled({ at, outcome }),
    ];
    return [id, records];
  }

  it('are asked about by branch where they delivered, however many ended otherwise or wait as well', async () => {
    const world = await scene();
    const { world: shop, repository } = world.github;
    const others = Array.from({ length: 120 }, (_, i) =>
      begun(world, `i${6000 + i}`, i < 60 ? 'no_change' : 'delivered'),
    );
    await world.recordInternal(new Map([...others, begun(world, 'i9000', 'delivered')]));
    repository.commitFiles('orch/i9000-look', { 'a.txt': 'hi\n' }, 'Look');
    const pull = shop.openPull('alice', { title: 'Look', body: '', head: 'orch/i9000-look', base: 'main' });
    const open = await world.look();
    expect(open.snapshot.tasks.get(TaskId.parse('i9000'))?.pull?.number).toBe(pull.number);
    expect(world.requests().filter((request) => request === 'POST Pulls')).toHaveLength(1);
    shop.mergePull('alice', pull.number);
    shop.deleteBranch('alice', 'orch/i9000-look');
    expect(decided(await world.look(WHOLE), 'i9000').state).toBe('done');
  });
});
