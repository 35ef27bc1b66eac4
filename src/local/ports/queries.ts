// Owns the reading side of the typed port: each GraphQL query the product sends, by its name, answered from the model.
import { commentsOf } from '../model/comments.ts';
import { nodeIdOf } from '../model/issues.ts';
import type { Issue } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { BOT } from '../model/world.ts';
import {
  commentShape,
  detailedShape,
  labelShape,
  pullShape,
  subjectShape,
  taskShape,
  transferredShape,
} from './task-shapes.ts';

type Values = Readonly<Record<string, unknown>>;

export interface GraphqlError {
  readonly type: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

export interface Answered {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly GraphqlError[];
}

/** What a list shows of an issue; null leaves it out. A list may be behind, what is asked for by id is not. */
export type ListView = (issue: Issue, show: (issue: Issue) => unknown) => unknown;

export interface Asking {
  readonly world: World;
  readonly values: Values;
  readonly document: string;
  readonly view: ListView;
}

export const RATE = { cost: 1, remaining: 4_000, limit: 5_000 };

export function answerQuery(name: string, asking: Asking): Answered {
  const { world } = asking;
  switch (name) {
    case 'Observe':
      return withNodes(asking, { rateLimit: RATE, repository: observed(asking) }, taskShape);
    case 'Page':
      return { data: { rateLimit: RATE, repository: pages(asking) }, errors: [] };
    case 'Nodes':
      return withNodes(asking, { rateLimit: RATE }, taskShape);
    case 'Details':
      return withNodes(asking, { rateLimit: RATE, repository: { url: 'x', ...heads(asking) } }, detailedShape);
    case 'Pulls':
      return pulls(asking);
    case 'Subjects':
    case 'States':
      return subjects(asking);
    case 'CommentsById':
      return { data: { nodes: idsOf(asking).map((id) => commentById(world, id)) }, errors: [] };
    case 'CommentsOf':
      return { data: { nodes: idsOf(asking).map((id) => threadOf(world, id)) }, errors: [] };
    case 'Labels':
      return { data: { repository: labels(asking) }, errors: [] };
    case 'Document':
      return { data: { repository: { document: documentIn(asking) } }, errors: [] };
    case 'SubIssues':
      return { data: { nodes: idsOf(asking).map((id) => subIssuesOf(world, id)) }, errors: [] };
    case 'PolicyHistory':
      return { data: { repository: { defaultBranchRef: null } }, errors: [] };
    case 'PolicyOf':
      return { data: { repository: { policy: null } }, errors: [] };
    default:
      throw new Error(`the typed port does not know the query ${name}: teach it in src/local/ports/queries.ts`);
  }
}

function observed(asking: Asking): Values {
  const { world, values } = asking;
  const named = values['issue'];
  const subject = typeof named === 'number' ? world.issues.get(named) : undefined;
  return {
    id: 'R_1',
    url: `https://github.com/${world.full_name}`,
    defaultBranchRef: { name: world.options.default_branch, target: { oid: world.git.resolve('HEAD') } },
    policy: null,
    ...labels(asking),
    ...(named === undefined ? {} : { named: subject === undefined ? null : subjectShape(world, subject) }),
    issues: listed(asking),
    ...heads(asking),
  };
}

function pages(asking: Asking): Values {
  const issues = listed(asking);
  const is_both = Object.hasOwn(asking.values, 'newest');
  return is_both ? { issues, newest: listed(asking, 'newest') } : { issues };
}

/** A page at a time, oldest change first unless told otherwise; the cursor is the place in that order. */
function listed({ world, values, view }: Asking, from: 'oldest' | 'newest' = 'oldest'): Values {
  const { labels: wanted = [], since = null } = (values['filter'] ?? {}) as {
    readonly labels?: readonly string[];
    readonly since?: string | null;
  };
  const from_ms = since === null ? 0 : Date.parse(since);
  const fits = (issue: Issue): boolean =>
    issue.pull === null &&
    wanted.every((label) => issue.labels.some((name) => name.toLowerCase() === label.toLowerCase())) &&
    Date.parse(issue.updated_at) >= from_ms;
  const ascending = [...world.issues.values()]
    .filter(fits)
    .sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1))
    .flatMap((issue) => view(issue, (one) => taskShape(world, one)) ?? []);
  const shown = from === 'newest' ? ascending.toReversed() : ascending;
  const after = Number(values[from === 'newest' ? 'newest' : 'after'] ?? 0);
  const first = Number(values['first']);
  const end = after + first;
  return {
    totalCount: shown.length,
    pageInfo: { hasNextPage: shown.length > end, endCursor: String(end) },
    nodes: shown.slice(after, end),
  };
}

