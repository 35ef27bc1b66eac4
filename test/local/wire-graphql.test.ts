// Owns the proof that our GraphQL is GitHub's: every document we send and every mutation the local GitHub serves, judged on the wire.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instantFromMs } from '../../src/domain/instant.ts';
import { NodeId, TaskId } from '../../src/domain/ids.ts';
import { createClient, type Client } from '../../src/github/client.ts';
import { createMirror } from '../../src/github/projects.ts';
import {
  detailsQuery,
  observeQuery,
  pageQuery,
  POLICY_HISTORY,
  POLICY_OF,
  statesQuery,
} from '../../src/github/queries.ts';
import { createContract } from '../../src/local/contract/contract.ts';
import { MUTATIONS } from '../../src/local/graphql/mutations.ts';
import { startLocalGitHub, type LocalGitHub } from '../../src/local/server.ts';

const contract = createContract();
const folder = mkdtempSync(join(tmpdir(), 'orch-graphql-'));
const sent = new Set<string>();
let local: LocalGitHub;
let client: Client;

beforeAll(async () => {
  local = await startLocalGitHub({ owner: 'acme', name: 'shop', directory: folder, contract });
  local.world.grant('ada', 'admin');
  local.repository.commitFiles('main', { 'README.md': '# shop\n', '.github/orch.yml': 'version: 1\n' }, 'Begin');
  client = clientOf(local.world.issueToken({ kind: 'pat', login: 'ada' }));
});

afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});

function clientOf(token: string): Client {
  return createClient({
    token,
    api_url: local.api_url,
    owner: 'acme',
    repo: 'shop',
    clock: { now: () => instantFromMs(local.world.options.now_ms()) },
    log: { info: () => undefined, warning: () => undefined, error: () => undefined },
    pause: () => Promise.resolve(),
    write_gap_ms: 0,
  });
}

