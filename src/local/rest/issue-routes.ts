// Owns the REST operations of issues: opened, listed, changed, labelled, made to wait for one another.
import {
  addDependency,
  addLabel,
  blockedBy,
  closeIssue,
  editIssue,
  openIssue,
  removeDependency,
  removeLabel,
  reopenIssue,
  setLabels,
} from '../model/issues.ts';
import { addSubIssue, parentOf, removeSubIssue } from '../model/sub-issues.ts';
import { closePull, editPull, reopenPull } from '../model/pulls.ts';
import { Refused, type Issue } from '../model/state.ts';
import { changed, eventShape } from './event-shape.ts';
import {
  optionalText,
  paged,
  route,
  textIn,
  textsIn,
  type RestAnswer,
  type RestRequest,
  type Route,
} from './router.ts';
import { issueShape } from './issue-shape.ts';
import { labelShape } from './shapes.ts';

export const ISSUE_ROUTES: readonly Route[] = [
  route('GET', ':/issues', 'issues:read', listIssues),
  route('POST', ':/issues', 'issues:write:read', createIssue),
  route('GET', ':/issues/{number}', 'issues|pull-requests:read', (request) => answer(request, issueOf(request))),
  route('PATCH', ':/issues/{number}', 'issues|pull-requests:write:triage', patchIssue),
  route('GET', ':/issues/{number}/labels', 'issues|pull-requests:read', labelsOn),
  route('POST', ':/issues/{number}/labels', 'issues|pull-requests:write:triage', (request) => {
    for (const name of labelNames(request)) addLabel(request.place.world, request.actor, issueOf(request), name);
    return labelsOn(request);
  }),
  route('PUT', ':/issues/{number}/labels', 'issues|pull-requests:write:triage', (request) => {
    setLabels(request.place.world, request.actor, issueOf(request), labelNames(request));
    return labelsOn(request);
  }),
  route('DELETE', ':/issues/{number}/labels', 'issues|pull-requests:write:triage', (request) => {
    setLabels(request.place.world, request.actor, issueOf(request), []);
    return { status: 204 };
  }),
  route('DELETE', ':/issues/{number}/labels/{name}', 'issues|pull-requests:write:triage', (request) => {
    removeLabel(request.place.world, request.actor, issueOf(request), request.params['name'] ?? '');
    return labelsOn(request);
  }),
  route('GET', ':/issues/{number}/events', 'issues|pull-requests:read', events),
  route('GET', ':/issues/{number}/timeline', 'issues|pull-requests:read', events),
  route('GET', ':/issues/{number}/dependencies/blocked_by', 'issues:read', (request) => {
    const { world } = request.place;
    return list(
      request,
      issueOf(request).blocked_by.map((number) => world.issue(number)),
    );
  }),
  route('GET', ':/issues/{number}/dependencies/blocking', 'issues:read', (request) =>
    list(request, blockedBy(request.place.world, issueOf(request))),
  ),
  route('POST', ':/issues/{number}/dependencies/blocked_by', 'issues:write:triage', (request) => {
    addDependency(request.place.world, issueOf(request), issueById(request, request.body['issue_id']));
    return answer(request, issueOf(request), 201);
  }),
  route('DELETE', ':/issues/{number}/dependencies/blocked_by/{id}', 'issues:write:triage', (request) => {
    removeDependency(request.place.world, issueOf(request), issueById(request, Number(request.params['id'])));
    return answer(request, issueOf(request));
  }),
  route('GET', ':/issues/{number}/sub_issues', 'issues:read', (request) => {
    const { world } = request.place;
    return list(
      request,
      issueOf(request).sub_issues.map((number) => world.issue(number)),
    );
  }),
  route('POST', ':/issues/{number}/sub_issues', 'issues:write:triage', adopt),
  route('DELETE', ':/issues/{number}/sub_issue', 'issues:write:triage', release),
  route('GET', ':/issues/{number}/parent', 'issues:read', (request) => {
    const parent = parentOf(request.place.world, issueOf(request));
    if (parent === null) throw new Refused(404, 'Not Found');
    return answer(request, parent);
  }),
];

export function issueOf({ params, place }: RestRequest): Issue {
  return place.world.issue(Number(params['number']));
}

