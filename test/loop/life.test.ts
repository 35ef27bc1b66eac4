// Owns the histories of a task's life, through the bundle as processes: from a label to a closed issue.
import { describe, expect, it } from 'vitest';
import { ALICE, MALLORY, startOrch } from './orch.ts';

describe('the straight road', () => {
  it('[TRG-01] [TRG-10] [ENG-01] [GIT-01] [GIT-02] [GIT-03] [STA-03] [STA-29] [DAT-01] label, attempt, pull request, merge, done', async () => {
    const orch = await startOrch();
    const number = orch.task('write src/new.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
    const pull = orch.pull(number);
    expect(pull).toMatchObject({ state: 'open', title: 'Work on write src/new.txt' });
    expect(pull?.body).toContain(`Closes #${number}`);
    expect(orch.file(pull?.pull?.head_ref ?? '', 'src/new.txt')).toContain('attempt 1');
    expect(orch.stateComment(number)).toContain(`#${pull?.number ?? 0}`);
    await orch.merge(number);
    expect(orch.state(number)).toBe('done');
    expect(orch.issue(number)).toMatchObject({ state: 'closed', state_reason: 'completed' });
    expect(orch.stage.github.repository.resolve(`refs/heads/${pull?.pull?.head_ref ?? ''}`)).toBeNull();
    expect(orch.outcomes(number)).toEqual(['delivered']);
    expect(orch.comments(number)).toHaveLength(1);
  });

  it('[PUR-08] [ISO-08] [SEC-09] [CFG-19] [CFG-20] the engine receives its task and its folder, and no token of ours', async () => {
    const orch = await startOrch();
    const number = orch.task('record it', { body: 'Please look at `src/x.js`.' });
    await orch.settle();
    const [prompt = '', environment = '', folder = ''] = (
      orch.file(orch.pull(number)?.pull?.head_ref ?? '', 'received.txt') ?? ''
    ).split('\n---\n');
    expect(prompt).toContain(`#${number}`);
    expect(prompt).toContain('Please look at `src/x.js`.');
    expect(prompt).toContain(ALICE);
    expect(
      environment.split('\n').filter((name) => /^(?:GITHUB_|ACTIONS_|INPUT_|STATE_|RUNNER_T)|TOKEN|KEY/.test(name)),
    ).toEqual([]);
    expect(folder).toContain(`${number}-1`);
  });

  it('[COM-01] [DAT-08] [CFG-15] [CFG-16] [CFG-18] a second tick writes nothing: the world is as it should be', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt');
    await orch.settle();
    await orch.merge(number);
    orch.stage.github.door.reset();
    await orch.dispatch({});
    const writes = orch.stage.github.door.entries.filter(({ kind, mutating }) => kind !== 'git' && mutating);
    const pushes = orch.stage.github.door.entries.filter(({ what }) => what.includes('receive-pack'));
    expect({ writes, pushes }).toEqual({ writes: [], pushes: [] });
    const { rest, graphql } = orch.stage.github.door.count();
    expect(rest + graphql).toBeLessThanOrEqual(2);
  });
});

