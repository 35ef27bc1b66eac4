// Owns artifacts: reserved, finalized once, listed and signed for download by `github.actions.results.api.v1.ArtifactService`.
import type { BlobStore } from './blob-store.ts';
import { textAt, type JsonObject } from '../contract/json.ts';
import { runBackendId, type RuntimeClaims } from './runtime-token.ts';
import { answer, refuse, type TwirpAnswer } from './twirp.ts';

export interface Artifact {
  readonly id: number;
  readonly run_id: number;
  readonly run_attempt: number;
  readonly job: string;
  readonly name: string;
  readonly mime_type: string;
  readonly size_in_bytes: number;
  /** `sha256:` and 64 hexadecimal digits, of the bytes as stored. */
  readonly digest: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly expired: boolean;
}

export interface ArtifactCall {
  readonly method: string;
  readonly claims: RuntimeClaims;
  readonly request: JsonObject;
  /** Turns a blob's id into a URL that carries its own permission. */
  readonly signUrl: (blob: string, right: 'read' | 'write') => string;
}

export interface ArtifactRecords {
  call(call: ArtifactCall): Promise<TwirpAnswer>;
  list(run_id: number): readonly Artifact[];
  find(id: number): Artifact | undefined;
  ofBlob(blob: string): Artifact | undefined;
  /** What retention does in time: the record stays, the bytes go. */
  expire(id: number): Promise<void>;
  remove(id: number): Promise<boolean>;
}

interface Entry extends Artifact {
  readonly finalized: boolean;
}

interface Shelf {
  readonly blobs: BlobStore;
  readonly now_ms: () => number;
  readonly entries: Map<number, Entry>;
  last_id: number;
}

const defaultRetention_ms = 90 * 24 * 3_600_000;

export function blobOfArtifact(id: number): string {
  return `artifact-${id}`;
}

function monolith(entry: Entry): JsonObject {
  return {
    workflow_run_backend_id: runBackendId(entry),
    workflow_job_run_backend_id: entry.job,
    database_id: String(entry.id),
    name: entry.name,
    size: String(entry.size_in_bytes),
    created_at: entry.created_at,
    digest: entry.digest,
  };
}

