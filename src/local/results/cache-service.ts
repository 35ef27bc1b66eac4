// Owns caches: reserved by key and version in a scope, written once, found by key or prefix (`…v1.CacheService`).
import type { BlobStore } from './blob-store.ts';
import { listAt, textAt, type JsonObject } from '../contract/json.ts';
import type { RuntimeClaims } from './runtime-token.ts';
import { answer, refuse, type TwirpAnswer } from './twirp.ts';

export interface CacheCall {
  readonly method: string;
  readonly claims: RuntimeClaims;
  readonly request: JsonObject;
  readonly signUrl: (blob: string, right: 'read' | 'write') => string;
}

export interface Cache {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  readonly scope: string;
  readonly size_in_bytes: number;
}

export interface CacheRecords {
  call(call: CacheCall): TwirpAnswer;
  list(): readonly Cache[];
}

interface Entry extends Cache {
  readonly finalized: boolean;
}

function blobOfCache(id: number): string {
  return `cache-${id}`;
}

/** `default_scope` is the default branch's ref: every branch restores from it, and no branch from another's. */
export function createCacheRecords(blobs: BlobStore, default_scope: string): CacheRecords {
  const entries = new Map<number, Entry>();
  let nextId = 1;
  const own = ({ claims, request }: CacheCall): Entry | undefined =>
    [...entries.values()].find(
      (entry) =>
        entry.scope === claims.cache_scope &&
        entry.key === textAt(request, 'key') &&
        entry.version === textAt(request, 'version'),
    );

  const create = (call: CacheCall): TwirpAnswer => {
    // The prefix is what `@actions/cache` recognizes a policy's refusal by, and then only warns.
    if (call.claims.cache_mode !== 'write') {
      return answer({ ok: false, message: 'cache write denied: the job may not write caches' });
    }
    if (own(call)) return refuse('already_exists', 'cache entry with the same key, version, and scope already exists');
    const id = nextId++;
    const { key, version } = { key: textAt(call.request, 'key'), version: textAt(call.request, 'version') };
    entries.set(id, { id, key, version, scope: call.claims.cache_scope, size_in_bytes: 0, finalized: false });
    return answer({ ok: true, signed_upload_url: call.signUrl(blobOfCache(id), 'write') });
  };

  const finalize = (call: CacheCall): TwirpAnswer => {
    const entry = own(call);
    const blob = entry ? blobs.find(blobOfCache(entry.id)) : undefined;
    if (!entry || !blob) return refuse('not_found', 'no cache was uploaded under this key and version');
    if ((textAt(call.request, 'size_bytes') || '0') !== String(blob.bytes)) {
      return refuse('invalid_argument', `size is ${blob.bytes}`);
    }
    entries.set(entry.id, { ...entry, size_in_bytes: blob.bytes, finalized: true });
    return answer({ ok: true, entry_id: String(entry.id) });
  };

  /** 1. own scope before the default branch's; 2. exact key before prefix; 3. newest first. */
  const restore = (call: CacheCall): TwirpAnswer => {
    if (call.claims.cache_mode === 'none') {
      return refuse('permission_denied', 'cache read denied: the job may not read caches');
    }
    const keys = [textAt(call.request, 'key'), ...listAt(call.request, 'restore_keys').map(String)];
    const newest = [...entries.values()]
      .filter((entry) => entry.finalized && entry.version === textAt(call.request, 'version'))
      .reverse();
    const found = [call.claims.cache_scope, default_scope].flatMap((scope) => {
      const inScope = newest.filter((entry) => entry.scope === scope);
      return keys.flatMap((key) => [
        ...inScope.filter((entry) => entry.key === key),
        ...inScope.filter((entry) => entry.key.startsWith(key)),
      ]);
    })[0];
    if (!found) return answer({ ok: false });
    const signed_download_url = call.signUrl(blobOfCache(found.id), 'read');
    return answer({ ok: true, signed_download_url, matched_key: found.key });
  };

  const methods: Readonly<Record<string, (call: CacheCall) => TwirpAnswer>> = {
    CreateCacheEntry: create,
    FinalizeCacheEntryUpload: finalize,
    GetCacheEntryDownloadURL: restore,
  };

  return {
    call: (call) => methods[call.method]?.(call) ?? refuse('bad_route', `CacheService has no method ${call.method}`),
    list: () => [...entries.values()].filter((entry) => entry.finalized),
  };
}
