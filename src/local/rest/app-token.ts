// Owns the proof of a GitHub App: a JWT that its private key signed, alive for ten minutes at most.
import { createVerify } from 'node:crypto';
import { isObject } from '../contract/json.ts';

export interface AppKey {
  readonly id: number;
  /** PEM. */
  readonly public_key: string;
}

const LIFETIME_SECONDS_MAX = 600;
/** GitHub accepts some drift of the caller's clock; `@octokit/auth-app` dates its tokens half a minute back. */
const DRIFT_SECONDS = 60;

export function isAppJwt(token: string, { id, public_key }: AppKey, now_ms: number): boolean {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  if (signature === '' || more.length > 0) return false;
  const verify = createVerify('RSA-SHA256');
  verify.update(`${head}.${body}`);
  if (!verify.verify(public_key, signature, 'base64url')) return false;
  const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  if (!isObject(claims) || String(claims['iss']) !== String(id)) return false;
  const { iat, exp } = claims;
  const now = now_ms / 1000;
  if (typeof iat !== 'number' || typeof exp !== 'number') return false;
  return iat <= now + DRIFT_SECONDS && exp > now && exp - iat <= LIFETIME_SECONDS_MAX + DRIFT_SECONDS;
}
