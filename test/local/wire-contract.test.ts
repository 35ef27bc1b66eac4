// Owns the proof that the local GitHub speaks as GitHub does: every REST operation it serves is called, and each exchange judged.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import { createAppAuth } from '@octokit/auth-app';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintAppToken } from '../../src/github/auth.ts';
import { createContract } from '../../src/local/contract/contract.ts';
import { closeJob, openJob, openRun, startJob } from '../../src/local/model/actions.ts';
import { REST_ROUTES } from '../../src/local/rest/all-routes.ts';
import { startLocalGitHub, type LocalGitHub } from '../../src/local/server.ts';
import { ask, sharedOperations, type Github, type Memory } from './shared-operations.ts';

const shop = { owner: 'ada', repo: 'shop' };
const permissions = {
  actions: 'write',
  administration: 'read',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  'pull-requests': 'write',
  statuses: 'write',
};
const contract = createContract();
const folder = mkdtempSync(join(tmpdir(), 'orch-wire-'));
let local: LocalGitHub;

beforeAll(async () => {
  local = await startLocalGitHub({ ...shop, name: shop.repo, directory: folder, contract });
  local.world.grant('ada', 'admin');
  local.world.grant('bob', 'write');
  local.repository.commitFiles('main', { 'README.md': '# shop\n', 'src/greet.ts': 'export {};\n' }, 'Begin');
});

afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});

function person(login: string): Github {
  return getOctokit(local.world.issueToken({ kind: 'pat', login }), { baseUrl: local.api_url });
}

function job(): { readonly github: Github; readonly run: number; readonly id: number } {
  const run = openRun(local.world, { event: 'issues', actor: 'ada', title: 'Add a greeting' });
  const opened = openJob(local.world, { run: run.id, name: 'reconcile' });
  startJob(local.world, opened.id);
  const token = local.world.issueToken({ kind: 'job', run: run.id, job: opened.id, permissions });
  return { github: getOctokit(token, { baseUrl: local.api_url }), run: run.id, id: opened.id };
}

test('what `emulate` serves too', async () => {
  const memory: Memory = new Map();
  const ada = person('ada');
  const statuses: [string, number][] = [];
  for (const operation of sharedOperations) {
    statuses.push([operation.title, (await ask(ada, operation, memory)).status]);
  }
  expect(statuses).toEqual(sharedOperations.map(({ title, status }) => [title, status]));
});

test('issues: labels, events, reactions, dependencies and sub-issues', async () => {
  const { rest } = person('ada');
  const { data: blocked } = await rest.issues.create({ ...shop, title: 'Second', labels: ['agent-todo'] });
  const { data: blocker } = await rest.issues.create({ ...shop, title: 'First' });
  const issue = { ...shop, issue_number: blocked.number };
  await rest.issues.listLabelsForRepo({ ...shop, per_page: 100 });
  await rest.issues.listLabelsOnIssue(issue);
  await rest.issues.listEvents(issue);
  await rest.issues.listEventsForTimeline(issue);
  const { data: comment } = await rest.issues.createComment({ ...issue, body: '/orch why' });
  await rest.issues.getComment({ ...shop, comment_id: comment.id });
  const { data: reaction } = await rest.reactions.createForIssueComment({
    ...shop,
    comment_id: comment.id,
    content: 'eyes',
  });
  await rest.reactions.createForIssueComment({ ...shop, comment_id: comment.id, content: 'eyes' });
  await rest.reactions.listForIssueComment({ ...shop, comment_id: comment.id });
  await rest.reactions.deleteForIssueComment({ ...shop, comment_id: comment.id, reaction_id: reaction.id });

  await rest.issues.addBlockedByDependency({ ...issue, issue_id: blocker.id });
  const { data: blockers } = await rest.issues.listDependenciesBlockedBy(issue);
  expect(blockers.map(({ number }) => number)).toEqual([blocker.number]);
  await rest.issues.listDependenciesBlocking({ ...shop, issue_number: blocker.number });
  await rest.issues.removeDependencyBlockedBy({ ...issue, issue_id: blocker.id });
  await rest.issues.addSubIssue({ ...issue, sub_issue_id: blocker.id });
  await rest.issues.listSubIssues(issue);
  await rest.issues.getParent({ ...shop, issue_number: blocker.number });
  await rest.issues.removeSubIssue({ ...issue, sub_issue_id: blocker.id });

  await rest.issues.removeAllLabels(issue);
  await rest.issues.deleteLabel({ ...shop, name: 'agent-todo' });
  await rest.issues.update({ ...issue, title: 'Second, renamed', state: 'closed', state_reason: 'not_planned' });
});

