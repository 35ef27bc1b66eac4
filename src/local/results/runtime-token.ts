// Owns the runtime token a job gets: a signed JWT whose scope names its run, its job and what its caches allow.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isObject, textAt } from '../contract/json.ts';

/** `write` saves and restores, `read` only restores, `none` does neither: what `cache-mode` grants a job. */
export type CacheMode = 'write' | 'read' | 'none';

export interface RuntimeClaims {
  readonly run_id: number;
  /** 1 for the first attempt; a re-run gets the next number and sees the artifacts of the earlier ones. */
  readonly run_attempt: number;
  readonly job: string;
  readonly cache_scope: string;
  readonly cache_mode: CacheMode;
}

/** A job lives six hours at most, and its token a little longer. */
const lifetime_ms = 6.5 * 3_600_000;
const permissionOfMode: Readonly<Record<CacheMode, number>> = { none: 0, read: 1, write: 3 };

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

export function signatureMatches(text: string, signature: string, secret: string): boolean {
  const expected = Buffer.from(sign(text, secret));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** `Actions.Results:<run>:<job>` is what `@actions/artifact` reads its two backend ids from. */
export function renderRuntimeToken(
  claims: RuntimeClaims,
  signing: { readonly secret: string; readonly now_ms: number },
): string {
  const access = [{ Scope: claims.cache_scope, Permission: permissionOfMode[claims.cache_mode] }];
  const payload = {
    scp: `Actions.GenericRead Actions.Results:${runBackendId(claims)}:${claims.job}`,
    ac: JSON.stringify(access),
    iat: Math.floor(signing.now_ms / 1000),
    exp: Math.floor((signing.now_ms + lifetime_ms) / 1000),
  };
  const unsigned = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(payload)}`;
  return `${unsigned}.${sign(unsigned, signing.secret)}`;
}

export function runBackendId(claims: Pick<RuntimeClaims, 'run_id' | 'run_attempt'>): string {
  return `${claims.run_id}.${claims.run_attempt}`;
}

function cacheAccess(payload: unknown): Pick<RuntimeClaims, 'cache_scope' | 'cache_mode'> {
  const parsed: unknown = JSON.parse(textAt(payload, 'ac') || '[]');
  const first: unknown = Array.isArray(parsed) ? parsed[0] : undefined;
  const permission = isObject(first) ? first['Permission'] : 0;
  const cache_mode = permission === 3 ? 'write' : permission === 1 ? 'read' : 'none';
  return { cache_scope: textAt(first, 'Scope'), cache_mode };
}

/** `undefined` for a token that is not ours, was altered, or is over. */
export function parseRuntimeToken(
  token: string,
  signing: { readonly secret: string; readonly now_ms: number },
): RuntimeClaims | undefined {
  const [header = '', body = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || !signatureMatches(`${header}.${body}`, signature, signing.secret)) return undefined;
  const payload: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  const expires = isObject(payload) ? payload['exp'] : undefined;
  if (typeof expires !== 'number' || expires * 1000 <= signing.now_ms) return undefined;
  const scope = /Actions\.Results:(\d+)\.(\d+):(\S+)/.exec(textAt(payload, 'scp'));
  if (!scope) return undefined;
  const [, run = '', attempt = '', job = ''] = scope;
  return { run_id: Number(run), run_attempt: Number(attempt), job, ...cacheAccess(payload) };
}
