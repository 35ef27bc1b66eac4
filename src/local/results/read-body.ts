// Owns reading a request's body as text, with a bound.
import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {}

export async function readText(request: IncomingMessage, bytes_max: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > bytes_max) throw new BodyTooLarge(`the body has more than ${bytes_max} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
