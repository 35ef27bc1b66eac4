// Proves that the shipped workflows, as files, carry a label to a pull request under a runner that is not ours.
//
// `act` 0.2.87 evaluates the files itself: expressions, reusable workflows in each other, the matrix, what jobs and
// steps hand on, `needs` with `always()`, main and post of the action. What it does not do is proven elsewhere:
//
// - It knows no `$/`, `queue` and `cache-mode`: it is shown the copy of `forOlderTools` (static.test.ts).
// - It enforces no concurrency groups: the runner of the loop's tests does.
// - One token serves all jobs; `permissions` are read by nobody: static.test.ts, and the loop's tests, where every
//   job gets a token of exactly its permissions.
// - It starts one run at a time and reports no jobs to the server, so no lease is ever seen alive: the loop's tests.
// - It judges neither `on.<event>.types` nor who caused an event: shop.ts does, by the caller's file.
// - It runs on this machine, without containers, and does not stop a job at `timeout-minutes`.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ACT, act } from './act.ts';
import { ALICE, openShop } from './shop.ts';

it('act is installed, in the version these tests were written for', () => {
  const { stdout } = spawnSync(act, ['--version'], { encoding: 'utf8' });
  expect(stdout ?? '', `install it: go install ${ACT} (.ci/run does)`).toContain(ACT.slice(ACT.indexOf('@v') + 2));
});

describe('from a label to a closed issue', () => {
  it('[TRG-01] [GIT-03] [STA-29] tick, attempt, deliver; then review, merge, done', async () => {
    const shop = await openShop();
    const number = shop.task('write src/new.txt');
    const first = await shop.next();
    expect(first.exit_code, first.log).toBe(0);
    expect(first.jobs).toEqual({
      'orch / reconcile': 'success',
      '#1 · attempt 1 · custom / attempt': 'success',
      '#1 · attempt 1 · custom / deliver': 'success',
    });
    expect(shop.state(number)).toBe('in_progress');
    const [attempt, ...more] = shop.journal(number).attempts;
    expect(more).toEqual([]);
    expect(attempt).toMatchObject({
      claim: { engine: 'custom' },
      settled: { outcome: 'delivered', engine_started: true, by: 'deliver' },
    });
    const pull = shop.pull(number);
    expect(pull).toMatchObject({ state: 'open', title: 'Work on write src/new.txt' });
    expect(shop.file(attempt?.claim.branch ?? '', 'src/new.txt')).toBe('attempt 1\n');

    // Deliver woke the next tick.
    const second = await shop.next();
    expect(second.exit_code, second.log).toBe(0);
    expect(second).toMatchObject({ event: 'workflow_dispatch', jobs: { 'orch / reconcile': 'success' } });
    expect(shop.state(number)).toBe('in_review');

    shop.world.mergePull(ALICE, pull.number);
    await shop.settle();
    expect(shop.state(number)).toBe('done');
    expect(shop.world.issue(number)).toMatchObject({ state: 'closed', state_reason: 'completed' });
    expect(shop.file(attempt?.claim.branch ?? '', 'src/new.txt')).toBeNull();
    expect(shop.file('main', 'src/new.txt')).toBe('attempt 1\n');
  });

  it('two tasks are two legs of one run, and one that fails hinders neither the other nor its own report', async () => {
    const shop = await openShop({ config: 'attempts_max: 1\n' });
    const [good, bad] = [shop.task('write a.txt'), shop.task('never mind')];
    await shop.settle();
    expect([shop.state(good), shop.state(bad)]).toEqual(['in_review', 'needs_review']);
    expect(shop.journal(bad).attempts[0]?.settled).toMatchObject({ outcome: 'failed', by: 'deliver' });
    expect(shop.journal(good).attempts[0]?.claim.run).toBe(shop.journal(bad).attempts[0]?.claim.run);
  });

  it('an attempt whose job fails is still reported by deliver, and tried again', async () => {
    const shop = await openShop();
    shop.github.artifacts.addFault({ kind: 'missing', artifact: 'orch-brief-code-1-1', times: 1 });
    const number = shop.task('write a.txt');
    const { jobs, log } = await shop.next();
    expect(jobs, log).toMatchObject({
      '#1 · attempt 1 · custom / attempt': 'failure',
      '#1 · attempt 1 · custom / deliver': 'success',
    });
    expect(shop.journal(number).attempts[0]?.settled).toMatchObject({
      outcome: 'infra',
      engine_started: false,
      by: 'deliver',
    });
    await shop.settle();
    expect(shop.state(number)).toBe('in_review');
  });

  it('the key that the caller maps reaches the router, through both files, and no log', async () => {
    const shop = await openShop({ secrets: { ANTHROPIC_API_KEY: 'sk-of-the-router' } });
    const number = shop.task('write a.txt', 'Please write the file `a.txt`, with one line in it.');
    const { log } = await shop.next();
    expect(shop.journal(number).route, log).toMatchObject({ engine: 'custom', source: 'llm' });
    expect(log).not.toContain('sk-of-the-router');
  });
});

