// Owns the bytes of artifacts and caches on disk: uploaded whole or in blocks, the way Azure's block blobs are.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Blob {
  readonly bytes: number;
  /** SHA-256, lower-case hexadecimal. */
  readonly sha256: string;
}

export interface BlobStore {
  put(id: string, body: Readable): Promise<Blob>;
  putBlock(id: string, block: string, body: Readable): Promise<void>;
  /** Joins blocks in the given order; `undefined` when one of them was never put. */
  commit(id: string, blocks: readonly string[]): Promise<Blob | undefined>;
  find(id: string): Blob | undefined;
  read(id: string): Readable;
  remove(id: string): Promise<void>;
}

/** Of one upload; GitHub's own limit is far higher, but nobody fills a laptop's disk by accident. */
export const blobBytesMax = 2 * 1024 ** 3;

export class BlobTooLarge extends Error {}

function counting(counted: { bytes: number; hash: ReturnType<typeof createHash> }): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      counted.bytes += chunk.length;
      counted.hash.update(chunk);
      if (counted.bytes > blobBytesMax) done(new BlobTooLarge(`an upload may hold ${blobBytesMax} bytes at most`));
      else done(null, chunk);
    },
  });
}

async function write(path: string, body: Readable): Promise<Blob> {
  const counted = { bytes: 0, hash: createHash('sha256') };
  await pipeline(body, counting(counted), createWriteStream(path));
  return { bytes: counted.bytes, sha256: counted.hash.digest('hex') };
}

async function* joined(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** `id` is ours (a number or a hash); a block's name is the client's, so it is hashed before it becomes a file name. */
export function createBlobStore(directory: string): BlobStore {
  const blobs = new Map<string, Blob>();
  const blobPath = (id: string): string => join(directory, `${id}.blob`);
  const blockFolder = (id: string): string => join(directory, `${id}.blocks`);
  const blockPath = (id: string, block: string): string =>
    join(blockFolder(id), createHash('sha256').update(block).digest('hex'));
  const keep = async (id: string, body: Readable): Promise<Blob> => {
    await mkdir(directory, { recursive: true });
    const blob = await write(blobPath(id), body);
    blobs.set(id, blob);
    return blob;
  };
  return {
    put: keep,
    putBlock: async (id, block, body) => {
      await mkdir(blockFolder(id), { recursive: true });
      await write(blockPath(id, block), body);
    },
    commit: async (id, blocks) => {
      const paths = blocks.map((block) => blockPath(id, block));
      const present = await Promise.all(paths.map(exists));
      if (present.includes(false)) return undefined;
      const blob = await keep(id, Readable.from(joined(paths)));
      await rm(blockFolder(id), { recursive: true, force: true });
      return blob;
    },
    find: (id) => blobs.get(id),
    read: (id) => createReadStream(blobPath(id)),
    remove: async (id) => {
      blobs.delete(id);
      await rm(blobPath(id), { force: true });
      await rm(blockFolder(id), { recursive: true, force: true });
    },
  };
}