function instant(epoch_ms: number): string {
  return new Date(epoch_ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The newest of this name in the call's run: a re-run may have made it again. */
function named({ entries }: Shelf, { claims, request }: ArtifactCall): Entry | undefined {
  const name = textAt(request, 'name');
  return [...entries.values()].findLast(
    (entry) => entry.run_id === claims.run_id && entry.name === name && !entry.expired,
  );
}

function ready({ entries }: Shelf, run_id: number): readonly Entry[] {
  return [...entries.values()].filter((entry) => entry.run_id === run_id && entry.finalized);
}

function create(shelf: Shelf, call: ArtifactCall): TwirpAnswer {
  const name = textAt(call.request, 'name');
  if (name === '') return refuse('invalid_argument', 'name is required');
  // A name is taken from its reservation on, finished or not; a re-run of the whole run starts with fresh names.
  if (named(shelf, call)?.run_attempt === call.claims.run_attempt) {
    return refuse('already_exists', 'an artifact with this name already exists on the workflow run');
  }
  const { run_id, run_attempt, job } = call.claims;
  const expires_at = textAt(call.request, 'expires_at') || instant(shelf.now_ms() + defaultRetention_ms);
  const mime_type = textAt(call.request, 'mime_type') || 'application/zip';
  const empty = { size_in_bytes: 0, digest: '', created_at: instant(shelf.now_ms()), expires_at, expired: false };
  const id = ++shelf.last_id;
  shelf.entries.set(id, { id, run_id, run_attempt, job, name, mime_type, ...empty, finalized: false });
  return answer({ ok: true, signed_upload_url: call.signUrl(blobOfArtifact(id), 'write') });
}

function finalize(shelf: Shelf, call: ArtifactCall): TwirpAnswer {
  const entry = named(shelf, call);
  if (!entry) return refuse('not_found', 'no artifact was created under this name');
  const blob = shelf.blobs.find(blobOfArtifact(entry.id));
  if (!blob) return refuse('invalid_argument', 'nothing was uploaded for this artifact');
  const digest = `sha256:${blob.sha256}`;
  const claimed = textAt(call.request, 'hash');
  // Size and hash are the client's word for what it sent; bytes that differ were damaged on the way.
  // Protobuf's JSON leaves a zero out.
  if ((textAt(call.request, 'size') || '0') !== String(blob.bytes)) {
    return refuse('invalid_argument', `size is ${blob.bytes}`);
  }
  if (claimed !== '' && claimed !== digest) return refuse('invalid_argument', `hash is ${digest}`);
  shelf.entries.set(entry.id, { ...entry, size_in_bytes: blob.bytes, digest, finalized: true });
  return answer({ ok: true, artifact_id: String(entry.id) });
}

function list(shelf: Shelf, { claims, request }: ArtifactCall): TwirpAnswer {
  const name = textAt(request, 'name_filter');
  const id = textAt(request, 'id_filter');
  const wanted = ready(shelf, claims.run_id)
    .filter((entry) => !entry.expired)
    .filter((entry) => (name === '' || entry.name === name) && (id === '' || String(entry.id) === id));
  return answer({ artifacts: wanted.map(monolith) });
}

function signedUrl(shelf: Shelf, call: ArtifactCall): TwirpAnswer {
  const entry = named(shelf, call);
  if (!entry?.finalized) return refuse('not_found', 'artifact not found');
  return answer({ signed_url: call.signUrl(blobOfArtifact(entry.id), 'read') });
}

async function remove(shelf: Shelf, id: number): Promise<boolean> {
  await shelf.blobs.remove(blobOfArtifact(id));
  return shelf.entries.delete(id);
}

async function removeNamed(shelf: Shelf, call: ArtifactCall): Promise<TwirpAnswer> {
  const entry = named(shelf, call);
  if (!entry) return refuse('not_found', 'artifact not found');
  await remove(shelf, entry.id);
  return answer({ ok: true, artifact_id: String(entry.id) });
}

async function expire(shelf: Shelf, id: number): Promise<void> {
  const entry = shelf.entries.get(id);
  if (entry) shelf.entries.set(id, { ...entry, expired: true });
  await shelf.blobs.remove(blobOfArtifact(id));
}

type Method = (shelf: Shelf, call: ArtifactCall) => TwirpAnswer | Promise<TwirpAnswer>;

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['CreateArtifact', create],
  ['FinalizeArtifact', finalize],
  ['ListArtifacts', list],
  ['GetSignedArtifactURL', signedUrl],
  ['DeleteArtifact', removeNamed],
]);

async function dispatch(shelf: Shelf, call: ArtifactCall): Promise<TwirpAnswer> {
  const method = methods.get(call.method);
  if (!method) return refuse('bad_route', `ArtifactService has no method ${call.method}`);
  // A job sees its own run and no other, whatever ids it sends.
  const run = textAt(call.request, 'workflow_run_backend_id').split('.')[0];
  if (run !== String(call.claims.run_id)) return refuse('permission_denied', 'the token is for another run');
  return method(shelf, call);
}

export function createArtifactRecords(blobs: BlobStore, now_ms: () => number): ArtifactRecords {
  const shelf: Shelf = { blobs, now_ms, entries: new Map(), last_id: 0 };
  return {
    call: (call) => dispatch(shelf, call),
    list: (run_id) => ready(shelf, run_id),
    find: (id) => [shelf.entries.get(id)].find((entry) => entry?.finalized),
    ofBlob: (blob) => [...shelf.entries.values()].find((entry) => blobOfArtifact(entry.id) === blob),
    expire: (id) => expire(shelf, id),
    remove: (id) => remove(shelf, id),
  };
}
