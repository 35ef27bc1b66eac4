// Owns the proof of what a pull request's two branches, its reviews and its checks mean on the local GitHub.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WorldEvent } from '../../src/local/model/state.ts';
import { gitClient } from './git-client.ts';
import { openPlace, shop, type LocalPlace } from './place.ts';

const HEAD = 'orch/1-sum';

let place: LocalPlace;
let events: WorldEvent[];

beforeEach(async () => {
  place = await openPlace();
  events = [];
  place.github.world.onEvent((event) => events.push(event));
});

afterEach(async () => {
  expect(place.contract.violations()).toEqual([]);
  await place.close();
});

/** As Bob; `body` names what it closes. */
async function opened(more: { readonly draft?: boolean; readonly body?: string } = {}) {
  const { data } = await place
    .as('bob')
    .rest.pulls.create({ ...shop, title: 'Fix the sum', head: HEAD, base: 'main', ...more });
  return { ...data, place: { ...shop, pull_number: data.number } };
}

/** One field of the only pull request, by GraphQL. */
async function asked(selection: string): Promise<unknown> {
  const { repository } = await place.as('bob').graphql<{
    readonly repository: { readonly pullRequests: { readonly nodes: readonly unknown[] } };
  }>(`query Asked { repository(owner: "ada", name: "shop") { pullRequests(first: 1) { nodes { ${selection} } } } }`);
  return repository.pullRequests.nodes[0];
}

function told(): readonly string[] {
  return events.map(({ name, payload, actor }) => `${name} ${String(payload['action'])} by ${actor.login}`);
}

const HISTORIES = {
  merge: { subjects: ['Meanwhile', `Merge pull request #1 from ada/${HEAD}`, 'One', 'Two'], parents: 2 },
  squash: { subjects: ['Fix the sum (#1)', 'Meanwhile'], parents: 1 },
  rebase: { subjects: ['Meanwhile', 'One', 'Two'], parents: 1 },
} as const;

test.for(['merge', 'squash', 'rebase'] as const)('%s: what the base’s history is afterwards', async (merge_method) => {
  const { world, repository } = place.github;
  const start = world.git.resolve('main') ?? '';
  world.push('bob', HEAD, { 'sum.js': '1\n' }, 'One');
  const head = world.push('bob', HEAD, { 'sum.js': '2\n' }, 'Two');
  world.push('ada', 'main', { 'CHANGES.md': 'new\n' }, 'Meanwhile');
  const pull = await opened();
  const { data } = await place.as('bob').rest.pulls.merge({ ...pull.place, merge_method });
  expect(world.git.resolve('main')).toBe(data.sha);
  const subjects = repository.git('log', '--format=%s', `${start}..main`).split('\n').toSorted();
  const parents = repository.git('log', '-1', '--format=%P', 'main').split(' ').length;
  expect({ subjects, parents }).toEqual(HISTORIES[merge_method]);
  expect([world.git.readFile('main', 'sum.js'), world.git.readFile('main', 'CHANGES.md')]).toEqual(['2\n', 'new\n']);
  expect(world.git.resolve(HEAD)).toBe(head);
});

test('only the head that was looked at is merged, and a draft not before it is ready', async () => {
  const { world } = place.github;
  world.push('bob', HEAD, { 'sum.js': '1\n' });
  const { rest, graphql } = place.as('bob');
  const pull = await opened({ draft: true });
  await expect(rest.pulls.merge(pull.place)).rejects.toMatchObject({ status: 405 });
  await graphql(
    'mutation Ready($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }',
    { id: pull.node_id },
  );
  world.push('ada', HEAD, { 'sum.js': '2\n' });
  await expect(rest.pulls.merge({ ...pull.place, sha: pull.head.sha })).rejects.toMatchObject({ status: 409 });
  expect((await rest.pulls.merge(pull.place)).data.merged).toBe(true);
  await expect(rest.pulls.merge(pull.place)).rejects.toMatchObject({ status: 405 });
});

