// Owns how answers leave the local GitHub: headers and bodies.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export interface WireAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; `undefined` for none. */
  readonly body?: unknown;
}

const DOCUMENTATION = 'https://docs.github.com/rest';

export function refusal(status: number, message: string, errors: readonly unknown[] = []): WireAnswer {
  const body = {
    message,
    ...(errors.length > 0 ? { errors } : {}),
    documentation_url: DOCUMENTATION,
    status: String(status),
  };
  return { status, body };
}

/** Gives back how many bytes the body had. */
export function send(response: ServerResponse, { status, headers = {}, body }: WireAnswer): number {
  const bytes = body === undefined ? NO_BYTES : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'x-github-request-id': randomBytes(8).toString('hex'),
    'x-github-media-type': 'github.v3; format=json',
    ...headers,
  });
  response.end(bytes);
  return bytes.length;
}

const NO_BYTES = Buffer.alloc(0);
