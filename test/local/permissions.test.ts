// Owns the proof that a token reaches what it was given and nothing else, at every door.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlace, shop, type LocalPlace } from './place.ts';

let place: LocalPlace;
let issue_number = 0;

beforeAll(async () => {
  place = await openPlace();
  issue_number = place.github.world.openIssue('bob', 'Guarded', '', ['held']).number;
  place.github.world.push('bob', 'topic', { 'topic.txt': '\n' });
});

afterAll(async () => {
  await place.close();
  expect(place.contract.violations()).toEqual([]);
});

type Client = ReturnType<LocalPlace['as']>;

interface Case {
  readonly what: string;
  readonly needs: Readonly<Record<string, string>>;
  readonly ask: (client: Client) => Promise<unknown>;
}

const cases: readonly Case[] = [
  { what: 'read an issue', needs: { issues: 'read' }, ask: ({ rest }) => rest.issues.get({ ...shop, issue_number }) },
  {
    what: 'comment',
    needs: { issues: 'write' },
    ask: ({ rest }) => rest.issues.createComment({ ...shop, issue_number, body: 'x' }),
  },
  {
    what: 'label',
    needs: { issues: 'write' },
    ask: ({ rest }) => rest.issues.addLabels({ ...shop, issue_number, labels: ['held'] }),
  },
  { what: 'list pull requests', needs: { 'pull-requests': 'read' }, ask: ({ rest }) => rest.pulls.list(shop) },
  {
    what: 'open a pull request',
    needs: { 'pull-requests': 'write' },
    ask: ({ rest }) => rest.pulls.create({ ...shop, title: 'T', head: 'topic', base: 'main' }),
  },
  {
    what: 'read a ref',
    needs: { contents: 'read' },
    ask: ({ rest }) => rest.git.getRef({ ...shop, ref: 'heads/main' }),
  },
  {
    what: 'create a ref',
    needs: { contents: 'write' },
    ask: async ({ rest }) =>
      rest.git.createRef({ ...shop, ref: 'refs/orch/x', sha: place.github.world.git.resolve('refs/heads/main') ?? '' }),
  },
  {
    what: 'read a run’s jobs',
    needs: { actions: 'read' },
    ask: ({ rest }) =>
      rest.actions.listJobsForWorkflowRun({ ...shop, run_id: [...place.github.world.runs.keys()][0] ?? 0 }),
  },
  {
    what: 'dispatch',
    needs: { actions: 'write' },
    ask: ({ rest }) => rest.actions.createWorkflowDispatch({ ...shop, workflow_id: 'orch.yml', ref: 'main' }),
  },
  {
    what: 'check',
    needs: { checks: 'write' },
    ask: async ({ rest }) =>
      rest.checks.create({ ...shop, name: 'orch', head_sha: place.github.world.git.resolve('refs/heads/main') ?? '' }),
  },
];

test.each(cases)('a job may $what with exactly that permission', async ({ needs, ask }) => {
  const [scope, level] = Object.entries(needs)[0] ?? ['', ''];
  const less: Readonly<Record<string, string>> = level === 'write' ? { [scope]: 'read' } : {};
  const others = Object.fromEntries(
    ['issues', 'pull-requests', 'contents', 'actions', 'checks']
      .filter((one) => one !== scope)
      .map((one) => [one, 'write']),
  );
  // Threads of pull requests open to either scope, so for issues that neighbour is left out.
  const withoutNeighbour = scope === 'issues' ? { ...others, 'pull-requests': 'none' } : others;
  await expect(ask(place.job({ ...withoutNeighbour, ...less }))).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('Resource not accessible by integration'),
  });
  await expect(ask(place.job(needs))).resolves.toMatchObject({ status: expect.any(Number) });
});

test('people’s roles come with their names, the coarse and the fine one', async () => {
  const { rest } = place.job({});
  const roleOf = async (username: string) =>
    (await rest.repos.getCollaboratorPermissionLevel({ ...shop, username })).data;
  expect(await roleOf('ada')).toMatchObject({ permission: 'admin', role_name: 'admin' });
  expect(await roleOf('tom')).toMatchObject({ permission: 'read', role_name: 'triage' });
  expect(await roleOf('eve')).toMatchObject({ permission: 'read', role_name: 'read' });
  await expect(roleOf('nobody')).rejects.toMatchObject({ status: 404 });
});

