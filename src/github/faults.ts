// Owns the reading of failures: what GitHub answered, turned into a Fault that names its consequence.
import { bugFault, Fault, personFault } from '../domain/fault.ts';
import type { z } from 'zod';
import { GraphqlFailure, isNotFound, objectOrEmpty } from './graphql-answer.ts';
import type { GraphqlAnswer, GraphqlError, Headers } from './graphql-answer.ts';

export interface FailureOf {
  /** Route or operation, for the message. */
  readonly what: string;
  readonly write: boolean;
  readonly now_ms: number;
  /** The token; whoever repeats a message of GitHub's repeats it without. */
  readonly secret: string;
}

interface HttpFailure {
  readonly status: number;
  readonly message: string;
  readonly headers: Headers;
}

const SECONDARY_WAIT_MS = 60_000;
const MESSAGE_CHARS_MAX = 500;

export function isPassing(fault: Fault): boolean {
  return fault.consequence === 'retry';
}

/** HTTP status behind a fault of ours; null when no answer came, or another kind of one. */
export function statusOf(error: unknown): number | null {
  const { status } = objectOrEmpty(error instanceof Fault ? error.cause : error);
  return typeof status === 'number' ? status : null;
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
  const limit_ms = limitOf(http, of.now_ms);
  if (limit_ms !== null) return limitFault(limit_ms, error, of);
  const cause = `${of.what}: HTTP ${http.status}: ${said(http.message, of)}`;
  if (http.status >= 500 || http.status === 408) return troubleFault(cause, error, of);
  return personFault({ cause, ...refusalOf(http, of) }, error);
}

function refusalOf(http: HttpFailure, of: FailureOf): { readonly title: string; readonly remedy: string } {
  switch (http.status) {
    case 401:
      return {
        title: 'GitHub refused the token',
        remedy: 'Pass `token: ${{ github.token }}`; a token dies with its job.',
      };
    case 403:
      return { title: 'The token lacks a permission', remedy: permissionRemedy(http, of) };
    case 404:
      return { title: 'GitHub does not show this to the token', remedy: permissionRemedy(http, of) };
    default:
      return {
        title: 'GitHub refused the request',
        remedy: 'The message says what it did not like; if it is not about a setting, please report it.',
      };
  }
}

/** Epoch milliseconds from when on asking is allowed again; null: not a limit. */
function limitOf({ status, message, headers }: HttpFailure, now_ms: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const told_ms = toldTime(headers, now_ms);
  const says_so = /rate limit|abuse detection/i.test(message);
  const has_wait = headers['retry-after'] !== undefined;
  return status === 429 || has_wait || says_so ? (told_ms ?? now_ms + SECONDARY_WAIT_MS) : null;
}

/** `retry-after` first; the reset only counts when nothing is left. */
function toldTime(headers: Headers, now_ms: number): number | null {
  const after_seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(after_seconds)) return now_ms + after_seconds * 1_000;
  const reset_seconds = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  const is_spent = String(headers['x-ratelimit-remaining'] ?? '') === '0';
  return is_spent && Number.isFinite(reset_seconds) ? reset_seconds * 1_000 : null;
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

function troubleFault(cause: string, error: unknown, { write }: FailureOf): Fault {
  const title = 'GitHub had trouble';
  return new Fault({
    consequence: 'retry',
    title,
    cause,
    remedy: 'The next tick looks again.',
    ambiguous: write,
    error,
  });
}

