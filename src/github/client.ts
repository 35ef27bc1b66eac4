// Owns the connection to GitHub's API: one token, paced writes, reads tried again, requests and points counted.
import { getOctokit } from '@actions/github';
import type { Clock, Log } from '../reconcile/ports.ts';
import { epochMs } from '../domain/instant.ts';
import { githubFault, isPassing } from './faults.ts';
import { GraphqlFailure } from './graphql-answer.ts';
import type { GraphqlAnswer, GraphqlError } from './graphql-answer.ts';

export interface ClientOptions {
  readonly token: string;
  readonly api_url: string;
  readonly owner: string;
  readonly repo: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly pause: (ms: number) => Promise<void>;
  /** Least time between two writes; GitHub asks for a second. */
  readonly write_gap_ms: number;
}

export interface RestAnswer {
  readonly status: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

export interface Client {
  readonly owner: string;
  readonly repo: string;
  /** A read: tried again when the trouble is passing. */
  get(route: string, parameters?: Readonly<Record<string, unknown>>): Promise<RestAnswer>;
  /** A write: never repeated; an unclear ending is a Fault marked `ambiguous`. */
  send(route: string, parameters?: Readonly<Record<string, unknown>>): Promise<RestAnswer>;
  /** A GraphQL read. Errors beside data do not throw: they come back. */
  query(document: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphqlAnswer>;
  mutate(document: string, variables?: Readonly<Record<string, unknown>>): Promise<GraphqlAnswer>;
  requests(): { readonly reads: number; readonly writes: number };
}

const READ_TRIES_MAX = 3;
const REQUEST_TIMEOUT_MS = 30_000;
const API_VERSION = '2022-11-28';

export function createClient(options: ClientOptions): Client {
  const octokit = getOctokit(options.token, {
    baseUrl: options.api_url,
    userAgent: 'orch',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  const counts = { reads: 0, writes: 0 };
  const pace = createPace(options);
  const target = { owner: options.owner, repo: options.repo };

  const request = async (route: string, parameters: Readonly<Record<string, unknown>>): Promise<RestAnswer> => {
    const { status, data, headers } = await octokit.request(route, {
      ...target,
      ...parameters,
      headers: { 'x-github-api-version': API_VERSION, ...objectOf(parameters['headers']) },
      request: { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
    });
    return { status, data, headers };
  };
  const post = async (document: string, variables: Readonly<Record<string, unknown>>): Promise<GraphqlAnswer> =>
    readGraphql(
      (await request('POST /graphql', { owner: undefined, repo: undefined, query: document, variables })).data,
    );

  const read = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    // at most READ_TRIES_MAX times
    for (let attempt = 1; ; attempt += 1) {
      try {
        counts.reads += 1;
        return await ask();
      } catch (error) {
        const fault = githubFault(error, { what, write: false, now_ms: epochMs(options.clock.now()) });
        if (attempt >= READ_TRIES_MAX || !isPassing(fault)) throw fault;
        options.log.info(`${what}: ${fault.reason}; trying again`);
        await options.pause(500 * attempt * attempt);
      }
    }
  };
  const write = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    await pace();
    counts.writes += 1;
    try {
      return await ask();
    } catch (error) {
      throw githubFault(error, { what, write: true, now_ms: epochMs(options.clock.now()) });
    }
  };
  return {
    ...target,
    get: (route, parameters = {}) => read(route, () => request(route, parameters)),
    send: (route, parameters = {}) => write(route, () => request(route, parameters)),
    query: (document, variables = {}) => read(nameOf(document), () => post(document, variables)),
    mutate: (document, variables = {}) => write(nameOf(document), () => post(document, variables)),
    requests: () => ({ ...counts }),
  };
}

function quiet(): void {
  // Octokit's own log repeats what our faults say better.
}

/** GitHub asks for at least a second between writes; it is kept here and nowhere else. */
function createPace({ clock, pause, write_gap_ms }: ClientOptions): () => Promise<void> {
  let last_ms = 0;
  return async () => {
    const wait_ms = last_ms + write_gap_ms - epochMs(clock.now());
    if (last_ms > 0 && wait_ms > 0) await pause(wait_ms);
    last_ms = epochMs(clock.now());
  };
}

function nameOf(document: string): string {
  return /(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? 'GraphQL';
}

function objectOf(value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, string>>) : {};
}

/** GraphQL says what went wrong under HTTP 200; without any data that is a failure, beside data it is a report. */
function readGraphql(answer: unknown): GraphqlAnswer {
  const { data, errors } = objectOrEmpty(answer);
  const list = Array.isArray(errors) ? errors.map(readError) : [];
  if (typeof data === 'object' && data !== null) return { data: objectOrEmpty(data), errors: list };
  throw new GraphqlFailure(list);
}

function readError(value: unknown): GraphqlError {
  const { message, type, path } = objectOrEmpty(value);
  return {
    message: typeof message === 'string' ? message : 'unknown error',
    type: typeof type === 'string' ? type : '',
    path: Array.isArray(path) ? path.filter((part) => typeof part === 'string' || typeof part === 'number') : [],
  };
}

function objectOrEmpty(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
