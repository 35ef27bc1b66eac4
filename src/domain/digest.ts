// Owns content digests: pure functions of bytes, so the pure rings may use them.
import { createHash } from 'node:crypto';
import { Digest } from './ids.ts';

export function sha256(content: string | Uint8Array): Digest {
  return Digest.parse(createHash('sha256').update(content).digest('hex'));
}
