// Owns the proof that real git works against the local GitHub, and is refused where GitHub refuses it.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gitClient, type GitClient } from './git-client.ts';
import { openPlace, shop, type LocalPlace } from './place.ts';

let place: LocalPlace;
let work: GitClient;
let url = '';
let count = 0;
let job: ReturnType<LocalPlace['job']>;

function tokenOf(permissions: Readonly<Record<string, string>>): string {
  const { world } = place.github;
  return world.addJob(world.addRun().id, 'job', permissions).token;
}

async function cloned(token: string): Promise<GitClient> {
  count += 1;
  const git = gitClient(join(place.folder, `work${count}`), token);
  const { ok, err } = await git('clone', '--quiet', url, '.');
  if (!ok) throw new Error(err);
  return git;
}

beforeAll(async () => {
  place = await openPlace();
  url = `${place.github.server_url}/ada/shop.git`;
  job = place.job({ contents: 'write', 'pull-requests': 'write' });
});

afterAll(async () => {
  await place.close();
  expect(place.contract.violations()).toEqual([]);
});

beforeEach(async () => {
  work = await cloned(tokenOf({ contents: 'write' }));
});

test('clone, push a branch, fetch it back, also shallow and with a bearer token', async () => {
  await work('switch', '--quiet', '-c', 'orch/1-greet');
  const tip = await work.commit({ 'src/greet.ts': 'export {};\n' });
  expect((await work('push', 'origin', 'orch/1-greet')).ok).toBe(true);
  const reader = gitClient(join(place.folder, 'reader'), tokenOf({ contents: 'read' }), 'bearer');
  expect((await reader('clone', '--quiet', '--depth=1', '--branch=orch/1-greet', url, '.')).ok).toBe(true);
  expect((await reader('rev-parse', 'HEAD')).out).toBe(tip);
});

test('an unknown token is 401, a token that only reads may not push, one without contents may not even read', async () => {
  const unknown = gitClient(join(place.folder, 'unknown'), 'ghs_unknown');
  const denied = await unknown('clone', url, '.');
  expect(denied.err).toMatch(/Authentication failed|could not read Username/);
  const reader = await cloned(tokenOf({ contents: 'read' }));
  await reader.commit({ 'a.txt': 'a\n' });
  expect((await reader('push', 'origin', 'HEAD:refs/heads/mine')).err).toContain('403');
  const none = gitClient(join(place.folder, 'none'), tokenOf({ issues: 'write' }));
  expect((await none('clone', url, '.')).err).toContain('403');
});

test('a job’s token dies with its job', async () => {
  const { world } = place.github;
  const { job: short, token } = world.addJob(world.addRun().id, 'short', { contents: 'write' });
  const git = await cloned(token);
  world.updateJob(short.id, { conclusion: 'success' });
  expect((await git('fetch')).err).toMatch(/Authentication failed|could not read Username/);
});

test('a lease on a ref: of two that pushed from the same place one wins, and all refs of a push move or none', async () => {
  const other = await cloned(tokenOf({ contents: 'write' }));
  const mine = await work.commit({ 'lease.txt': 'mine\n' });
  const theirs = await other.commit({ 'lease.txt': 'theirs\n' });
  const take = (git: GitClient, sha: string) =>
    git('push', '--atomic', '--force-with-lease=refs/orch/lease:', 'origin', `${sha}:refs/orch/lease`);
  expect((await take(work, mine)).ok).toBe(true);
  expect((await take(other, theirs)).err).toContain('stale info');
  const both = await other(
    'push',
    '--atomic',
    '--force-with-lease=refs/orch/lease:',
    'origin',
    `${theirs}:refs/orch/lease`,
    `${theirs}:refs/orch/other`,
  );
  expect(both.ok).toBe(false);
  expect(place.github.world.git.refs('refs/orch/').map(({ ref, sha }) => `${ref} ${sha}`)).toEqual([
    `refs/orch/lease ${mine}`,
  ]);
  const { data } = await job.rest.git.listMatchingRefs({ ...shop, ref: 'orch/' });
  expect(data.map(({ ref }) => ref)).toEqual(['refs/orch/lease']);
});