/** These operations name issues by their database id, not by their number. */
function issueById({ place }: RestRequest, id: unknown): Issue {
  const found = [...place.world.issues.values()].find((issue) => issue.id === id);
  if (found === undefined) throw new Refused(404, 'Not Found');
  return found;
}

function answer({ place }: RestRequest, issue: Issue, status = 200): RestAnswer {
  return { status, body: issueShape(issue, place) };
}

function list(request: RestRequest, all: readonly Issue[]): RestAnswer {
  const { page, headers } = paged(request, all);
  return { status: 200, headers, body: page.map((issue) => issueShape(issue, request.place)) };
}

function labelsOn(request: RestRequest): RestAnswer {
  const { world } = request.place;
  const labels = issueOf(request).labels.flatMap((name) => world.labels.get(name.toLowerCase()) ?? []);
  const { page, headers } = paged(request, labels);
  return { status: 200, headers, body: page.map((label) => labelShape(label, request.place)) };
}

function labelNames({ body }: RestRequest): readonly string[] {
  const names = Array.isArray(body['labels']) ? textsIn(body, 'labels') : null;
  if (names === null)
    throw new Refused(422, 'Validation Failed', [{ resource: 'Label', field: 'labels', code: 'missing_field' }]);
  return names;
}

/** From somebody without triage rights GitHub takes the issue and drops its labels without a word. */
function createIssue(request: RestRequest): RestAnswer {
  const { place, actor, body } = request;
  const role = place.world.roleOf(actor.person.login);
  const drops = actor.permissions === null && (role === 'none' || role === 'read');
  const title = typeof body['title'] === 'number' ? String(body['title']) : textIn(body, 'title');
  const labels = drops ? [] : textsIn(body, 'labels');
  return answer(request, openIssue(place.world, actor, { title, body: optionalText(body, 'body', ''), labels }), 201);
}

function listIssues(request: RestRequest): RestAnswer {
  const { query, place } = request;
  const wanted = (query.get('labels') ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.toLowerCase());
  const state = query.get('state') ?? 'open';
  const since = Date.parse(query.get('since') ?? '') || 0;
  const creator = query.get('creator');
  const found = [...place.world.issues.values()].filter(
    (issue) =>
      (state === 'all' || issue.state === state) &&
      wanted.every((label) => issue.labels.some((held) => held.toLowerCase() === label)) &&
      (creator === null || issue.author.login === creator) &&
      Date.parse(issue.updated_at) >= since,
  );
  return list(request, changed(found, query));
}

function patchIssue(request: RestRequest): RestAnswer {
  const {
    body,
    actor,
    place: { world },
  } = request;
  const issue = issueOf(request);
  const text = { title: optionalText(body, 'title', issue.title), body: optionalText(body, 'body', issue.body) };
  if (issue.pull === null) editIssue(world, actor, issue, text);
  else editPull(world, actor, issue, text);
  if (Array.isArray(body['labels'])) setLabels(world, actor, issue, labelNames(request));
  if (body['state'] === 'closed') close(request, issue);
  if (body['state'] === 'open') (issue.pull === null ? reopenIssue : reopenPull)(world, actor, issue);
  return answer(request, issue);
}

function close({ body, actor, place: { world } }: RestRequest, issue: Issue): void {
  if (issue.pull !== null) return closePull(world, actor, issue);
  const reason = body['state_reason'];
  closeIssue(world, actor, issue, reason === 'not_planned' || reason === 'duplicate' ? reason : 'completed');
}

function events(request: RestRequest): RestAnswer {
  const issue = issueOf(request);
  const { page, headers } = paged(
    request,
    issue.events.map((event, at) => ({ event, at })),
  );
  return { status: 200, headers, body: page.map((one) => eventShape(issue, one, request.place)) };
}

function adopt(request: RestRequest): RestAnswer {
  const { place, body } = request;
  const parent = issueOf(request);
  const child = issueById(request, body['sub_issue_id']);
  addSubIssue(place.world, { parent, child, replaces: body['replace_parent'] === true });
  return answer(request, parent, 201);
}

function release(request: RestRequest): RestAnswer {
  const parent = issueOf(request);
  removeSubIssue(request.place.world, parent, issueById(request, request.body['sub_issue_id']));
  return answer(request, parent);
}
