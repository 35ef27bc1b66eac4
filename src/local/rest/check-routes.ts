// Owns the REST operations of check runs and commit statuses.
import { objectAt, textAt } from '../contract/json.ts';
import { Refused, type CheckRun, type CommitStatus } from '../model/state.ts';
import { optionalText, paged, route, textIn, type RestAnswer, type RestRequest, type Route } from './router.ts';
import { minimalRepository, personShape, repoUrl, type Place } from './shapes.ts';

export const CHECK_ROUTES: readonly Route[] = [
  route('POST', ':/check-runs', 'checks:write', createCheck),
  route('GET', ':/check-runs/{id}', 'checks:read', (request) => ({
    status: 200,
    body: checkShape(checkOf(request), request.place),
  })),
  route('PATCH', ':/check-runs/{id}', 'checks:write', (request) => {
    const check = checkOf(request);
    apply(request, check);
    return { status: 200, body: checkShape(check, request.place) };
  }),
  route('GET', ':/commits/{+ref}/check-runs', 'checks:read', (request) => {
    const sha = shaOf(request);
    const all = [...request.place.world.check_runs.values()].filter(({ head_sha }) => head_sha === sha);
    const { page, headers } = paged(request, all);
    return {
      status: 200,
      headers,
      body: { total_count: all.length, check_runs: page.map((check) => checkShape(check, request.place)) },
    };
  }),
  route('POST', ':/statuses/{sha}', 'statuses:write', createStatus),
  route('GET', ':/commits/{+ref}/statuses', 'statuses:read', (request) => {
    const { page, headers } = paged(request, statusesOf(request));
    return { status: 200, headers, body: page.map((status) => statusShape(status, request.place)) };
  }),
  route('GET', ':/commits/{+ref}/status', 'statuses:read', combined),
];

function checkOf({ params, place }: RestRequest): CheckRun {
  const check = place.world.check_runs.get(Number(params['id']));
  if (check === undefined) throw new Refused(404, 'Not Found');
  return check;
}

function shaOf({ params, place }: RestRequest): string {
  const sha = place.world.git.resolve(params['ref'] ?? '');
  if (sha === null) throw new Refused(422, `No commit found for SHA: ${params['ref']}`);
  return sha;
}

/** Only Apps make check runs, and a job's own token is one; a person's token is not. */
function createCheck(request: RestRequest): RestAnswer {
  const { place, actor, body } = request;
  if (actor.permissions === null) throw new Refused(403, 'You must authenticate via a GitHub App.');
  const check: CheckRun = {
    id: place.world.id(),
    name: textIn(body, 'name'),
    head_sha: textIn(body, 'head_sha'),
    status: 'queued',
    conclusion: null,
    title: null,
    summary: null,
    started_at: place.world.now(),
    completed_at: null,
  };
  if (place.world.git.resolve(check.head_sha) === null)
    throw new Refused(422, `No commit found for SHA: ${check.head_sha}`);
  apply(request, check);
  place.world.check_runs.set(check.id, check);
  return { status: 201, body: checkShape(check, place) };
}

const SUMMARY_CHARS_MAX = 65_535;

function apply({ body, place }: RestRequest, check: CheckRun): void {
  const output = objectAt(body, 'output');
  const summary = textAt(output, 'summary');
  if (summary.length > SUMMARY_CHARS_MAX)
    throw new Refused(422, 'Validation Failed', [{ resource: 'CheckRun', field: 'summary', code: 'invalid' }]);
  const { status, conclusion } = body;
  if (status === 'queued' || status === 'in_progress' || status === 'completed') check.status = status;
  if (typeof conclusion === 'string')
    Object.assign(check, { conclusion, status: 'completed', completed_at: place.world.now() });
  check.title = textAt(output, 'title') || check.title;
  check.summary = summary || check.summary;
}

function checkShape(check: CheckRun, place: Place): Readonly<Record<string, unknown>> {
  const url = `${repoUrl(place)}/check-runs/${check.id}`;
  const html_url = `${place.server_url}/${place.world.full_name}/runs/${check.id}`;
  const { id, name, head_sha, status, conclusion, title, summary, started_at, completed_at } = check;
  const output = { title, summary, text: null, annotations_count: 0, annotations_url: `${url}/annotations` };
  const facts = { id, node_id: `CR_${id}`, name, head_sha, status, conclusion, started_at, completed_at, output };
  return {
    ...facts,
    url,
    html_url,
    details_url: html_url,
    external_id: '',
    check_suite: null,
    app: null,
    pull_requests: [],
  };
}

const STATES = ['error', 'failure', 'pending', 'success'] as const;

function createStatus({ place, actor, body, params }: RestRequest): RestAnswer {
  const { world } = place;
  const state = STATES.find((one) => one === body['state']);
  const sha = world.git.resolve(params['sha'] ?? '');
  if (state === undefined)
    throw new Refused(422, 'Validation Failed', [{ resource: 'Status', field: 'state', code: 'invalid' }]);
  if (sha === null) throw new Refused(422, `No commit found for SHA: ${params['sha']}`);
  const status: CommitStatus = {
    id: world.id(),
    sha,
    state,
    context: optionalText(body, 'context', 'default'),
    description: typeof body['description'] === 'string' ? body['description'] : null,
    target_url: typeof body['target_url'] === 'string' ? body['target_url'] : null,
    by: actor.person,
    at: world.now(),
  };
  world.statuses.push(status);
  return { status: 201, body: statusShape(status, place) };
}

/** Newest first. */
function statusesOf(request: RestRequest): readonly CommitStatus[] {
  const sha = shaOf(request);
  return request.place.world.statuses.filter((status) => status.sha === sha).toReversed();
}

/** The newest of each context counts: any failure fails, any pending one (or none at all) waits. */
function combined(request: RestRequest): RestAnswer {
  const { place } = request;
  const sha = shaOf(request);
  const latest = [
    ...new Map(
      statusesOf(request)
        .toReversed()
        .map((status) => [status.context, status]),
    ).values(),
  ];
  const failed = latest.some(({ state }) => state === 'failure' || state === 'error');
  const waits = latest.length === 0 || latest.some(({ state }) => state === 'pending');
  const url = `${repoUrl(place)}/commits/${sha}`;
  const statuses = latest.map((status) => plainStatus(status, place));
  const state = failed ? 'failure' : waits ? 'pending' : 'success';
  return {
    status: 200,
    body: {
      state,
      statuses,
      sha,
      total_count: latest.length,
      repository: minimalRepository(place),
      commit_url: url,
      url: `${url}/status`,
    },
  };
}

/** In the combined answer nobody is named. */
function plainStatus(status: CommitStatus, place: Place): Readonly<Record<string, unknown>> {
  const { creator: _creator, ...plain } = statusShape(status, place);
  return plain;
}

function statusShape(
  { id, sha, state, context, description, target_url, by, at }: CommitStatus,
  place: Place,
): Readonly<Record<string, unknown>> {
  return {
    id,
    node_id: `SC_${id}`,
    url: `${repoUrl(place)}/statuses/${sha}`,
    avatar_url: personShape(by, place)['avatar_url'],
    state,
    description,
    target_url,
    context,
    created_at: at,
    updated_at: at,
    creator: personShape(by, place),
  };
}
