// Owns content digests: pure functions of bytes, so the pure rings may use them.
import { createHash } from 'node:crypto';
import { Digest } from './ids.ts';
import { remembering } from './remembering.ts';

const REMEMBERED_CHARS_MAX = 4_000_000;
/** A comment that has not changed is hashed twice a tick: as it was read, and as it was rendered. */
const ofText = remembering((text: string) => hashed(text), REMEMBERED_CHARS_MAX);

export function sha256(content: string | Uint8Array): Digest {
  return typeof content === 'string' ? ofText(content) : hashed(content);
}

function hashed(content: string | Uint8Array): Digest {
  return Digest.parse(createHash('sha256').update(content).digest('hex'));
}
