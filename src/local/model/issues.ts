// Owns what can be done to issues, labels and comments, by the rules GitHub has for each.
import { Refused } from './state.ts';
import type { Actor, Comment, Issue, IssueEvent, Label } from './state.ts';
import { COMMENT_CHARS_MAX } from './world.ts';
import type { World } from './world.ts';

export interface NewIssue {
  readonly title: string;
  readonly body?: string;
  readonly labels?: readonly string[];
}

export function openIssue(world: World, actor: Actor, { title, body = '', labels = [] }: NewIssue): Issue {
  checkText(body);
  const at = world.now();
  const issue: Issue = {
    id: world.id(),
    number: world.nextNumber(),
    author: actor.person,
    created_at: at,
    updated_at: at,
    title,
    body,
    state: 'open',
    state_reason: null,
    closed_at: null,
    labels: [],
    events: [],
    blocked_by: [],
    pull: null,
  };
  world.issues.set(issue.number, issue);
  world.emit('issues', actor, { action: 'opened', issue: issuePayload(world, issue) });
  for (const label of labels) addLabel(world, actor, issue, label);
  return issue;
}

export function issuePayload(world: World, issue: Issue): Readonly<Record<string, unknown>> {
  const blocking = [...world.issues.values()].filter((other) => other.blocked_by.includes(issue.number) && other.state === 'open').length;
  return {
    id: issue.id,
    number: issue.number,
    title: issue.title,
    state: issue.state,
    labels: issue.labels.map((name) => ({ name })),
    issue_dependencies_summary: { blocked_by: issue.blocked_by.length, blocking, total_blocked_by: issue.blocked_by.length, total_blocking: blocking },
    ...(issue.pull === null ? {} : { pull_request: { url: '' } }),
  };
}

export function createLabel(world: World, label: { readonly name: string; readonly color?: string; readonly description?: string }): Label {
  if (world.labels.has(label.name.toLowerCase())) throw new Refused(422, 'Validation Failed', [{ resource: 'Label', code: 'already_exists', field: 'name' }]);
  if (label.name.length > 50) throw new Refused(422, 'Validation Failed', [{ resource: 'Label', code: 'invalid', field: 'name' }]);
  const made: Label = { id: world.id(), name: label.name, color: label.color ?? 'ededed', description: label.description ?? '' };
  world.labels.set(label.name.toLowerCase(), made);
  return made;
}

/** Adding twice changes nothing and raises no event; a missing label is created, as the REST endpoint does. */
export function addLabel(world: World, actor: Actor, issue: Issue, name: string): void {
  const label = world.labels.get(name.toLowerCase()) ?? createLabel(world, { name });
  if (issue.labels.includes(label.name)) return;
  issue.labels.push(label.name);
  remember(world, actor, issue, 'labeled', label.name);
  world.emit('issues', actor, { action: 'labeled', label: { name: label.name }, issue: issuePayload(world, issue) });
}

export function removeLabel(world: World, actor: Actor, issue: Issue, name: string): void {
  const at = issue.labels.findIndex((label) => label.toLowerCase() === name.toLowerCase());
  if (at < 0) throw new Refused(404, 'Label does not exist');
  const [label = name] = issue.labels.splice(at, 1);
  remember(world, actor, issue, 'unlabeled', label);
  world.emit('issues', actor, { action: 'unlabeled', label: { name: label }, issue: issuePayload(world, issue) });
}

function remember(world: World, actor: Actor, issue: Issue, kind: IssueEvent['kind'], label: string | null): void {
  issue.events.push({ kind, by: actor.person, at: world.now(), label });
  touch(world, issue);
}

export function touch(world: World, issue: Issue): void {
  issue.updated_at = world.now();
}

export function closeIssue(world: World, actor: Actor, issue: Issue, reason: 'completed' | 'not_planned'): void {
  if (issue.state === 'closed') return;
  issue.state = 'closed';
  issue.state_reason = reason;
  issue.closed_at = world.now();
  remember(world, actor, issue, 'closed', null);
  world.emit('issues', actor, { action: 'closed', issue: issuePayload(world, issue) });
}

export function reopenIssue(world: World, actor: Actor, issue: Issue): void {
  if (issue.state === 'open') return;
  issue.state = 'open';
  issue.state_reason = 'reopened';
  issue.closed_at = null;
  remember(world, actor, issue, 'reopened', null);
  world.emit('issues', actor, { action: 'reopened', issue: issuePayload(world, issue) });
}

export function deleteIssue(world: World, issue: Issue): void {
  world.issues.delete(issue.number);
  for (const comment of world.comments.values()) if (comment.issue === issue.number) world.comments.delete(comment.id);
}

export function addComment(world: World, actor: Actor, issue: Issue, body: string): Comment {
  checkText(body);
  const at = world.now();
  const comment: Comment = { id: world.id(), issue: issue.number, author: actor.person, body, created_at: at, updated_at: at, editor: null, reactions: new Map() };
  world.comments.set(comment.id, comment);
  touch(world, issue);
  world.emit('issue_comment', actor, { action: 'created', issue: issuePayload(world, issue), comment: { id: comment.id, body, user: { login: actor.person.login, type: actor.person.type } } });
  return comment;
}

export function editComment(world: World, actor: Actor, comment: Comment, body: string): void {
  checkText(body);
  comment.body = body;
  comment.updated_at = world.now();
  comment.editor = actor.person;
  touch(world, world.issue(comment.issue));
}

export function deleteComment(world: World, comment: Comment): void {
  world.comments.delete(comment.id);
}

/** True when it is new: GitHub answers 201 then, else 200. */
export function react(world: World, actor: Actor, comment: Comment, content: string): { readonly id: number; readonly created: boolean } {
  const key = `${actor.person.login} ${content}`;
  const known = comment.reactions.get(key);
  if (known !== undefined) return { id: known.id, created: false };
  const id = world.id();
  comment.reactions.set(key, { id, by: actor.person, content });
  return { id, created: true };
}

export function commentsOf(world: World, issue: number): readonly Comment[] {
  return [...world.comments.values()].filter((comment) => comment.issue === issue);
}

/** GitHub refuses an edge that would close a circle. */
export function addDependency(world: World, issue: Issue, blocker: Issue): void {
  if (issue.blocked_by.includes(blocker.number)) throw new Refused(422, 'Validation Failed', [{ message: 'Target issue has already been taken' }]);
  if (reaches(world, blocker, issue.number)) throw new Refused(422, 'Validation Failed', [{ message: 'This would create a cycle' }]);
  issue.blocked_by.push(blocker.number);
  touch(world, issue);
}

function reaches(world: World, from: Issue, target: number, seen: ReadonlySet<number> = new Set()): boolean {
  if (from.number === target) return true;
  if (seen.has(from.number)) return false;
  const visited = new Set([...seen, from.number]);
  return from.blocked_by.some((number) => reaches(world, world.issue(number), target, visited));
}

function checkText(text: string): void {
  if (text.length > COMMENT_CHARS_MAX) {
    throw new Refused(422, 'Validation Failed', [{ resource: 'IssueComment', code: 'custom', field: 'body', message: `body is too long (maximum is ${COMMENT_CHARS_MAX} characters)` }]);
  }
}
