// Owns what one task leaves behind, through the bundle as processes: names that lead back to it, output by its size.
import { describe, expect, it } from 'vitest';
import { deleteLabel } from '../../src/local/model/issues.ts';
import { ALICE, startOrch } from './orch.ts';
import type { World } from './orch.ts';

/** Jobs and artifacts of the runs in which attempts of a task ran. */
function leftBy(orch: World, task: number) {
  const { world, artifacts } = orch.stage.github;
  const runs = [...new Set(orch.journal(task).attempts.map(({ claim }) => Number(claim.run)))];
  const jobs = [...world.jobs.values()].filter(({ run }) => runs.includes(run)).map(({ name }) => name);
  return { jobs, artifacts: runs.flatMap((run) => artifacts.list(run)) };
}

describe('an attempt that fails and one that delivers', () => {
  it('[MOD-10] [MOD-21] [DAT-04] [QUE-03] leave jobs, artifacts and a branch that are named after the task and the attempt', async () => {
    const orch = await startOrch();
    const number = orch.task('twice a.txt');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['crashed', 'delivered']);
    const { jobs, artifacts } = leftBy(orch, number);
    for (const attempt of [1, 2])
      for (const part of ['attempt', 'deliver'])
        expect(jobs.filter((job) => job.endsWith(`#${number} · attempt ${attempt} · custom / ${part}`))).toHaveLength(
          1,
        );
    expect(artifacts.map(({ name }) => name).sort()).toEqual([
      `orch-brief-${number}-1`,
      `orch-brief-${number}-2`,
      `orch-hand-in-${number}-1`,
      `orch-hand-in-${number}-2`,
    ]);
    const branches = orch.journal(number).attempts.map(({ claim }) => claim.branch);
    expect(branches).toEqual([`orch/${number}-twice-a-txt`, `orch/${number}-twice-a-txt`]);
    expect(orch.pull(number)?.pull?.head_ref).toBe(branches[0]);
  });
});

describe('where things are kept', () => {
  it('[MOD-15] [DAT-07] what is small stands with the task, one line an attempt; what is large is an artifact', async () => {
    const orch = await startOrch();
    const number = orch.task('record it');
    await orch.settle();
    const comment = orch.stateComment(number);
    const memory = JSON.parse(/<!-- orch:state v1 (.*) -->/.exec(comment)?.[1] ?? '{}') as object;
    const branch = orch.pull(number)?.pull?.head_ref ?? '';
    expect(memory).toMatchObject({ task: String(number), attempts: 1, branch, engine: 'custom' });
    expect(comment.split('\n').filter((line) => line.startsWith('| 1 |'))).toHaveLength(1);
    const [, , folder = ''] = (orch.file(branch, 'received.txt') ?? '').split('\n---\n');
    expect(folder.trim()).toMatch(new RegExp(`/${number}-1/work$`));
    const [prompt = ''] = (orch.file(branch, 'received.txt') ?? '').split('\n---\n');
    const summary = orch.summaries.find((one) => one.summary.includes('In its own words'))?.summary ?? '';
    expect(summary).toContain(`#${number}, attempt 1: delivered`);
    for (const short of [summary, comment, JSON.stringify(orch.journal(number))]) expect(short).not.toContain(prompt);
    const hand_in = leftBy(orch, number).artifacts.find(({ name }) => name.startsWith('orch-hand-in'));
    expect(hand_in?.size_in_bytes).toBeGreaterThan(0);
  });
});

describe('the labels of the repository', () => {
  it('[TRG-04] that are missing are made once, and one that somebody deleted is made again', async () => {
    const orch = await startOrch();
    const { world, door } = orch.stage.github;
    const first = orch.task('write a.txt');
    await orch.settle();
    const names = [...world.labels.keys()];
    expect(names).toEqual(
      expect.arrayContaining(['agent-skipped', 'status:done', 'priority:critical', 'agent:custom']),
    );
    door.reset();
    await orch.merge(first);
    const made = () => door.entries.filter(({ what }) => /createLabel|Labels?$/.test(what)).map(({ what }) => what);
    expect([...world.labels.keys()]).toEqual(names);
    expect(made()).toEqual([]);
    deleteLabel(world, world.as(ALICE), 'status:in_review');
    orch.task('write b.txt');
    await orch.settle();
    expect([...world.labels.keys()].sort()).toEqual([...names].sort());
  });
});
