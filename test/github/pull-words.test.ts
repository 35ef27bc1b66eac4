// Owns the proof that a tick sees what is said on pull requests, whosever they are, and asks no more for it than it must.
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { IssueNumber, PrNumber, TaskId } from '../../src/domain/ids.ts';
import { claim, scene, settled } from './scene.ts';
import type { Scene } from './scene.ts';

function opensPull(world: Scene): number {
  const { world: shop, repository } = world.github;
  repository.commitFiles('feature', { 'a.txt': 'hi\n' }, 'Greet');
  return shop.openPull('alice', { title: 'Greet', body: '', head: 'feature', base: 'main' }).number;
}

describe('a comment on the pull request that is on record for a task', () => {
  test.each([[true], [false]])(
    'speaks to that task, whatever its branch is called; woken by it: %s',
    async (is_woken) => {
      const world = await scene();
      const task = world.issue();
      const number = opensPull(world);
      const at = world.clock.now();
      await world.known(task, 'in_review', claim(task), settled(), { kind: 'opened', at, pr: PrNumber.parse(number) });
      await world.watermark();
      world.pass(5);
      world.github.world.comment('alice', number, '/orch say keep the names');
      const issue = IssueNumber.parse(number);
      const { snapshot, policy } = await world.look(is_woken ? { wake: { cause: 'issue_comment', issue } } : {});
      const spoken_to = decide(snapshot, policy).tasks.filter(({ records }) =>
        records.some(({ kind }) => kind === 'commanded'),
      );
      expect(snapshot.tasks.has(TaskId.parse(String(number)))).toBe(false);
      expect(spoken_to.map(({ facts, journal }) => [facts.id, journal.notes.map(({ text }) => text)])).toEqual([
        [String(task), ['keep the names']],
      ]);
    },
  );
});

describe('a comment on the pull request of a task that rests', () => {
  test('has the task looked at, whatever the branch is called, though no event came', async () => {
    const world = await scene();
    const task = world.issue();
    const number = opensPull(world);
    const opened = { kind: 'opened', at: world.clock.now(), pr: PrNumber.parse(number) } as const;
    await world.known(task, 'needs_review', claim(task), settled(), opened);
    world.pass(60);
    await world.watermark();
    world.pass(60);
    world.github.world.comment('alice', number, '/orch why');
    expect((await world.look()).task(task).issue_read).toBe('read');
  });
});

describe('a comment on a pull request that is no task of ours', () => {
  test('is heard in a tick by the clock: the pull request is there to be answered under', async () => {
    const world = await scene();
    await world.watermark();
    const number = opensPull(world);
    world.github.world.comment('alice', number, '/orch help');
    const seen = await world.look();
    expect([seen.task(number).issue_read, seen.task(number).issue]).toEqual(['pull', null]);
    expect(seen.snapshot.pulls?.get(IssueNumber.parse(number))).toMatchObject({ task: null });
    expect([seen.snapshot.unread, seen.snapshot.unheard_since]).toEqual([[], null]);
  });

  test('is read once where its own event wakes the tick', async () => {
    const world = await scene();
    await world.watermark();
    const number = opensPull(world);
    world.github.world.comment('alice', number, '/orch help');
    const seen = await world.look({ wake: { cause: 'issue_comment', issue: IssueNumber.parse(number) } });
    expect(seen.task(number).issue_read).toBe('pull');
    expect(world.requests().filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });

  test('by a stranger leaves nothing behind', async () => {
    const world = await scene();
    await world.watermark();
    const number = opensPull(world);
    world.github.world.comment('mallory', number, '/orch help');
    const { snapshot } = await world.look();
    expect([...snapshot.tasks.keys()]).toEqual([]);
  });
});
