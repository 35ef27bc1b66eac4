// Owns the way from a REST request to its handler: templates, permissions, GitHub's refusals.
import { Refused } from '../model/state.ts';
import { ROLES, type Actor, type Role } from '../model/state.ts';
import type { Place } from './shapes.ts';

export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly place: Place;
  /** Values of the template's placeholders. */
  readonly params: Readonly<Record<string, string>>;
}

export interface RestAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * `issues:write`; `issues|pull-requests:write` when either scope does; `issues:write:read` when a person needs no more
 * than the third role; null when any token will do.
 */
export type Needs = `${string}:${'read' | 'write'}` | `${string}:${'read' | 'write'}:${Role}` | null;

export interface Route {
  readonly method: string;
  /** Below the repository when it starts with `:`, else from the root. */
  readonly template: string;
  readonly needs: Needs;
  readonly handle: (request: RestRequest) => RestAnswer;
}

export function route(method: string, template: string, needs: Needs, handle: Route['handle']): Route {
  return { method, template, needs, handle };
}

interface Compiled extends Route {
  readonly pattern: RegExp;
}

export function createRouter(
  routes: readonly Route[],
  full_name: string,
): (request: Omit<RestRequest, 'params'>) => RestAnswer {
  const compiled = routes.map((entry): Compiled => ({ ...entry, pattern: patternOf(entry.template, full_name) }));
  return (request) => {
    for (const entry of compiled) {
      const match = entry.method === request.method ? entry.pattern.exec(request.path) : null;
      if (match === null) continue;
      checkNeeds(entry.needs, request);
      const params = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
      );
      return entry.handle({ ...request, params });
    }
    throw new Refused(404, 'Not Found');
  };
}

function checkNeeds(needs: Needs, { place, actor }: Omit<RestRequest, 'params'>): void {
  if (needs === null) return;
  const [scopes = '', level = '', least] = needs.split(':');
  const role = ROLES.find((one) => one === least);
  place.world.require(actor, scopes.split('|'), level === 'write' ? 'write' : 'read', role);
}

/** `{name}` is one segment, `{+name}` the rest of the path. */
function patternOf(template: string, full_name: string): RegExp {
  const whole = template.startsWith(':') ? `/repos/${full_name}${template.slice(1)}` : template;
  const source = whole
    .replaceAll(/[.*?^$()[\]\\|]/g, '\\$&')
    .replaceAll(/\{\+(\w+)\}/g, '(?<$1>.+)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`, 'i');
}

export function textIn(body: Readonly<Record<string, unknown>>, key: string): string {
  const value = body[key];
  if (typeof value === 'string') return value;
  throw new Refused(422, 'Validation Failed', [{ field: key, code: 'missing_field' }]);
}

export function optionalText(body: Readonly<Record<string, unknown>>, key: string, otherwise: string): string {
  const value = body[key];
  return typeof value === 'string' ? value : otherwise;
}

export function textsIn(body: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  const value = body[key];
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) =>
    typeof entry === 'string'
      ? [entry]
      : typeof entry === 'object' && entry !== null && 'name' in entry
        ? [String(entry.name)]
        : [],
  );
}

/** One page, with the `Link` header that says whether there is a next one. */
export function paged<T>(
  { query, path, place }: RestRequest,
  all: readonly T[],
): { readonly page: readonly T[]; readonly headers: Readonly<Record<string, string>> } {
  const size = Math.min(100, Number(query.get('per_page') ?? '30'));
  const at = Number(query.get('page') ?? '1');
  const page = all.slice((at - 1) * size, at * size);
  if (at * size >= all.length) return { page, headers: {} };
  const next = new URLSearchParams(query);
  next.set('page', String(at + 1));
  return { page, headers: { link: `<${place.api_url}${path}?${next.toString()}>; rel="next"` } };
}
