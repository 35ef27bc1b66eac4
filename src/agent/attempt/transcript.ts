// Owns the transcript: every line an engine wrote, redacted, as NDJSON that always parses, within its bound.
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseEvent } from '../event.ts';
import type { Line } from '../stream.ts';

export interface Transcript {
  line(line: Line): void;
  /** A mark of ours between the engine's lines. */
  note(note: { readonly type: `orch.${string}`; readonly [key: string]: unknown }): void;
  close(): void;
}

const RAW_CHARS_MAX = 4_000;

/** Written at once: a killed process leaves all it has heard so far. */
export function openTranscript(file: string, redact: (text: string) => string, bytes_max: number): Transcript {
  const handle = openSync(file, 'w', 0o600);
  let left_bytes = bytes_max;
  let open = true;
  const write = (text: string): void => {
    if (!open || left_bytes <= 0) return;
    const bytes = Buffer.from(`${text}\n`);
    left_bytes -= bytes.length;
    if (left_bytes > 0) writeSync(handle, bytes);
    else writeSync(handle, '{"type":"orch.cut","reason":"the transcript has reached its limit"}\n');
  };
  return {
    line: (line) => write(renderLine(line, redact)),
    note: (note) => write(redact(JSON.stringify(note))),
    close: () => {
      if (open) closeSync(handle);
      open = false;
    },
  };
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
