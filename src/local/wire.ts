// Owns how answers leave the local GitHub: headers, bodies, and the ways a fault can spoil one.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FaultRule } from './faults.ts';

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

export function send(response: ServerResponse, { status, headers = {}, body }: WireAnswer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'x-github-request-id': randomBytes(8).toString('hex'),
    'x-github-media-type': 'github.v3; format=json',
    ...headers,
  });
  response.end(text);
}

/** - `answer`: instead of acting. - `spoil`: acts, then answers this. - `cut`: no answer at all, acting or not. */
export type Spoiled =
  | { readonly kind: 'answer'; readonly answer: WireAnswer }
  | { readonly kind: 'spoil'; readonly answer: WireAnswer }
  | { readonly kind: 'cut'; readonly acts: boolean };

const RETRY_AFTER_SECONDS = '60';

/** What a rule does to a request, in the words GitHub uses for such trouble. */
export function spoiledBy(rule: FaultRule, reset: number): Spoiled {
  const failed = refusal(rule.status ?? 502, rule.message ?? 'Server Error');
  switch (rule.fault) {
    case 'status':
      return { kind: 'answer', answer: failed };
    case 'status_after_commit':
      return { kind: 'spoil', answer: failed };
    case 'timeout_after_commit':
      return { kind: 'cut', acts: true };
    case 'drop':
      return { kind: 'cut', acts: false };
    case 'secondary_limit':
      return {
        kind: 'answer',
        answer: limited('You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {
          'retry-after': RETRY_AFTER_SECONDS,
        }),
      };
    case 'rate_limit':
      return {
        kind: 'answer',
        answer: limited('API rate limit exceeded for installation ID 7.', {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(reset),
        }),
      };
    case 'graphql_error_200':
      return {
        kind: 'answer',
        answer: {
          status: 200,
          body: {
            data: null,
            errors: [
              {
                type: rule.message === undefined ? 'INTERNAL' : 'FORBIDDEN',
                message: rule.message ?? 'Something went wrong while executing your query.',
              },
            ],
          },
        },
      };
  }
}

function limited(message: string, headers: Readonly<Record<string, string>>): WireAnswer {
  return { ...refusal(403, message), headers };
}
