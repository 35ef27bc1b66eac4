// Owns the reading of failures: what GitHub answered, turned into a Fault that names its consequence.
import { Fault } from '../domain/fault.ts';
import { GraphqlFailure } from './graphql-answer.ts';

export interface FailureOf {
  /** Route or operation, for the message. */
  readonly what: string;
  readonly write: boolean;
  readonly now_ms: number;
}

interface HttpFailure {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

const SECONDARY_WAIT_MS = 60_000;

export function isPassing(fault: Fault): boolean {
  return fault.consequence === 'retry';
}

export function githubFault(error: unknown, of: FailureOf): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof GraphqlFailure) return graphqlFault(error, of);
  const http = httpFailure(error);
  return http === null ? networkFault(error, of) : httpFault(http, error, of);
}

/**
 * Only a real limit is a limit: a 403 for a missing permission that is taken for one puts the queue to sleep over a
 * setting nobody then looks at.
 */
function httpFault(http: HttpFailure, error: unknown, of: FailureOf): Fault {
  const limit = limitOf(http, of);
  if (limit !== null) return limitFault(limit, error, of);
  const base = { cause: `${of.what}: HTTP ${http.status}: ${http.message}`, error };
  if (http.status === 401)
    return person({
      ...base,
      title: 'GitHub refused the token',
      remedy: 'Pass `token: ${{ github.token }}`; a token dies with its job.',
    });
  if (http.status === 403)
    return person({ ...base, title: 'The token lacks a permission', remedy: permissionRemedy(http, of) });
  if (http.status === 404)
    return person({ ...base, title: 'GitHub does not show this to the token', remedy: permissionRemedy(http, of) });
  if (http.status >= 500 || http.status === 408) {
    return new Fault({
      ...base,
      consequence: 'retry',
      ambiguous: of.write,
      title: 'GitHub had trouble',
      remedy: 'The next tick looks again.',
    });
  }
  return person({
    ...base,
    title: 'GitHub refused the request',
    remedy: 'The message says what it did not like; if it is not about a setting, please report it.',
  });
}

function limitOf({ status, message, headers }: HttpFailure, { now_ms }: FailureOf): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(after)) return now_ms + after * 1_000;
  if (String(headers['x-ratelimit-remaining'] ?? '') === '0') return Number(headers['x-ratelimit-reset'] ?? 0) * 1_000;
  return status === 429 || /secondary rate limit|abuse detection/i.test(message) ? now_ms + SECONDARY_WAIT_MS : null;
}

function limitFault(not_before_ms: number, error: unknown, of: FailureOf): Fault {
  return new Fault({
    consequence: 'wait',
    title: "GitHub's rate limit is reached",
    cause: `${of.what} must wait until ${new Date(not_before_ms).toISOString()}`,
    remedy: 'Nothing to do: the next tick goes on. A GitHub App has a larger limit than GITHUB_TOKEN.',
    not_before_ms,
    error,
  });
}

function graphqlFault(error: GraphqlFailure, of: FailureOf): Fault {
  const limited = error.errors.some(({ type, message }) => type === 'RATE_LIMITED' || /rate limit/i.test(message));
  if (limited) return limitFault(of.now_ms + SECONDARY_WAIT_MS, error, of);
  const forbidden = error.errors.some(({ type }) => type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES');
  const base = { cause: `${of.what}: ${error.message}`, error };
  if (forbidden)
    return person({
      ...base,
      title: 'The token lacks a permission',
      remedy: 'Compare the job’s `permissions` with docs/caller.yml.',
    });
  if (error.errors.some(({ message }) => /something went wrong|timeout|timed out|resource limits/i.test(message))) {
    return new Fault({
      ...base,
      consequence: 'retry',
      ambiguous: of.write,
      title: 'GitHub had trouble',
      remedy: 'The next tick looks again.',
    });
  }
  return person({
    ...base,
    title: 'GitHub refused the query',
    remedy: 'If this stays, please report it with the run link.',
  });
}

/** No answer at all: a read is asked again; what a write did is unknown. */
function networkFault(error: unknown, of: FailureOf): Fault {
  return new Fault({
    consequence: 'retry',
    ambiguous: of.write,
    title: 'GitHub did not answer',
    cause: `${of.what}: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'The next tick looks again.',
    error,
  });
}

function person(options: {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  readonly error: unknown;
}): Fault {
  return new Fault({ ...options, consequence: 'person' });
}

/** GitHub names the permission in a header; without it the route tells. */
function permissionRemedy({ headers }: HttpFailure, { what }: FailureOf): string {
  const accepted = headers['x-accepted-github-permissions'];
  const named = typeof accepted === 'string' && accepted !== '' ? accepted.replaceAll('=', ': ') : scopeOf(what);
  return `Give the job \`${named}\` (docs/caller.yml lists all permissions with their reasons).`;
}

function scopeOf(what: string): string {
  if (/\/pulls/.test(what)) return 'pull-requests: write';
  if (/\/actions|\/dispatches/.test(what)) return 'actions: write';
  if (/\/git\/|\/contents|\/branches/.test(what)) return 'contents: write';
  return 'issues: write';
}

function httpFailure(error: unknown): HttpFailure | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  const { status } = error;
  if (typeof status !== 'number') return null;
  const response =
    'response' in error && typeof error.response === 'object' && error.response !== null ? error.response : {};
  const headers =
    'headers' in response && typeof response.headers === 'object' && response.headers !== null ? response.headers : {};
  const message = error instanceof Error ? error.message : '';
  return {
    status,
    message: message.slice(0, 500),
    headers: headers as Readonly<Record<string, string | number | undefined>>,
  };
}