describe('what else wakes it', () => {
  it('a pull request closed by hand only nudges, and the dispatched tick tells a person', async () => {
    const shop = await openShop();
    const number = shop.task('write a.txt');
    await shop.settle();
    shop.world.closePull(ALICE, shop.pull(number).number);
    const nudge = await shop.next();
    expect(nudge.exit_code, nudge.log).toBe(0);
    expect(nudge).toMatchObject({ event: 'pull_request', jobs: { nudge: 'success' } });
    expect(shop.state(number)).toBe('in_review');
    const tick = await shop.next();
    expect(tick).toMatchObject({ event: 'workflow_dispatch', jobs: { 'orch / reconcile': 'success' } });
    expect(shop.state(number)).toBe('needs_review');
  });

  it('a free prompt is written down by intake, then the same run starts it', async () => {
    const shop = await openShop();
    shop.world.emit('workflow_dispatch', shop.world.as(ALICE), { inputs: { prompt: 'write b.txt' } });
    const first = await shop.next();
    expect(first.exit_code, first.log).toBe(0);
    const [intake, reconcile, ...legs] = Object.keys(first.jobs);
    expect([intake, reconcile]).toEqual(['orch / intake', 'orch / reconcile']);
    const task = /^(i\d+) · attempt 1 · custom \/ attempt$/.exec(legs[0] ?? '')?.[1] ?? '';
    expect(legs).toEqual([`${task} · attempt 1 · custom / attempt`, `${task} · attempt 1 · custom / deliver`]);
    expect(shop.journal(task).attempts[0]?.settled?.outcome, first.log).toBe('delivered');
    expect(shop.pull(task).pull?.head_ref).toMatch(/^orch\/i/);
  });
});

describe('what starts nothing', () => {
  it('a label that is not ours', async () => {
    const shop = await openShop();
    const { number } = shop.world.openIssue(ALICE, 'write a.txt');
    shop.world.label(ALICE, number, 'bug');
    expect(await shop.next()).toMatchObject({ event: 'issues', exit_code: 0, jobs: {} });
    expect(shop.state(number)).toBe('unseen');
  });

  it('[CFG-21] anything once ORCH_ENABLED is false', async () => {
    const shop = await openShop({ vars: { ORCH_ENABLED: 'false' } });
    const number = shop.task('write a.txt');
    expect(await shop.next()).toMatchObject({ event: 'issues', exit_code: 0, jobs: {} });
    expect(shop.state(number)).toBe('unseen');
  });

  it('[TRG-07] the usual label, once ORCH_LABEL names another', async () => {
    const shop = await openShop({ vars: { ORCH_LABEL: 'robots' } });
    const number = shop.task('write a.txt');
    expect(await shop.next()).toMatchObject({ jobs: {} });
    shop.world.label(ALICE, number, 'robots');
    await shop.settle();
    expect(shop.state(number)).toBe('in_review');
  });
});
