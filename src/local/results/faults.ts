// Owns faults of the results service, on demand: each is used up as often as it says, and then the world is well again.
import { Transform } from 'node:stream';

export type ResultsFault =
  /** Listing and download answer as if the artifact were not there. */
  | { readonly kind: 'missing'; readonly artifact: string; readonly times: number }
  /** Served with one byte changed: the archive still opens, its digest no longer matches. */
  | { readonly kind: 'altered'; readonly artifact: string; readonly times: number }
  /** Served with the connection cut after half of the bytes. */
  | { readonly kind: 'truncated'; readonly artifact: string; readonly times: number }
  /** A Twirp method answers 5xx, either before it did anything or after it did everything. */
  | {
      readonly kind: 'failing';
      readonly method: string;
      readonly status: 500 | 502 | 503 | 504;
      readonly when: 'before' | 'after';
      readonly times: number;
    };

export interface Faults {
  add(fault: ResultsFault): void;
  /** The first fault that fits, used up by one. */
  take<Kind extends ResultsFault['kind']>(
    kind: Kind,
    fits: (fault: Extract<ResultsFault, { kind: Kind }>) => boolean,
  ): Extract<ResultsFault, { kind: Kind }> | undefined;
}

export function createFaults(): Faults {
  const waiting: { readonly fault: ResultsFault; left: number }[] = [];
  return {
    add: (fault) => waiting.push({ fault, left: fault.times }),
    take: (kind, fits) => {
      for (const entry of waiting) {
        const { fault } = entry;
        if (entry.left <= 0 || !isKind(fault, kind) || !fits(fault)) continue;
        entry.left -= 1;
        return fault;
      }
      return undefined;
    },
  };
}

function isKind<Kind extends ResultsFault['kind']>(
  fault: ResultsFault,
  kind: Kind,
): fault is Extract<ResultsFault, { kind: Kind }> {
  return fault.kind === kind;
}

/** Where a ZIP's first local header keeps its modification time: no reader minds, and every digest does. */
const harmlessOffset = 10;

export function altering(): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = harmlessOffset - passed;
      passed += chunk.length;
      if (at < 0 || at >= chunk.length) return done(null, chunk);
      const altered = Buffer.from(chunk);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      done(null, altered);
    },
  });
}

/** Fails after `bytes_max`, which cuts the connection it is piped into. */
export function truncating(bytes_max: number): Transform {
  let left = bytes_max;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(0, Math.max(left, 0));
      left -= chunk.length;
      this.push(kept);
      done(left < 0 ? new Error('cut by a fault') : null);
    },
  });
}
