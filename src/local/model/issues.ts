// Owns what can be done to issues and labels, by the rules GitHub has for each.
import type { Actor, Elsewhere, Issue, IssueEvent, Label } from './state.ts';
import { Refused } from './state.ts';
import { TEXT_CHARS_MAX, type World } from './world.ts';

export interface NewIssue {
  readonly title: string;
  readonly body?: string;
  readonly labels?: readonly string[];
}

export function openIssue(world: World, actor: Actor, { title, body = '', labels = [] }: NewIssue): Issue {
  checkTitle(title);
  checkText(body, 'Issue');
  const issue = emptyIssue(world, actor, { title, body, pull: null });
  const given = [...new Map(labels.map((name) => [name.toLowerCase(), labelNamed(world, name)])).values()];
  // As GitHub does: the event of opening already carries the labels, and each has its own event besides.
  issue.labels.push(...given.map(({ name }) => name));
  world.emit('issues', actor, { action: 'opened', issue: issuePayload(world, issue) });
  for (const { name } of given) labelled(world, actor, issue, name);
  return issue;
}

export function emptyIssue(world: World, actor: Actor, given: Pick<Issue, 'title' | 'body' | 'pull'>): Issue {
  const at = world.now();
  const issue: Issue = {
    ...given,
    id: world.id(),
    number: world.nextNumber(),
    author: actor.person,
    created_at: at,
    updated_at: at,
    state: 'open',
    state_reason: null,
    closed_at: null,
    labels: [],
    events: [],
    blocked_by: [],
    sub_issues: [],
    milestone: null,
  };
  world.issues.set(issue.number, issue);
  return issue;
}

const TITLE_CHARS_MAX = 256;

export function checkTitle(title: string, resource = 'Issue'): void {
  if (title.trim() === '') throw missing(resource, 'title');
  if (title.length <= TITLE_CHARS_MAX) return;
  const message = `title is too long (maximum is ${TITLE_CHARS_MAX} characters)`;
  throw new Refused(422, 'Validation Failed', [{ resource, code: 'custom', field: 'title', message }]);
}

function missing(resource: string, field: string): Refused {
  return new Refused(422, 'Validation Failed', [{ resource, field, code: 'missing_field' }]);
}

/** What an event says of an issue: the fields of the REST shape that workflows read. */
export function issuePayload(world: World, issue: Issue): Readonly<Record<string, unknown>> {
  const { author } = issue;
  return {
    id: issue.id,
    node_id: nodeIdOf(issue),
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    state_reason: issue.state_reason,
    user: { login: author.login, id: author.id, type: author.type },
    labels: issue.labels.map((name) => ({ name })),
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    issue_dependencies_summary: dependenciesSummary(world, issue),
    ...(issue.pull === null
      ? {}
      : { pull_request: { url: `https://api.github.com/repos/${world.full_name}/pulls/${issue.number}` } }),
  };
}

/** Opaque to clients; for us it says what it is, and where. */
export function nodeIdOf(issue: Issue): string {
  return `${issue.pull === null ? 'I' : 'PR'}_${issue.number}`;
}

/** The plain counts are of open issues, the total ones of all. */
export function dependenciesSummary(world: World, issue: Issue) {
  const blockers = issue.blocked_by.flatMap((number) => world.issues.get(number) ?? []);
  const blocked = blockedBy(world, issue);
  const open = (all: readonly Issue[]): number => all.filter(({ state }) => state === 'open').length;
  return {
    blocked_by: open(blockers),
    blocking: open(blocked),
    total_blocked_by: blockers.length,
    total_blocking: blocked.length,
  };
}

/** Those that wait for this one. */
export function blockedBy(world: World, issue: Issue): readonly Issue[] {
  const waiting = world.waiting.get(issue.number) ?? new Set<number>();
  return [...waiting].flatMap((number) => world.issues.get(number) ?? []);
}

const LABEL_CHARS_MAX = 50;
const DESCRIPTION_CHARS_MAX = 100;

