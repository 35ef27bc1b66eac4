// Owns the REST operations of GitHub Apps and of limits: which installation, its tokens, and what is left of the hour.
import { issueAppToken } from '../model/actions.ts';
import { objectAt } from '../contract/json.ts';
import { Refused, type App } from '../model/state.ts';
import { route, type RestAnswer, type RestRequest, type Route } from './router.ts';
import { personShape, repositoryShape } from './shapes.ts';

export const APP_ROUTES: readonly Route[] = [
  route('GET', '/rate_limit', null, ({ actor, place: { limits } }) => {
    const core = limits.read(actor, 'core');
    return {
      status: 200,
      body: { resources: { core, search: core, graphql: limits.read(actor, 'graphql') }, rate: core },
    };
  }),
  route('GET', ':/installation', null, (request) => ({ status: 200, body: installationShape(request) })),
  route('GET', '/app/installations', null, (request) => ({ status: 200, body: [installationShape(request)] })),
  route('GET', '/app/installations/{id}', null, (request) => ({ status: 200, body: installationOf(request) })),
  route('POST', '/app/installations/{id}/access_tokens', null, createToken),
  route('GET', '/installation/repositories', 'metadata:read', ({ place, actor }) => {
    if (actor.kind !== 'app') throw new Refused(403, 'Resource not accessible by integration');
    return { status: 200, body: { total_count: 1, repositories: [repositoryShape(place)] } };
  }),
  route('DELETE', '/installation/token', null, ({ place: { world }, actor }) => {
    const held = [...world.tokens].find(([, token]) => token.actor === actor);
    if (held === undefined || actor.kind === 'user') throw new Refused(403, 'Resource not accessible by integration');
    world.tokens.delete(held[0]);
    return { status: 204 };
  }),
];

const INSTALLATION = 7;
const LIFETIME_MS = 3_600_000;

function appOf({ place, actor }: RestRequest): App {
  const { app } = place.world;
  if (actor.kind !== 'app_jwt' || app === null) throw new Refused(401, 'A JSON web token could not be decoded');
  return app;
}

function installationOf(request: RestRequest): Readonly<Record<string, unknown>> {
  if (Number(request.params['id']) !== INSTALLATION) throw new Refused(404, 'Not Found');
  return installationShape(request);
}

/** The token reaches what was asked for, and never more than was granted. */
function createToken(request: RestRequest): RestAnswer {
  const { place, body } = request;
  const app = appOf(request);
  installationOf(request);
  const { world } = place;
  const wanted = Object.entries(objectAt(body, 'permissions')).map(
    ([name, level]) => [name.replaceAll('_', '-'), String(level)] as const,
  );
  const exceeding = wanted.find(([name, level]) => !grants(app.permissions[name], level));
  if (exceeding !== undefined)
    throw new Refused(422, 'The permissions requested are not granted to this installation.');
  const names: unknown = body['repositories'];
  if (
    Array.isArray(names) &&
    names.some((name: unknown) => String(name).toLowerCase() !== world.options.name.toLowerCase())
  ) {
    throw new Refused(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  const permissions = wanted.length > 0 ? Object.fromEntries(wanted) : app.permissions;
  const token = issueAppToken(world, { metadata: 'read', ...permissions });
  const expires_at = `${new Date(world.options.now_ms() + LIFETIME_MS).toISOString().slice(0, 19)}Z`;
  return {
    status: 201,
    body: { token, expires_at, permissions: underscored(permissions), repository_selection: 'selected' },
  };
}

function grants(held: string | undefined, wanted: string): boolean {
  return held === 'write' || held === 'admin' || (held === 'read' && wanted === 'read');
}

/** The API writes `pull_requests` where a workflow file writes `pull-requests`. */
function underscored(permissions: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(permissions).map(([name, level]) => [name.replaceAll('-', '_'), level]));
}

function installationShape(request: RestRequest): Readonly<Record<string, unknown>> {
  const { place } = request;
  const app = appOf(request);
  const owner = place.world.person(place.world.options.owner);
  const at = '2026-01-01T00:00:00Z';
  const dates = { created_at: at, updated_at: at, single_file_name: null, suspended_by: null, suspended_at: null };
  return {
    id: INSTALLATION,
    account: personShape(owner, place),
    repository_selection: 'selected',
    access_tokens_url: `${place.api_url}/app/installations/${INSTALLATION}/access_tokens`,
    repositories_url: `${place.api_url}/installation/repositories`,
    html_url: `${place.server_url}/settings/installations/${INSTALLATION}`,
    app_id: app.id,
    app_slug: app.login.replace(/\[bot\]$/, ''),
    target_id: owner.id,
    target_type: 'User',
    permissions: underscored(app.permissions),
    events: [],
    ...dates,
  };
}
