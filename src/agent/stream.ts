// Owns cutting a byte stream into lines in flat memory, whatever the program on the other side writes.

/** Longer than any event an engine means; what is beyond is counted and dropped. */
export const LINE_BYTES_MAX = 8 * 1024 * 1024;

export interface Line {
  readonly text: string;
  /** Bytes of this line that were dropped; 0 for a whole line. */
  readonly dropped_bytes: number;
}

export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Gives out a last line that has no newline; idempotent. */
  end(): void;
}

const NEWLINE = 10;

export function splitLines(take: (line: Line) => void, line_bytes_max: number = LINE_BYTES_MAX): LineSplitter {
  let parts: Buffer[] = [];
  let kept_bytes = 0;
  let dropped_bytes = 0;

  const keep = (bytes: Buffer): void => {
    const room = line_bytes_max - kept_bytes;
    const kept = bytes.subarray(0, room);
    // A copy, since a slice would hold the whole chunk in memory.
    if (kept.length > 0) parts.push(Buffer.from(kept));
    kept_bytes += kept.length;
    dropped_bytes += bytes.length - kept.length;
  };
  const give = (last: Buffer): void => {
    const whole = parts.length === 0 && last.length <= line_bytes_max;
    if (!whole) keep(last);
    const text = (whole ? last : Buffer.concat(parts)).toString('utf8').replace(/\r$/, '');
    const line = { text, dropped_bytes };
    parts = [];
    kept_bytes = 0;
    dropped_bytes = 0;
    if (line.text !== '' || line.dropped_bytes > 0) take(line);
  };

  return {
    push: (chunk) => {
      let start = 0;
      // Every round passes one newline of a finite chunk.
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        give(chunk.subarray(start, end));
        start = end + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    end: () => {
      if (kept_bytes > 0 || dropped_bytes > 0) give(Buffer.alloc(0));
    },
  };
}

/** The last bytes of a stream, in a buffer that never grows beyond twice its bound. */
export interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

export function keepTail(bytes_max: number): Tail {
  let kept = Buffer.alloc(0);
  return {
    push: (chunk) => {
      const joined = Buffer.concat([kept, chunk.subarray(-bytes_max)]);
      kept = joined.subarray(-bytes_max);
    },
    text: () => kept.toString('utf8'),
  };
}