export interface NewLabel {
  readonly name: string;
  readonly color?: string;
  readonly description?: string;
}

export function createLabel(world: World, { name, color = 'ededed', description = '' }: NewLabel): Label {
  const wrong = (field: string, code: string): Refused =>
    new Refused(422, 'Validation Failed', [{ resource: 'Label', code, field }]);
  if (world.labels.has(name.toLowerCase())) throw wrong('name', 'already_exists');
  if (name.trim() === '' || name.length > LABEL_CHARS_MAX) throw wrong('name', 'invalid');
  if (!/^[0-9a-f]{6}$/i.test(color)) throw wrong('color', 'invalid');
  if (description.length > DESCRIPTION_CHARS_MAX) throw wrong('description', 'invalid');
  const made: Label = { id: world.id(), name, color, description };
  world.labels.set(name.toLowerCase(), made);
  return made;
}

/** GitHub creates a label that an issue is given and the repository lacks. */
function labelNamed(world: World, name: string): Label {
  return world.labels.get(name.toLowerCase()) ?? createLabel(world, { name });
}

const LABELS_MAX = 100;

/** Adding twice changes nothing and raises no event. */
export function addLabel(world: World, actor: Actor, issue: Issue, name: string): void {
  const label = labelNamed(world, name);
  if (issue.labels.includes(label.name)) return;
  if (issue.labels.length >= LABELS_MAX)
    throw new Refused(422, 'Validation Failed', [{ resource: 'Issue', field: 'labels', code: 'invalid' }]);
  issue.labels.push(label.name);
  labelled(world, actor, issue, label.name);
}

function labelled(world: World, actor: Actor, issue: Issue, name: string): void {
  remember(world, actor, issue, { kind: 'labeled', label: name });
  emitIssue(world, actor, issue, { action: 'labeled', label: { name } });
}

/** 404 for a label that is not on it: of several removers exactly one succeeds. */
export function removeLabel(world: World, actor: Actor, issue: Issue, name: string): void {
  const at = issue.labels.findIndex((label) => label.toLowerCase() === name.toLowerCase());
  if (at < 0) throw new Refused(404, 'Label does not exist');
  const [label = name] = issue.labels.splice(at, 1);
  remember(world, actor, issue, { kind: 'unlabeled', label });
  emitIssue(world, actor, issue, { action: 'unlabeled', label: { name: label } });
}

export function setLabels(world: World, actor: Actor, issue: Issue, names: readonly string[]): void {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  for (const name of issue.labels.filter((label) => !wanted.has(label.toLowerCase())))
    removeLabel(world, actor, issue, name);
  for (const name of names) addLabel(world, actor, issue, name);
}

/** Gone from the repository, and from everything that bore it. */
export function deleteLabel(world: World, actor: Actor, name: string): void {
  const label = world.labels.get(name.toLowerCase());
  if (label === undefined) throw new Refused(404, 'Not Found');
  for (const issue of world.issues.values())
    if (issue.labels.includes(label.name)) removeLabel(world, actor, issue, label.name);
  world.labels.delete(name.toLowerCase());
}

function remember(world: World, actor: Actor, issue: Issue, event: Pick<IssueEvent, 'kind' | 'label'>): void {
  issue.events.push({ ...event, by: actor.person, at: world.now() });
  touch(world, issue);
}

export function touch(world: World, issue: Issue): void {
  issue.updated_at = world.now();
}

/** A pull request's life is told by `pull_request` events; its labels by both, of which workflows here hear the issue's. */
function emitIssue(
  world: World,
  actor: Actor,
  issue: Issue,
  said: { readonly action: string; readonly label?: { readonly name: string } },
): void {
  if (issue.pull !== null) return;
  world.emit('issues', actor, { ...said, issue: issuePayload(world, issue) });
}

