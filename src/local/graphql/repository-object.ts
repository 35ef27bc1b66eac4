// Owns what the repository looks like in GraphQL: its issues and pull requests by filter, its refs, files and history.
import { pullsOf } from '../model/pulls.ts';
import type { Issue } from '../model/state.ts';
import { isObject } from '../contract/json.ts';
import { rollupObject } from './check-objects.ts';
import { connection, type Args } from './connection.ts';
import { needs, type Ctx } from './context.ts';
import { issueObject, labelObject, personObject, subjectObject } from './issue-objects.ts';
import { pullObject } from './pull-object.ts';
import { notFound } from './refusal.ts';

type Fields = Readonly<Record<string, unknown>>;

export function repositoryObject(ctx: Ctx): Fields {
  const { world, server_url } = ctx;
  const { owner, name, default_branch } = world.options;
  return {
    __typename: 'Repository',
    id: 'R_1',
    databaseId: 1,
    name,
    nameWithOwner: world.full_name,
    owner: () => personObject(world.person(owner), ctx),
    url: `${server_url}/${world.full_name}`,
    isPrivate: world.private_repository,
    visibility: world.private_repository ? 'PRIVATE' : 'PUBLIC',
    isArchived: false,
    isFork: false,
    hasIssuesEnabled: true,
    viewerPermission: () => world.effectiveRole(ctx.actor.person.login).toUpperCase(),
    defaultBranchRef: () => refObject(ctx, `refs/heads/${default_branch}`),
    object: (args: Args) => objectAt(ctx, args),
    ref: (args: Args) => refObject(ctx, qualified(String(args['qualifiedName']))),
    refs: (args: Args) => refsUnder(ctx, args),
    label: (args: Args) => {
      const label = world.labels.get(String(args['name']).toLowerCase());
      return label === undefined ? null : labelObject(label, ctx);
    },
    labels: (args: Args) => labelsFound(ctx, args),
    issue: (args: Args) => issueObject(found(ctx, args, 'Issue'), ctx),
    pullRequest: (args: Args) => pullObject(found(ctx, args, 'PullRequest'), ctx),
    issueOrPullRequest: (args: Args) => subjectObject(found(ctx, args, 'either'), ctx),
    issues: (args: Args) => issuesFound(ctx, args),
    pullRequests: (args: Args) => pullsFound(ctx, args),
  };
}

function found(ctx: Ctx, { number }: Args, wanted: 'Issue' | 'PullRequest' | 'either'): Issue {
  const issue = ctx.world.issues.get(Number(number));
  const kind = issue?.pull === null ? 'Issue' : 'PullRequest';
  if (issue === undefined || (wanted !== 'either' && kind !== wanted)) {
    const name =
      wanted === 'Issue' ? 'an Issue' : wanted === 'PullRequest' ? 'a PullRequest' : 'an issue or pull request';
    throw notFound(`Could not resolve to ${name} with the number of ${String(number)}.`);
  }
  needs(ctx, kind === 'Issue' ? ['issues'] : ['pull-requests'], 'read');
  return issue;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

interface Order {
  readonly field: 'created_at' | 'updated_at';
  readonly descending: boolean;
}

function orderIn({ orderBy }: Args): Order {
  const order = isObject(orderBy) ? orderBy : {};
  return {
    field: order['field'] === 'UPDATED_AT' ? 'updated_at' : 'created_at',
    descending: order['direction'] === 'DESC',
  };
}

/** All instants have one form and numbers are padded, so the texts sort as the list does. */
function listed(ctx: Ctx, issues: readonly Issue[], args: Args): Fields {
  const { field, descending } = orderIn(args);
  const keyOf = (issue: Issue): string => `${issue[field]} ${String(issue.number).padStart(9, '0')}`;
  const keys = new Map(issues.map((issue) => [issue, keyOf(issue)]));
  const ascending = issues.toSorted((one, other) => ((keys.get(one) ?? '') < (keys.get(other) ?? '') ? -1 : 1));
  const items = descending ? ascending.toReversed() : ascending;
  return connection({ items, args, show: (issue) => subjectObject(issue, ctx), key: { of: keyOf, descending } });
}

/** Of several labels any one is enough, unlike in REST, where all are needed. */
function issuesFound(ctx: Ctx, args: Args): Fields {
  needs(ctx, ['issues'], 'read');
  const filter = isObject(args['filterBy']) ? args['filterBy'] : {};
  const since = typeof filter['since'] === 'string' ? Date.parse(filter['since']) : 0;
  const labels = [...texts(filter['labels']), ...texts(args['labels'])].map((name) => name.toLowerCase());
  const states = [...texts(filter['states']), ...texts(args['states'])];
  const creator = filter['createdBy'];
  const fits = (issue: Issue): boolean =>
    issue.pull === null &&
    (states.length === 0 || states.includes(issue.state === 'open' ? 'OPEN' : 'CLOSED')) &&
    (labels.length === 0 || issue.labels.some((label) => labels.includes(label.toLowerCase()))) &&
    (typeof creator !== 'string' || issue.author.login === creator) &&
    (since === 0 || Date.parse(issue.updated_at) >= since);
  return listed(ctx, [...ctx.world.issues.values()].filter(fits), args);
}

function pullsFound(ctx: Ctx, args: Args): Fields {
  needs(ctx, ['pull-requests'], 'read');
  const { headRefName, baseRefName } = args;
  const states = texts(args['states']);
  const labels = texts(args['labels']).map((name) => name.toLowerCase());
  const fits = ({ pull, state, labels: held }: Issue): boolean =>
    pull !== null &&
    (typeof headRefName !== 'string' || pull.head_ref === headRefName) &&
    (typeof baseRefName !== 'string' || pull.base_ref === baseRefName) &&
    (labels.length === 0 || held.some((label) => labels.includes(label.toLowerCase()))) &&
    (states.length === 0 || states.includes(pull.merged_at !== null ? 'MERGED' : state.toUpperCase()));
  return listed(ctx, pullsOf(ctx.world).filter(fits), args);
}

function labelsFound(ctx: Ctx, args: Args): Fields {
  const wanted = typeof args['query'] === 'string' ? args['query'].toLowerCase() : '';
  const items = [...ctx.world.labels.values()].filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  );
  return connection({ items, args, show: (label) => labelObject(label, ctx) });
}