test('whether it conflicts is unknown to whoever asks first after either side moved', async () => {
  const { world } = place.github;
  world.push('bob', HEAD, { 'README.md': '# Ours\n' });
  world.push('ada', 'main', { 'README.md': '# Theirs\n' });
  const pull = await opened();
  expect(pull.mergeable).toBeNull();
  const read = async () => (await place.as('bob').rest.pulls.get(pull.place)).data;
  expect(await read()).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
  expect(await asked('mergeable mergeStateStatus')).toEqual({ mergeable: 'CONFLICTING', mergeStateStatus: 'DIRTY' });
  await expect(place.as('bob').rest.pulls.merge(pull.place)).rejects.toMatchObject({ status: 405 });

  const git = gitClient(join(place.folder, 'copy'), world.issueToken({ kind: 'pat', login: 'bob' }));
  await git('clone', '--quiet', `--branch=${HEAD}`, `${place.github.server_url}/ada/shop.git`, '.');
  await git('merge', '--quiet', '-X', 'ours', 'origin/main');
  expect((await git('push', '--quiet', 'origin', HEAD)).ok).toBe(true);
  expect(await asked('mergeable mergeStateStatus')).toEqual({ mergeable: 'UNKNOWN', mergeStateStatus: 'UNKNOWN' });
  expect(await read()).toMatchObject({ mergeable: true, mergeable_state: 'clean' });
});

test('what it changes is counted from where the branches parted', async () => {
  const { world } = place.github;
  world.push('bob', HEAD, { 'sum.js': '1\n2\n', 'README.md': '# The shop\n', 'naïve name.md': 'x\n' });
  world.push('ada', 'main', { 'CHANGES.md': 'new\n' });
  const pull = await opened();
  expect(pull).toMatchObject({ commits: 1, changed_files: 3, additions: 4, deletions: 1 });
  const files = [
    { path: 'README.md', additions: 1, deletions: 1, changeType: 'MODIFIED' },
    { path: 'naïve name.md', additions: 1, deletions: 0, changeType: 'ADDED' },
    { path: 'sum.js', additions: 2, deletions: 0, changeType: 'ADDED' },
  ];
  expect(
    await asked(
      'changedFiles additions deletions commits(first: 5) { totalCount } files(first: 9) { nodes { path additions deletions changeType } }',
    ),
  ).toEqual({ changedFiles: 3, additions: 4, deletions: 1, commits: { totalCount: 1 }, files: { nodes: files } });
});

test('a review’s author is another, its newest verdict counts, a dismissed one does not, and people hear of it', async () => {
  const { world } = place.github;
  world.required_approvals = 1;
  world.grant('carol', 'write');
  world.push('bob', HEAD, { 'sum.js': '1\n' });
  const pull = await opened();
  const review = (login: string, event: 'APPROVE' | 'REQUEST_CHANGES', body = 'So.') =>
    place.as(login).rest.pulls.createReview({ ...pull.place, event, body });
  await expect(review('bob', 'APPROVE')).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('Can not approve your own pull request'),
  });
  await expect(review('carol', 'REQUEST_CHANGES', ' ')).rejects.toMatchObject({ status: 422 });
  expect((await review('tom', 'APPROVE')).data).toMatchObject({ state: 'APPROVED', commit_id: pull.head.sha });
  expect(await asked('reviewDecision')).toEqual({ reviewDecision: 'REVIEW_REQUIRED' });
  await expect(place.as('ada').rest.pulls.merge(pull.place)).rejects.toMatchObject({
    status: 405,
    message: expect.stringContaining('At least 1 approving review'),
  });
  await review('carol', 'REQUEST_CHANGES');
  expect(await asked('reviewDecision')).toEqual({ reviewDecision: 'CHANGES_REQUESTED' });
  const { data: yes } = await review('carol', 'APPROVE');
  expect(await asked('reviewDecision reviews(last: 9) { nodes { state author { login } } }')).toEqual({
    reviewDecision: 'APPROVED',
    reviews: {
      nodes: [
        { state: 'APPROVED', author: { login: 'tom' } },
        { state: 'CHANGES_REQUESTED', author: { login: 'carol' } },
        { state: 'APPROVED', author: { login: 'carol' } },
      ],
    },
  });
  await place.as('ada').rest.pulls.dismissReview({ ...pull.place, review_id: yes.id, message: 'Too early' });
  expect(await asked('reviewDecision')).toEqual({ reviewDecision: 'REVIEW_REQUIRED' });
  expect(told().filter((line) => line.includes('review'))).toEqual([
    'pull_request_review submitted by tom',
    'pull_request_review submitted by carol',
    'pull_request_review submitted by carol',
    'pull_request_review dismissed by ada',
  ]);
  expect(events.at(-2)?.payload['review']).toMatchObject({ state: 'approved', user: { login: 'carol' } });
});

