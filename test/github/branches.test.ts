// Owns the proof that a task's own branch is known among others that bear its number, and that no new one takes their names.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { AttemptNumber, BranchName, TaskId } from '../../src/domain/ids.ts';
import type { Instant } from '../../src/domain/ids.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { planShowing } from '../../src/reconcile/show.ts';
import { ALICE, claim, scene, settled } from './scene.ts';
import type { Scene, Seen } from './scene.ts';

const WHOLE = { wake: { sweep: true } } as const;

/** What a tick would do, whoever may start having been read once more. */
async function planned(seen: Seen, number: number) {
  const id = TaskId.parse(String(number));
  const read = (await seen.observe.details([id])).get(id);
  if (read === undefined) throw new Error(`#${number} cannot be read`);
  const answer = { kind: 'unanswered', why: 'no_key', detail: '' } as const;
  const tasks = new Map(seen.snapshot.tasks).set(id, { ...read.facts, details: read.details, answer });
  const snapshot = { ...seen.snapshot, tasks };
  const policy = { ...seen.policy, delete_branch: false };
  const decision = decide(snapshot, policy);
  const plan = planShowing({ decision, snapshot, policy, origin: { kind: 'newest' } });
  const records = plan.effects.flatMap((effect) => (effect.kind === 'append_journal' ? effect.records : []));
  return {
    task: decision.tasks.find(({ facts }) => facts.id === id),
    claims: records.filter((record) => record.kind === 'claimed'),
  };
}

/** Words of the issue's page: somebody opened it again. */
function retry(at: Instant): JournalRecord {
  const from = { event: 'reopened' } as const;
  return { kind: 'commanded', at, by: ALICE, from, verb: 'retry', engine: null, model: null, refused: null };
}

/** A round from its claim to its merge, and the issue opened again; the branch stays. */
function mergedRound(world: Scene, number: number, attempt: number, branch: string): readonly JournalRecord[] {
  const { world: shop, repository } = world.github;
  repository.commitFiles(branch, { [`${attempt}.txt`]: 'x\n' }, 'Work');
  const pull = shop.openPull('alice', { title: 'Work', body: `Closes #${number}`, head: branch, base: 'main' });
  const at = world.clock.now();
  const name = { attempt: AttemptNumber.parse(attempt) };
  world.pass(5);
  shop.mergePull('alice', pull.number);
  world.pass(5);
  const done = { kind: 'finished', at: world.clock.now(), state: 'done', pr: null } as const;
  world.pass(5);
  shop.reopen('alice', number);
  world.pass(5);
  return [claim(number, { ...name, at, branch: BranchName.parse(branch) }), settled({ ...name, at }), done];
}

describe('several branches that bear a task’s number', () => {
  it('[MOD-06] its branch is the one its last attempt claimed, and so is its pull request', async () => {
    const world = await scene();
    const { world: shop, repository } = world.github;
    const number = world.issue();
    const first = mergedRound(world, number, 1, `orch/${number}-zebra`);
    const at = world.clock.now();
    const branch = BranchName.parse(`orch/${number}-apple`);
    const second = { attempt: AttemptNumber.parse(2), at };
    const records = [...first, retry(at), claim(number, { ...second, branch }), settled(second)];
    await world.known(number, 'in_review', ...records);
    const head = repository.commitFiles(branch, { 'a.txt': 'a\n' }, 'Apple');
    const pull = shop.openPull('alice', { title: 'Apple', body: `Closes #${number}`, head: branch, base: 'main' });
    const seen = await world.look();
    expect(seen.task(number).branch).toEqual({ name: branch, head });
    expect(seen.task(number).pull).toMatchObject({ number: pull.number, state: 'open' });
    const { task } = await planned(seen, number);
    expect([task?.wait, task?.open_pull]).toEqual([{ kind: 'review', pr: pull.number }, null]);
  });

  it('a checkpoint is gone on with, though somebody’s own branch bears the number too', async () => {
    const world = await scene();
    const { repository } = world.github;
    const number = world.issue();
    const branch = `orch/${number}-add-a-greeting`;
    repository.commitFiles(`orch/${number}-zebra`, { 'z.txt': 'z\n' }, 'Mine');
    const head = repository.commitFiles(branch, { 'a.txt': 'a\n' }, 'Checkpoint');
    await world.known(number, 'routed', claim(number), settled({ outcome: 'timeout' }));
    world.pass(120);
    const { claims } = await planned(await world.look(), number);
    expect(claims).toMatchObject([{ attempt: 2, branch, continues: head }]);
  });

  it('its own deleted, somebody’s is not taken for it', async () => {
    const world = await scene();
    const number = world.issue();
    world.github.repository.commitFiles(`orch/${number}-zebra`, { 'z.txt': 'z\n' }, 'Mine');
    await world.known(number, 'in_review', claim(number), settled());
    const seen = await world.look();
    expect(seen.task(number).branch).toBeNull();
    const { task } = await planned(seen, number);
    expect(task).toMatchObject({ wait: { reason: { kind: 'branch_gone' } }, open_pull: null });
  });

  it('opened again a second time, work goes to a branch of its own: no name that stands for merged work is taken', async () => {
    const world = await scene();
    const number = world.issue();
    const name = `orch/${number}-add-a-greeting`;
    const first = mergedRound(world, number, 1, name);
    const again = retry(world.clock.now());
    const second = mergedRound(world, number, 2, `${name}-2`);
    world.github.repository.commitFiles(`${name}-3`, { 'mine.txt': 'x\n' }, 'Mine');
    await world.known(number, 'done', ...first, again, ...second);
    const { claims } = await planned(await world.look(WHOLE), number);
    expect(claims).toMatchObject([{ attempt: 3, branch: `${name}-4`, continues: null }]);
  });
});
