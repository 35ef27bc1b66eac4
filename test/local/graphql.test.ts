// Owns the proof that GraphQL of the local GitHub answers what Orch asks, page by page, with GitHub's errors and costs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailsQuery, observeQuery, POLICY_HISTORY, statesQuery } from '../../src/github/queries.ts';
import { openPlace, type LocalPlace } from './place.ts';

let place: LocalPlace;

interface Answer {
  readonly data: ReturnType<typeof JSON.parse>;
  readonly errors?: readonly {
    readonly type?: string;
    readonly message: string;
    readonly path?: readonly (string | number)[];
  }[];
}

const coords = { owner: 'ada', name: 'shop' };

async function ask(client: ReturnType<LocalPlace['as']>, query: string, variables: object = {}): Promise<Answer> {
  return (await client.request('POST /graphql', { query, variables })).data;
}

beforeAll(async () => {
  place = await openPlace();
});

afterAll(async () => {
  await place.close();
  expect(place.contract.violations().filter(({ where }) => where !== 'graphql Refused')).toEqual([]);
});

test('one request reads a tick’s world: policy, labels, tasks with events, comments, blockers and pull requests', async () => {
  const { world } = place.github;
  const first = world.openIssue('bob', 'First', 'Do it', ['agent-todo']);
  const second = world.openIssue('eve', 'Second');
  world.label('tom', second.number, 'agent-todo');
  world.block(second.number, first.number);
  world.comment('eve', second.number, '/orch why');
  world.push('bob', 'orch/1-first', { 'a.txt': 'a\n' });
  const pull = world.openPull('bob', {
    title: 'First',
    body: `Closes #${first.number}`,
    head: 'orch/1-first',
    base: 'main',
  });
  const query = observeQuery({ dependencies: true, named: true, ids: true, labels: 0, heads: 1 });
  const variables = {
    ...coords,
    issue: first.number,
    first: 100,
    filter: { labels: ['agent-todo'] },
    ids: [`I_${second.number}`],
    head0: 'orch/1-first',
  };
  const { data, errors } = await ask(
    place.job({ contents: 'read', issues: 'read', 'pull-requests': 'read' }),
    query,
    variables,
  );
  expect(errors).toBeUndefined();
  expect(data.repository).toMatchObject({
    policy: { text: 'engines: {}\n' },
    named: {
      number: first.number,
      closedByPullRequestsReferences: { nodes: [{ number: pull.number, changedFiles: 1, state: 'OPEN' }] },
    },
    head0: { nodes: [{ number: pull.number }] },
  });
  expect(data.repository.issues.nodes.map(({ number }: { number: number }) => number)).toEqual([
    first.number,
    second.number,
  ]);
  expect(data.nodes).toMatchObject([
    {
      blockedBy: { nodes: [{ number: first.number, state: 'OPEN' }] },
      timelineItems: { nodes: [{ actor: { login: 'tom' }, label: { name: 'agent-todo' } }] },
      comments: { nodes: [{ viewerDidAuthor: false, author: { login: 'eve' } }] },
    },
  ]);
});

test('details, states of named issues, and earlier versions of a file', async () => {
  const { world } = place.github;
  const { number } = world.openIssue('bob', 'Detailed');
  world.comment('bob', number, 'hm');
  world.push('ada', 'main', { '.github/orch.yml': 'engines: { custom: {} }\n' });
  const client = place.job({ contents: 'read', issues: 'read', 'pull-requests': 'read' });
  const details = await ask(client, detailsQuery(true, 0), { ...coords, ids: [`I_${number}`] });
  expect(details.data.nodes[0].thread).toMatchObject({
    totalCount: 1,
    nodes: [{ body: 'hm', authorAssociation: 'COLLABORATOR' }],
  });
  const states = await ask(client, statesQuery([number, 999]), coords);
  expect(states.data.repository).toMatchObject({ [`issue${number}`]: { title: 'Detailed' }, issue999: null });
  expect(states.errors).toMatchObject([{ type: 'NOT_FOUND', path: ['repository', 'issue999'] }]);
  const history = await ask(client, POLICY_HISTORY, coords);
  expect(
    history.data.repository.defaultBranchRef.target.history.nodes.map(
      (node: { file: { object: { text: string } } }) => node.file.object.text,
    ),
  ).toEqual(['engines: { custom: {} }\n', 'engines: {}\n']);
});

test('a node that is gone is null with an error of its own; the others come', async () => {
  const { world } = place.github;
  const kept = world.openIssue('bob', 'Kept');
  const gone = world.openIssue('bob', 'Gone');
  world.deleteIssue('ada', gone.number);
  const query = 'query Nodes($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue { number } } }';
  const { data, errors } = await ask(place.as('bob'), query, { ids: [`I_${gone.number}`, `I_${kept.number}`] });
  expect(data.nodes).toEqual([null, { number: kept.number }]);
  expect(errors).toMatchObject([{ type: 'NOT_FOUND', path: ['nodes', 0] }]);
});

