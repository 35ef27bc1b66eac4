// Owns what GraphQL answers: data, errors beside it, or errors alone.

export interface GraphqlError {
  readonly message: string;
  readonly type: string;
  readonly path: readonly (string | number)[];
}

export type Headers = Readonly<Record<string, string | number | undefined>>;

export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly GraphqlError[];
}

/** An answer with errors and no data that could be used. */
export class GraphqlFailure extends Error {
  readonly errors: readonly GraphqlError[];
  readonly headers: Headers;

  constructor(errors: readonly GraphqlError[], headers: Headers) {
    super(errors.map(({ message }) => message).join('; ') || 'GraphQL answered without data');
    this.errors = errors;
    this.headers = headers;
  }
}

/**
 * GraphQL says what went wrong under HTTP 200. Without any data that is a failure; so is a limit beside data, since
 * what is null then is not what is not there. Everything else beside data is a report about its place.
 */
export function readGraphql(answer: unknown, headers: Headers): GraphqlAnswer {
  const { data, errors } = objectOrEmpty(answer);
  const list = Array.isArray(errors) ? errors.map(readError) : [];
  if (typeof data !== 'object' || data === null || list.some(isLimit)) throw new GraphqlFailure(list, headers);
  return { data: objectOrEmpty(data), errors: list };
}

const LIMITS: ReadonlySet<string> = new Set(['RATE_LIMITED', 'RATE_LIMIT', 'RESOURCE_LIMITS_EXCEEDED']);

function isLimit({ type }: GraphqlError): boolean {
  return LIMITS.has(type);
}

/** It is not there, as far as this token may know. */
export function isNotFound({ type }: GraphqlError): boolean {
  return type === 'NOT_FOUND';
}

function readError(value: unknown): GraphqlError {
  const { message, type, path } = objectOrEmpty(value);
  return {
    message: typeof message === 'string' ? message : 'unknown error',
    type: typeof type === 'string' ? type : '',
    path: Array.isArray(path) ? path.filter((part) => typeof part === 'string' || typeof part === 'number') : [],
  };
}

export function objectOrEmpty(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
