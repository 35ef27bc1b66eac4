// Owns the histories of what people say and do while Orch works: commands, closing, labels, reviews.
import { describe, expect, it } from 'vitest';
import { addReview } from '../../src/local/model/reviews.ts';
import { ALICE, MALLORY, startOrch } from './orch.ts';

describe('commands', () => {
  it('[QUE-19] [ERR-17] [CLI-15] `/orch retry` opens a new budget in the speaker’s name, and is answered by a reaction', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const number = orch.task('twice a.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('needs_review');
    orch.say(number, '/orch retry');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['crashed', 'delivered']);
    expect(orch.journal(number).epoch).toMatchObject({ number: 2, by: ALICE });
    const spoken = [...orch.stage.github.world.comments.values()].find(({ body }) => body === '/orch retry');
    expect(spoken?.reactions.size).toBe(1);
  });

  it('[QUE-08] [QUE-34] [ERR-19] [AGT-19] [DEL-12] `/orch cancel` stops a running attempt; the task is held until somebody says retry', async () => {
    const orch = await startOrch();
    const number = orch.task('spends much');
    orch.afterStart(2_000, () => orch.say(number, '/orch cancel'));
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['cancelled']);
    expect(orch.journal(number).attempts[0]?.settled?.usage).toMatchObject({ input_tokens: 100, cost_usd: 0.01 });
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.pull(number)).toBeNull();
    expect(orch.stateComment(number)).toContain('/orch retry');
  });

  it('[QUE-07] `/orch skip` takes a task out, `/orch retry` takes it back', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const number = orch.task('never mind');
    await orch.settle();
    orch.say(number, '/orch skip');
    await orch.settle();
    expect(orch.state(number)).toBe('skipped');
    orch.say(number, '/orch retry');
    await orch.settle();
    expect(orch.outcomes(number)).toHaveLength(2);
  });

  it('`/orch why` and `/orch help` are answered under the issue, once each', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    orch.say(number, '/orch why');
    await orch.settle();
    orch.say(number, '@orchestrator help');
    await orch.settle();
    await orch.cron();
    const answers = orch.comments(number).filter((body) => body.includes('orch:answer'));
    expect(answers).toHaveLength(2);
    expect(answers[1]).toContain('/orch retry');
  });

  it('[SEC-07] somebody without the role is refused, with the reason, and nothing happens', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const number = orch.task('never mind');
    await orch.settle();
    orch.say(number, '/orch retry', MALLORY);
    await orch.settle();
    expect(orch.outcomes(number)).toHaveLength(1);
    expect(orch.comments(number).some((body) => body.includes('write'))).toBe(true);
  });

  it('[TRG-08] a mention where no task is becomes a task of its own, and its pull request follows', async () => {
    const orch = await startOrch();
    const number = orch.task('A question of somebody', { queue: false });
    orch.say(number, '@orchestrator write a.txt please');
    await orch.settle();
    const [answer = '', ...more] = orch.comments(number);
    expect(more).toEqual([]);
    const task = /task (i\d+)/.exec(answer)?.[1] ?? '';
    expect(orch.outcomes(task)).toEqual(['delivered']);
    expect(orch.pull(task)?.state).toBe('open');
    expect(orch.issue(number).labels).toEqual([]);
    await orch.cron();
    expect(orch.comments(number)).toHaveLength(1);
  });

  it('[BLT-17] quotations, code, edits and bots do not speak', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const number = orch.task('never mind');
    await orch.settle();
    orch.say(number, '> /orch retry\n\nno, do not');
    orch.say(number, '```\n/orch retry\n```');
    orch.say(number, '/orch retry', 'renovate[bot]');
    await orch.settle();
    await orch.cron();
    expect(orch.outcomes(number)).toHaveLength(1);
  });
});

describe('what people do by hand', () => {
  it('[STA-14] an issue closed in mid-flight stops its attempt, and nothing is pushed', async () => {
    const orch = await startOrch();
    const number = orch.task('slow work');
    orch.afterStart(2_000, () => orch.stage.github.world.close(ALICE, number, 'not_planned'));
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['cancelled']);
    expect(orch.state(number)).toBe('archived');
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
  });

  it('[STA-16] closed as not planned is archived, reopened is taken up again', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt', { queue: false });
    orch.stage.github.world.close(ALICE, number, 'not_planned');
    orch.label(number, 'agent-todo');
    await orch.settle();
    expect(orch.pull(number)).toBeNull();
    orch.stage.github.world.reopen(ALICE, number);
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
  });

  it('[STA-21] the comment tells a pull request that is open from one that is to be changed, approved, merged', async () => {
    const orch = await startOrch();
    const { world } = orch.stage.github;
    world.required_approvals = 1;
    const number = orch.task('write a.txt');
    await orch.settle();
    const pull = orch.pull(number);
    if (pull === null) throw new Error('no pull request');
    const standing = () => new RegExp(`#${pull.number} (\\w[\\w, ]*) \\|`).exec(orch.stateComment(number))?.[1];
    const said = [standing()];
    for (const verdict of ['REQUEST_CHANGES', 'APPROVE'] as const) {
      addReview(world, world.as('acme'), pull, { verdict, body: 'Seen.' });
      await orch.settle();
      said.push(standing());
    }
    await orch.merge(number);
    expect([...said, standing()]).toEqual(['open', 'open, changes requested', 'open, approved', 'merged']);
  });

  it('a pull request closed by hand asks a person; `/orch retry` works on', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    orch.stage.github.world.closePull(ALICE, orch.pull(number)?.number ?? 0);
    await orch.settle();
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.stateComment(number)).toContain('closed');
    orch.say(number, '/orch retry');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['delivered', 'delivered']);
    expect(orch.pull(number)?.state).toBe('open');
  });

  it('[STA-28] a status label typed by hand that cannot have its way is taken away, with a sentence', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    orch.label(number, 'status:in_progress');
    await orch.settle();
    expect(orch.issue(number).labels.filter((label) => label.startsWith('status:'))).toEqual(['status:in_review']);
    expect(orch.stateComment(number)).toContain('The label `status:in_progress`, set by alice, was taken away again');
  });

  it('[STA-28] one that is a wish is obeyed as the command behind it', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    orch.label(number, 'status:done');
    await orch.settle();
    expect(orch.issue(number).labels.filter((label) => label.startsWith('status:'))).toEqual(['status:done']);
    expect(orch.journal(number).finished?.state).toBe('done');
  });
});