function qualified(name: string): string {
  return name.startsWith('refs/') ? name : `refs/heads/${name}`;
}

export function refObject(ctx: Ctx, ref: string): Fields | null {
  needs(ctx, ['contents'], 'read');
  const oid = ctx.world.git.resolve(ref);
  if (oid === null) return null;
  const [, prefix = '', name = ''] = /^(refs\/(?:heads|tags)\/|refs\/)(.+)$/.exec(ref) ?? [];
  return { __typename: 'Ref', id: `REF_${ref}`, name, prefix, target: () => commitObject(ctx, oid) };
}

function refsUnder(ctx: Ctx, args: Args): Fields {
  needs(ctx, ['contents'], 'read');
  const prefix = String(args['refPrefix']);
  const wanted = typeof args['query'] === 'string' ? args['query'] : '';
  const items = ctx.world.git
    .refs(prefix.endsWith('/') ? prefix : `${prefix}/`)
    .filter(({ ref }) => ref.slice(prefix.length).includes(wanted));
  return connection({
    items,
    args,
    show: ({ ref, sha }) => ({
      __typename: 'Ref',
      id: `REF_${ref}`,
      name: ref.slice(prefix.length).replace(/^\//, ''),
      prefix,
      target: () => commitObject(ctx, sha),
    }),
  });
}

/** `main:docs/a.md` is a file, `main` its commit; `HEAD` is the default branch. */
function objectAt(ctx: Ctx, { expression, oid }: Args): Fields | null {
  needs(ctx, ['contents'], 'read');
  const [revision = '', file] = String(expression ?? oid).split(/:(.*)/s);
  const sha = ctx.world.git.resolve(revision === 'HEAD' ? `refs/heads/${ctx.world.options.default_branch}` : revision);
  if (sha === null) return null;
  return file === undefined ? commitObject(ctx, sha) : blobObject(ctx, sha, file);
}

/** Another public repository, of which anybody may read the files at its tip. */
export function neighbourObject(full_name: string, files: ReadonlyMap<string, string>): Fields {
  return {
    __typename: 'Repository',
    nameWithOwner: full_name,
    object: ({ expression }: Args) => {
      const file = String(expression).replace(/^HEAD:/, '');
      return blobOf(`B_${full_name}:${file}`, files.get(file) ?? null);
    },
  };
}

function blobObject({ world }: Ctx, sha: string, file: string): Fields | null {
  return blobOf(`B_${sha}:${file}`, world.git.readFile(sha, file));
}

function blobOf(id: string, text: string | null): Fields | null {
  return text === null
    ? null
    : { __typename: 'Blob', id, text, byteSize: Buffer.byteLength(text), isBinary: false, isTruncated: false };
}

export function commitObject(ctx: Ctx, oid: string): Fields {
  const { world } = ctx;
  return {
    __typename: 'Commit',
    id: `C_${oid}`,
    oid,
    abbreviatedOid: oid.slice(0, 7),
    statusCheckRollup: () => rollupObject(ctx, oid),
    associatedPullRequests: (args: Args) => {
      const items = pullsOf(world).filter(({ pull }) => pull?.head_sha === oid || pull?.merge_commit_sha === oid);
      return connection({ items, args, show: (pull) => pullObject(pull, ctx) });
    },
    history: (args: Args) => {
      const items = world.git.history(oid, typeof args['path'] === 'string' ? args['path'] : '', HISTORY_MAX);
      return connection({ items, args, show: (sha) => commitObject(ctx, sha) });
    },
    file: (args: Args) => {
      const path = String(args['path']);
      const blob = blobObject(ctx, oid, path);
      return blob === null
        ? null
        : { __typename: 'TreeEntry', name: path.split('/').at(-1), path, type: 'blob', object: blob };
    },
  };
}

/** Enough for every page anybody asks for here. */
const HISTORY_MAX = 1000;
