// Owns the HTTP door of blob storage: what Azure's client puts, in one piece or in blocks, and what anybody with the URL gets.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Artifact } from './artifact-service.ts';
import { BlobTooLarge, type BlobStore } from './blob-store.ts';
import { altering, truncating, type Faults } from './faults.ts';
import { readText } from './read-body.ts';
import { parseSignedUrl, type Signing } from './signed-url.ts';

export interface BlobDoor {
  readonly blobs: BlobStore;
  readonly faults: Faults;
  readonly signing: () => Signing;
  /** The artifact whose bytes these are; `undefined` for a cache. */
  readonly artifactOf: (blob: string) => Artifact | undefined;
  /** A finalized artifact never changes again, though its upload URL may live on. */
  readonly isFinal: (blob: string) => boolean;
}

const blockListBytesMax = 8_000_000;

function azureHeaders(): Record<string, string> {
  return { 'x-ms-version': '2026-02-06', 'x-ms-request-id': 'local', 'x-ms-request-server-encrypted': 'true' };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  response.writeHead(status, { ...azureHeaders(), 'content-type': 'application/xml', 'x-ms-error-code': code });
  response.end(body);
}

function created(response: ServerResponse): void {
  response.writeHead(201, { ...azureHeaders(), 'content-length': '0' });
  response.end();
}

/** `<BlockList><Latest>…</Latest>…</BlockList>`; ids are base64, so no entity needs decoding. */
function parseBlockList(xml: string): readonly string[] {
  return [...xml.matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]*)</g)].map((match) => match[1] ?? '');
}

async function store(door: BlobDoor, blob: string, url: URL, request: IncomingMessage): Promise<string | undefined> {
  const block = url.searchParams.get('blockid');
  switch (url.searchParams.get('comp')) {
    case 'block':
      if (block === null) return 'InvalidQueryParameterValue';
      await door.blobs.putBlock(blob, block, request);
      return undefined;
    case 'blocklist': {
      const blocks = parseBlockList(await readText(request, blockListBytesMax));
      return (await door.blobs.commit(blob, blocks)) ? undefined : 'InvalidBlockList';
    }
    case null:
      await door.blobs.put(blob, request);
      return undefined;
    default:
      return 'UnsupportedQueryParameter';
  }
}

async function put(door: BlobDoor, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const blob = parseSignedUrl(url, 'write', door.signing());
  if (blob === undefined) return refuse(response, 403, 'AuthenticationFailed');
  if (door.isFinal(blob)) return refuse(response, 409, 'BlobImmutableDueToPolicy');
  try {
    const wrong = await store(door, blob, url, request);
    if (wrong === undefined) created(response);
    else refuse(response, 400, wrong);
  } catch (error) {
    if (!(error instanceof BlobTooLarge)) throw error;
    refuse(response, 413, 'RequestBodyTooLarge');
  }
}

function fileName(artifact: Artifact | undefined): string {
  if (artifact === undefined) return 'cache';
  return artifact.mime_type === 'application/zip' ? `${artifact.name}.zip` : artifact.name;
}

async function get(door: BlobDoor, url: URL, response: ServerResponse): Promise<void> {
  const blob = parseSignedUrl(url, 'read', door.signing());
  if (blob === undefined) return refuse(response, 403, 'AuthenticationFailed');
  const stored = door.blobs.find(blob);
  const artifact = door.artifactOf(blob);
  const name = artifact?.name;
  if (!stored || door.faults.take('missing', (fault) => fault.artifact === name)) {
    return refuse(response, 404, 'BlobNotFound');
  }
  const altered = door.faults.take('altered', (fault) => fault.artifact === name);
  const truncated = door.faults.take('truncated', (fault) => fault.artifact === name);
  const through = altered ? altering() : truncated ? truncating(Math.floor(stored.bytes / 2)) : new PassThrough();
  response.writeHead(200, {
    ...azureHeaders(),
    'content-type': artifact?.mime_type ?? 'application/octet-stream',
    'content-length': String(stored.bytes),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName(artifact))}`,
  });
  // A client that leaves early, or a fault that cuts the line, ends the pipeline; neither is our failure.
  await pipeline(door.blobs.read(blob), through, response).catch(() => response.destroy());
}

export async function handleBlob(
  door: BlobDoor,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'PUT') return put(door, url, request, response);
  if (request.method === 'GET') return get(door, url, response);
  refuse(response, 405, 'UnsupportedHttpVerb');
}
