// Owns the histories nobody announced: what GitHub told no workflow of, the sweep finds and sets right, and then is silent.
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ALICE, MALLORY, OWNER, startOrch } from './orch.ts';
import type { OrchOptions, World } from './orch.ts';

const ELSEWHERE = { repository: 'acme/elsewhere', number: 3 };

async function sweep(orch: World): Promise<void> {
  await orch.dispatch({ sweep: 'true' });
}

/** Neither GitHub nor a ref is changed by one more sweep, but for its own line in the history. */
async function expectRest(orch: World): Promise<void> {
  const { door, repository } = orch.stage.github;
  const refs = (): unknown => repository.refs('refs/').filter(({ ref }) => ref !== 'refs/orch/history');
  const before = refs();
  door.reset();
  await sweep(orch);
  expect(door.entries.filter(({ kind, mutating }) => kind !== 'git' && mutating)).toEqual([]);
  expect(refs()).toEqual(before);
}

async function delivered(options: OrchOptions = {}) {
  const orch = await startOrch(options);
  const number = orch.task('write a.txt');
  await orch.settle();
  expect(orch.state(number)).toBe('in_review');
  return { orch, number, world: orch.stage.github.world };
}

async function until(is_so: () => boolean): Promise<void> {
  // bounded by the test's own time
  while (!is_so()) await delay(20);
}

describe('a dependency that changed in silence', () => {
  it('[DEP-09] taken away: the task starts', async () => {
    const orch = await startOrch();
    const { world } = orch.stage.github;
    const blocker = orch.task('write later.txt', { queue: false });
    const number = orch.task('write a.txt', { queue: false });
    world.block(number, blocker);
    orch.label(number, 'agent-todo');
    await orch.settle();
    expect(orch.state(number)).toBe('blocked');
    world.unheard(() => world.unblock(number, blocker));
    await sweep(orch);
    expect(orch.state(number)).toBe('in_review');
    await expectRest(orch);
  });

  it('[DEP-09] no longer in the text, or closed: the tasks start', async () => {
    const orch = await startOrch();
    const { world } = orch.stage.github;
    const blocker = orch.task('a thing for people', { queue: false });
    const [edited, waiting] = ['write a.txt', 'write b.txt'].map((title) =>
      orch.task(title, { body: `Depends on #${blocker}` }),
    );
    await orch.settle();
    world.unheard(() => world.editIssue(ALICE, edited ?? 0, { body: 'On its own now.' }));
    await sweep(orch);
    expect([orch.state(edited ?? 0), orch.state(waiting ?? 0)]).toEqual(['in_review', 'blocked']);
    world.unheard(() => world.close(ALICE, blocker));
    await sweep(orch);
    expect(orch.state(waiting ?? 0)).toBe('in_review');
    await expectRest(orch);
  });
});

describe('an end that nobody announced', () => {
  it.each([
    ['its branch still there', false],
    ['its branch deleted too', true],
  ])('[QUE-10] merged, %s: the task is done, its issue closed, the branch gone', async (_, deletes) => {
    const { orch, number, world } = await delivered();
    world.unheard(() => {
      world.mergePull(ALICE, orch.pull(number)?.number ?? 0);
      if (deletes) world.deleteBranch(ALICE, orch.pull(number)?.pull?.head_ref ?? '');
    });
    await sweep(orch);
    expect([orch.state(number), orch.issue(number).state]).toEqual(['done', 'closed']);
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
    await expectRest(orch);
  });

  it('[QUE-10] closed as not planned: the task is archived', async () => {
    const { orch, number, world } = await delivered();
    world.unheard(() => world.close(ALICE, number, 'not_planned'));
    await sweep(orch);
    expect(orch.state(number)).toBe('archived');
    await expectRest(orch);
  });

  it('[QUE-10] deleted, and transferred: each is let go, nothing is written where it went, and the others go on', async () => {
    const { orch, number: deleted, world } = await delivered();
    const [transferred, kept] = ['write b.txt', 'write c.txt'].map((title) => orch.task(title));
    await orch.settle();
    world.unheard(() => {
      world.deleteIssue(OWNER, deleted);
      world.transferIssue(OWNER, transferred ?? 0, ELSEWHERE);
    });
    await sweep(orch);
    for (const gone of [deleted, transferred ?? 0]) expect(orch.journal(gone).finished?.state).toBe('archived');
    expect(orch.state(kept ?? 0)).toBe('in_review');
    await expectRest(orch);
  });

  it('transferred while its attempt runs: the attempt is stopped, and delivers nothing', async () => {
    const orch = await startOrch();
    const { world, repository } = orch.stage.github;
    const number = orch.task('slow work');
    await until(() => orch.state(number) === 'in_progress');
    world.unheard(() => world.transferIssue(OWNER, number, ELSEWHERE));
    await sweep(orch);
    expect(orch.outcomes(number)).toEqual(['cancelled']);
    expect(repository.refs('refs/heads/orch/')).toEqual([]);
    await expectRest(orch);
  });
});

describe('what was left behind', () => {
  it('[STA-28] status labels that people moved are set right', async () => {
    const { orch, number, world } = await delivered();
    world.unheard(() => {
      world.unlabel(ALICE, number, 'status:in_review');
      world.label(ALICE, number, 'status:routed');
      world.label(ALICE, number, 'status:in_progress');
    });
    await sweep(orch);
    expect(orch.issue(number).labels.filter((label) => label.startsWith('status:'))).toEqual(['status:in_review']);
    await expectRest(orch);
  });

  it('[STA-28] the label of a stranger went again: what was shown goes too, and is looked at though no list has it', async () => {
    const orch = await startOrch();
    const { world } = orch.stage.github;
    const number = orch.task('write a.txt', { by: MALLORY });
    await orch.settle();
    const statuses = () => orch.issue(number).labels.filter((label) => label.startsWith('status:'));
    expect(statuses()).toEqual(['status:needs_review']);
    world.unheard(() => world.unlabel(ALICE, number, 'agent-todo'));
    await sweep(orch);
    expect(statuses()).toEqual(['status:skipped']);
    world.unheard(() => world.label(ALICE, number, 'status:needs_review'));
    await sweep(orch);
    expect(statuses()).toEqual(['status:skipped']);
    await expectRest(orch);
  });

  it('[ERR-11] [ERR-20] an attempt whose run was deleted: the lease is dead, the next attempt delivers', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await until(() => orch.stage.runner.lose('attempt 1 · custom / deliver'));
    await orch.settle();
    const run = orch.journal(number).attempts[0]?.claim.run ?? 0;
    orch.stage.github.world.deleteRun(run);
    await sweep(orch);
    expect(orch.outcomes(number)).toEqual(['crashed', 'delivered']);
    expect(orch.stateComment(number)).toContain('the run no longer exists');
    await expectRest(orch);
  });
});
