// Owns the local GitHub's one port: REST, GraphQL, git and the results service, counted and breakable at the door.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createArtifactService } from './artifacts.ts';
import type { ArtifactService } from './artifacts.ts';
import type { Exchange } from './contract/exchange.ts';
import { createDoor } from './door.ts';
import type { Door } from './door.ts';
import { createFaults } from './faults.ts';
import type { FaultRule, Faults } from './faults.ts';
import { createBareRepository, handleGit } from './git.ts';
import type { BareRepository } from './git.ts';
import { executeGraphql } from './graphql/execute.ts';
import { Refused } from './model/state.ts';
import type { Actor } from './model/state.ts';
import { World } from './model/world.ts';
import { CODE_ROUTES, isAppJwt } from './rest/code-routes.ts';
import { createRouter } from './rest/router.ts';
import type { RestAnswer } from './rest/router.ts';
import { ISSUE_ROUTES } from './rest/routes.ts';

export interface LocalGitHubOptions {
  readonly owner: string;
  readonly name: string;
  /** Where the bare repository and artifacts are kept; the caller removes it. */
  readonly directory: string;
  readonly default_branch?: string;
  readonly now_ms?: () => number;
  readonly onExchange?: (exchange: Exchange) => void;
}

export interface LocalGitHub {
  readonly world: World;
  readonly repository: BareRepository;
  readonly artifacts: ArtifactService;
  readonly door: Door;
  readonly faults: Faults;
  readonly port: number;
  readonly api_url: string;
  readonly graphql_url: string;
  /** `http://github.localhost:PORT`: git resolves it, and the toolkit does not take it for a server of its own. */
  readonly server_url: string;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 50 * 1024 * 1024;

export async function startLocalGitHub(options: LocalGitHubOptions): Promise<LocalGitHub> {
  const { owner, name, directory, default_branch = 'main', now_ms = Date.now } = options;
  const root = path.join(directory, 'git');
  const repository = createBareRepository(root, `${owner}/${name}`, default_branch);
  const world = new World({ owner, name, default_branch, now_ms }, repository);
  const artifacts = createArtifactService({ directory: path.join(directory, 'artifacts'), now_ms });
  const door = createDoor();
  const faults = createFaults();
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const api_url = `http://127.0.0.1:${port}`;
  const github: LocalGitHub = {
    world,
    repository,
    artifacts,
    door,
    faults,
    port,
    api_url,
    graphql_url: `${api_url}/graphql`,
    server_url: `http://github.localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const entrance = entranceOf(github, root, options.onExchange ?? (() => undefined));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    entrance(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.stack : String(error));
    });
  });
  return github;
}

type Entrance = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function entranceOf(github: LocalGitHub, root: string, onExchange: (exchange: Exchange) => void): Entrance {
  const { world, artifacts, door } = github;
  const routes = createRouter([...ISSUE_ROUTES, ...CODE_ROUTES, installationRoute()], world.full_name);
  return async (request, response) => {
    const url = new URL(request.url ?? '/', github.api_url);
    const method = request.method ?? 'GET';
    if (artifacts.owns(url.pathname)) {
      await artifacts.handle(request, response);
      return;
    }
    if (url.pathname.startsWith(`/${world.full_name}.git/`)) {
      const rule = github.faults.take({ kind: 'git', method, what: `${url.pathname}${url.search}` });
      if (rule !== null && breakBefore(rule, response)) return;
      const status = await handleGit({ world, root, repository: github.repository }, request, response);
      door.note({ kind: 'git', method, what: `${url.pathname}${url.search}`, status, by: '', mutating: method === 'POST' && url.pathname.endsWith('receive-pack'), content_writes: 0, points: 0 });
      return;
    }
    await api({ github, routes, onExchange, request, response, url, method });
  };
}

/** `GET /repos/…/installation` is the App's own question. */
function installationRoute() {
  const found = CODE_ROUTES.find(({ template }) => template === '/installation');
  if (found === undefined) throw new Error('no installation route');
  return { ...found, template: ':/installation' };
}

interface Asked {
  readonly github: LocalGitHub;
  readonly routes: ReturnType<typeof createRouter>;
  readonly onExchange: (exchange: Exchange) => void;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly method: string;
}

async function api(asked: Asked): Promise<void> {
  const { github, request, response, url, method, onExchange } = asked;
  const body = await readJson(request);
  const graphql = url.pathname === '/graphql';
  const what = graphql ? (/(?:query|mutation)\s+(\w+)/.exec(String(body['query'] ?? ''))?.[1] ?? '?') : url.pathname;
  const rule = github.faults.take({ kind: graphql ? 'graphql' : 'rest', method, what });
  if (rule !== null && breakBefore(rule, response)) {
    note(github, { graphql, method, what, status: response.statusCode, by: '' });
    return;
  }
  const { answer, by, cost } = await answerOf(asked, body);
  note(github, { graphql, method, what, status: answer.status, by, ...cost });
  if (rule !== null && breakAfter(rule, response)) return;
  onExchange({ surface: graphql ? 'graphql' : 'rest', method, path: `${url.pathname}${url.search}`, status: answer.status, request_body: method === 'GET' ? undefined : body, response_body: answer.body });
  send(request, response, answer);
}

interface Answered {
  readonly answer: RestAnswer;
  readonly by: string;
  readonly cost: { readonly points?: number; readonly content_writes?: number; readonly mutating?: boolean };
}

async function answerOf({ github, routes, request, url, method }: Asked, body: Readonly<Record<string, unknown>>): Promise<Answered> {
  const { world, api_url, server_url } = github;
  try {
    const actor = actorOf(world, request);
    const by = actor.job === null ? actor.person.login : `${actor.job.run}/${actor.job.job}`;
    if (url.pathname === '/graphql') {
      const variables = typeof body['variables'] === 'object' && body['variables'] !== null ? (body['variables'] as Readonly<Record<string, unknown>>) : {};
      const { body: result, points, content_writes, mutating } = await executeGraphql({ world, actor, server_url }, String(body['query'] ?? ''), variables);
      return { answer: { status: 200, body: result }, by, cost: { points, content_writes, mutating } };
    }
    const answer = routes({ method, path: url.pathname, query: url.searchParams, body, actor, place: { world, api_url, server_url } });
    const creates = method === 'POST' && /\/(?:issues|pulls|comments|labels)$/.test(url.pathname);
    return { answer, by, cost: { content_writes: creates || (method === 'PATCH' && /comments/.test(url.pathname)) ? 1 : 0 } };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const shape = { message: error.message, documentation_url: 'https://docs.github.com/rest', status: String(error.status), ...(error.errors.length > 0 ? { errors: error.errors } : {}) };
    return { answer: { status: error.status, body: shape }, by: '', cost: {} };
  }
}

function actorOf(world: World, request: IncomingMessage): Actor {
  const token = (request.headers.authorization ?? '').replace(/^\S+ /, '');
  if (world.app !== null && isAppJwt(token, world.app.public_key)) return { person: world.person(world.app.login), job: null, kind: 'app_jwt', permissions: { metadata: 'read' } };
  return world.actorOf(token);
}

interface Noted {
  readonly graphql: boolean;
  readonly method: string;
  readonly what: string;
  readonly status: number;
  readonly by: string;
  readonly points?: number;
  readonly content_writes?: number;
  readonly mutating?: boolean;
}

function note({ door }: LocalGitHub, { graphql, method, what, status, by, points = 0, content_writes = 0, mutating }: Noted): void {
  door.note({ kind: graphql ? 'graphql' : 'rest', method, what, status, by, mutating: mutating ?? (!graphql && method !== 'GET'), content_writes, points });
}

const LIMIT_WAIT_SECONDS = 60;

/** True when the request ends here, before anything happened. */
function breakBefore(rule: FaultRule, response: ServerResponse): boolean {
  switch (rule.fault) {
    case 'status':
      response.writeHead(rule.status ?? 502, { 'content-type': 'application/json' });
      response.end('{"message":"Server Error"}');
      return true;
    case 'drop':
      response.destroy();
      return true;
    case 'secondary_limit':
      response.writeHead(403, { 'content-type': 'application/json', 'retry-after': String(LIMIT_WAIT_SECONDS) });
      response.end('{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}');
      return true;
    case 'rate_limit':
      response.writeHead(403, { 'content-type': 'application/json', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' });
      response.end('{"message":"API rate limit exceeded for installation."}');
      return true;
    case 'graphql_error_200':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}');
      return true;
    case 'status_after_commit':
    case 'timeout_after_commit':
      return false;
  }
}

/** True when the answer is spoiled although everything happened. */
function breakAfter(rule: FaultRule, response: ServerResponse): boolean {
  if (rule.fault === 'timeout_after_commit') {
    response.destroy();
    return true;
  }
  response.writeHead(rule.status ?? 502, { 'content-type': 'application/json' });
  response.end('{"message":"Server Error"}');
  return true;
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Refused(413, 'Payload Too Large');
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, headers }: RestAnswer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const etag = `W/"${Buffer.from(String(text.length)).toString('hex')}-${hash(text)}"`;
  const fresh = request.method === 'GET' && request.headers['if-none-match'] === etag;
  response.writeHead(fresh ? 304 : status, { 'content-type': 'application/json; charset=utf-8', 'x-github-request-id': 'local', 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '900', 'x-ratelimit-used': '100', 'x-ratelimit-reset': '4102444800', 'x-ratelimit-resource': 'core', etag, ...headers });
  response.end(fresh ? undefined : text);
}

function hash(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
  return (sum >>> 0).toString(16);
}
