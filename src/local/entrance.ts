// Owns the way of a request through the door: told apart, faults taken, handed over, counted, shown to the contract.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { contentInDocument, contentInRequest } from './content.ts';
import type { Exchange } from './contract/exchange.ts';
import type { JsonObject } from './contract/json.ts';
import type { DoorEntry } from './door.ts';
import { handleGit } from './git.ts';
import { executeGraphql } from './graphql/execute.ts';
import { budgetHeaders, type Resource } from './limits.ts';
import { Refused, type Actor } from './model/state.ts';
import { actorOf, graphqlAsk, readJson } from './request.ts';
import { REST_ROUTES } from './rest/all-routes.ts';
import { conditional } from './rest/etag.ts';
import { createRouter, type RestAnswer } from './rest/router.ts';
import type { LocalGitHub } from './server.ts';
import { spoiledBy, tooFast, type Spoiled } from './spoil.ts';
import { refusal, send, type WireAnswer } from './wire.ts';

export interface Entrance {
  readonly github: LocalGitHub;
  readonly git_root: string;
  readonly onExchange: (exchange: Exchange) => void;
}

interface Visit extends Entrance {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly method: string;
  readonly routes: ReturnType<typeof createRouter>;
}

export function entranceOf(entrance: Entrance): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { github } = entrance;
  const routes = createRouter(REST_ROUTES, github.world.full_name);
  const git_path = `/${github.world.full_name}.git/`.toLowerCase();
  return async (request, response) => {
    const url = new URL(request.url ?? '/', github.api_url);
    const visit: Visit = { ...entrance, request, response, url, method: request.method ?? 'GET', routes };
    if (github.artifacts.owns(url.pathname)) await results(visit);
    else if (url.pathname.toLowerCase().startsWith(git_path)) await git(visit);
    else await api(visit);
  };
}

/** Its faults are its own (`artifacts.addFault`), for they know about artifacts and blobs. */
async function results({ github, request, response, url, method }: Visit): Promise<void> {
  await github.artifacts.handle(request, response);
  note(github, { kind: 'results', method, what: url.pathname, status: response.statusCode, by: '' });
}

async function git({ github, git_root, request, response, url, method }: Visit): Promise<void> {
  const what = `${url.pathname}${url.search}`;
  // On a connection used before, git's HTTP library repeats a request whose answer was cut, and the fault goes unseen.
  response.shouldKeepAlive = false;
  const spoiled = spoil(github, { kind: 'git', method, what });
  const mutating = method === 'POST' && url.pathname.endsWith('/git-receive-pack');
  if (spoiled !== null && !acts(spoiled)) {
    // Nobody reads the body, and git would wait for somebody to.
    request.resume();
    note(github, {
      kind: 'git',
      method,
      what,
      bytes: end(response, spoiled),
      status: statusOf(spoiled),
      by: '',
      mutating,
    });
    return;
  }
  const door = { world: github.world, root: git_root, repository: github.repository, mute: spoiled !== null };
  const { status, by, bytes } = await handleGit(door, request, response);
  if (spoiled !== null) end(response, spoiled);
  const shown = spoiled === null ? status : statusOf(spoiled);
  note(github, { kind: 'git', method, what, bytes, status: shown, by, mutating });
}

interface Handled {
  readonly answer: WireAnswer;
  readonly by: string;
  readonly points?: number;
  readonly content_writes?: number;
  readonly mutating?: boolean;
}

async function api(visit: Visit): Promise<void> {
  const { github, request, response, url, method } = visit;
  const kind = url.pathname === '/graphql' ? 'graphql' : 'rest';
  const body = await readJson(request).catch(refused);
  const ask = 'answer' in body ? {} : body;
  const asked = { kind, method, what: kind === 'graphql' ? graphqlAsk(ask).what : url.pathname } as const;
  const mutating = kind === 'rest' && method !== 'GET';
  const spoiled = spoil(github, asked);
  if (spoiled !== null && !acts(spoiled)) {
    const bytes = end(response, spoiled);
    note(github, { ...asked, mutating, bytes, status: statusOf(spoiled), by: '' });
    return;
  }
  const handled: Handled =
    'answer' in body ? (body as Handled) : kind === 'graphql' ? await graphql(visit, ask) : rest(visit, ask);
  const { answer: told, ...facts } = handled;
  if (spoiled !== null) {
    note(github, { ...asked, mutating, bytes: end(response, spoiled), status: statusOf(spoiled), ...facts });
    return;
  }
  const text = (): string => `${method} ${url.pathname}${url.search} ${JSON.stringify(ask)}`;
  const reads = !(facts.mutating ?? mutating);
  const { answer, wait_ms } = github.faults.alter({ ...asked, text, reads }, told);
  if (wait_ms > 0) await setTimeout(wait_ms);
  visit.onExchange({
    surface: kind,
    method,
    path: `${url.pathname}${url.search}`,
    status: answer.status,
    request_body: Object.keys(ask).length === 0 ? undefined : ask,
    response_body: answer.body,
  });
  note(github, { ...asked, mutating, bytes: send(response, answer), status: answer.status, ...facts });
}

