// Owns what GraphQL types look like over the model: one function per type, fields asked for only when selected.
import type { Actor, Comment, Issue, Label, Person, Project, ProjectItem } from '../model/state.ts';
import { closedBy } from '../model/pulls.ts';
import { commentsOf } from '../model/issues.ts';
import { association } from '../rest/shapes.ts';
import type { World } from '../model/world.ts';
import { Refused } from '../model/state.ts';

export interface Ctx {
  readonly world: World;
  readonly actor: Actor;
  readonly server_url: string;
}

type Args = Readonly<Record<string, unknown>>;

const PAGE_MAX = 100;

export interface Connection<T> {
  readonly nodes: readonly T[];
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly startCursor: string | null; readonly endCursor: string | null };
}

/** A cursor is the place in the list; GitHub's are opaque too. */
export function connection<T>(all: readonly T[], args: Args): Connection<T> {
  const first = numberOf(args['first']);
  const last = numberOf(args['last']);
  if ((first ?? last ?? 0) > PAGE_MAX) throw new Error(`Requesting ${first ?? last} records on the connection exceeds the \`first\` limit of ${PAGE_MAX} records.`);
  if (first === null && last === null) throw new Error('You must provide a `first` or `last` value to properly paginate the connection.');
  const after = typeof args['after'] === 'string' ? Number(Buffer.from(args['after'], 'base64').toString('utf8')) : 0;
  const start = first !== null ? after : Math.max(0, all.length - (last ?? 0));
  const end = first !== null ? Math.min(all.length, start + first) : all.length;
  const nodes = all.slice(start, end);
  const cursor = (at: number): string => Buffer.from(String(at)).toString('base64');
  return {
    nodes,
    edges: nodes.map((node, i) => ({ node, cursor: cursor(start + i + 1) })),
    totalCount: all.length,
    pageInfo: { hasNextPage: end < all.length, hasPreviousPage: start > 0, startCursor: nodes.length > 0 ? cursor(start + 1) : null, endCursor: nodes.length > 0 ? cursor(end) : null },
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

export function personObject({ login, type, id }: Person) {
  const shown = type === 'Bot' ? login.replace(/\[bot\]$/, '') : login;
  return { __typename: type, login: shown, id: `${type === 'Bot' ? 'BOT' : 'U'}_${id}` };
}

export function labelObject(label: Label) {
  return { __typename: 'Label', id: `LA_${label.id}`, name: label.name, color: label.color, description: label.description };
}

function labelsOf(world: World, issue: Issue) {
  return issue.labels.flatMap((name) => {
    const label = world.labels.get(name.toLowerCase());
    return label === undefined ? [] : [labelObject(label)];
  });
}

export function issueObject(issue: Issue, ctx: Ctx): Readonly<Record<string, unknown>> {
  const { world } = ctx;
  const reasons = { completed: 'COMPLETED', not_planned: 'NOT_PLANNED', reopened: 'REOPENED' } as const;
  return {
    __typename: 'Issue',
    id: `I_${issue.number}`,
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state === 'open' ? 'OPEN' : 'CLOSED',
    stateReason: issue.state_reason === null ? null : reasons[issue.state_reason],
    url: `${ctx.server_url}/${world.full_name}/issues/${issue.number}`,
    createdAt: issue.created_at,
    updatedAt: issue.updated_at,
    closedAt: issue.closed_at,
    author: personObject(issue.author),
    repository: () => ({ nameWithOwner: world.full_name }),
    labels: (args: Args) => connection(labelsOf(world, issue), args),
    timelineItems: (args: Args) => connection(timelineOf(issue, args), args),
    comments: (args: Args) => connection(commentsOf(world, issue.number).map((comment) => commentObject(comment, ctx)), args),
    blockedBy: (args: Args) => connection(issue.blocked_by.map((number) => issueObject(world.issue(number), ctx)), args),
    blocking: (args: Args) => connection([...world.issues.values()].filter((other) => other.blocked_by.includes(issue.number)).map((other) => issueObject(other, ctx)), args),
    closedByPullRequestsReferences: (args: Args) => connection(linkedPulls(issue, ctx, args['includeClosedPrs'] === true), args),
    subIssues: (args: Args) => connection([], args),
    parent: null,
  };
}

function linkedPulls(issue: Issue, ctx: Ctx, closed_too: boolean) {
  return [...ctx.world.issues.values()]
    .filter((other) => other.pull !== null && (closed_too || other.state === 'open') && closedBy(ctx.world, other).includes(issue))
    .map((other) => pullObject(other, ctx));
}

const TIMELINE = { labeled: ['LABELED_EVENT', 'LabeledEvent'], unlabeled: ['UNLABELED_EVENT', 'UnlabeledEvent'], closed: ['CLOSED_EVENT', 'ClosedEvent'], reopened: ['REOPENED_EVENT', 'ReopenedEvent'] } as const;

function timelineOf(issue: Issue, args: Args) {
  const wanted = Array.isArray(args['itemTypes']) ? args['itemTypes'] : null;
  return issue.events
    .filter(({ kind }) => wanted === null || wanted.includes(TIMELINE[kind][0]))
    .map(({ kind, by, at, label }) => ({ __typename: TIMELINE[kind][1], createdAt: at, actor: personObject(by), label: { name: label } }));
}

export function commentObject(comment: Comment, { world, actor }: Ctx) {
  return {
    __typename: 'IssueComment',
    id: `IC_${comment.id}`,
    databaseId: comment.id,
    body: comment.body,
    author: personObject(comment.author),
    authorAssociation: association(world, comment.author),
    viewerDidAuthor: comment.author.login === actor.person.login,
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
    lastEditedAt: comment.editor === null ? null : comment.updated_at,
    editor: comment.editor === null ? null : personObject(comment.editor),
    isMinimized: false,
  };
}

export function pullObject(issue: Issue, ctx: Ctx): Readonly<Record<string, unknown>> {
  const { world } = ctx;
  const { pull } = issue;
  if (pull === null) throw new Refused(404, 'Not Found');
  return {
    __typename: 'PullRequest',
    id: `PR_${issue.number}`,
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: pull.merged_at !== null ? 'MERGED' : issue.state === 'open' ? 'OPEN' : 'CLOSED',
    isDraft: pull.draft,
    merged: pull.merged_at !== null,
    mergedAt: pull.merged_at,
    closedAt: issue.closed_at,
    mergedBy: pull.merged_by === null ? null : personObject(pull.merged_by),
    mergeable: issue.state === 'open' ? 'MERGEABLE' : 'UNKNOWN',
    headRefName: pull.head_ref,
    headRefOid: pull.head_sha,
    baseRefName: pull.base_ref,
    baseRefOid: pull.base_sha,
    url: `${ctx.server_url}/${world.full_name}/pull/${issue.number}`,
    createdAt: issue.created_at,
    updatedAt: issue.updated_at,
    author: personObject(issue.author),
    changedFiles: () => world.git.changedFiles(pull.base_sha, pull.head_sha),
    closingIssuesReferences: (args: Args) => connection(closedBy(world, issue).map((linked) => issueObject(linked, ctx)), args),
    reviewDecision: null,
    statusCheckRollup: null,
  };
}

export function projectObject(project: Project) {
  const fields = project.fields.map((field) =>
    field.type === 'SINGLE_SELECT'
      ? { __typename: 'ProjectV2SingleSelectField', id: field.id, name: field.name, dataType: field.type, options: field.options }
      : { __typename: 'ProjectV2Field', id: field.id, name: field.name, dataType: field.type },
  );
  return {
    __typename: 'ProjectV2',
    id: project.id,
    number: project.number,
    title: project.title,
    fields: (args: Args) => connection(fields, args),
    items: (args: Args) => connection(project.items.map((item) => itemObject(project, item)), args),
  };
}

export function itemObject(project: Project, item: ProjectItem) {
  const values = [...item.values].map(([id, value]) => {
    const field = project.fields.find((one) => one.id === id);
    const of = { __typename: field?.type === 'SINGLE_SELECT' ? 'ProjectV2SingleSelectField' : 'ProjectV2Field', name: field?.name ?? '' };
    if (field?.type === 'NUMBER') return { __typename: 'ProjectV2ItemFieldNumberValue', number: value, field: of };
    if (field?.type === 'SINGLE_SELECT') return { __typename: 'ProjectV2ItemFieldSingleSelectValue', name: field.options.find((option) => option.id === value)?.name ?? null, field: of };
    return { __typename: 'ProjectV2ItemFieldTextValue', text: value, field: of };
  });
  return { __typename: 'ProjectV2Item', id: item.id, fieldValues: (args: Args) => connection(values, args) };
}
