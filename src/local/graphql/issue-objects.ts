// Owns what people, labels, issues and comments look like in GraphQL; a field is worked out only when it is asked for.
import { commentsOf } from '../model/comments.ts';
import { blockedBy, dependenciesSummary, nodeIdOf } from '../model/issues.ts';
import { closersOf } from '../model/links.ts';
import type { Comment, Issue, IssueEvent, Label, Milestone, Person, Reaction } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { parentOf } from '../model/sub-issues.ts';
import { association } from '../rest/shapes.ts';
import { connection, none, type Args } from './connection.ts';
import { needs, type Ctx } from './context.ts';

type Fields = Readonly<Record<string, unknown>>;

/** GraphQL names a bot without the `[bot]` that REST gives it. */
export function personObject({ login, id, type }: Person, { server_url }: Ctx): Fields {
  const shown = type === 'Bot' ? login.replace(/\[bot\]$/, '') : login;
  const place = type === 'Bot' ? `apps/${shown}` : shown;
  return {
    __typename: type,
    id: `${type === 'Bot' ? 'BOT' : 'U'}_${id}`,
    databaseId: id,
    login: shown,
    name: null,
    url: `${server_url}/${place}`,
    resourcePath: `/${place}`,
    avatarUrl: `${server_url}/${shown}.png`,
  };
}

export function labelObject(label: Label, { world, server_url }: Ctx): Fields {
  const { id, name, color, description } = label;
  return {
    __typename: 'Label',
    id: `LA_${id}`,
    name,
    color,
    description,
    isDefault: false,
    url: `${server_url}/${world.full_name}/labels/${encodeURIComponent(name)}`,
  };
}

/** The fields that issues and pull requests have in common. */
export function shared(issue: Issue, ctx: Ctx): Fields {
  const { world, server_url } = ctx;
  const path = `/${world.full_name}/${issue.pull === null ? 'issues' : 'pull'}/${issue.number}`;
  return {
    id: nodeIdOf(issue),
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    bodyText: issue.body,
    url: `${server_url}${path}`,
    resourcePath: path,
    createdAt: issue.created_at,
    updatedAt: issue.updated_at,
    closedAt: issue.closed_at,
    closed: issue.state === 'closed',
    locked: false,
    author: () => personObject(issue.author, ctx),
    authorAssociation: () => association(world, issue.author),
    viewerDidAuthor: issue.author === ctx.actor.person,
    repository: () => ctx.shapes.repository(ctx),
    labels: (args: Args) =>
      connection({ items: labelsOf(world, issue), args, show: (label) => labelObject(label, ctx) }),
    comments: (args: Args) =>
      connection({ items: commentsOf(world, issue.number), args, show: (comment) => commentObject(comment, ctx) }),
    timelineItems: (args: Args) =>
      connection({ items: eventsOf(issue, args), args, show: (event) => eventObject(issue, event, ctx) }),
    assignees: none,
    reactions: none,
    milestone: () => milestoneObject(issue.milestone, ctx),
  };
}

function milestoneObject(milestone: Milestone | null, ctx: Ctx): Fields | null {
  if (milestone === null) return null;
  const { id, number, title, creator, created_at, due_on, closed_at } = milestone;
  return {
    __typename: 'Milestone',
    id: `MI_${id}`,
    number,
    title,
    description: null,
    state: closed_at === null ? 'OPEN' : 'CLOSED',
    closed: closed_at !== null,
    closedAt: closed_at,
    createdAt: created_at,
    dueOn: due_on,
    creator: () => personObject(creator, ctx),
  };
}

function labelsOf(world: World, issue: Issue): readonly Label[] {
  return issue.labels.flatMap((name) => world.labels.get(name.toLowerCase()) ?? []);
}

const REASONS = {
  completed: 'COMPLETED',
  not_planned: 'NOT_PLANNED',
  duplicate: 'DUPLICATE',
  reopened: 'REOPENED',
} as const;

export function issueObject(issue: Issue, ctx: Ctx): Fields {
  const { world } = ctx;
  const list = (items: readonly Issue[], args: Args): Fields =>
    connection({ items, args, show: (one) => issueObject(one, ctx) });
  return {
    ...shared(issue, ctx),
    __typename: 'Issue',
    state: issue.state === 'open' ? 'OPEN' : 'CLOSED',
    stateReason: issue.state_reason === null ? null : REASONS[issue.state_reason],
    isPinned: false,
    issueType: null,
    blockedBy: (args: Args) => list(numbered(world, issue.blocked_by), args),
    blocking: (args: Args) => list(blockedBy(world, issue), args),
    issueDependenciesSummary: () => summaryObject(world, issue),
    subIssues: (args: Args) => list(numbered(world, issue.sub_issues), args),
    parent: () => {
      const parent = parentOf(world, issue);
      return parent === null ? null : issueObject(parent, ctx);
    },
    closedByPullRequestsReferences: (args: Args) => {
      needs(ctx, ['pull-requests'], 'read');
      const items = closersOf(world, issue).filter(
        ({ state }) => args['includeClosedPrs'] === true || state === 'open',
      );
      return connection({ items, args, show: (pull) => ctx.shapes.pull(pull, ctx) });
    },
  };
}