function refused(error: unknown): Handled {
  if (!(error instanceof Refused)) throw error;
  return { answer: refusal(error.status, error.message, error.errors), by: '' };
}

function nameOf(actor: Actor): string {
  return actor.job === null ? actor.person.login : `${actor.job.run}/${actor.job.job}`;
}

function rest({ github, request, url, method, routes }: Visit, body: JsonObject): Handled {
  const { world, limits, api_url, server_url, artifacts, objects } = github;
  let actor: Actor;
  try {
    actor = actorOf(world, request);
  } catch (error) {
    return refused(error);
  }
  const by = nameOf(actor);
  const content = contentInRequest(method, url.pathname);
  const refusal_of_limits = limited(github, actor, 'core', content);
  if (refusal_of_limits !== null) return { answer: refusal_of_limits, by };
  const place = { world, api_url, server_url, limits, artifacts, objects };
  const answered = attempt(() => routes({ method, path: url.pathname, query: url.searchParams, body, actor, place }));
  const answer = conditional(request, method, answered);
  const free = answer.status === 304 || url.pathname === '/rate_limit';
  const budget = limits.spend(actor, 'core', free ? 0 : 1);
  return {
    answer: { ...answer, headers: { ...budgetHeaders(budget, 'core'), ...answer.headers } },
    by,
    content_writes: answer.status < 400 ? content : 0,
  };
}

function attempt(act: () => RestAnswer): RestAnswer {
  try {
    return act();
  } catch (error) {
    return refused(error).answer;
  }
}

async function graphql({ github, request }: Visit, body: JsonObject): Promise<Handled> {
  const { world, limits, server_url } = github;
  let actor: Actor;
  try {
    actor = actorOf(world, request);
  } catch (error) {
    return refused(error);
  }
  const by = nameOf(actor);
  const ask = graphqlAsk(body);
  const refusal_of_limits = limited(github, actor, 'graphql', contentInDocument(ask.query));
  if (refusal_of_limits !== null) return { answer: refusal_of_limits, by };
  const done = await executeGraphql({ world, actor, server_url, limits }, ask);
  const budget = limits.spend(actor, 'graphql', done.points);
  const { points, content_writes, mutating } = done;
  const headers = budgetHeaders(budget, 'graphql');
  return { answer: { status: 200, headers, body: done.body }, by, points, content_writes, mutating };
}

/** GraphQL says that the hour is used up under 200, REST under 403; too many writes are 403 on both. */
function limited({ limits }: LocalGitHub, actor: Actor, resource: Resource, content: number): WireAnswer | null {
  const budget = limits.read(actor, resource);
  if (budget.remaining <= 0) {
    const message = 'API rate limit exceeded for installation ID 7.';
    const headers = budgetHeaders(budget, resource);
    if (resource === 'core') return { ...refusal(403, message), headers };
    return { status: 200, headers, body: { errors: [{ type: 'RATE_LIMITED', message }] } };
  }
  const wait = limits.secondary.admit(actor, content);
  return wait === null ? null : tooFast(wait.retry_after_seconds);
}

function spoil({ faults, world }: LocalGitHub, asked: Parameters<LocalGitHub['faults']['take']>[0]): Spoiled | null {
  const rule = faults.take(asked);
  return rule === null ? null : spoiledBy(rule, Math.ceil(world.options.now_ms() / 1000) + 60);
}

function acts(spoiled: Spoiled): boolean {
  return spoiled.kind === 'spoil' || (spoiled.kind === 'cut' && spoiled.acts);
}

function statusOf(spoiled: Spoiled): number {
  return spoiled.kind === 'cut' ? 0 : spoiled.answer.status;
}

/** Gives back how many bytes were sent. */
function end(response: ServerResponse, spoiled: Spoiled): number {
  if (spoiled.kind !== 'cut') return send(response, spoiled.answer);
  response.destroy();
  return 0;
}

type Noted = Pick<DoorEntry, 'kind' | 'method' | 'what' | 'status' | 'by'> & Partial<DoorEntry>;

function note({ door, world }: LocalGitHub, entry: Noted): void {
  door.note({ mutating: false, content_writes: 0, points: 0, bytes: 0, at: world.now(), ...entry });
}