function numberedValues(values: Values, name: string): readonly (readonly [string, unknown])[] {
  return Object.entries(values).filter(([key]) => key.startsWith(name) && /^\d+$/.test(key.slice(name.length)));
}

function labels({ world, values }: Asking): Values {
  return Object.fromEntries(
    numberedValues(values, 'label').map(([key, name]) => [key, labelShape(world, String(name))]),
  );
}

function heads({ world, values }: Asking): Values {
  return Object.fromEntries(
    numberedValues(values, 'head').map(([key, branch]) => {
      const pulls = [...world.pulls.values()].filter(({ pull }) => pull?.head_ref === branch);
      const nodes = pulls.toReversed().slice(0, 5);
      return [key, { nodes: nodes.map((pull) => pullShape(world, pull)) }];
    }),
  );
}

/** By branch as variables say, by number as the document does. */
function pulls(asking: Asking): Answered {
  const { world, document } = asking;
  const errors: GraphqlError[] = [];
  const aliases = [...document.matchAll(/(\w+): pullRequest\(number: (\d+)\)/g)];
  const numbered = aliases.map(([, alias = '', number]): [string, unknown] => {
    const pull = world.pulls.get(Number(number));
    if (pull === undefined)
      errors.push({ type: 'NOT_FOUND', message: 'Could not resolve to a PullRequest', path: ['repository', alias] });
    return [alias, pull === undefined ? null : pullShape(world, pull)];
  });
  return { data: { repository: { url: 'x', ...heads(asking), ...Object.fromEntries(numbered) } }, errors };
}

function idsOf({ values }: Asking): readonly string[] {
  const ids = values['ids'];
  return Array.isArray(ids) ? ids.map(String) : [];
}

function issueById(world: World, id: string): Issue | undefined {
  return world.issues.get(numberOf(id));
}

function numberOf(id: string): number {
  return Number(id.slice(id.indexOf('_') + 1));
}

function withNodes(asking: Asking, data: Values, show: (world: World, issue: Issue) => unknown): Answered {
  const { world } = asking;
  if (asking.values['ids'] === undefined) return { data, errors: [] };
  const errors: GraphqlError[] = [];
  const nodes = idsOf(asking).map((id, i) => {
    const issue = issueById(world, id);
    if (issue !== undefined) return show(world, issue);
    const moved = world.transferred.get(numberOf(id));
    if (moved !== undefined) return transferredShape(world, moved);
    errors.push({ type: 'NOT_FOUND', message: `Could not resolve to a node with the id ${id}`, path: ['nodes', i] });
    return null;
  });
  return { data: { ...data, nodes }, errors };
}

function subjects({ world, document }: Asking): Answered {
  const errors: GraphqlError[] = [];
  const aliases = [...document.matchAll(/(\w+): issueOrPullRequest\(number: (\d+)\)/g)];
  const entries = aliases.map(([, alias = '', number]): [string, unknown] => {
    const issue = world.issues.get(Number(number));
    if (issue === undefined) {
      errors.push({ type: 'NOT_FOUND', message: 'Could not resolve to an issue', path: ['repository', alias] });
      return [alias, null];
    }
    const shape = subjectShape(world, issue);
    return [alias, issue.pull === null ? shape : { ...shape, pull_state: shape?.['state'] }];
  });
  return { data: { repository: { url: 'x', ...Object.fromEntries(entries) } }, errors };
}

function commentById(world: World, id: string): unknown {
  const comment = world.comments.get(Number(id.slice('IC_'.length)));
  return comment === undefined ? null : commentShape(comment);
}

function documentIn({ world, values }: Asking): unknown {
  const path = String(values['expression']).replace(/^HEAD:/, '');
  const text = world.git.readFile(`refs/heads/${world.options.default_branch}`, path);
  return text === null ? null : { byteSize: text.length, isBinary: false, isTruncated: false, text };
}

function subIssuesOf(world: World, id: string): unknown {
  const issue = issueById(world, id);
  if (issue === undefined) return null;
  const children = issue.sub_issues.flatMap((number) => world.issues.get(number) ?? []);
  const nodes = children.map((child) => ({
    id: nodeIdOf(child),
    number: child.number,
    body: child.body,
    viewerDidAuthor: child.author === BOT,
  }));
  return { id, number: issue.number, subIssues: { nodes } };
}

const SAID_LAST = 20;

function threadOf(world: World, id: string): unknown {
  const issue = issueById(world, id);
  if (issue === undefined) return null;
  const nodes = commentsOf(world, issue.number)
    .slice(-SAID_LAST)
    .map(({ author, body }) => ({ viewerDidAuthor: author === BOT, body }));
  return { id, comments: { nodes } };
}