test('a push that is no fast-forward is rejected', async () => {
  await work('switch', '--quiet', '-c', 'behind');
  await work.commit({ 'one.txt': '1\n' });
  await work('push', '--quiet', 'origin', 'behind');
  const other = await cloned(tokenOf({ contents: 'write' }));
  await other('switch', '--quiet', '-c', 'behind');
  await other.commit({ 'two.txt': '2\n' });
  expect((await other('push', 'origin', 'behind')).err).toContain('rejected');
});

test('a job’s token may not touch workflow files; a person’s may', async () => {
  await work('switch', '--quiet', '-c', 'sneaky');
  await work.commit({ '.github/workflows/own.yml': 'on: push\n' });
  const { ok, err } = await work('push', 'origin', 'sneaky');
  expect(ok).toBe(false);
  expect(err).toContain('without `workflows` permission');
  const person = gitClient(work.folder, place.github.world.issueToken({ kind: 'pat', login: 'bob' }));
  expect((await person('push', 'origin', 'sneaky')).ok).toBe(true);
});

test('a pull request follows its branch, and closes when the branch is deleted', async () => {
  await work('switch', '--quiet', '-c', 'orch/2-follow');
  await work.commit({ 'follow.txt': '1\n' });
  await work('push', '--quiet', 'origin', 'orch/2-follow');
  const { data: pull } = await job.rest.pulls.create({ ...shop, title: 'Follow', head: 'orch/2-follow', base: 'main' });
  const tip = await work.commit({ 'follow.txt': '2\n', 'more.txt': '\n' });
  await work('push', '--quiet', 'origin', 'orch/2-follow');
  const read = async () => (await job.rest.pulls.get({ ...shop, pull_number: pull.number })).data;
  expect(await read()).toMatchObject({ state: 'open', changed_files: 2, head: { sha: tip } });
  await work('push', '--quiet', 'origin', ':orch/2-follow');
  expect(await read()).toMatchObject({ state: 'closed', merged: false });
});

test('a branch merged by hand and pushed counts as merged', async () => {
  const { world } = place.github;
  const issue = world.openIssue('bob', 'By hand');
  world.push('bob', 'by-hand', { 'hand.txt': '1\n' });
  const pull = world.openPull('bob', {
    title: 'By hand',
    head: 'by-hand',
    base: 'main',
    body: `Closes #${issue.number}`,
  });
  const person = gitClient(work.folder, world.issueToken({ kind: 'pat', login: 'bob' }));
  await person('fetch', '--quiet');
  await person('merge', '--quiet', '--no-ff', '-m', 'Merge', 'origin/by-hand');
  expect((await person('push', '--quiet', 'origin', 'HEAD:main')).ok).toBe(true);
  expect(world.issue(pull.number).pull?.merged_by?.login).toBe('bob');
  expect(world.issue(issue.number).state).toBe('closed');
});

test('a push whose answer is lost has happened; one that is dropped has not; both are counted', async () => {
  const { world, faults, door } = place.github;
  const push = { kind: 'git', method: 'POST', what: 'git-receive-pack' } as const;
  const tip = await work.commit({ 'lost.txt': '1\n' });
  faults.add({ ...push, fault: 'timeout_after_commit' });
  expect((await work('push', 'origin', 'HEAD:refs/heads/lost')).ok).toBe(false);
  expect(world.git.resolve('refs/heads/lost')).toBe(tip);
  faults.add({ ...push, fault: 'drop' });
  expect((await work('push', 'origin', 'HEAD:refs/heads/dropped')).ok).toBe(false);
  expect(world.git.resolve('refs/heads/dropped')).toBeNull();
  faults.add({ ...push, fault: 'status', status: 503 });
  expect((await work('push', 'origin', 'HEAD:refs/heads/refused')).err).toContain('503');
  expect(
    door.entries
      .filter(({ kind, mutating }) => kind === 'git' && mutating)
      .slice(-3)
      .map(({ status }) => status),
  ).toEqual([0, 0, 503]);
});
