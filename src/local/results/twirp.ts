// Owns the words of Twirp, the protocol of GitHub's results service: JSON in, JSON out, errors by code.
// https://twitchtv.github.io/twirp/docs/spec_v7.html
import type { JsonObject } from '../contract/json.ts';

export type TwirpCode =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  | 'already_exists'
  | 'bad_route'
  | 'internal'
  | 'unavailable';

export interface TwirpAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

const statusOfCode: Readonly<Record<TwirpCode, number>> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  bad_route: 404,
  already_exists: 409,
  internal: 500,
  unavailable: 503,
};

/** Refuses by its code; `@actions/artifact` retries 500, 502, 503, 504 and 429, and nothing else. */
export function refuse(code: TwirpCode, msg: string): TwirpAnswer {
  return { status: statusOfCode[code], body: { code, msg } };
}

export function answer(body: JsonObject): TwirpAnswer {
  return { status: 200, body };
}
