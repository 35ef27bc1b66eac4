// Owns what one task leaves behind, through the bundle as processes: names that lead back to it, output by its size.
import { describe, expect, it } from 'vitest';
import { deleteLabel } from '../../src/local/model/issues.ts';
import { parseBranch } from '../../src/wire/branch-name.ts';
import { parseJobName } from '../../src/wire/leg-name.ts';
import { parsePullMarker } from '../../src/wire/pr-body.ts';
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
  it('[MOD-10] [MOD-20] [MOD-21] [DAT-04] [QUE-03] leave jobs, artifacts and a branch that are named after the task and the attempt', async () => {
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
      `orch-brief-code-${number}-1`,
      `orch-brief-code-${number}-2`,
      `orch-hand-in-code-${number}-1`,
      `orch-hand-in-code-${number}-2`,
    ]);
    const branches = orch.journal(number).attempts.map(({ claim }) => claim.branch);
    expect(branches).toEqual([`orch/${number}-twice-a-txt`, `orch/${number}-twice-a-txt`]);
    expect(orch.pull(number)?.pull?.head_ref).toBe(branches[0]);
  });
});

describe('whoever comes from another end', () => {
  it('[BLT-29] finds the task by its issue, by a job of its run, by its branch and by its pull request', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    const pull = orch.pull(number);
    const head = pull?.pull?.head_ref ?? '';
    const found = [
      ...leftBy(orch, number).jobs.flatMap((job) => parseJobName(job)?.task ?? []),
      parseBranch(head)?.task,
      parsePullMarker(pull?.body ?? '')?.task,
    ];
    expect(found).toEqual(Array.from({ length: 4 }, () => String(number)));
    orch.say(number, '/orch why');
    await orch.settle();
    orch.say(pull?.number ?? 0, '/orch why');
    await orch.settle();
    const [under_issue, under_pull] = [number, pull?.number ?? 0].map((place) => orch.comments(place).at(-1) ?? '');
    expect(under_issue).toContain('Ready for review in #');
    expect(under_pull?.split('\n')[0]).toBe(under_issue?.split('\n')[0]);
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

describe('without a server', () => {
  it('[ENG-13] jobs are runs, live output is their log, and what the next run must know is in refs', async () => {
    const job = '  - { name: report, kind: command, cron: "0 0 1 1 *", command: [node, tools/report.mjs] }\n';
    const report = "import { writeFileSync } from 'node:fs';\nwriteFileSync('report.md', 'All is well.');\n";
    const orch = await startOrch({ config: `jobs:\n${job}`, files: { 'tools/report.mjs': report } });
    const number = orch.task('write a.txt');
    orch.say(number, '/orch job run report');
    await orch.settle();
    const { world, repository } = orch.stage.github;
    expect([...world.runs.values()].filter(({ status }) => status !== 'completed')).toEqual([]);
    for (const line of ['changed file', 'handed in: delivered'])
      expect(orch.log.filter((said) => said.includes(line)).length, line).toBeGreaterThanOrEqual(2);
    const refs = repository.refs('refs/').map(({ ref }) => ref);
    const [ours, others] = [
      refs.filter((ref) => ref.startsWith('refs/orch/')),
      refs.filter((ref) => !ref.startsWith('refs/orch/')),
    ];
    expect(ours.map((ref) => ref.replace(/task\/i?\d+$/, 'task/<id>')).sort()).toEqual([
      'refs/orch/history',
      'refs/orch/room',
      'refs/orch/task/<id>',
      'refs/orch/task/<id>',
    ]);
    expect(others.filter((ref) => !/^refs\/heads\/(?:main$|orch\/)/.test(ref))).toEqual([]);
    orch.say(number, '/orch job list');
    await orch.settle();
    expect(orch.comments(number).at(-1)).toMatch(/`report` \| `0 0 1 1 \* UTC` \| .* \| .*task i\d+, `in_review`/);
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
