// Owns the REST operations of issues, comments, labels and people.
import { addComment, addDependency, addLabel, closeIssue, commentsOf, createLabel, deleteComment, editComment, openIssue, react, removeLabel, reopenIssue, touch } from '../model/issues.ts';
import { Refused } from '../model/state.ts';
import type { Comment } from '../model/state.ts';
import { optionalText, paged, route, textIn, textsIn } from './router.ts';
import type { RestRequest, Route } from './router.ts';
import { commentShape, issueShape, labelShape, personShape, repositoryShape } from './shapes.ts';

export const ISSUE_ROUTES: readonly Route[] = [
  route('GET', ':', 'metadata:read', ({ place }) => ({ status: 200, body: repositoryShape(place) })),
  route('GET', '/user', null, ({ actor, place }) => ({ status: 200, body: personShape(actor.person, place) })),
  route('GET', ':/collaborators/{username}/permission', 'metadata:read', permission),
  route('GET', ':/issues', 'issues:read', listIssues),
  route('POST', ':/issues', 'issues:write', (request) => {
    const issue = openIssue(request.place.world, request.actor, { title: textIn(request.body, 'title'), body: optionalText(request.body, 'body', ''), labels: textsIn(request.body, 'labels') });
    return { status: 201, body: issueShape(issue, request.place) };
  }),
  route('GET', ':/issues/comments', 'issues:read', listComments),
  route('GET', ':/issues/comments/{id}', 'issues:read', (request) => ({ status: 200, body: commentShape(commentOf(request), request.place) })),
  route('PATCH', ':/issues/comments/{id}', 'issues:write', (request) => {
    const comment = commentOf(request);
    editComment(request.place.world, request.actor, comment, textIn(request.body, 'body'));
    return { status: 200, body: commentShape(comment, request.place) };
  }),
  route('DELETE', ':/issues/comments/{id}', 'issues:write', (request) => {
    deleteComment(request.place.world, commentOf(request));
    return { status: 204 };
  }),
  route('POST', ':/issues/comments/{id}/reactions', 'issues:write', addReaction),
  route('GET', ':/issues/{number}', 'issues:read', (request) => ({ status: 200, body: issueShape(issueOf(request), request.place) })),
  route('PATCH', ':/issues/{number}', 'issues:write', patchIssue),
  route('GET', ':/issues/{number}/comments', 'issues:read', (request) => {
    const { page, headers } = paged(request, commentsOf(request.place.world, issueOf(request).number));
    return { status: 200, headers, body: page.map((comment) => commentShape(comment, request.place)) };
  }),
  route('POST', ':/issues/{number}/comments', 'issues:write', (request) => {
    const comment = addComment(request.place.world, request.actor, issueOf(request), textIn(request.body, 'body'));
    return { status: 201, body: commentShape(comment, request.place) };
  }),
  route('POST', ':/issues/{number}/labels', 'issues:write', (request) => {
    const issue = issueOf(request);
    for (const name of textsIn(request.body, 'labels')) addLabel(request.place.world, request.actor, issue, name);
    return { status: 200, body: labelsOn(request) };
  }),
  route('PUT', ':/issues/{number}/labels', 'issues:write', (request) => {
    const issue = issueOf(request);
    const wanted = textsIn(request.body, 'labels');
    const kept = new Set(wanted.map((name) => name.toLowerCase()));
    for (const name of issue.labels.filter((label) => !kept.has(label.toLowerCase()))) removeLabel(request.place.world, request.actor, issue, name);
    for (const name of wanted) addLabel(request.place.world, request.actor, issue, name);
    return { status: 200, body: labelsOn(request) };
  }),
  route('DELETE', ':/issues/{number}/labels/{name}', 'issues:write', (request) => {
    removeLabel(request.place.world, request.actor, issueOf(request), request.params['name'] ?? '');
    return { status: 200, body: labelsOn(request) };
  }),
  route('GET', ':/issues/{number}/dependencies/blocked_by', 'issues:read', (request) => ({
    status: 200,
    body: issueOf(request).blocked_by.map((number) => issueShape(request.place.world.issue(number), request.place)),
  })),
  route('POST', ':/issues/{number}/dependencies/blocked_by', 'issues:write', (request) => {
    const { world } = request.place;
    const blocker = [...world.issues.values()].find(({ id }) => id === request.body['issue_id']);
    if (blocker === undefined) throw new Refused(404, 'Not Found');
    addDependency(world, issueOf(request), blocker);
    return { status: 201, body: issueShape(issueOf(request), request.place) };
  }),
  route('GET', ':/labels', 'issues:read', (request) => {
    const { page, headers } = paged(request, [...request.place.world.labels.values()]);
    return { status: 200, headers, body: page.map((label) => labelShape(label, request.place)) };
  }),
  route('POST', ':/labels', 'issues:write', (request) => {
    const label = createLabel(request.place.world, { name: textIn(request.body, 'name'), color: optionalText(request.body, 'color', 'ededed'), description: optionalText(request.body, 'description', '') });
    return { status: 201, body: labelShape(label, request.place) };
  }),
  route('GET', ':/labels/{name}', 'issues:read', (request) => {
    const label = request.place.world.labels.get((request.params['name'] ?? '').toLowerCase());
    if (label === undefined) throw new Refused(404, 'Not Found');
    return { status: 200, body: labelShape(label, request.place) };
  }),
];