test('a cursor holds its place though what was read moves to the end meanwhile', async () => {
  const { world } = place.github;
  const numbers = ['A', 'B', 'C'].map((title) => {
    place.passes(1);
    return world.openIssue('bob', title, '', ['paged']).number;
  });
  const query = `query Page($after: String) { repository(owner: "ada", name: "shop") {
    issues(first: 1, after: $after, filterBy: { labels: ["paged"] }, orderBy: { field: UPDATED_AT, direction: ASC }) { pageInfo { endCursor hasNextPage } nodes { number } } } }`;
  const seen: number[] = [];
  let after: string | null = null;
  for (let page = 0; page < 3; page += 1) {
    const { data } = await ask(place.as('bob'), query, { after });
    seen.push(data.repository.issues.nodes[0].number);
    after = data.repository.issues.pageInfo.endCursor;
    place.passes(1);
    if (page === 0) world.comment('bob', numbers[0] ?? 0, 'moved');
  }
  expect(seen).toEqual(numbers);
});

test('mutations run one after the other, and one that fails leaves the others done', async () => {
  const { world } = place.github;
  const { number } = world.openIssue('bob', 'Batch', '', ['old']);
  const id = (name: string) => `LA_${world.labels.get(name)?.id}`;
  const client = place.job({ issues: 'write' });
  const document = `mutation Apply($c: CreateLabelInput!, $add: AddLabelsToLabelableInput!, $twice: CreateLabelInput!, $say: AddCommentInput!) {
    m0: createLabel(input: $c) { label { id name } }
    m1: addLabelsToLabelable(input: $add) { clientMutationId }
    m2: createLabel(input: $twice) { label { id } }
    m3: addComment(input: $say) { commentEdge { node { id databaseId viewerDidAuthor author { login __typename } } } }
  }`;
  const label = { repositoryId: 'R_1', name: 'new', color: 'ededed' };
  const variables = {
    c: label,
    add: { labelableId: `I_${number}`, labelIds: [id('old')] },
    twice: label,
    say: { subjectId: `I_${number}`, body: 'hello' },
  };
  const { data, errors } = await ask(client, document, variables);
  expect(data).toMatchObject({
    m0: { label: { name: 'new' } },
    m2: null,
    m3: { commentEdge: { node: { viewerDidAuthor: true, author: { login: 'github-actions', __typename: 'Bot' } } } },
  });
  expect(errors).toMatchObject([{ type: 'UNPROCESSABLE', path: ['m2'] }]);
  expect(place.github.door.entries.at(-1)).toMatchObject({ mutating: true, content_writes: 2, points: 1 });
});

test('without the permission a field is null with FORBIDDEN, and a mutation does nothing', async () => {
  const { world } = place.github;
  const { number } = world.openIssue('bob', 'Guarded');
  const reader = place.job({ issues: 'read' });
  const read = await ask(
    reader,
    `{ repository(owner: "ada", name: "shop") { issue(number: ${number}) { number } object(expression: "HEAD:README.md") { ... on Blob { text } } } }`,
  );
  expect(read.data.repository).toEqual({ issue: { number }, object: null });
  expect(read.errors).toMatchObject([{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }]);
  const close = await ask(
    reader,
    `mutation Close($i: CloseIssueInput!) { closeIssue(input: $i) { issue { state } } }`,
    { i: { issueId: `I_${number}` } },
  );
  expect(close.errors).toMatchObject([{ type: 'FORBIDDEN' }]);
  expect(world.issue(number).state).toBe('open');
});

test('refs are swapped all or none, by what they are expected to be', async () => {
  const { world } = place.github;
  const main = world.git.resolve('refs/heads/main') ?? '';
  const none = '0'.repeat(40);
  const client = place.job({ contents: 'write' });
  const document = 'mutation Swap($i: UpdateRefsInput!) { updateRefs(input: $i) { clientMutationId } }';
  const swap = (...refUpdates: object[]) => ask(client, document, { i: { repositoryId: 'R_1', refUpdates } });
  const lease = { name: 'refs/orch/leases/1', beforeOid: none, afterOid: main };
  expect((await swap(lease)).errors).toBeUndefined();
  expect((await swap({ ...lease, name: 'refs/orch/leases/2' }, lease)).errors).toHaveLength(1);
  expect(world.git.refs('refs/orch/leases/').map(({ ref }) => ref)).toEqual(['refs/orch/leases/1']);
  await swap({ ...lease, beforeOid: main, afterOid: none });
  expect(world.git.refs('refs/orch/leases/')).toEqual([]);
});

test('what GitHub refuses before it executes: pages over 100, records without a bound, fields that do not exist', async () => {
  const client = place.as('bob');
  const of = (field: string) => ask(client, `query Refused { repository(owner: "ada", name: "shop") { ${field} } }`);
  for (const field of ['issues(first: 101) { nodes { number } }', 'issues { nodes { number } }', 'colour']) {
    const { data, errors } = await of(field);
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
  }
  expect((await of('issues { totalCount }')).data.repository.issues.totalCount).toBeGreaterThan(0);
});

test('the cost is counted as GitHub counts it, and taken off the hour', async () => {
  const client = place.job({ issues: 'read' });
  const query = `{ rateLimit { cost limit remaining } repository(owner: "ada", name: "shop") { issues(first: 100) { nodes { labels(first: 10) { nodes { name } } comments(first: 20) { nodes { body } } } } } }`;
  const { data, headers } = await client.request('POST /graphql', { query });
  expect(data.data.rateLimit).toMatchObject({ cost: 2, limit: 1000 });
  expect(Number(headers['x-ratelimit-remaining'])).toBe(data.data.rateLimit.remaining);
});