describe('attempts that go wrong', () => {
  it('[ERR-01] [ERR-10] [QUE-13] a crash is tried again at once, and the second attempt delivers', async () => {
    const orch = await startOrch();
    const number = orch.task('twice a.txt');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['crashed', 'delivered']);
    expect(orch.state(number)).toBe('in_review');
  });

  it('[ERR-12] [ERR-15] [STA-08] [CFG-04] after the last attempt a person is asked, with the reason and the command', async () => {
    const orch = await startOrch({ config: 'attempts_max: 2\n' });
    const number = orch.task('never mind');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['failed', 'failed']);
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.stateComment(number)).toContain('/orch retry');
    expect(orch.pull(number)).toBeNull();
  });

  it('[ERR-02] [CFG-05] [CFG-08] a timeout leaves a checkpoint on the branch, and the next attempt goes on from it', async () => {
    const orch = await startOrch({ config: 'timeout_minutes: 0.05\ntimeout_factor: 4\n' });
    const number = orch.task('slow work');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['timeout', 'delivered']);
    const branch = orch.pull(number)?.pull?.head_ref ?? '';
    expect(orch.file(branch, 'first.txt')).toContain('half');
    expect(orch.file(branch, 'second.txt')).toContain('done');
    expect(orch.journal(number).attempts[1]?.claim.continues).toBe(orch.journal(number).attempts[0]?.settled?.head);
  });

  it('[GIT-22] success without a change is no success, and work that is there already asks a person to close', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\n' });
    const nothing = orch.task('nothing at all');
    const enough = orch.task('enough said');
    await orch.settle();
    expect(orch.outcomes(nothing)).toEqual(['no_evidence']);
    expect(orch.outcomes(enough)).toEqual(['no_change']);
    expect(orch.state(enough)).toBe('needs_review');
    expect(orch.stateComment(enough)).toContain('The function is there already.');
  });

  it('[BLT-05] [ERR-16] a limit of the model is not the task’s fault: it waits for the reset and no attempt is charged', async () => {
    const orch = await startOrch();
    const number = orch.task('limit reached');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['rate_limit']);
    expect(orch.state(number)).not.toBe('needs_review');
    const [, day = ''] = /the next one starts after (\S+)/.exec(orch.stateComment(number)) ?? [];
    const days = (Date.parse(day) - Date.parse(new Date().toISOString().slice(0, 10))) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(2);
    expect(days).toBeLessThanOrEqual(3);
  });

  it('[BLT-33] the repository’s own commands prove the work; work that fails them opens no pull request', async () => {
    const orch = await startOrch({ config: 'attempts_max: 1\nverify: [[node, -e, "process.exit(4)"]]\n' });
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['proof_failed']);
    expect(orch.pull(number)).toBeNull();
    expect(orch.stateComment(number)).toContain('process.exit(4)');
  });
});

