// Owns the proof that pull requests, refs, runs and dispatches of the local GitHub follow GitHub's rules.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorldEvent } from '../../src/local/model/state.ts';
import { openPlace, shop, type LocalPlace } from './place.ts';

let place: LocalPlace;
const events: WorldEvent[] = [];

beforeAll(async () => {
  place = await openPlace();
  place.github.world.onEvent((event) => events.push(event));
});

afterAll(async () => {
  await place.close();
  expect(place.contract.violations()).toEqual([]);
});

test('one open pull request per branch, and none without commits', async () => {
  const { world } = place.github;
  world.push('bob', 'orch/1-one', { 'one.txt': '1\n' });
  const { rest } = place.job({ contents: 'read', 'pull-requests': 'write' });
  const open = (head: string) => rest.pulls.create({ ...shop, title: 'One', head, base: 'main' });
  const { data: pull } = await open('orch/1-one');
  expect(pull).toMatchObject({
    state: 'open',
    draft: false,
    changed_files: 1,
    user: { login: 'github-actions[bot]' },
  });
  await expect(open('orch/1-one')).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('already exists'),
  });
  await place.as('bob').rest.git.createRef({ ...shop, ref: 'refs/heads/empty', sha: pull.base.sha });
  await expect(open('empty')).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('No commits between'),
  });
  const { data: found } = await rest.pulls.list({ ...shop, head: 'ada:orch/1-one' });
  expect(found.map(({ number }) => number)).toEqual([pull.number]);
});

test('a repository that forbids Actions to open pull requests says so to a job, and only to a job', async () => {
  const { world } = place.github;
  world.push('bob', 'orch/2-forbidden', { 'two.txt': '2\n' });
  world.actions_may_create_pulls = false;
  const ask = { ...shop, title: 'Two', head: 'orch/2-forbidden', base: 'main' };
  await expect(place.job({ 'pull-requests': 'write' }).rest.pulls.create(ask)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('not permitted to create'),
  });
  expect((await place.as('bob').rest.pulls.create(ask)).status).toBe(201);
  world.actions_may_create_pulls = true;
});

test('a merge closes what it names, told in events of the merger, and the branch keeps its work', async () => {
  const { world } = place.github;
  const issue = world.openIssue('eve', 'Named');
  const other = world.openIssue('eve', 'Only mentioned');
  world.push('bob', 'orch/3-merge', { 'three.txt': '3\n' });
  const pull = world.openPull('bob', {
    title: 'Three',
    body: `Closes #${issue.number}\n\nSee #${other.number}`,
    head: 'orch/3-merge',
    base: 'main',
  });
  events.length = 0;
  const stale = place.as('bob').rest.pulls.merge({ ...shop, pull_number: pull.number, sha: '1'.repeat(40) });
  await expect(stale).rejects.toMatchObject({ status: 409 });
  await place.as('bob').rest.pulls.merge({ ...shop, pull_number: pull.number });
  expect(events.map(({ name, payload, actor }) => `${name} ${String(payload['action'])} ${actor.login}`)).toEqual([
    'pull_request closed bob',
    'issues closed bob',
  ]);
  expect(events[0]?.payload['pull_request']).toMatchObject({
    merged: true,
    head: { ref: 'orch/3-merge', repo: { full_name: 'ada/shop' } },
    base: { ref: 'main' },
  });
  expect([world.issue(issue.number).state, world.issue(other.number).state]).toEqual(['closed', 'open']);
  expect(world.git.readFile('refs/heads/main', 'three.txt')).toBe('3\n');
});

test('a merge into another branch closes nothing', () => {
  const { world } = place.github;
  const issue = world.openIssue('eve', 'Elsewhere');
  world.push('bob', 'next', { 'next.txt': '\n' });
  world.push('bob', 'orch/4-next', { 'four.txt': '4\n' });
  const { number } = world.openPull('bob', {
    title: 'Four',
    body: `Closes #${issue.number}`,
    head: 'orch/4-next',
    base: 'next',
  });
  world.mergePull('bob', number);
  expect(world.issue(issue.number).state).toBe('open');
});

test('a pull request that conflicts is not merged', async () => {
  const { world } = place.github;
  world.push('bob', 'orch/5-left', { 'same.txt': 'left\n' });
  const { number } = world.openPull('bob', { title: 'Left', body: '', head: 'orch/5-left', base: 'main' });
  world.push('ada', 'main', { 'same.txt': 'right\n' });
  const { rest } = place.as('bob');
  await expect(rest.pulls.merge({ ...shop, pull_number: number })).rejects.toMatchObject({ status: 405 });
});

