// Owns the entry points of GraphQL: what can be asked of the repository, of nodes by id, and of boards.
import type { Issue } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { connection, issueObject, labelObject, personObject, projectObject, pullObject } from './objects.ts';
import type { Ctx } from './objects.ts';
import { MUTATIONS } from './mutations.ts';
import { GraphqlRefusal, notFound } from './refusal.ts';

type Args = Readonly<Record<string, unknown>>;

export function rootOf(ctx: Ctx): Readonly<Record<string, unknown>> {
  const { world, actor } = ctx;
  return {
    viewer: () => personObject(actor.person),
    rateLimit: () => ({ cost: 1, remaining: 900, limit: 1000, used: 100, nodeCount: 0, resetAt: world.now() }),
    repository: (args: Args) => {
      if (`${String(args['owner'])}/${String(args['name'])}`.toLowerCase() !== world.full_name.toLowerCase()) throw notFound(`Could not resolve to a Repository with the name '${String(args['owner'])}/${String(args['name'])}'.`);
      return repositoryObject(ctx);
    },
    repositoryOwner: (args: Args) => ownerObject(ctx, String(args['login'])),
    organization: (args: Args) => ownerObject(ctx, String(args['login'])),
    user: (args: Args) => ownerObject(ctx, String(args['login'])),
    node: (args: Args) => nodeOf(ctx, String(args['id'])),
    nodes: (args: Args) => (Array.isArray(args['ids']) ? args['ids'] : []).map((id: unknown) => nodeOf(ctx, String(id))),
    ...Object.fromEntries(Object.entries(MUTATIONS).map(([name, act]) => [name, (args: Args) => act(ctx, args['input'] as Args)])),
  };
}

function nodeOf(ctx: Ctx, id: string): unknown {
  const number = Number(id.slice(id.indexOf('_') + 1));
  const issue = ctx.world.issues.get(number);
  if (id.startsWith('I_')) return issue === undefined ? missing(id) : issueObject(issue, ctx);
  if (id.startsWith('PR_')) return issue === undefined ? missing(id) : pullObject(issue, ctx);
  return missing(id);
}

function missing(id: string): Error {
  return notFound(`Could not resolve to a node with the global id of '${id}'.`);
}

/** Projects are out of reach for a job's own token, whatever its permissions. */
function ownerObject(ctx: Ctx, login: string) {
  return {
    __typename: 'Organization',
    login,
    projectV2: (args: Args) => {
      if (ctx.actor.kind === 'job') throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by integration');
      const project = ctx.world.projects.find((one) => one.owner.toLowerCase() === login.toLowerCase() && one.number === args['number']);
      if (project === undefined) throw notFound(`Could not resolve to a ProjectV2 with the number ${String(args['number'])}.`);
      return projectObject(project);
    },
  };
}

function repositoryObject(ctx: Ctx) {
  const { world, actor } = ctx;
  world.require(actor, 'metadata', 'read');
  const branch = world.options.default_branch;
  const head = world.git.resolve(`refs/heads/${branch}`);
  const issues = [...world.issues.values()];
  return {
    __typename: 'Repository',
    id: 'R_1',
    name: world.options.name,
    nameWithOwner: world.full_name,
    url: `${ctx.server_url}/${world.full_name}`,
    isPrivate: false,
    defaultBranchRef: head === null ? null : { __typename: 'Ref', name: branch, target: commitObject(world, head) },
    object: (args: Args) => objectAt(world, String(args['expression'])),
    ref: (args: Args) => refObject(world, String(args['qualifiedName'])),
    refs: (args: Args) => connection(world.git.refs(String(args['refPrefix'])).map(({ ref }) => refObject(world, ref)), args),
    labels: (args: Args) => connection([...world.labels.values()].filter(({ name }) => name.includes(String(args['query'] ?? ''))).map(labelObject), args),
    issue: (args: Args) => issueObject(numbered(world, args, false), ctx),
    issueOrPullRequest: (args: Args) => {
      const found = numbered(world, args, null);
      return found.pull === null ? issueObject(found, ctx) : pullObject(found, ctx);
    },
    pullRequest: (args: Args) => pullObject(numbered(world, args, true), ctx),
    issues: (args: Args) => {
      world.require(actor, 'issues', 'read');
      return connection(matching(issues, args).map((issue) => issueObject(issue, ctx)), args);
    },
    pullRequests: (args: Args) => {
      world.require(actor, 'pull-requests', 'read');
      const found = issues.filter(({ pull }) => pull !== null && (typeof args['headRefName'] !== 'string' || pull.head_ref === args['headRefName'])).toReversed();
      return connection(found.map((issue) => pullObject(issue, ctx)), args);
    },
  };
}

function numbered(world: World, args: Args, pull: boolean | null): Issue {
  const found = world.issues.get(Number(args['number']));
  if (found === undefined || (pull !== null && (found.pull !== null) !== pull)) {
    throw notFound(`Could not resolve to an ${pull === true ? 'PullRequest' : 'Issue'} with the number of ${String(args['number'])}.`);
  }
  return found;
}

function matching(issues: readonly Issue[], args: Args): readonly Issue[] {
  const filter = typeof args['filterBy'] === 'object' && args['filterBy'] !== null ? (args['filterBy'] as Args) : {};
  const since = typeof filter['since'] === 'string' ? Date.parse(filter['since']) : 0;
  const labels = [...listOf(filter['labels']), ...listOf(args['labels'])];
  const states = [...listOf(filter['states']), ...listOf(args['states'])];
  const order = typeof args['orderBy'] === 'object' && args['orderBy'] !== null ? (args['orderBy'] as Args) : { field: 'CREATED_AT', direction: 'ASC' };
  const key = order['field'] === 'UPDATED_AT' ? 'updated_at' : 'created_at';
  const sign = order['direction'] === 'DESC' ? -1 : 1;
  return issues
    .filter((issue) => issue.pull === null && Date.parse(issue.updated_at) >= since)
    .filter((issue) => labels.length === 0 || issue.labels.some((label) => labels.some((wanted) => wanted.toLowerCase() === label.toLowerCase())))
    .filter((issue) => states.length === 0 || states.includes(issue.state === 'open' ? 'OPEN' : 'CLOSED'))
    .toSorted((a, b) => sign * (Date.parse(a[key]) - Date.parse(b[key]) || a.number - b.number));
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function refObject(world: World, name: string) {
  const sha = world.git.resolve(name);
  return sha === null ? null : { __typename: 'Ref', id: `REF_${name}`, name: name.replace(/^refs\/heads\//, ''), target: commitObject(world, sha) };
}

function objectAt(world: World, expression: string) {
  const [revision = '', file] = expression.split(/:(.*)/s);
  const at = revision === 'HEAD' ? `refs/heads/${world.options.default_branch}` : revision;
  if (file === undefined) {
    const sha = world.git.resolve(at);
    return sha === null ? null : commitObject(world, sha);
  }
  const text = world.git.readFile(at, file);
  return text === null ? null : { __typename: 'Blob', text, byteSize: Buffer.byteLength(text) };
}

function commitObject(world: World, oid: string): Readonly<Record<string, unknown>> {
  return {
    __typename: 'Commit',
    oid,
    history: (args: Args) => connection(world.git.history(oid, String(args['path'] ?? ''), Number(args['first'] ?? 20)).map((sha) => commitObject(world, sha)), args),
    file: (args: Args) => {
      const text = world.git.readFile(oid, String(args['path']));
      return text === null ? null : { __typename: 'TreeEntry', object: { __typename: 'Blob', text } };
    },
  };
}

