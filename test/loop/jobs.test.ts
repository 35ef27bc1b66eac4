// Owns the histories of scheduled jobs and of tasks without an issue, through the bundle.
import { describe, expect, it } from 'vitest';
import { ALICE, startOrch } from './orch.ts';

const REPORT = `jobs:
  - name: report
    kind: command
    cron: "0 0 1 1 *"
    command: [node, -e, "require('node:fs').writeFileSync('report.md', 'All is well.')"]
`;

describe('a scheduled job', () => {
  it('[JOB-02] [JOB-08] [JOB-09] runs its command when somebody says so, and its work becomes a pull request', async () => {
    const orch = await startOrch({ config: REPORT });
    const number = orch.task('something else', { queue: false });
    orch.say(number, '/orch job run report');
    await orch.settle();
    orch.say(number, '/orch job list');
    await orch.settle();
    const listed = orch.comments(number).find((body) => body.includes('| Job |')) ?? '';
    const task = /task (i\d+)/.exec(listed)?.[1] ?? '';
    expect(listed).toContain('`report` | `0 0 1 1 * UTC`');
    expect(orch.outcomes(task)).toEqual(['delivered']);
    expect(orch.journal(task).asked).toMatchObject({ by: 'alice', job: { name: 'report' } });
    const branch = orch.journal(task).attempts[0]?.claim.branch ?? '';
    expect(orch.file(branch, 'report.md')).toBe('All is well.');
    expect(orch.pull(task)?.pull).not.toBeNull();
    await orch.cron();
    expect(orch.outcomes(task)).toEqual(['delivered']);
  });
});

const LOOK_BACK = `attempts_max: 1
parallel_max: 4
verify: [[node, -e, "process.exit(4)"]]
jobs: [{ name: look-back, cron: "0 0 1 1 *", kind: self-improvement }]
`;

describe('Orch about itself', () => {
  it('[JOB-10] files what stands out in its history, once, and does not work on it', async () => {
    const orch = await startOrch({ config: LOOK_BACK });
    const { world } = orch.stage.github;
    const numbers = ['a', 'b', 'c', 'd'].map((name) => orch.task(`write ${name}.txt`));
    await orch.settle();
    await orch.cron();
    expect(numbers.flatMap((number) => orch.outcomes(number))).toEqual(numbers.map(() => 'proof_failed'));
    orch.say(numbers[0] ?? 0, '/orch job run look-back');
    await orch.settle();
    await orch.cron();
    const filed = [...world.issues.values()].filter(({ body }) => body.includes('orch:finding'));
    expect(filed.map(({ title, labels }) => ({ title, labels }))).toEqual([
      {
        title: '`node -e process.exit(4)` fails on many tasks',
        labels: ['self-improvement', 'scheduled', 'job:look-back'],
      },
    ]);
    expect(world.labels.get('self-improvement')?.color).toBe('c2e0c6');
    orch.say(numbers[0] ?? 0, '/orch job run look-back');
    await orch.settle();
    expect([...world.issues.values()].filter(({ body }) => body.includes('orch:finding'))).toHaveLength(1);
  });
});

describe('a task without an issue', () => {
  it('[TRG-16] is given one by `publish`, once', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const { world } = orch.stage.github;
    await orch.dispatch({ prompt: 'never mind' });
    const task = /internal task (i\d+)/.exec(orch.log.join('\n'))?.[1] ?? '';
    expect(orch.outcomes(task)).toHaveLength(1);
    await orch.dispatch({ issue: task, verb: 'publish' });
    await orch.cron();
    const published = [...world.issues.values()].filter(({ body }) => body.includes('orch:published'));
    expect(published.map(({ title, labels }) => ({ title, labels }))).toEqual([{ title: 'never mind', labels: [] }]);
    expect(orch.journal(task)).toMatchObject({ published: published[0]?.number, finished: { state: 'archived' } });
  });
});

describe('a workflow that listens', () => {
  it('[BLT-09] is told of each moment it asked for', async () => {
    const orch = await startOrch({ config: 'hooks: { on_pr: delivered, on_done: shipped }\n' });
    const { door, world } = orch.stage.github;
    const number = orch.task('write a.txt');
    await orch.settle();
    world.mergePull(ALICE, orch.pull(number)?.number ?? 0);
    await orch.settle();
    await orch.cron();
    const sent = door.entries.filter(({ what }) => what.endsWith('/shop/dispatches'));
    expect(sent.map(({ status }) => status)).toEqual([204, 204]);
  });
});
