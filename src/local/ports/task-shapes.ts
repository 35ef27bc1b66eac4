// Owns what the tick's own GraphQL queries are answered: the fields they ask for, taken straight from the model.
import { commentsOf } from '../model/comments.ts';
import { nodeIdOf } from '../model/issues.ts';
import { closersOf } from '../model/links.ts';
import { decisionOf } from '../model/review-decision.ts';
import { parentOf } from '../model/sub-issues.ts';
import type { Comment, Issue, Person, Transferred } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { BOT } from '../model/world.ts';
import { association } from '../rest/shapes.ts';
import { asBefore } from './unchanged.ts';

type Shape = Readonly<Record<string, unknown>>;

const LABELS_READ = 50;
const EVENTS_READ = 30;
const COMMENTS_READ = 20;
const THREAD_READ = 50;
const PULLS_READ = 5;
const DEPENDENCIES_READ = 50;

/** GraphQL names a bot without the `[bot]` that REST gives it. */
export function personShape({ login, type }: Person): Shape {
  return { __typename: type, login: type === 'Bot' ? login.replace(/\[bot\]$/, '') : login };
}

export function taskShape(world: World, issue: Issue): Shape {
  return asBefore(issue, shapeNow(world, issue));
}

function shapeNow(world: World, issue: Issue): Shape {
  const comments = commentsOf(world, issue.number);
  const blockers = numbered(world, issue.blocked_by);
  const parent = parentOf(world, issue);
  const brief = (other: Issue): Shape => ({ ...briefShape(other), repository: { nameWithOwner: world.full_name } });
  return {
    __typename: 'Issue',
    id: nodeIdOf(issue),
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: stateOf(issue),
    stateReason: issue.state_reason?.toUpperCase() ?? null,
    createdAt: issue.created_at,
    updatedAt: issue.updated_at,
    closedAt: issue.closed_at,
    author: personShape(issue.author),
    labels: { nodes: issue.labels.slice(0, LABELS_READ).flatMap((name) => labelShape(world, name) ?? []) },
    milestone: milestoneShape(issue),
    timelineItems: { nodes: eventsOf(issue) },
    comments: { totalCount: comments.length, nodes: comments.slice(-COMMENTS_READ).map(commentShape) },
    closedByPullRequestsReferences: {
      nodes: closersOf(world, issue)
        .slice(0, PULLS_READ)
        .map((pull) => pullShape(world, pull)),
    },
    blockedBy: { totalCount: blockers.length, nodes: blockers.slice(0, DEPENDENCIES_READ).map(brief) },
    subIssues: { totalCount: issue.sub_issues.length, nodes: numbered(world, issue.sub_issues).map(brief) },
    parent: parent === null ? null : brief(parent),
    repository: { nameWithOwner: world.full_name },
  };
}

/** It keeps its id, and is another repository's. */
export function transferredShape(world: World, { issue, to }: Transferred): Shape {
  return { ...taskShape(world, issue), number: to.number, repository: { nameWithOwner: to.repository } };
}

/** With what only tasks about to be started are asked for. */
export function detailedShape(world: World, issue: Issue): Shape {
  const comments = commentsOf(world, issue.number);
  const nodes = comments.slice(-THREAD_READ).map(({ body, created_at, author }) => ({
    body,
    createdAt: created_at,
    authorAssociation: association(world, author),
    author: personShape(author),
  }));
  return { ...taskShape(world, issue), thread: { totalCount: comments.length, nodes } };
}

function briefShape(issue: Issue): Shape {
  return {
    __typename: 'Issue',
    id: nodeIdOf(issue),
    number: issue.number,
    title: issue.title,
    state: stateOf(issue),
    stateReason: issue.state_reason?.toUpperCase() ?? null,
    updatedAt: issue.updated_at,
    closedAt: issue.closed_at,
  };
}

function milestoneShape({ milestone }: Issue): Shape | null {
  if (milestone === null) return null;
  const { title, closed_at, due_on } = milestone;
  return { title, state: closed_at === null ? 'OPEN' : 'CLOSED', dueOn: due_on };
}

function stateOf({ state }: Issue): 'OPEN' | 'CLOSED' {
  return state === 'open' ? 'OPEN' : 'CLOSED';
}

function numbered(world: World, numbers: readonly number[]): readonly Issue[] {
  return numbers.flatMap((number) => world.issues.get(number) ?? []);
}

export function labelShape(world: World, name: string): Shape | null {
  const label = world.labels.get(name.toLowerCase());
  return label === undefined ? null : { id: `LA_${label.id}`, name: label.name };
}

function eventsOf({ events }: Issue): readonly Shape[] {
  const wanted = events.filter(({ kind }) => kind === 'labeled' || kind === 'reopened').slice(-EVENTS_READ);
  return wanted.map(({ kind, by, at, label }) => ({
    __typename: kind === 'labeled' ? 'LabeledEvent' : 'ReopenedEvent',
    createdAt: at,
    actor: personShape(by),
    ...(label === null ? {} : { label: { name: label } }),
  }));
}

export function commentShape({ id, author, editor, body }: Comment): Shape {
  return {
    __typename: 'IssueComment',
    id: `IC_${id}`,
    viewerDidAuthor: author === BOT,
    body,
    author: personShape(author),
    editor: editor === null ? null : personShape(editor),
  };
}

export function pullShape(world: World, issue: Issue): Shape | null {
  const { pull } = issue;
  if (pull === null) return null;
  const state = pull.merged_at === null ? stateOf(issue) : 'MERGED';
  return {
    __typename: 'PullRequest',
    id: nodeIdOf(issue),
    number: issue.number,
    title: issue.title,
    state,
    isDraft: pull.draft,
    isCrossRepository: false,
    headRefName: pull.head_ref,
    headRefOid: pull.head_sha,
    baseRefName: pull.base_ref,
    changedFiles: world.git.changedFiles(pull.base_sha, pull.head_sha),
    createdAt: issue.created_at,
    updatedAt: issue.updated_at,
    closedAt: issue.closed_at,
    reviewDecision: decisionOf(world, issue),
    mergedBy: pull.merged_by === null ? null : personShape(pull.merged_by),
  };
}

/** Whatever stands under a number. */
export function subjectShape(world: World, issue: Issue): Shape | null {
  return issue.pull === null ? taskShape(world, issue) : pullShape(world, issue);
}