export function editIssue(
  world: World,
  actor: Actor,
  issue: Issue,
  { title, body }: { readonly title: string; readonly body: string },
): void {
  checkText(body, 'Issue');
  checkTitle(title);
  if (title === issue.title && body === issue.body) return;
  issue.title = title;
  issue.body = body;
  touch(world, issue);
  emitIssue(world, actor, issue, { action: 'edited' });
}

export function closeIssue(
  world: World,
  actor: Actor,
  issue: Issue,
  reason: 'completed' | 'not_planned' | 'duplicate',
): void {
  if (issue.state === 'closed') return;
  issue.state = 'closed';
  issue.state_reason = reason;
  issue.closed_at = world.now();
  remember(world, actor, issue, { kind: 'closed', label: null });
  emitIssue(world, actor, issue, { action: 'closed' });
}

export function reopenIssue(world: World, actor: Actor, issue: Issue): void {
  if (issue.state === 'open') return;
  issue.state = 'open';
  issue.state_reason = 'reopened';
  issue.closed_at = null;
  remember(world, actor, issue, { kind: 'reopened', label: null });
  emitIssue(world, actor, issue, { action: 'reopened' });
}

export function deleteIssue(world: World, actor: Actor, issue: Issue): void {
  const payload = issuePayload(world, issue);
  takeAway(world, issue);
  world.deleted.add(issue.number);
  world.emit('issues', actor, { action: 'deleted', issue: payload });
}

/** It keeps its id, has another number there, and takes its comments along. */
export function transferIssue(world: World, actor: Actor, issue: Issue, to: Elsewhere): void {
  const payload = issuePayload(world, issue);
  takeAway(world, issue);
  world.transferred.set(issue.number, { issue, to });
  world.emit('issues', actor, { action: 'transferred', issue: payload });
}

function takeAway(world: World, issue: Issue): void {
  world.issues.delete(issue.number);
  for (const comment of world.comments_by_issue.get(issue.number) ?? []) world.comments.delete(comment.id);
  world.comments_by_issue.delete(issue.number);
  for (const blocker of issue.blocked_by) world.waiting.get(blocker)?.delete(issue.number);
}

const DEPENDENCIES_MAX = 50;

/** GitHub refuses an edge that would close a circle. No workflow hears of dependencies, so none is told. */
export function addDependency(world: World, issue: Issue, blocker: Issue): void {
  const wrong = (message: string): Refused => new Refused(422, 'Validation Failed', [{ code: 'custom', message }]);
  if (issue.blocked_by.includes(blocker.number)) throw wrong('Target issue has already been taken');
  if (reaches(world, blocker, issue.number)) throw wrong('This would create a cycle');
  if (issue.blocked_by.length >= DEPENDENCIES_MAX)
    throw wrong(`An issue is blocked by ${DEPENDENCIES_MAX} others at most`);
  issue.blocked_by.push(blocker.number);
  const waiting = world.waiting.get(blocker.number) ?? new Set();
  world.waiting.set(blocker.number, waiting.add(issue.number));
  touch(world, issue);
}

export function removeDependency(world: World, issue: Issue, blocker: Issue): void {
  const at = issue.blocked_by.indexOf(blocker.number);
  if (at < 0) throw new Refused(404, 'Not Found');
  issue.blocked_by.splice(at, 1);
  world.waiting.get(blocker.number)?.delete(issue.number);
  touch(world, issue);
}

function reaches(world: World, from: Issue, target: number): boolean {
  const seen = new Set<number>();
  const left = [from.number];
  for (let number = left.pop(); number !== undefined; number = left.pop()) {
    if (number === target) return true;
    if (seen.has(number)) continue;
    seen.add(number);
    left.push(...(world.issues.get(number)?.blocked_by ?? []));
  }
  return false;
}

export function checkText(text: string, resource: string): void {
  if (text.length <= TEXT_CHARS_MAX) return;
  const message = `body is too long (maximum is ${TEXT_CHARS_MAX} characters)`;
  throw new Refused(422, 'Validation Failed', [{ resource, code: 'custom', field: 'body', message }]);
}
