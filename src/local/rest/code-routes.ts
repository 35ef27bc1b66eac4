// Owns the REST operations of pull requests, refs, runs, dispatches and Apps.
import { dispatchRepository, dispatchWorkflow, issueAppToken } from '../model/actions.ts';
import { closePull, createPull, mergePull, refsMoved } from '../model/pulls.ts';
import { Refused } from '../model/state.ts';
import { optionalText, paged, route, textIn, textsIn } from './router.ts';
import type { RestRequest, Route } from './router.ts';
import { issueOf } from './routes.ts';
import { pullShape, pullSimple } from './pull-shape.ts';
import { jobShape, personShape, repoUrl, runShape } from './shapes.ts';

export const CODE_ROUTES: readonly Route[] = [
  route('GET', ':/pulls', 'pull-requests:read', listPulls),
  route('POST', ':/pulls', 'pull-requests:write', (request) => {
    const { body, actor, place } = request;
    const issue = createPull(place.world, actor, { title: textIn(body, 'title'), head: textIn(body, 'head'), base: textIn(body, 'base'), body: optionalText(body, 'body', ''), draft: body['draft'] === true });
    return { status: 201, headers: { location: `${repoUrl(place)}/pulls/${issue.number}` }, body: pullShape(issue, place) };
  }),
  route('GET', ':/pulls/{number}', 'pull-requests:read', (request) => ({ status: 200, body: pullShape(pullOf(request), request.place) })),
  route('PATCH', ':/pulls/{number}', 'pull-requests:write', (request) => {
    const issue = pullOf(request);
    issue.title = optionalText(request.body, 'title', issue.title);
    issue.body = optionalText(request.body, 'body', issue.body);
    if (request.body['state'] === 'closed') closePull(request.place.world, request.actor, issue);
    return { status: 200, body: pullShape(issue, request.place) };
  }),
  route('PUT', ':/pulls/{number}/merge', 'contents:write', (request) => {
    const { body, actor, place } = request;
    const method = body['merge_method'] === 'squash' ? 'squash' : 'merge';
    const sha = mergePull(place.world, actor, pullOf(request), { method, ...(typeof body['sha'] === 'string' ? { sha: body['sha'] } : {}) });
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  }),
  route('POST', ':/pulls/{number}/requested_reviewers', 'pull-requests:write', (request) => {
    const issue = pullOf(request);
    issue.pull?.requested.push(...textsIn(request.body, 'reviewers'));
    return { status: 201, body: pullSimple(issue, request.place) };
  }),
  route('GET', ':/git/ref/{+ref}', 'contents:read', (request) => ({ status: 200, body: refShape(request, `refs/${request.params['ref']}`) })),
  route('GET', ':/git/matching-refs/{+ref}', 'contents:read', (request) => ({
    status: 200,
    body: request.place.world.git.refs(`refs/${request.params['ref']}`).map(({ ref }) => refShape(request, ref)),
  })),
  route('DELETE', ':/git/refs/{+ref}', 'contents:write', (request) => {
    const { world } = request.place;
    const ref = `refs/${request.params['ref']}`;
    const from = world.git.resolve(ref);
    if (from === null) throw new Refused(422, 'Reference does not exist');
    world.git.deleteRef(ref);
    refsMoved(world, request.actor, [{ ref, from, to: null }]);
    return { status: 204 };
  }),
  route('GET', ':/actions/runs/{run}', 'actions:read', (request) => ({ status: 200, body: runShape(runOf(request), request.place) })),
  route('GET', ':/actions/runs/{run}/jobs', 'actions:read', (request) => {
    const run = runOf(request);
    const all = [...request.place.world.jobs.values()].filter((job) => job.run === run.id);
    const { page, headers } = paged(request, all);
    return { status: 200, headers, body: { total_count: all.length, jobs: page.map((job) => jobShape(job, request.place)) } };
  }),
  route('POST', ':/actions/workflows/{workflow}/dispatches', 'actions:write', (request) => {
    const inputs = request.body['inputs'];
    const given = typeof inputs === 'object' && inputs !== null ? Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)])) : {};
    dispatchWorkflow(request.place.world, request.actor, { workflow: request.params['workflow'] ?? '', ref: textIn(request.body, 'ref'), inputs: given });
    return { status: 204 };
  }),
  route('POST', ':/dispatches', 'contents:write', (request) => {
    const payload = request.body['client_payload'];
    dispatchRepository(request.place.world, request.actor, textIn(request.body, 'event_type'), typeof payload === 'object' && payload !== null ? { ...payload } : {});
    return { status: 204 };
  }),
  route('GET', '/rate_limit', null, ({ actor, place: { limits } }) => {
    const core = limits.read(actor, 'core');
    return { status: 200, body: { resources: { core, search: core, graphql: limits.read(actor, 'graphql') }, rate: core } };
  }),
  route('GET', ':/installation', null, (request) => ({ status: 200, body: installationShape(request) })),
  route('POST', '/app/installations/{id}/access_tokens', null, (request) => {
    if (request.actor.kind !== 'app_jwt') throw new Refused(401, 'A JSON web token could not be decoded');
    const permissions = { contents: 'write', issues: 'write', 'pull-requests': 'write', actions: 'write', checks: 'write', statuses: 'write', metadata: 'read', 'organization-projects': 'write' };
    const token = issueAppToken(request.place.world, permissions);
    return { status: 201, body: { token, expires_at: '2099-01-01T00:00:00Z', permissions: { contents: 'write', issues: 'write', pull_requests: 'write', metadata: 'read' }, repository_selection: 'selected' } };
  }),
  route('DELETE', '/installation/token', null, () => ({ status: 204 })),
];

function pullOf(request: RestRequest) {
  const issue = issueOf(request);
  if (issue.pull === null) throw new Refused(404, 'Not Found');
  return issue;
}

function listPulls(request: RestRequest) {
  const { query, place } = request;
  const head = (query.get('head') ?? '').split(':').at(-1) ?? '';
  const state = query.get('state') ?? 'open';
  const all = [...place.world.issues.values()].filter(({ pull, state: now }) => pull !== null && (state === 'all' || now === state) && (head === '' || pull.head_ref === head)).toReversed();
  const { page, headers } = paged(request, all);
  return { status: 200, headers, body: page.map((issue) => pullSimple(issue, place)) };
}

function refShape({ place }: RestRequest, ref: string) {
  const sha = place.world.git.resolve(ref);
  if (sha === null) throw new Refused(404, 'Not Found');
  const url = `${repoUrl(place)}/git/${ref}`;
  return { ref, node_id: `REF_${ref}`, url, object: { type: 'commit', sha, url: `${repoUrl(place)}/git/commits/${sha}` } };
}

function runOf({ params, place }: RestRequest) {
  const run = place.world.runs.get(Number(params['run']));
  if (run === undefined) throw new Refused(404, 'Not Found');
  return run;
}

function installationShape({ place, actor }: RestRequest) {
  const { app, options } = place.world;
  if (actor.kind !== 'app_jwt' || app === null) throw new Refused(404, 'Not Found');
  const at = '2026-01-01T00:00:00Z';
  return {
    id: 7,
    account: personShape(place.world.person(options.owner), place),
    repository_selection: 'selected',
    access_tokens_url: `${place.api_url}/app/installations/7/access_tokens`,
    repositories_url: `${place.api_url}/installation/repositories`,
    html_url: `${place.server_url}/settings/installations/7`,
    app_id: app.id,
    app_slug: 'orch-app',
    target_id: 1,
    target_type: 'Organization',
    permissions: {},
    events: [],
    created_at: at,
    updated_at: at,
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}
