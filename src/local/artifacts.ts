// Owns the Actions results service of the local GitHub: artifacts and caches as the real toolkit talks to them.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type JsonObject } from './contract/json.ts';
import {
  blobOfArtifact,
  createArtifactRecords,
  type Artifact,
  type ArtifactRecords,
} from './results/artifact-service.ts';
import { handleBlob } from './results/blob-door.ts';
import { createBlobStore } from './results/blob-store.ts';
import { createCacheRecords, type Cache, type CacheRecords } from './results/cache-service.ts';
import { createFaults, type Faults, type ResultsFault } from './results/faults.ts';
import { BodyTooLarge, readText } from './results/read-body.ts';
import { parseRuntimeToken, renderRuntimeToken, type CacheMode } from './results/runtime-token.ts';
import { renderSignedUrl, type Right, type Signing } from './results/signed-url.ts';
import { refuse, type TwirpAnswer } from './results/twirp.ts';

export type { Artifact } from './results/artifact-service.ts';
export type { ResultsFault } from './results/faults.ts';

export interface ArtifactServiceOptions {
  /** Where bytes are kept; created when needed, removed by whoever made it. */
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly now_ms: () => number;
  /** Signs tokens and URLs; random when absent, which is right unless two servers share a directory. */
  readonly secret?: string;
  /** The scope every branch may restore caches from. */
  readonly default_scope?: string;
}

export interface RuntimeRequest {
  /** `http://127.0.0.1:PORT`: Node's fetch does not resolve `*.localhost`, so no name here. */
  readonly results_url: string;
  readonly run_id: number;
  readonly run_attempt?: number;
  readonly job: string;
  readonly cache_mode?: CacheMode;
  readonly cache_scope?: string;
}

export interface ArtifactService {
  owns(pathname: string): boolean;
  /** Answers every request whose path it owns. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What the runner gives a job; set `GITHUB_SERVER_URL` to a `*.localhost` name beside it. */
  runtimeEnvironment(request: RuntimeRequest): Readonly<Record<string, string>>;
  list(run_id: number): readonly Artifact[];
  find(id: number): Artifact | undefined;
  /** Where `GET …/artifacts/{id}/zip` redirects to; `undefined` when the artifact is unknown or expired. */
  downloadUrl(id: number, origin: string): string | undefined;
  expire(id: number): Promise<void>;
  remove(id: number): Promise<boolean>;
  caches(): readonly Cache[];
  addFault(fault: ResultsFault): void;
}

const requestBytesMax = 1_000_000;
const twirpPath = /^\/twirp\/github\.actions\.results\.api\.v1\.(ArtifactService|CacheService)\/(\w+)$/;

function originOf(request: IncomingMessage): string {
  return `http://${request.headers.host ?? '127.0.0.1'}`;
}

function bearer(request: IncomingMessage): string {
  return (request.headers.authorization ?? '').replace(/^bearer /i, '');
}

function parseJson(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

async function readRequest(request: IncomingMessage): Promise<JsonObject | undefined> {
  return readText(request, requestBytesMax).then(parseJson, (error: unknown) => {
    if (error instanceof BodyTooLarge) return undefined;
    throw error;
  });
}

function send(response: ServerResponse, answer: TwirpAnswer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer.body));
}

interface Parts {
  readonly signing: () => Signing;
  readonly artifacts: ArtifactRecords;
  readonly caches: CacheRecords;
  readonly faults: Faults;
}

async function call({ signing, artifacts, caches }: Parts, request: IncomingMessage, pathname: string) {
  const [, service, method = ''] = twirpPath.exec(pathname) ?? [];
  if (service === undefined) return refuse('bad_route', `no service answers ${pathname}`);
  const claims = parseRuntimeToken(bearer(request), signing());
  if (!claims) return refuse('unauthenticated', 'the runtime token is missing, wrong or over');
  const body = await readRequest(request);
  if (!body) return refuse('invalid_argument', `the body is no JSON object of at most ${requestBytesMax} bytes`);
  const signUrl = (blob: string, right: Right): string => renderSignedUrl(originOf(request), blob, right, signing());
  const twirp = { method, claims, request: body, signUrl };
  return service === 'CacheService' ? caches.call(twirp) : artifacts.call(twirp);
}