function graphqlFault(error: GraphqlFailure, of: FailureOf): Fault {
  const { errors, headers } = error;
  if (errors.some(isRateLimit)) {
    return limitFault(toldTime(headers, of.now_ms) ?? of.now_ms + SECONDARY_WAIT_MS, error, of);
  }
  const cause = `${of.what}: ${said(error.message, of)}`;
  const forbidden = errors.find(isForbidden);
  if (forbidden !== undefined) {
    const remedy = `Give the job \`${scopeOfPath(forbidden.path, of.write)}\` (docs/caller.yml lists all permissions with their reasons).`;
    return personFault({ title: 'The token lacks a permission', cause, remedy }, error);
  }
  if (errors.length === 0 || errors.some(isTrouble)) return troubleFault(cause, error, of);
  if (errors.some(isNotFound)) {
    const remedy = 'Check that it exists and that the token reaches it.';
    return personFault({ title: 'GitHub does not show this to the token', cause, remedy }, error);
  }
  const remedy = 'If this stays, please report it with the run link.';
  return personFault({ title: 'GitHub refused the query', cause, remedy }, error);
}

function isRateLimit({ type, message }: GraphqlError): boolean {
  return type === 'RATE_LIMITED' || type === 'RATE_LIMIT' || /rate limit/i.test(message);
}

export function isForbidden({ type }: GraphqlError): boolean {
  return type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES';
}

function isTrouble({ type, message }: GraphqlError): boolean {
  return type === 'RESOURCE_LIMITS_EXCEEDED' || /something went wrong|timeout|timed out|resource limits/i.test(message);
}

/** No answer at all: a read is asked again; what a write did is unknown. */
function networkFault(error: unknown, of: FailureOf): Fault {
  return new Fault({
    consequence: 'retry',
    ambiguous: of.write,
    title: 'GitHub did not answer',
    cause: `${of.what}: ${said(error instanceof Error ? error.message : String(error), of)}`,
    remedy: 'The next tick looks again.',
    error,
  });
}

function said(message: string, { secret }: FailureOf): string {
  const safe = secret === '' ? message : message.replaceAll(secret, '***');
  return safe.slice(0, MESSAGE_CHARS_MAX);
}

/** GitHub names the permission in a header; without it the route tells. */
function permissionRemedy({ headers }: HttpFailure, { what }: FailureOf): string {
  const accepted = headers['x-accepted-github-permissions'];
  const named =
    typeof accepted === 'string' && accepted !== ''
      ? accepted.replaceAll('_', '-').replaceAll('=', ': ')
      : scopeOfRoute(what);
  return `Give the job \`${named}\` (docs/caller.yml lists all permissions with their reasons).`;
}

function scopeOfRoute(what: string): string {
  const level = what.startsWith('GET ') ? 'read' : 'write';
  if (/\/pulls/.test(what)) return `pull-requests: ${level}`;
  if (/\/actions|\/dispatches/.test(what)) return `actions: ${level}`;
  if (/\/git\/|\/contents|\/branches/.test(what)) return `contents: ${level}`;
  return `issues: ${level}`;
}

/** The field that was refused tells which permission it needs. */
function scopeOfPath(path: GraphqlError['path'], write: boolean): string {
  const field = path.findLast((part) => typeof part === 'string') ?? '';
  const level = write ? 'write' : 'read';
  if (/pull/i.test(field) || /^head\d/.test(field)) return `pull-requests: ${level}`;
  if (/^(?:policy|object|defaultBranchRef|target|history|file)$/.test(field)) return `contents: ${level}`;
  return `issues: ${level}`;
}

function httpFailure(error: unknown): HttpFailure | null {
  const status = statusOf(error);
  if (status === null) return null;
  const { headers } = objectOrEmpty(objectOrEmpty(error)['response']);
  const message = error instanceof Error ? error.message : '';
  return { status, message, headers: objectOrEmpty(headers) as Headers };
}

/** An answer whose shape we rely on. When it lacks what a reported error took away, that error is the cause. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  answer: unknown,
  of: { readonly what: string; readonly errors?: GraphqlAnswer['errors'] },
): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const failure = { what: of.what, write: false, now_ms: 0, secret: '' };
  if (of.errors !== undefined && of.errors.length > 0) throw graphqlFault(new GraphqlFailure(of.errors, {}), failure);
  const [issue] = parsed.error.issues;
  throw bugFault({
    title: 'GitHub answered in a shape Orch does not know',
    cause: `${of.what}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    remedy: 'Please report this with the run link.',
  });
}