test('where no approval is asked for, GitHub has no opinion on what reviewers said', async () => {
  place.github.world.push('bob', HEAD, { 'sum.js': '1\n' });
  const pull = await opened();
  await place.as('ada').rest.pulls.createReview({ ...pull.place, event: 'REQUEST_CHANGES', body: 'No.' });
  expect(await asked('reviewDecision latestReviews(first: 1) { nodes { state } }')).toEqual({
    reviewDecision: null,
    latestReviews: { nodes: [{ state: 'CHANGES_REQUESTED' }] },
  });
  expect((await place.as('bob').rest.pulls.merge(pull.place)).data.merged).toBe(true);
});

test('where Actions may not approve, a job’s token is told so', async () => {
  const { world } = place.github;
  world.actions_may_create_pulls = false;
  world.push('bob', HEAD, { 'sum.js': '1\n' });
  const pull = await opened();
  const approve = place.job({ 'pull-requests': 'write' }).rest.pulls.createReview({ ...pull.place, event: 'APPROVE' });
  await expect(approve).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('not permitted to approve'),
  });
});

test('the newest check and status of each name roll up into one word', async () => {
  const { world } = place.github;
  const head_sha = world.push('bob', HEAD, { 'sum.js': '1\n' });
  await opened();
  const rollup =
    'statusCheckRollup { state contexts(first: 9) { nodes { ... on CheckRun { name conclusion } ... on StatusContext { context state } } } }';
  expect(await asked(rollup)).toEqual({ statusCheckRollup: null });
  const { rest } = place.job({ checks: 'write', statuses: 'write' });
  await rest.checks.create({ ...shop, name: 'orch/review', head_sha, conclusion: 'failure', status: 'completed' });
  const { data: check } = await rest.checks.create({ ...shop, name: 'orch/review', head_sha, status: 'in_progress' });
  expect(await asked('statusCheckRollup { state }')).toEqual({ statusCheckRollup: { state: 'PENDING' } });
  await rest.checks.update({ ...shop, check_run_id: check.id, conclusion: 'success' });
  await rest.repos.createCommitStatus({ ...shop, sha: head_sha, state: 'failure', context: 'lint' });
  expect(await asked(rollup)).toEqual({
    statusCheckRollup: {
      state: 'FAILURE',
      contexts: {
        nodes: [
          { name: 'orch/review', conclusion: 'SUCCESS' },
          { context: 'lint', state: 'FAILURE' },
        ],
      },
    },
  });
  await rest.repos.createCommitStatus({ ...shop, sha: head_sha, state: 'success', context: 'lint' });
  expect(await asked('statusCheckRollup { state }')).toEqual({ statusCheckRollup: { state: 'SUCCESS' } });
  world.push('bob', HEAD, { 'sum.js': '2\n' });
  expect(await asked(rollup)).toEqual({ statusCheckRollup: null });
});