test('pull requests: reviewers, drafts, and what a commit belongs to', async () => {
  const { rest } = person('ada');
  const main = local.repository.resolve('refs/heads/main') ?? '';
  await rest.git.createRef({ ...shop, ref: 'refs/heads/orch/7-greet', sha: main });
  const tip = local.world.push('ada', 'orch/7-greet', { 'src/greet.ts': 'export const hello = 1;\n' }, 'Greet');
  const { data: pull } = await rest.pulls.create({ ...shop, title: 'Greet', head: 'orch/7-greet', base: 'main' });
  const target = { ...shop, pull_number: pull.number };
  await rest.pulls.requestReviewers({ ...target, reviewers: ['bob'] });
  await rest.pulls.listRequestedReviewers(target);
  const { data: review } = await person('bob').rest.pulls.createReview({ ...target, event: 'APPROVE', body: 'Fine.' });
  await rest.pulls.getReview({ ...target, review_id: review.id });
  await rest.pulls.dismissReview({ ...target, review_id: review.id, message: 'Too early.' });
  expect((await rest.pulls.listReviews(target)).data.map(({ state }) => state)).toEqual(['DISMISSED']);
  await rest.repos.listPullRequestsAssociatedWithCommit({ ...shop, commit_sha: tip });
  await rest.pulls.update({ ...target, body: 'Closes #1', state: 'closed' });
  await rest.pulls.update({ ...target, state: 'open' });
  await rest.pulls.merge({ ...target, sha: tip, merge_method: 'squash' });
  expect((await rest.pulls.checkIfMerged(target)).status).toBe(204);
  expect((await rest.repos.getCommit({ ...shop, ref: 'main' })).data.stats).toMatchObject({ additions: 1 });
  await rest.repos.getContent({ ...shop, path: 'src' });
});

test('Actions: runs, jobs, dispatches, settings', async () => {
  const { github, run } = job();
  const { rest } = github;
  await rest.actions.listWorkflowRunsForRepo({ ...shop, status: 'in_progress' });
  await rest.actions.listWorkflowRuns({ ...shop, workflow_id: 'orch.yml', per_page: 5 });
  await rest.actions.getWorkflowRun({ ...shop, run_id: run });
  await rest.actions.listJobsForWorkflowRun({ ...shop, run_id: run, filter: 'latest' });
  await rest.actions.listJobsForWorkflowRunAttempt({ ...shop, run_id: run, attempt_number: 1 });
  const ended = job();
  closeJob(local.world, ended.id, 'success');
  await rest.actions.getJobForWorkflowRun({ ...shop, job_id: ended.id });
  await rest.actions.cancelWorkflowRun({ ...shop, run_id: run });
  await rest.actions.forceCancelWorkflowRun({ ...shop, run_id: run });
  await rest.actions.createWorkflowDispatch({ ...shop, workflow_id: 'orch.yml', ref: 'main', inputs: { issue: '7' } });
  await github.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
    ...shop,
    workflow_id: 'orch.yml',
    ref: 'main',
    return_run_details: true,
  });
  await rest.repos.createDispatchEvent({ ...shop, event_type: 'orch', client_payload: { issue: 7 } });
  const { data: settings } = await rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(shop);
  expect(settings.can_approve_pull_request_reviews).toBe(true);
});