describe('the queue', () => {
  it('[DEP-01] [DEP-07] [DEP-09] [STA-15] a task waits for the issue it depends on, and starts once that is merged', async () => {
    const orch = await startOrch();
    const first = orch.task('write a.txt', { queue: false });
    const second = orch.task('write b.txt', { queue: false });
    orch.stage.github.world.block(second, first);
    orch.label(first, 'agent-todo');
    orch.label(second, 'agent-todo');
    await orch.settle();
    expect([orch.state(first), orch.state(second)]).toEqual(['in_review', 'blocked']);
    await orch.merge(first);
    expect([orch.state(first), orch.state(second)]).toEqual(['done', 'in_review']);
  });

  it('[ENG-03] [ENG-09] [QUE-32] [CFG-02] never more attempts at once than allowed, and all get their turn', async () => {
    const orch = await startOrch({ config: 'parallel_max: 1\n' });
    const numbers = ['a', 'b', 'c'].map((name) => orch.task(`write ${name}.txt`));
    await orch.settle();
    await orch.cron();
    expect(numbers.map((number) => orch.state(number))).toEqual(['in_review', 'in_review', 'in_review']);
    const spans = [...orch.stage.github.world.jobs.values()].filter(({ name }) => name.endsWith('/ attempt'));
    expect(spans).toHaveLength(3);
  });

  it('[TRG-02] [QUE-06] the skip label takes a task out, taking it away puts it back', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt', { labels: ['agent-skipped'] });
    await orch.settle();
    expect(orch.state(number)).toBe('skipped');
    expect(orch.pull(number)).toBeNull();
    orch.stage.github.world.unlabel(ALICE, number, 'agent-skipped');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
  });

  it('[BLT-01] `no-agent` keeps Orch away for good', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt', { labels: ['no-agent'] });
    await orch.settle();
    expect(orch.pull(number)).toBeNull();
  });

  it('[BLT-08] somebody without write access labels: nothing runs, a person is asked; a maintainer’s label starts it', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt', { by: MALLORY });
    await orch.settle();
    expect(orch.state(number)).toBe('needs_review');
    expect(orch.stateComment(number)).toContain('agent-todo');
    expect(orch.pull(number)).toBeNull();
    orch.say(number, '/orch retry');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
  });

  it('[MOD-12] [ENG-07] two attempts side by side: the first to deliver opens the pull request, the other is stopped', async () => {
    const orch = await startOrch();
    const number = orch.task('slow a.txt', { labels: ['instances:2'] });
    await orch.settle();
    const { attempts } = orch.journal(number);
    expect(orch.outcomes(number)).toEqual(['cancelled', 'delivered']);
    expect(new Set(attempts.map(({ claim }) => claim.branch)).size).toBe(1);
    expect(attempts[0]?.settled).toMatchObject({ by: 'deliver', detail: 'attempt 2 delivered first' });
    expect(orch.state(number)).toBe('in_review');
    expect(orch.file(attempts[1]?.claim.branch ?? '', 'second.txt')).toBe('done\n');
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toHaveLength(1);
    await orch.merge(number);
    expect(orch.state(number)).toBe('done');
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
  });

  it('[RTE-02] [RTE-19] a person’s engine label wins; a label that names no engine asks a person', async () => {
    const orch = await startOrch();
    const known = orch.task('write a.txt', { labels: ['agent:custom'] });
    const unknown = orch.task('write b.txt', { labels: ['agent:skynet'] });
    await orch.settle();
    expect(orch.journal(known).route).toMatchObject({ engine: 'custom', source: 'label' });
    expect(orch.pull(unknown)).toBeNull();
    expect(orch.stateComment(unknown)).toContain('agent:skynet');
  });

  it('[RTE-03] [RTE-07] a router that is down or unsure falls through to the round robin', async () => {
    const orch = await startOrch({
      config:
        'router: { provider: openai_compatible, model: m, base_url: "http://127.0.0.1:9/v1", timeout_seconds: 1 }\n',
    });
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
    expect(['round_robin', 'only_choice']).toContain(orch.journal(number).route?.source);
  });

  it('[TRG-09] [TRG-16] a dispatch with a prompt becomes a task without an issue, and opens its pull request', async () => {
    const orch = await startOrch();
    await orch.dispatch({ prompt: 'write from-prompt.txt' });
    const ref = orch.stage.github.repository.refs('refs/orch/task/i')[0]?.ref ?? '';
    const task = ref.split('/').at(-1) ?? '';
    expect(task).toMatch(/^i\d+$/);
    expect(orch.outcomes(task)).toEqual(['delivered']);
    expect(orch.pull(task)?.state).toBe('open');
    expect(orch.stage.github.repository.refs('refs/orch/inbox/')).toEqual([]);
  });

  it('[TRG-13] [CLI-11] a dispatch that names an issue starts it with the engine it names', async () => {
    const orch = await startOrch();
    const number = orch.task('write a.txt', { labels: ['agent-skipped'] });
    await orch.settle();
    orch.stage.github.world.unlabel(ALICE, number, 'agent-skipped');
    await orch.settle();
    await orch.dispatch({ issue: String(number), engine: 'custom' });
    expect(orch.journal(number).epoch.number).toBeGreaterThanOrEqual(1);
    expect(orch.state(number)).toBe('in_review');
  });

  it('[TRG-12] another system assigns an issue by the name of its event; news of a pull request asks for nothing', async () => {
    const orch = await startOrch({ config: 'assignment: manual\n' });
    const [first, second] = ['write a.txt', 'write b.txt'].map((title) => orch.task(title));
    await orch.settle();
    await orch.hears('pr.merged', { issue: first });
    expect([orch.state(first ?? 0), orch.state(second ?? 0)]).toEqual(['new', 'new']);
    await orch.hears('task.assigned', { issue: first });
    await orch.hears('task.assigned', { issue: second, engine: 'custom' });
    expect([orch.state(first ?? 0), orch.state(second ?? 0)]).toEqual(['in_review', 'in_review']);
  });
});
