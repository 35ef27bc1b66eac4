// Owns the connection to GitHub's API: one token, paced writes, reads tried again, requests and points counted.
import { getOctokit } from '@actions/github';
import type { Clock, Log } from '../reconcile/ports.ts';
import { epochMs } from '../domain/instant.ts';
import type { Fault } from '../domain/fault.ts';
import { githubFault, isPassing } from './faults.ts';
import { objectOrEmpty, readGraphql } from './graphql-answer.ts';
import type { GraphqlAnswer, Headers } from './graphql-answer.ts';

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
  readonly headers: Headers;
}

type Values = Readonly<Record<string, unknown>>;

export interface Counted {
  readonly reads: number;
  readonly writes: number;
  /** Of GraphQL's hourly budget, as far as answers told. */
  readonly points: number;
}

export interface Client {
  readonly owner: string;
  readonly repo: string;
  /** A read: tried again when the trouble is passing. */
  get(route: string, parameters?: Values): Promise<RestAnswer>;
  /** A write: never repeated; an unclear ending is a Fault marked `ambiguous`. */
  send(route: string, parameters?: Values): Promise<RestAnswer>;
  /** A GraphQL read. Errors beside data do not throw: they come back. `tries: 1`: the caller asks for less instead. */
  query(document: string, variables?: Values, tries?: number): Promise<GraphqlAnswer>;
  /** `contents`: how many comments and the like it writes, for the pace. */
  mutate(document: string, variables?: Values, contents?: number): Promise<GraphqlAnswer>;
  requests(): Counted;
}

const READ_TRIES_MAX = 3;
const REQUEST_TIMEOUT_MS = 30_000;
const API_VERSION = '2022-11-28';

/** One request, as it goes over whatever wire there is; a refusal is thrown with its `status` and `response`. */
export type Request = (route: string, parameters: Values) => Promise<RestAnswer>;

export function createClient(options: ClientOptions): Client {
  const { token, api_url } = options;
  const octokit = getOctokit(token, {
    baseUrl: api_url,
    userAgent: 'orch',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  return clientOver(options, async (route, parameters) => {
    const { status, data, headers } = await octokit.request(route, {
      ...parameters,
      headers: { 'x-github-api-version': API_VERSION },
      request: { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
    });
    return { status, data, headers };
  });
}

/** Manners, counting and the reading of answers: the same over the network and over a world in memory. */
export function clientOver(options: Pacing, request: Request): Client {
  const { owner, repo } = options;
  const count = { reads: 0, writes: 0, points: 0 };
  const rest = (route: string, parameters: Values) => request(route, { owner, repo, ...parameters });
  const graphql = async (query: string, variables: Values): Promise<GraphqlAnswer> => {
    const { data, headers } = await request('POST /graphql', { query, variables });
    const answer = readGraphql(data, headers);
    count.points += pointsOf(answer);
    return answer;
  };
  const { read, write } = createManners(options, count);
  return {
    owner,
    repo,
    get: (route, parameters = {}) => read(route, READ_TRIES_MAX, () => rest(route, parameters)),
    send: (route, parameters = {}) => write(route, 1, () => rest(route, parameters)),
    query: (document, variables = {}, tries = READ_TRIES_MAX) =>
      read(nameOf(document), tries, () => graphql(document, variables)),
    mutate: (document, variables = {}, contents = 1) =>
      write(nameOf(document), contents, () => graphql(document, variables)),
    requests: () => ({ ...count }),
  };
}

interface Manners {
  read<T>(what: string, tries: number, ask: () => Promise<T>): Promise<T>;
  write<T>(what: string, contents: number, ask: () => Promise<T>): Promise<T>;
}

type Pacing = Omit<ClientOptions, 'api_url'>;

/** How one asks: reads again when that may help, writes once and slowly, nobody at all while a limit says "later". */
function createManners(options: Pacing, count: { reads: number; writes: number }): Manners {
  const { clock, log, pause } = options;
  const pace = createPace(options);
  let limited: Fault | null = null;
  const now_ms = (): number => epochMs(clock.now());
  const refuseWhileLimited = (): void => {
    if (limited !== null && now_ms() < (limited.not_before_ms ?? 0)) throw limited;
  };
  const understood = (error: unknown, what: string, is_write: boolean): Fault => {
    const fault = githubFault(error, { what, write: is_write, now_ms: now_ms(), secret: options.token });
    if (fault.consequence === 'wait') limited = fault;
    return fault;
  };
  return {
    read: async (what, tries, ask) => {
      // at most `tries` times
      for (let attempt = 1; ; attempt += 1) {
        refuseWhileLimited();
        count.reads += 1;
        try {
          return await ask();
        } catch (error) {
          const fault = understood(error, what, false);
          if (attempt >= tries || !isPassing(fault)) throw fault;
          log.info(`${what}: ${fault.reason}; trying again`);
          await pause(500 * attempt * attempt);
        }
      }
    },
    write: async (what, contents, ask) => {
      refuseWhileLimited();
      await pace(contents);
      count.writes += 1;
      try {
        return await ask();
      } catch (error) {
        throw understood(error, what, true);
      }
    },
  };
}

function quiet(): void {
  // Octokit's own log repeats what our faults say better.
}

/**
 * GitHub asks for at least a second between writes, and for no more than 80 new contents a minute: a batch of twenty
 * comments counts as twenty. Kept here and nowhere else.
 */
function createPace({ clock, pause, write_gap_ms }: Pacing): (contents: number) => Promise<void> {
  let free_at_ms = 0;
  return async (contents) => {
    const wait_ms = free_at_ms - epochMs(clock.now());
    if (wait_ms > 0) await pause(wait_ms);
    free_at_ms = epochMs(clock.now()) + write_gap_ms * Math.max(1, contents);
  };
}

function nameOf(document: string): string {
  return /(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? 'GraphQL';
}

function pointsOf({ data }: GraphqlAnswer): number {
  const { cost } = objectOrEmpty(data['rateLimit']);
  return typeof cost === 'number' ? cost : 1;
}