test('artifacts: listed, read, downloaded, deleted', async () => {
  const { github, run } = job();
  const { rest } = github;
  const environment = local.artifacts.runtimeEnvironment({
    results_url: local.results_url,
    run_id: run,
    job: 'attempt',
  });
  const ids = { workflow_run_backend_id: `${run}.1`, workflow_job_run_backend_id: 'attempt', name: 'hand-in' };
  const twirp = async (method: string, body: object): Promise<unknown> => {
    const url = `${local.results_url}/twirp/github.actions.results.api.v1.ArtifactService/${method}`;
    const headers = { authorization: `Bearer ${environment['ACTIONS_RUNTIME_TOKEN']}` };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const created = await twirp('CreateArtifact', ids);
  await fetch(String(Object(created).signed_upload_url), { method: 'PUT', body: 'bytes' });
  await twirp('FinalizeArtifact', { ...ids, size: '5' });

  const { data } = await rest.actions.listWorkflowRunArtifacts({ ...shop, run_id: run, name: 'hand-in' });
  const artifact = { ...shop, artifact_id: data.artifacts[0]?.id ?? 0 };
  await rest.actions.listArtifactsForRepo(shop);
  await rest.actions.getArtifact(artifact);
  const manual: object = { redirect: 'manual' };
  const { status, headers } = await rest.actions.downloadArtifact({
    ...artifact,
    archive_format: 'zip',
    request: manual,
  });
  expect(status).toBe(302);
  expect(await (await fetch(String(headers.location))).text()).toBe('bytes');
  await rest.actions.deleteArtifact(artifact);
});

test('checks and statuses', async () => {
  const { rest } = job().github;
  const sha = local.repository.resolve('refs/heads/main') ?? '';
  const output = { title: 'Reviewed', summary: 'Nothing to say.' };
  const { data: check } = await rest.checks.create({ ...shop, name: 'orch/review', head_sha: sha, output });
  await rest.checks.update({ ...shop, check_run_id: check.id, conclusion: 'success' });
  await rest.checks.get({ ...shop, check_run_id: check.id });
  await rest.checks.listForRef({ ...shop, ref: sha });
  await rest.repos.createCommitStatus({ ...shop, sha, state: 'success', context: 'ci', description: 'green' });
  await rest.repos.listCommitStatusesForRef({ ...shop, ref: sha });
  expect((await rest.repos.getCombinedStatusForRef({ ...shop, ref: sha })).data.state).toBe('success');
});

test('people and limits', async () => {
  const { rest } = person('ada');
  await rest.users.getByUsername({ username: 'bob' });
  expect((await rest.repos.checkCollaborator({ ...shop, username: 'bob' })).status).toBe(204);
  await expect(rest.repos.checkCollaborator({ ...shop, username: 'mallory' })).rejects.toMatchObject({ status: 404 });
  await rest.repos.getCollaboratorPermissionLevel({ ...shop, username: 'bob' });
  const nobody = getOctokit('unknown', { baseUrl: local.api_url });
  await expect(nobody.rest.repos.get(shop)).rejects.toMatchObject({ status: 401 });
  const etag = String((await rest.issues.listCommentsForRepo(shop)).headers.etag);
  const again = rest.issues.listCommentsForRepo({ ...shop, headers: { 'if-none-match': etag } });
  await expect(again).rejects.toMatchObject({ status: 304 });
});

test('an App: its installation, a token narrowed to what it asks, given back', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  local.world.app = { id: 9, public_key: publicKey, login: 'orch-app[bot]', permissions: { contents: 'write' } };
  const { token: jwt } = await createAppAuth({ appId: 9, privateKey })({ type: 'app' });
  const app = getOctokit(jwt, { baseUrl: local.api_url });
  const { data: installation } = await app.rest.apps.getRepoInstallation(shop);
  await app.rest.apps.listInstallations();
  await app.rest.apps.getInstallation({ installation_id: installation.id });
  const { data } = await app.rest.apps.createInstallationAccessToken({
    installation_id: installation.id,
    repositories: [shop.repo],
    permissions: { contents: 'read' },
  });
  const installed = getOctokit(data.token, { baseUrl: local.api_url });
  await installed.rest.apps.listReposAccessibleToInstallation();
  await installed.rest.apps.revokeInstallationAccessToken();
  await expect(installed.rest.repos.get(shop)).rejects.toMatchObject({ status: 401 });

  const app_key = { id: '9', private_key: privateKey };
  const ours = await mintAppToken({ app: app_key, api_url: local.api_url, ...shop });
  const minted = getOctokit(ours.token, { baseUrl: local.api_url });
  expect((await minted.rest.repos.get(shop)).data.full_name).toBe('ada/shop');
  await ours.revoke();
  await expect(minted.rest.repos.get(shop)).rejects.toMatchObject({ status: 401 });
});

/** A path that the route answers, for asking the contract which of GitHub's operations it is. */
function sample(template: string): string {
  const whole = template.startsWith(':') ? `/repos/ada/shop${template.slice(1)}` : template;
  return whole.replaceAll(/\{\+?(\w+)\}/g, (_match, name: string) => (name === 'basehead' ? 'main...topic' : '1'));
}

test('no REST operation that the local GitHub serves was left out', () => {
  const called = contract.seen();
  const left = REST_ROUTES.filter(({ method, template }) => {
    const operation = contract.operationOf(method, sample(template));
    return operation === undefined || !called.has(operation);
  });
  expect(left.map(({ method, template }) => `${method} ${template}`)).toEqual([]);
});

test('GitHub’s description has nothing to say against any of it', () => {
  expect(contract.violations()).toEqual([]);
});