/** One mutation with its input, as GitHub wants it; gives back its payload. */
async function mutate(name: string, input: object, selection = 'clientMutationId'): Promise<Payload> {
  sent.add(name);
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation Once($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
  const octokit = getOctokit(local.world.issueToken({ kind: 'pat', login: 'ada' }), { baseUrl: local.api_url });
  const { [name]: payload } = await octokit.graphql<Record<string, Payload>>(document, { input });
  return payload ?? {};
}

/** Whatever was selected; the contract has checked its shape. */
type Payload = Readonly<
  Record<string, { readonly id: string; readonly number: number; readonly [key: string]: unknown }>
>;

function sha(branch: string): string {
  return local.repository.resolve(`refs/heads/${branch}`) ?? '';
}

test('every mutation on issues, labels and comments', async () => {
  const repositoryId = 'R_1';
  const { issue } = await mutate('createIssue', { repositoryId, title: 'Greet' }, 'issue { id number title }');
  const { issue: blocker } = await mutate('createIssue', { repositoryId, title: 'First' }, 'issue { id number }');
  await mutate('updateIssue', { id: issue?.id, body: 'Please.' }, 'issue { body }');
  const label = { repositoryId, name: 'agent-todo', color: 'ededed', description: 'Queue' };
  const { label: made } = await mutate('createLabel', label, 'label { id name }');
  await mutate('addLabelsToLabelable', { labelableId: issue?.id, labelIds: [made?.id] });
  await mutate('removeLabelsFromLabelable', { labelableId: issue?.id, labelIds: [made?.id] });
  await mutate('addLabelsToLabelable', { labelableId: issue?.id, labelIds: [made?.id] });
  await mutate(
    'addComment',
    { subjectId: issue?.id, body: '/orch why' },
    'commentEdge { node { id body author { login } } }',
  );
  const comment = [...local.world.comments.keys()].map((id) => `IC_${id}`)[0];
  await mutate('updateIssueComment', { id: comment, body: '/orch retry' }, 'issueComment { body }');
  await mutate('addReaction', { subjectId: comment, content: 'EYES' }, 'reaction { content }');
  await mutate('removeReaction', { subjectId: comment, content: 'EYES' }, 'reaction { content }');
  await mutate('deleteIssueComment', { id: comment });
  const family = { issueId: blocker?.id, subIssueId: issue?.id };
  await mutate('addSubIssue', family, 'issue { subIssues(first: 5) { totalCount } } subIssue { parent { number } }');
  await mutate('removeSubIssue', family, 'subIssue { parent { number } }');
  await mutate(
    'addBlockedBy',
    { issueId: issue?.id, blockingIssueId: blocker?.id },
    'issue { number } blockingIssue { number }',
  );
  await mutate('removeBlockedBy', { issueId: issue?.id, blockingIssueId: blocker?.id });
  await mutate('addBlockedBy', { issueId: issue?.id, blockingIssueId: blocker?.id });
  await mutate('closeIssue', { issueId: blocker?.id, stateReason: 'NOT_PLANNED' }, 'issue { state stateReason }');
  await mutate('reopenIssue', { issueId: blocker?.id }, 'issue { state }');
  expect(local.world.issue(issue?.number ?? 0).labels).toEqual(['agent-todo']);
  local.world.plan('ada', issue?.number ?? 0, { title: 'v2', due_on: '2026-12-24T00:00:00Z' });
});

test('every mutation on refs and pull requests', async () => {
  const repositoryId = 'R_1';
  const branch = 'orch/1-greet';
  await mutate('createRef', { repositoryId, name: `refs/heads/${branch}`, oid: sha('main') }, 'ref { id name }');
  await mutate('createRef', { repositoryId, name: 'refs/heads/spare', oid: sha('main') });
  local.world.push('ada', branch, { 'greet.txt': 'hello\n' }, 'Greet');
  const ask = {
    repositoryId,
    baseRefName: 'main',
    headRefName: branch,
    title: 'Greet',
    body: 'Closes #1',
    draft: true,
  };
  const { pullRequest } = await mutate('createPullRequest', ask, 'pullRequest { id number isDraft }');
  const pull = pullRequest?.id;
  await mutate('updatePullRequest', { pullRequestId: pull, title: 'Say hello' }, 'pullRequest { title }');
  await mutate('markPullRequestReadyForReview', { pullRequestId: pull }, 'pullRequest { isDraft }');
  await mutate(
    'mergePullRequest',
    { pullRequestId: pull, expectedHeadOid: sha(branch) },
    'pullRequest { state merged mergedBy { login } }',
  );

  local.world.push('ada', 'spare', { 'spare.txt': 'spare\n' }, 'Spare');
  const other = { repositoryId, baseRefName: 'main', headRefName: 'spare', title: 'Spare' };
  const { pullRequest: second } = await mutate('createPullRequest', other, 'pullRequest { id number }');
  await mutate('closePullRequest', { pullRequestId: second?.id }, 'pullRequest { state closed }');
  const tip = sha('spare');
  const updates = [{ name: 'refs/heads/spare', beforeOid: tip, afterOid: sha('main'), force: true }];
  await mutate('updateRefs', { repositoryId, refUpdates: updates });
  const { data } = await client.query(
    'query Ref { repository(owner: "acme", name: "shop") { ref(qualifiedName: "refs/heads/spare") { id } } }',
  );
  const refId = Object(data).repository.ref.id;
  await mutate('updateRef', { refId, oid: tip, force: true }, 'ref { name }');
  await mutate('deleteRef', { refId });
  expect(sha('spare')).toBe('');
  expect(local.world.issue(1).state).toBe('closed');
});

test('what a tick reads: named, listed, by id and by branch', async () => {
  const place = { owner: 'acme', name: 'shop' };
  const open = { states: ['OPEN', 'CLOSED'], since: '2020-01-01T00:00:00Z' };
  const shape = { dependencies: true, named: true, ids: true, labels: 1, heads: 1 };
  const listed = { filter: open, first: 100, after: null };
  const asked = { ...place, issue: 1, ...listed, ids: ['I_1', 'I_2'], label0: 'agent-todo', head0: 'orch/1-greet' };
  const { data } = await client.query(observeQuery(shape), asked);
  expect(Object(data).nodes.map(({ number }: { number: number }) => number)).toEqual([1, 2]);
  await client.query(observeQuery({ ...shape, named: false, dependencies: false, labels: 0, heads: 0 }), {
    ...place,
    ...listed,
    ids: ['I_2'],
  });
  await client.query(pageQuery(true, 'oldest'), { ...place, ...listed });
  await client.query(pageQuery(true, 'both'), { ...place, ...listed, newest: null });
  await client.query(detailsQuery(true, 1), { ...place, ids: ['I_1'], head0: 'orch/1-greet' });
  await client.query(statesQuery([1, 2, 999]), place).catch(() => undefined);
  await client.query(POLICY_HISTORY, place);
  await client.query(POLICY_OF, place);
});

test('the board: found, its fields made, an item added once, only differences written', async () => {
  const options = [{ id: 'o1', name: 'Todo' }];
  local.world.projects.push({
    id: 'PVT_1',
    owner: 'acme',
    owner_kind: 'Organization',
    number: 1,
    title: 'Board',
    fields: [{ id: 'PVTF_1', name: 'Status', type: 'SINGLE_SELECT', options }],
    items: [],
  });
  const fields = {
    status: 'in_progress',
    engine: 'claude',
    complexity: 'simple',
    attempts: 1,
    pr: null,
    cost_usd: 0.25,
  } as const;
  const effect = {
    kind: 'mirror_project',
    task: TaskId.parse('1'),
    item: { kind: 'issue', id: NodeId.parse('I_1') },
    fields,
  } as const;
  await createMirror(client, { owner: 'acme', number: 1 })(effect);
  await createMirror(client, { owner: 'acme', number: 1 })({
    ...effect,
    fields: { ...fields, status: 'done', attempts: 2 },
  });
  const [board] = local.world.projects;
  expect(board?.items).toHaveLength(1);
  for (const name of ['addProjectV2ItemById', 'createProjectV2Field', 'updateProjectV2ItemFieldValue']) sent.add(name);

  const draft = {
    kind: 'draft',
    title: 'Tidy',
    body: 'Some day. <!-- draft i9 -->',
    marker: '<!-- draft i9 -->',
  } as const;
  for (const attempts of [1, 2])
    await createMirror(client, { owner: 'acme', number: 1 })({
      kind: 'mirror_project',
      task: TaskId.parse('i9'),
      item: draft,
      fields: { ...fields, attempts },
    });
  expect(board?.items).toHaveLength(2);
  const attempts_field = board?.fields.find(({ name }) => name === 'Orch attempts')?.id ?? '';
  expect(board?.items[1]?.values.get(attempts_field)).toBe(2);

  const itemId = board?.items[0]?.id;
  const fieldId = board?.fields.at(-1)?.id;
  await mutate('clearProjectV2ItemFieldValue', { projectId: 'PVT_1', itemId, fieldId }, 'projectV2Item { id }');
  const { projectItem } = await mutate(
    'addProjectV2DraftIssue',
    { projectId: 'PVT_1', title: 'Later', body: 'Some day.' },
    'projectItem { id type content { ... on DraftIssue { title body creator { login } } } fieldValues(first: 5) { totalCount } }',
  );
  expect(projectItem).toMatchObject({ type: 'DRAFT_ISSUE', content: { title: 'Later', body: 'Some day.' } });
  await mutate('deleteProjectV2Item', { projectId: 'PVT_1', itemId }, 'deletedItemId');
});

test('no mutation that the local GitHub serves was left out', () => {
  expect(Object.keys(MUTATIONS).filter((name) => !sent.has(name))).toEqual([]);
});

test('GitHub’s schema has nothing to say against any of it', () => {
  expect(contract.seen().get('graphql')).toBeGreaterThan(30);
  expect(contract.violations()).toEqual([]);
});
