// Owns URLs that carry their own permission, as Azure's shared access signatures do: right, end and signature in the query.
import { sign, signatureMatches } from './runtime-token.ts';

export type Right = 'read' | 'write';

export interface Signing {
  readonly secret: string;
  readonly now_ms: number;
}

/** The first two segments look to Azure's client like an account and a container. */
const prefix = '/_artifacts/blobs/';
const lifetime_ms = 3_600_000;

function claim(blob: string, right: Right, ends_ms: number): string {
  return `${blob} ${right} ${ends_ms}`;
}

/** `origin` is where the asking client reached us, so that the URL works from wherever that is. */
export function renderSignedUrl(origin: string, blob: string, right: Right, signing: Signing): string {
  const ends_ms = signing.now_ms + lifetime_ms;
  const url = new URL(`${prefix}${blob}`, origin);
  url.searchParams.set('sp', right);
  url.searchParams.set('se', String(ends_ms));
  url.searchParams.set('sig', sign(claim(blob, right, ends_ms), signing.secret));
  return url.href;
}

/** The blob that the URL may touch with this right, or `undefined`: unsigned, altered, over, or for the other right. */
export function parseSignedUrl(url: URL, right: Right, signing: Signing): string | undefined {
  const blob = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : '';
  const ends_ms = Number(url.searchParams.get('se'));
  const signature = url.searchParams.get('sig') ?? '';
  if (url.searchParams.get('sp') !== right || !(ends_ms > signing.now_ms)) return undefined;
  return signatureMatches(claim(blob, right, ends_ms), signature, signing.secret) ? blob : undefined;
}