function numbered(world: World, numbers: readonly number[]): readonly Issue[] {
  return numbers.flatMap((number) => world.issues.get(number) ?? []);
}

function summaryObject(world: World, issue: Issue): Fields {
  const { blocked_by, blocking, total_blocked_by, total_blocking } = dependenciesSummary(world, issue);
  return { blockedBy: blocked_by, blocking, totalBlockedBy: total_blocked_by, totalBlocking: total_blocking };
}

const EVENTS = {
  labeled: { item: 'LABELED_EVENT', type: 'LabeledEvent' },
  unlabeled: { item: 'UNLABELED_EVENT', type: 'UnlabeledEvent' },
  closed: { item: 'CLOSED_EVENT', type: 'ClosedEvent' },
  reopened: { item: 'REOPENED_EVENT', type: 'ReopenedEvent' },
} as const;

function eventsOf(issue: Issue, { itemTypes, since }: Args): readonly IssueEvent[] {
  const wanted: readonly unknown[] | null = Array.isArray(itemTypes) ? itemTypes : null;
  const from = typeof since === 'string' ? Date.parse(since) : 0;
  return issue.events.filter(
    ({ kind, at }) => (wanted === null || wanted.includes(EVENTS[kind].item)) && Date.parse(at) >= from,
  );
}

function eventObject(issue: Issue, { kind, by, at, label }: IssueEvent, ctx: Ctx): Fields {
  const known = label === null ? undefined : ctx.world.labels.get(label.toLowerCase());
  // A label that was deleted since keeps its name in the events that tell of it.
  const gone =
    label === null
      ? null
      : { __typename: 'Label', id: `LA_gone_${label}`, name: label, color: 'ededed', description: null };
  return {
    __typename: EVENTS[kind].type,
    id: `EV_${issue.number}_${issue.events.findIndex((event) => event.at === at && event.kind === kind && event.label === label)}`,
    createdAt: at,
    actor: () => personObject(by, ctx),
    label: () => (known === undefined ? gone : labelObject(known, ctx)),
    labelable: () => subjectObject(issue, ctx),
    stateReason: kind === 'closed' && issue.state_reason !== null ? REASONS[issue.state_reason] : null,
  };
}

/** Whichever of the two it is. */
export function subjectObject(issue: Issue, ctx: Ctx): Fields {
  return issue.pull === null ? issueObject(issue, ctx) : ctx.shapes.pull(issue, ctx);
}

export function commentObject(comment: Comment, ctx: Ctx): Fields {
  const { world, actor, server_url } = ctx;
  const { id, issue, body, author, editor, created_at, updated_at, edited_at } = comment;
  return {
    __typename: 'IssueComment',
    id: `IC_${id}`,
    databaseId: id,
    fullDatabaseId: String(id),
    body,
    bodyText: body,
    url: `${server_url}/${world.full_name}/issues/${issue}#issuecomment-${id}`,
    author: () => personObject(author, ctx),
    authorAssociation: () => association(world, author),
    viewerDidAuthor: author === actor.person,
    createdAt: created_at,
    updatedAt: updated_at,
    lastEditedAt: edited_at,
    includesCreatedEdit: edited_at !== null,
    editor: () => (editor === null ? null : personObject(editor, ctx)),
    isMinimized: false,
    issue: () => issueObject(world.issue(issue), ctx),
    reactions: (args: Args) =>
      connection({
        items: [...comment.reactions.values()],
        args,
        show: (reaction) => reactionObject(reaction, ctx),
      }),
  };
}

export function reactionObject({ id, content, by, at }: Reaction, ctx: Ctx): Fields {
  return {
    __typename: 'Reaction',
    id: `REA_${id}`,
    content: REACTIONS[content] ?? null,
    createdAt: at,
    user: () => personObject(by, ctx),
  };
}

export const REACTIONS: Readonly<Record<string, string>> = {
  '+1': 'THUMBS_UP',
  '-1': 'THUMBS_DOWN',
  laugh: 'LAUGH',
  hooray: 'HOORAY',
  confused: 'CONFUSED',
  heart: 'HEART',
  rocket: 'ROCKET',
  eyes: 'EYES',
};

/** The model keeps the names that REST has: `+1` for `THUMBS_UP`. */
export function restReaction(content: string): string {
  return Object.keys(REACTIONS).find((one) => REACTIONS[one] === content) ?? '';
}