test('a private repository does not exist for strangers, and is read by whom it was given to', async () => {
  const { world } = place.github;
  world.private_repository = true;
  world.grant('rita', 'read');
  await expect(place.as('eve').rest.repos.get(shop)).rejects.toMatchObject({ status: 404 });
  expect((await place.as('rita').rest.repos.get(shop)).data).toMatchObject({ private: true, visibility: 'private' });
  const hidden = 'query Hidden { repository(owner: "ada", name: "shop") { id } }';
  const { data } = await place.as('eve').request('POST /graphql', { query: hidden });
  expect(data).toMatchObject({ data: { repository: null }, errors: [{ type: 'NOT_FOUND' }] });
  world.private_repository = false;
});

test('a board is out of a job’s reach whatever it was given; an App reaches those of organizations', async () => {
  const { world } = place.github;
  world.addProject({ owner: 'acme', number: 3, title: 'Board' });
  world.addProject({ owner: 'ada', owner_kind: 'User', number: 4, title: 'Own' });
  world.app = { id: 9, public_key: '', login: 'orch-app[bot]', permissions: {} };
  const query = (root: string, login: string, number: number) =>
    `{ ${root}(login: "${login}") { projectV2(number: ${number}) { title fields(first: 10) { nodes { ... on ProjectV2FieldCommon { name } } } } } }`;
  const ask = async (client: Client, text: string) => (await client.request('POST /graphql', { query: text })).data;
  const organization = query('organization', 'acme', 3);
  const user = query('user', 'ada', 4);
  const app = place.client(world.issueToken({ kind: 'app', permissions: { 'organization-projects': 'write' } }));
  expect(await ask(place.job({ 'organization-projects': 'write' }), organization)).toMatchObject({
    errors: [{ type: 'FORBIDDEN' }],
  });
  expect(await ask(app, organization)).toMatchObject({
    data: {
      organization: { projectV2: { title: 'Board', fields: { nodes: [{ name: 'Title' }, { name: 'Status' }] } } },
    },
  });
  expect(await ask(app, user)).toMatchObject({ errors: [{ type: 'FORBIDDEN' }] });
  expect(await ask(place.as('ada'), user)).toMatchObject({ data: { user: { projectV2: { title: 'Own' } } } });
});

test('a board’s items are added once; fields are created once and take values of their own kind', async () => {
  const { world } = place.github;
  const project = world.addProject({ owner: 'acme', number: 5, title: 'Fields' });
  const ada = place.as('ada');
  const run = async (field: string, type: string, input: object, selection: string) =>
    (
      await ada.request('POST /graphql', {
        query: `mutation Run($i: ${type}!) { ${field}(input: $i) { ${selection} } }`,
        variables: { i: input },
      })
    ).data;
  const add = () =>
    run(
      'addProjectV2ItemById',
      'AddProjectV2ItemByIdInput',
      { projectId: project.id, contentId: `I_${issue_number}` },
      'item { id }',
    );
  const item = (await add()).data.addProjectV2ItemById.item.id;
  expect((await add()).data.addProjectV2ItemById.item.id).toBe(item);
  const made = await run(
    'createProjectV2Field',
    'CreateProjectV2FieldInput',
    { projectId: project.id, name: 'Attempts', dataType: 'NUMBER' },
    'projectV2Field { ... on ProjectV2Field { id name } }',
  );
  const fieldId = made.data.createProjectV2Field.projectV2Field.id;
  const set = (value: object) =>
    run(
      'updateProjectV2ItemFieldValue',
      'UpdateProjectV2ItemFieldValueInput',
      { projectId: project.id, itemId: item, fieldId, value },
      'projectV2Item { fieldValueByName(name: "Attempts") { ... on ProjectV2ItemFieldNumberValue { number } } }',
    );
  expect(await set({ text: 'two' })).toMatchObject({ errors: [{ type: 'UNPROCESSABLE' }] });
  expect(await set({ number: 2 })).toMatchObject({
    data: { updateProjectV2ItemFieldValue: { projectV2Item: { fieldValueByName: { number: 2 } } } },
  });
});
