// Owns the proof that a transcript tells of every line when it was heard, and on which stream.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { diskFiles } from '../../../src/agent/files.ts';
import { openTranscript } from '../../../src/agent/attempt/transcript.ts';
import { instantFromMs } from '../../../src/domain/instant.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'orch-transcript-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('[DAT-12] a line is heard at the last mark above it, to the second, on the stream that mark names', () => {
  const file = path.join(folder, 'transcript.ndjson');
  let now_ms = Date.UTC(2026, 10, 20, 12);
  const now = () => instantFromMs(now_ms);
  const transcript = openTranscript(diskFiles.openLog(file), { redact: (text) => text, bytes_max: 10_000, now });
  const whole = (text: string) => ({ text, dropped_bytes: 0 });
  transcript.line(whole('{"type":"a"}'), 'stdout');
  now_ms += 999;
  transcript.line(whole('b'), 'stdout');
  now_ms += 1;
  transcript.line(whole('{"type":"c"}'), 'stdout');
  transcript.line(whole('{"type":"d"}'), 'stderr');
  transcript.line({ text: 'e', dropped_bytes: 7 }, 'stderr');
  transcript.line(whole('f'), 'stdout');
  transcript.close();
  expect(readFileSync(file, 'utf8')).toMatchInlineSnapshot(`
    "{"type":"orch.heard","stream":"stdout","at":"2026-11-20T12:00:00.000Z"}
    {"type":"a"}
    {"type":"orch.raw","text":"b"}
    {"type":"orch.heard","stream":"stdout","at":"2026-11-20T12:00:01.000Z"}
    {"type":"c"}
    {"type":"orch.heard","stream":"stderr","at":"2026-11-20T12:00:01.000Z"}
    {"type":"orch.stderr","text":"{\\"type\\":\\"d\\"}"}
    {"type":"orch.stderr","text":"e","cut":true}
    {"type":"orch.heard","stream":"stdout","at":"2026-11-20T12:00:01.000Z"}
    {"type":"orch.raw","text":"f"}
    "
  `);
});
