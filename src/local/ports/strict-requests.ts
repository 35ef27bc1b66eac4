// Owns the same requests as the wire has them: routed, executed against GitHub's schema, and through JSON both ways.
import { executeGraphql } from '../graphql/execute.ts';
import type { Limits } from '../limits.ts';
import type { Actor } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { graphqlAsk } from '../request.ts';
import { REST_ROUTES } from '../rest/all-routes.ts';
import { createRouter } from '../rest/router.ts';
import type { RestRequest } from '../rest/router.ts';
import { RATE } from './queries.ts';
import { answerObjects, HttpError } from './requests.ts';
import type { Answer, Door } from './requests.ts';

type Values = Readonly<Record<string, unknown>>;

const API_URL = 'https://api.github.com';
const SERVER_URL = 'https://github.com';
const BUDGET = { limit: RATE.limit, remaining: RATE.remaining, used: 0, reset: 0 };
/** Limits are faults of the simulation; the door itself has none. */
const LIMITS: Limits = {
  read: () => BUDGET,
  spend: () => BUDGET,
  secondary: { enforced: false, admit: () => null },
};
const PERMISSIONS = {
  issues: 'write',
  'pull-requests': 'write',
  contents: 'write',
  actions: 'write',
  metadata: 'read',
};

/** Lists are never behind here, and a mutation is run whole. */
export function strictRequests(world: World): (door: Door, route: string, values: Values) => Promise<Answer> {
  const routes = createRouter(REST_ROUTES, world.full_name);
  return async (door, route, values) => {
    const actor: Actor = { ...door.actor, permissions: PERMISSIONS };
    if (route === 'POST /graphql') {
      const given = { world, actor, server_url: SERVER_URL, limits: LIMITS };
      const { body } = await executeGraphql(given, graphqlAsk(throughJson({ query: '', ...values })));
      return { status: 200, data: throughJson(body), headers: {} };
    }
    // Git's objects are kept in memory here, not as files that git itself reads.
    const name = route.replace('/repos/{owner}/{repo}', '');
    if (/\/git\/(?:trees|commits)/.test(name))
      return { status: 200, data: answerObjects(door, name, throughJson(values)), headers: {} };
    const place = { world, api_url: API_URL, server_url: SERVER_URL, limits: LIMITS };
    const { status, body } = routes({ ...pathOf(route, values), actor, place: place as RestRequest['place'] });
    if (status >= 400) throw new HttpError(status, JSON.stringify(body));
    return { status, data: body === undefined ? null : JSON.parse(JSON.stringify(body)), headers: {} };
  };
}

function throughJson(value: Values): Values {
  return JSON.parse(JSON.stringify(value)) as Values;
}

/** `GET /repos/{owner}/{repo}/pulls` with its values, as a path and what goes beside it. */
function pathOf(route: string, values: Values): Pick<RestRequest, 'method' | 'path' | 'query' | 'body'> {
  const [method = '', template = ''] = route.split(' ');
  const rest = new Map(Object.entries(throughJson(values)));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(String(value));
  });
  for (const name of ['owner', 'repo']) rest.delete(name);
  const query = new URLSearchParams(
    method === 'GET' ? [...rest].map(([name, value]): [string, string] => [name, String(value)]) : [],
  );
  return { method, path, query, body: method === 'GET' ? {} : Object.fromEntries(rest) };
}