export function issueOf({ params, place }: RestRequest) {
  return place.world.issue(Number(params['number']));
}

function commentOf({ params, place }: RestRequest): Comment {
  const comment = place.world.comments.get(Number(params['id']));
  if (comment === undefined) throw new Refused(404, 'Not Found');
  return comment;
}

function labelsOn(request: RestRequest) {
  const { world } = request.place;
  return issueOf(request).labels.flatMap((name) => {
    const label = world.labels.get(name.toLowerCase());
    return label === undefined ? [] : [labelShape(label, request.place)];
  });
}

/** Somebody unknown to the repository is `read` on a public one; a login that nobody has is 404. */
function permission({ params, place }: RestRequest) {
  const { world } = place;
  const login = params['username'] ?? '';
  const known = world.people.get(login.toLowerCase());
  if (known === undefined) throw new Refused(404, `${login} is not a user`);
  const role = world.roleOf(login) === 'none' ? 'read' : world.roleOf(login);
  const coarse = { none: 'none', read: 'read', triage: 'read', write: 'write', maintain: 'write', admin: 'admin' } as const;
  const permissions = { pull: true, triage: role !== 'read', push: role === 'write' || role === 'maintain' || role === 'admin', maintain: role === 'maintain' || role === 'admin', admin: role === 'admin' };
  return { status: 200, body: { permission: coarse[role], role_name: role, user: { ...personShape(known, place), permissions, role_name: role } } };
}

function listIssues(request: RestRequest) {
  const { query, place } = request;
  const wanted = (query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const state = query.get('state') ?? 'open';
  const since = query.get('since') ?? '';
  const all = [...place.world.issues.values()]
    .filter((issue) => (state === 'all' || issue.state === state) && wanted.every((label) => issue.labels.includes(label)) && issue.updated_at >= since)
    .toReversed();
  const { page, headers } = paged(request, all);
  return { status: 200, headers, body: page.map((issue) => issueShape(issue, place)) };
}

function listComments(request: RestRequest) {
  const { query, place } = request;
  const since = query.get('since') === null ? 0 : Date.parse(query.get('since') ?? '');
  const by = query.get('sort') === 'updated' ? 'updated_at' : 'created_at';
  const found = [...place.world.comments.values()].filter((comment) => Date.parse(comment.updated_at) >= since).toSorted((a, b) => Date.parse(a[by]) - Date.parse(b[by]) || a.id - b.id);
  const { page, headers } = paged(request, query.get('direction') === 'desc' ? found.toReversed() : found);
  return { status: 200, headers, body: page.map((comment) => commentShape(comment, place)) };
}

function addReaction(request: RestRequest) {
  const { id, created } = react(request.place.world, request.actor, commentOf(request), textIn(request.body, 'content'));
  const body = { id, node_id: `REA_${id}`, user: personShape(request.actor.person, request.place), content: textIn(request.body, 'content'), created_at: request.place.world.now() };
  return { status: created ? 201 : 200, body };
}

function patchIssue(request: RestRequest) {
  const { body, actor, place } = request;
  const issue = issueOf(request);
  issue.title = optionalText(body, 'title', issue.title);
  issue.body = optionalText(body, 'body', issue.body);
  touch(place.world, issue);
  if (body['state'] === 'closed') closeIssue(place.world, actor, issue, body['state_reason'] === 'not_planned' ? 'not_planned' : 'completed');
  if (body['state'] === 'open') reopenIssue(place.world, actor, issue);
  return { status: 200, body: issueShape(issue, place) };
}
