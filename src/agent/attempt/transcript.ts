// Owns the transcript: every line an engine wrote, when and where, redacted, as NDJSON that always parses, within its bound.
import type { Instant } from '../../domain/ids.ts';
import { epochMs } from '../../domain/instant.ts';
import { parseEvent } from '../event.ts';
import type { LogFile } from '../ports.ts';
import type { Line } from '../stream.ts';

export type Stream = 'stdout' | 'stderr';

export interface Transcript {
  /** After a mark of stream and time, wherever one of them is another than before; time by the second. */
  line(line: Line, stream: Stream): void;
  /** A mark of ours between the engine's lines. */
  note(note: { readonly type: `orch.${string}`; readonly [key: string]: unknown }): void;
  close(): void;
}

const CUT = Buffer.from('{"type":"orch.cut","reason":"the transcript has reached its limit"}\n');
const RAW_CHARS_MAX = 4_000;
const MARK_MS = 1_000;

export interface TranscriptRules {
  readonly redact: (text: string) => string;
  readonly bytes_max: number;
  readonly now: () => Instant;
}

export function openTranscript(log: LogFile, { redact, bytes_max, now }: TranscriptRules): Transcript {
  let left_bytes = bytes_max;
  let open = true;
  const write = (text: string): void => {
    if (!open || left_bytes <= 0) return;
    const bytes = Buffer.from(`${text}\n`);
    left_bytes -= bytes.length;
    log.write(left_bytes > 0 ? bytes : CUT);
  };
  let mark: { readonly stream: Stream; readonly at: Instant } | null = null;
  const markFor = (stream: Stream): void => {
    const at = now();
    if (mark?.stream === stream && epochMs(at) - epochMs(mark.at) < MARK_MS) return;
    mark = { stream, at };
    write(JSON.stringify({ type: 'orch.heard', stream, at }));
  };
  return {
    line: (line, stream) => {
      markFor(stream);
      write(stream === 'stdout' ? renderLine(line, redact) : renderComplaint(line, redact));
    },
    note: (note) => write(redact(JSON.stringify(note))),
    close: () => {
      if (open) log.close();
      open = false;
    },
  };
}

/** Never taken for an event of the engine, whatever it looks like. */
function renderComplaint({ text, dropped_bytes }: Line, redact: (text: string) => string): string {
  const cut = dropped_bytes > 0 || text.length > RAW_CHARS_MAX;
  return JSON.stringify({ type: 'orch.stderr', text: redact(text.slice(0, RAW_CHARS_MAX)), ...(cut ? { cut } : {}) });
}

/** What is no JSON object is wrapped, and a line beyond its bound is named, not kept. */
function renderLine({ text, dropped_bytes }: Line, redact: (text: string) => string): string {
  const head = redact(text.slice(0, RAW_CHARS_MAX));
  if (dropped_bytes > 0)
    return JSON.stringify({ type: 'orch.cut_line', bytes: Buffer.byteLength(text) + dropped_bytes, head });
  const safe = redact(text);
  // Redaction may have cut through a JSON string's quotes.
  return parseEvent(safe) === null ? JSON.stringify({ type: 'orch.raw', text: head }) : safe.trim();
}