test('a pull request is closed with its branch and opens again only with it', async () => {
  const { world } = place.github;
  world.push('bob', 'orch/6-back', { 'six.txt': '6\n' });
  const { number } = world.openPull('bob', { title: 'Six', body: '', head: 'orch/6-back', base: 'main' });
  const { rest } = place.as('bob');
  const target = { ...shop, pull_number: number };
  await rest.git.deleteRef({ ...shop, ref: 'heads/orch/6-back' });
  await expect(rest.pulls.update({ ...target, state: 'open' })).rejects.toMatchObject({ status: 422 });
  world.push('bob', 'orch/6-back', { 'six.txt': '7\n' });
  expect((await rest.pulls.update({ ...target, state: 'open' })).data.state).toBe('open');
});

test('of several creators of a ref one gets it; it moves forward, and backwards only by force', async () => {
  const { world } = place.github;
  const { rest } = place.job({ contents: 'write' });
  const old = world.git.resolve('refs/heads/main') ?? '';
  const tip = world.push('ada', 'main', { 'tip.txt': '\n' });
  const claims = await Promise.allSettled(
    [1, 2, 3].map(() => rest.git.createRef({ ...shop, ref: 'refs/orch/claim', sha: tip })),
  );
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(rest.git.updateRef({ ...shop, ref: 'orch/claim', sha: old })).rejects.toMatchObject({ status: 422 });
  expect((await rest.git.updateRef({ ...shop, ref: 'orch/claim', sha: old, force: true })).data.object.sha).toBe(old);
  await rest.git.deleteRef({ ...shop, ref: 'orch/claim' });
  await expect(rest.git.getRef({ ...shop, ref: 'orch/claim' })).rejects.toMatchObject({ status: 404 });
});

test('a dispatch starts a run, even one by a job’s own token; it needs actions: write', async () => {
  events.length = 0;
  const ask = { ...shop, workflow_id: 'orch.yml', ref: 'main', inputs: { mode: 'reconcile' } };
  await expect(place.job({ contents: 'write' }).rest.actions.createWorkflowDispatch(ask)).rejects.toMatchObject({
    status: 403,
  });
  const { status } = await place.job({ actions: 'write' }).rest.actions.createWorkflowDispatch(ask);
  expect(status).toBe(204);
  expect(events).toMatchObject([
    {
      name: 'workflow_dispatch',
      caused_by_job_token: true,
      payload: { inputs: { mode: 'reconcile' }, ref: 'refs/heads/main' },
    },
  ]);
});

test('runs and their jobs are read, and cancelling is heard by whoever executes them', async () => {
  const { world } = place.github;
  const run = world.addRun({ event: 'issues', actor: 'bob' });
  const { job } = world.addJob(run.id, 'orch / attempt');
  const heard: number[] = [];
  world.onCancel((id) => heard.push(id));
  const { rest } = place.job({ actions: 'write' });
  const target = { ...shop, run_id: run.id };
  expect((await rest.actions.listJobsForWorkflowRun(target)).data.jobs).toMatchObject([
    { name: 'orch / attempt', status: 'in_progress', conclusion: null },
  ]);
  await rest.actions.cancelWorkflowRun(target);
  expect(heard).toEqual([run.id]);
  world.updateJob(job.id, { conclusion: 'cancelled' });
  world.closeRun(run.id, 'cancelled');
  expect((await rest.actions.getWorkflowRun(target)).data).toMatchObject({
    status: 'completed',
    conclusion: 'cancelled',
    event: 'issues',
  });
  await expect(rest.actions.cancelWorkflowRun(target)).rejects.toMatchObject({ status: 409 });
});

test('a dispatch fits the workflow file, and a payload its bounds', async () => {
  const { world } = place.github;
  world.workflows.set('orch.yml', new Map([['role', { required: false, options: ['code'] }]]));
  const { rest } = place.job({ actions: 'write', contents: 'write' });
  const start = (inputs: Readonly<Record<string, string>>, workflow_id = 'orch.yml') =>
    rest.actions.createWorkflowDispatch({ ...shop, workflow_id, ref: 'main', inputs });
  expect((await start({ role: 'code' })).status).toBe(204);
  await expect(start({}, 'other.yml')).rejects.toMatchObject({ status: 404 });
  await expect(start({ rolle: 'code' })).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('Unexpected inputs provided: ["rolle"]'),
  });
  await expect(start({ role: 'paint' })).rejects.toMatchObject({ status: 422 });
  const tell = (client_payload: Readonly<Record<string, string>>) =>
    rest.repos.createDispatchEvent({ ...shop, event_type: 'orch', client_payload });
  expect((await tell({ issue: '1' })).status).toBe(204);
  await expect(tell({ text: 'x'.repeat(70_000) })).rejects.toMatchObject({ status: 422 });
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`key${i}`, '']));
  await expect(tell(many)).rejects.toMatchObject({ status: 422 });
  world.workflows.clear();
});
