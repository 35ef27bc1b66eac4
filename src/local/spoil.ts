// Owns what a fault makes of an answer, in the words GitHub uses for such trouble.
import type { Hit } from './faults.ts';
import { refusal, type WireAnswer } from './wire.ts';

/** - `answer`: instead of acting. - `spoil`: acts, then answers this. - `cut`: no answer at all, acting or not. */
export type Spoiled =
  | { readonly kind: 'answer'; readonly answer: WireAnswer }
  | { readonly kind: 'spoil'; readonly answer: WireAnswer }
  | { readonly kind: 'cut'; readonly acts: boolean };

const RETRY_AFTER_SECONDS = 60;

/** What a rule does to a request, in the words GitHub uses for such trouble. */
export function spoiledBy(rule: Hit, reset: number): Spoiled {
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
      return { kind: 'answer', answer: tooFast(RETRY_AFTER_SECONDS) };
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

export function tooFast(retry_after_seconds: number): WireAnswer {
  return limited('You have exceeded a secondary rate limit. Please wait a few minutes before you try again.', {
    'retry-after': String(retry_after_seconds),
  });
}
