// Owns the proof of deliver's one push in real git: branch and journal together, and who is to blame when neither moved.
import { expect, it } from 'vitest';
import { BranchName, CommitSha, TaskId } from '../../src/domain/ids.ts';
import { pushHandOver } from '../../src/git/hand-over.ts';
import type { HandOverWork } from '../../src/git/hand-over.ts';
import { readJournals } from '../../src/git/journals.ts';
import { EMPTY_TREE } from '../../src/git/write-commit.ts';
import { claim, scene, settled } from '../github/scene.ts';
import type { Scene } from '../github/scene.ts';

const BRANCH = BranchName.parse('orch/1-add-a-greeting');
const TASK = TaskId.parse('1');

/** Attempt 1 of issue 1 runs, and nothing stands on its branch. */
async function running(): Promise<Scene> {
  const world = await scene();
  await world.record(world.issue(), claim(1));
  return world;
}

/** What the attempt's deliver job does, having read the journal before. */
async function handsOver(world: Scene, given: { readonly work: boolean }) {
  const git = await world.git();
  const tip = (await readJournals(git)).chains.get(TASK)?.tip;
  if (tip === undefined) throw new Error('the attempt is on record');
  const parent = CommitSha.parse(world.github.repository.resolve('refs/heads/main'));
  await git.run(['fetch', '--quiet', git.remote.url, 'refs/heads/main']);
  const at = world.clock.now();
  const work: HandOverWork = {
    branch: BRANCH,
    expected: null,
    commit: { tree: EMPTY_TREE, parent, message: 'Add a greeting', at },
  };
  const pause = (ms: number): Promise<void> => {
    world.pauses.push(ms);
    return Promise.resolve();
  };
  const journal = { expected: tip, records: (head: CommitSha | null) => [settled({ head })] };
  return {
    tip,
    push: () =>
      pushHandOver(git, { task: TASK, at, writer: 'deliver', journal, work: given.work ? work : null, pause }),
  };
}

function takesNoPush(world: Scene, times: number): void {
  const what = 'git-receive-pack';
  world.github.faults.add({ kind: 'git', method: 'POST', what, fault: 'status', status: 502, times });
}

const branchOf = ({ github }: Scene) => github.repository.resolve(`refs/heads/${BRANCH}`);
const journalOf = ({ github }: Scene) => github.repository.resolve('refs/orch/task/1');

it('a push that GitHub takes at the third try is a delivery like any other', async () => {
  const world = await running();
  const { push } = await handsOver(world, { work: true });
  takesNoPush(world, 2);
  const pushed = await push();
  expect(pushed).toEqual({ kind: 'pushed', head: branchOf(world) });
  expect(world.pauses).toHaveLength(2);
});

it.each([true, false])(
  'GitHub that takes no push accuses nobody: branch and journal stand as they stood (work: %s)',
  async (work) => {
    const world = await running();
    const { push, tip } = await handsOver(world, { work });
    takesNoPush(world, 3);
    expect(await push()).toEqual({ kind: 'not_taken' });
    expect([branchOf(world), journalOf(world)]).toEqual([null, tip]);
  },
);

it('somebody who pushed to the branch is named as the reason, and theirs stays', async () => {
  const world = await running();
  const { push, tip } = await handsOver(world, { work: true });
  const theirs = world.github.repository.commitFiles(BRANCH, { 'a.txt': 'theirs\n' }, 'Theirs');
  expect(await push()).toMatchObject({ kind: 'branch_moved', detail: expect.stringContaining(BRANCH) });
  expect([branchOf(world), journalOf(world)]).toEqual([theirs, tip]);
});

it('a journal that moved meanwhile is told, whatever stands on the branch', async () => {
  const world = await running();
  const { push } = await handsOver(world, { work: true });
  await world.record(1, settled({ outcome: 'cancelled', by: 'reconcile' }));
  world.github.repository.commitFiles(BRANCH, { 'a.txt': 'theirs\n' }, 'Theirs');
  expect(await push()).toEqual({ kind: 'journal_moved' });
});
