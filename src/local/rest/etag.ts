// Owns conditional requests: an answer that is still the same costs nothing and carries no body.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RestAnswer } from './router.ts';

export function conditional(request: IncomingMessage, method: string, answer: RestAnswer): RestAnswer {
  if (method !== 'GET' || answer.status !== 200) return answer;
  const digest = createHash('sha256').update(JSON.stringify(answer.body)).digest('hex');
  const etag = `W/"${digest}"`;
  const headers = { ...answer.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  const known = (request.headers['if-none-match'] ?? '').split(',').map((one) => one.trim());
  return known.includes(etag) ? { status: 304, headers } : { ...answer, headers };
}