/** A listing leaves out what a `missing` fault hides. */
function withoutMissing(answered: TwirpAnswer, faults: Faults): TwirpAnswer {
  const listed = answered.body['artifacts'];
  if (!Array.isArray(listed)) return answered;
  const kept = listed.filter(
    (one: unknown) => !faults.take('missing', (fault) => isObject(one) && one['name'] === fault.artifact),
  );
  return { ...answered, body: { artifacts: kept } };
}

async function callWithFaults(parts: Parts, request: IncomingMessage, pathname: string): Promise<TwirpAnswer> {
  const method = pathname.split('/').at(-1) ?? '';
  const failing = parts.faults.take('failing', (fault) => fault.method === method);
  if (!failing) return withoutMissing(await call(parts, request, pathname), parts.faults);
  if (failing.when === 'after') await call(parts, request, pathname);
  return { status: failing.status, body: { code: 'internal', msg: 'a fault was asked for' } };
}

function runtimeEnvironment(request: RuntimeRequest, default_scope: string, signing: Signing): Record<string, string> {
  const { results_url, run_id, run_attempt = 1, job } = request;
  const cache_mode = request.cache_mode ?? 'write';
  const cache_scope = request.cache_scope ?? default_scope;
  return {
    ACTIONS_RUNTIME_TOKEN: renderRuntimeToken({ run_id, run_attempt, job, cache_mode, cache_scope }, signing),
    ACTIONS_RESULTS_URL: `${results_url}/`,
    ACTIONS_CACHE_SERVICE_V2: 'true',
    ACTIONS_CACHE_MODE: cache_mode,
  };
}

export function createArtifactService(options: ArtifactServiceOptions): ArtifactService {
  const secret = options.secret ?? randomBytes(32).toString('base64url');
  const default_scope = options.default_scope ?? 'refs/heads/main';
  const signing = (): Signing => ({ secret, now_ms: options.now_ms() });
  const blobs = createBlobStore(options.directory);
  const artifacts = createArtifactRecords(blobs, options.now_ms);
  const caches = createCacheRecords(blobs, default_scope);
  const faults = createFaults();
  const isFinal = (blob: string): boolean => artifacts.find(artifacts.ofBlob(blob)?.id ?? 0) !== undefined;
  const door = { blobs, faults, signing, artifactOf: artifacts.ofBlob, isFinal };
  return {
    owns: (pathname) => pathname.startsWith('/twirp/') || pathname.startsWith('/_artifacts/'),
    handle: async (request, response) => {
      const url = new URL(request.url ?? '/', originOf(request));
      if (url.pathname.startsWith('/_artifacts/')) return handleBlob(door, url, request, response);
      send(response, await callWithFaults({ signing, artifacts, caches, faults }, request, url.pathname));
    },
    runtimeEnvironment: (request) => runtimeEnvironment(request, default_scope, signing()),
    list: artifacts.list,
    find: artifacts.find,
    downloadUrl: (id, origin) => {
      const artifact = artifacts.find(id);
      if (!artifact || artifact.expired) return undefined;
      return renderSignedUrl(origin, blobOfArtifact(id), 'read', signing());
    },
    expire: artifacts.expire,
    remove: artifacts.remove,
    caches: caches.list,
    addFault: faults.add,
  };
}

export interface ArtifactPlace {
  /** The API's root: `http://127.0.0.1:PORT`. */
  readonly api_url: string;
  readonly owner: string;
  readonly repo: string;
  readonly repository_id: number;
  readonly head_branch: string;
  readonly head_sha: string;
}

/** As `GET /repos/{owner}/{repo}/actions/artifacts/{id}` answers. */
export function renderArtifact(artifact: Artifact, place: ArtifactPlace): JsonObject {
  const url = `${place.api_url}/repos/${place.owner}/${place.repo}/actions/artifacts/${artifact.id}`;
  return {
    id: artifact.id,
    node_id: `A_${artifact.id}`,
    name: artifact.name,
    size_in_bytes: artifact.size_in_bytes,
    url,
    archive_download_url: `${url}/zip`,
    expired: artifact.expired,
    created_at: artifact.created_at,
    updated_at: artifact.created_at,
    expires_at: artifact.expires_at,
    digest: artifact.digest,
    workflow_run: {
      id: artifact.run_id,
      repository_id: place.repository_id,
      head_repository_id: place.repository_id,
      head_branch: place.head_branch,
      head_sha: place.head_sha,
    },
  };
}
