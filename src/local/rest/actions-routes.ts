// Owns the REST operations of Actions: runs, jobs, cancelling, and the two dispatches.
import { dispatchRepository, dispatchWorkflow, openRun } from '../model/actions.ts';
import { isObject, objectAt } from '../contract/json.ts';
import { Refused, type Job, type Run } from '../model/state.ts';
import { paged, route, textIn, type RestAnswer, type RestRequest, type Route } from './router.ts';
import { jobShape, repoUrl, runShape } from './shapes.ts';

export const ACTIONS_ROUTES: readonly Route[] = [
  route('GET', ':/actions/runs', 'actions:read', (request) => runs(request)),
  route('GET', ':/actions/workflows/{workflow}/runs', 'actions:read', (request) => runs(request)),
  route('GET', ':/actions/runs/{run}', 'actions:read', (request) => ({
    status: 200,
    body: runShape(runOf(request), request.place),
  })),
  route('GET', ':/actions/runs/{run}/jobs', 'actions:read', jobsOf),
  route('GET', ':/actions/runs/{run}/attempts/{attempt}/jobs', 'actions:read', jobsOf),
  route('GET', ':/actions/jobs/{job}', 'actions:read', ({ params, place }) => {
    const job = place.world.jobs.get(Number(params['job']));
    if (job === undefined) throw new Refused(404, 'Not Found');
    return { status: 200, body: jobShape(job, place) };
  }),
  route('POST', ':/actions/runs/{run}/cancel', 'actions:write', cancel),
  route('POST', ':/actions/runs/{run}/force-cancel', 'actions:write', cancel),
  route('POST', ':/actions/workflows/{workflow}/dispatches', 'actions:write', dispatch),
  route('POST', ':/dispatches', 'contents:write', ({ place, actor, body }) => {
    dispatchRepository(place.world, actor, textIn(body, 'event_type'), objectAt(body, 'client_payload'));
    return { status: 204 };
  }),
];

function runOf({ params, place }: RestRequest): Run {
  const run = place.world.runs.get(Number(params['run']));
  if (run === undefined) throw new Refused(404, 'Not Found');
  return run;
}

/** Newest first. */
function runs(request: RestRequest): RestAnswer {
  const { query, place } = request;
  const wanted = (name: string, value: string | null): boolean => query.get(name) === null || query.get(name) === value;
  const fits = (run: Run): boolean =>
    wanted('event', run.event) &&
    wanted('actor', run.actor.login) &&
    (wanted('status', run.status) || wanted('status', run.conclusion));
  const all = [...place.world.runs.values()].filter(fits).toReversed();
  const { page, headers } = paged(request, all);
  return {
    status: 200,
    headers,
    body: { total_count: all.length, workflow_runs: page.map((run) => runShape(run, place)) },
  };
}

function jobsOf(request: RestRequest): RestAnswer {
  const { place } = request;
  const run = runOf(request);
  const all: readonly Job[] = [...place.world.jobs.values()].filter((job) => job.run === run.id);
  const { page, headers } = paged(request, all);
  return { status: 200, headers, body: { total_count: all.length, jobs: page.map((job) => jobShape(job, place)) } };
}

/** Accepted, not done: whoever executes the run hears of it and ends it in their own time. */
function cancel(request: RestRequest): RestAnswer {
  const run = runOf(request);
  if (run.status === 'completed') throw new Refused(409, 'Cannot cancel a workflow run that is completed.');
  request.place.world.cancel(run.id);
  return { status: 202, body: {} };
}

const INPUTS_MAX = 25;

function dispatch(request: RestRequest): RestAnswer {
  const { body, actor, place, params } = request;
  const { world } = place;
  const given = objectAt(body, 'inputs');
  if (Object.keys(given).length > INPUTS_MAX) throw new Refused(422, `A workflow takes ${INPUTS_MAX} inputs at most`);
  const inputs = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, isObject(value) ? '' : String(value)]),
  );
  const before = new Set(world.runs.keys());
  dispatchWorkflow(world, actor, { workflow: params['workflow'] ?? '', ref: textIn(body, 'ref'), inputs });
  if (body['return_run_details'] !== true) return { status: 204 };
  // Whoever hears the event opens the run; without a listener GitHub would still have one.
  const started = [...world.runs.values()].find(({ id }) => !before.has(id));
  const run =
    started ??
    openRun(world, { event: 'workflow_dispatch', actor: actor.person.login, title: params['workflow'] ?? '' });
  const { url, html_url } = runShape(run, place);
  return { status: 200, body: { workflow_run_id: run.id, run_url: url ?? repoUrl(place), html_url } };
}
