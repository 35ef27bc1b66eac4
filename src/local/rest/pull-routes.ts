// Owns the REST operations of pull requests.
import { closePull, createPull, editPull, mergePull, pullsOf, reopenPull } from '../model/pulls.ts';
import { Refused, type Issue, type Pull } from '../model/state.ts';
import { changed } from './event-shape.ts';
import { issueOf } from './issue-routes.ts';
import { pullShape, pullSimple } from './pull-shape.ts';
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
import { personShape, repoUrl } from './shapes.ts';

export const PULL_ROUTES: readonly Route[] = [
  route('GET', ':/pulls', 'pull-requests:read', listPulls),
  route('POST', ':/pulls', 'pull-requests:write:read', (request) => {
    const { body, actor, place } = request;
    const issue = createPull(place.world, actor, {
      title: textIn(body, 'title'),
      head: textIn(body, 'head'),
      base: textIn(body, 'base'),
      body: optionalText(body, 'body', ''),
      draft: body['draft'] === true,
    });
    return {
      status: 201,
      headers: { location: `${repoUrl(place)}/pulls/${issue.number}` },
      body: pullShape(issue, place),
    };
  }),
  route('GET', ':/pulls/{number}', 'pull-requests:read', (request) => answer(request, pullOf(request))),
  route('PATCH', ':/pulls/{number}', 'pull-requests:write', patchPull),
  route('GET', ':/pulls/{number}/merge', 'pull-requests:read', (request) => {
    if (pullOf(request).pull.merged_at === null) throw new Refused(404, 'Not Found');
    return { status: 204 };
  }),
  route('PUT', ':/pulls/{number}/merge', 'contents:write', (request) => {
    const { body, actor, place } = request;
    const method =
      body['merge_method'] === 'squash' || body['merge_method'] === 'rebase' ? body['merge_method'] : 'merge';
    const sha = mergePull(place.world, actor, pullOf(request), {
      method,
      ...(typeof body['sha'] === 'string' ? { sha: body['sha'] } : {}),
    });
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  }),
  route('GET', ':/pulls/{number}/requested_reviewers', 'pull-requests:read', (request) => {
    const { world } = request.place;
    const users = pullOf(request).pull.requested.map((login) => personShape(world.person(login), request.place));
    return { status: 200, body: { users, teams: [] } };
  }),
  route('POST', ':/pulls/{number}/requested_reviewers', 'pull-requests:write', requestReviewers),
  route('GET', ':/commits/{sha}/pulls', 'pull-requests:read', (request) => {
    const sha = request.params['sha'];
    const found = pullsOf(request.place.world).filter(
      ({ pull }) => pull?.head_sha === sha || pull?.merge_commit_sha === sha,
    );
    return list(request, found);
  }),
];

type PullIssue = Issue & { readonly pull: Pull };

function hasPull(issue: Issue): issue is PullIssue {
  return issue.pull !== null;
}

export function pullOf(request: RestRequest): PullIssue {
  const issue = issueOf(request);
  if (!hasPull(issue)) throw new Refused(404, 'Not Found');
  return issue;
}

function answer({ place }: RestRequest, issue: Issue): RestAnswer {
  return { status: 200, body: pullShape(issue, place) };
}

function list(request: RestRequest, all: readonly Issue[]): RestAnswer {
  const { page, headers } = paged(request, all);
  return { status: 200, headers, body: page.map((issue) => pullSimple(issue, request.place)) };
}

/** `head` is `owner:branch`; without an owner GitHub ignores the filter, and so do we, for a client must not rely on it. */
function listPulls(request: RestRequest): RestAnswer {
  const {
    query,
    place: { world },
  } = request;
  const [owner = '', branch] = (query.get('head') ?? '').split(/:(.*)/s);
  const base = query.get('base');
  const state = query.get('state') ?? 'open';
  const fits = ({ pull, state: now }: Issue): boolean =>
    (state === 'all' || now === state) &&
    (base === null || pull?.base_ref === base) &&
    (branch === undefined || (pull?.head_ref === branch && owner.toLowerCase() === world.options.owner.toLowerCase()));
  return list(request, changed(pullsOf(world).filter(fits), query));
}

function patchPull(request: RestRequest): RestAnswer {
  const {
    body,
    actor,
    place: { world },
  } = request;
  const issue = pullOf(request);
  editPull(world, actor, issue, {
    title: optionalText(body, 'title', issue.title),
    body: optionalText(body, 'body', issue.body),
  });
  if (body['state'] === 'closed') closePull(world, actor, issue);
  if (body['state'] === 'open') reopenPull(world, actor, issue);
  return answer(request, issue);
}

/** Only collaborators can be asked, and nobody reviews their own work. */
function requestReviewers(request: RestRequest): RestAnswer {
  const { world } = request.place;
  const issue = pullOf(request);
  const wanted = textsIn(request.body, 'reviewers');
  if (wanted.some((login) => login.toLowerCase() === issue.author.login.toLowerCase())) {
    throw new Refused(422, 'Review cannot be requested from pull request author.');
  }
  if (wanted.some((login) => world.roleOf(login) === 'none')) {
    throw new Refused(
      422,
      'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.',
    );
  }
  issue.pull.requested.push(...wanted.filter((login) => !issue.pull.requested.includes(login)));
  return { status: 201, body: pullSimple(issue, request.place) };
}
