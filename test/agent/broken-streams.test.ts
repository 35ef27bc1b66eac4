// Owns the proof that no stream, however broken, crashes the reading or is called a success.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineOf } from '../../src/agent/engines.ts';
import type { Engine } from '../../src/agent/engine.ts';
import { LINE_BYTES_MAX, keepTail, splitLines } from '../../src/agent/stream.ts';
import { readStream } from './read-stream.ts';

const EXITED_WELL = { kind: 'exited', code: 0, signal: null } as const;
const SUCCESS_WORD = '{"type":"orch.result","outcome":"success","summary":"done"}\n';

function recorded(engine: 'claude' | 'codex', name: string): Buffer {
  return readFileSync(path.join(import.meta.dirname, 'fixtures', engine, `${name}.ndjson`));
}

const ENGINES: readonly (readonly [string, Engine, Buffer])[] = [
  ['claude', engineOf('claude'), recorded('claude', 'success')],
  ['codex', engineOf('codex'), recorded('codex', 'success')],
  [
    'custom',
    engineOf('custom'),
    Buffer.from(`{"type":"orch.progress","message":"starts"}\nplain words\n${SUCCESS_WORD}`),
  ],
];

const everyRecording = (['claude', 'codex'] as const).flatMap((engine) =>
  readdirSync(path.join(import.meta.dirname, 'fixtures', engine))
    .filter((file) => file.endsWith('.ndjson'))
    .map((file) => [engineOf(engine), readFileSync(path.join(import.meta.dirname, 'fixtures', engine, file))] as const),
);

/** Lines shaped like an engine's, with anything in their fields. */
const plausibleLine = fc
  .record(
    {
      type: fc.constantFrom(
        'system',
        'assistant',
        'result',
        'rate_limit_event',
        'turn.failed',
        'turn.completed',
        'item.completed',
        'error',
        'orch.progress',
        'orch.result',
      ),
      subtype: fc.constantFrom('init', 'api_retry', 'permission_denied', 'success'),
      message: fc.jsonValue(),
      item: fc.jsonValue(),
      usage: fc.jsonValue(),
      modelUsage: fc.jsonValue(),
      result: fc.jsonValue(),
      errors: fc.jsonValue(),
      permission_denials: fc.jsonValue(),
      rate_limit_info: fc.record({
        status: fc.jsonValue(),
        resetsAt: fc.oneof(fc.double(), fc.integer(), fc.jsonValue()),
      }),
      session_id: fc.jsonValue(),
      not_before: fc.jsonValue(),
    },
    { requiredKeys: ['type'] },
  )
  .map((event) => JSON.stringify(event));

describe.each(ENGINES)('%s', (_, engine, success) => {
  it('the whole stream is a success, so the properties below could fail', () => {
    expect(readStream({ engine, stdout: success, ending: EXITED_WELL, stderr: '' }).claim).toBe('success');
  });

  it('[GIT-22] a stream cut anywhere before the end of its final event is no success, even with exit 0', () => {
    const last = success.subarray(0, -1).lastIndexOf(10) + 1;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: success.length - 2 }), (at) => {
        const report = readStream({ engine, stdout: success.subarray(0, at), ending: EXITED_WELL, stderr: '' });
        // Cut inside the last line, or before it: either way the final event is not whole.
        expect(report.claim, `cut at ${at} of ${success.length}, last line at ${last}`).not.toBe('success');
      }),
    );
  });

  it('[AGT-23] a failing exit code, a signal or our own stop is never a success, whatever the stream says', () => {
    const endings = fc.oneof(
      fc.integer({ min: 1, max: 255 }).map((code) => ({ kind: 'exited', code, signal: null }) as const),
      fc
        .constantFrom('SIGKILL', 'SIGTERM', 'SIGSEGV')
        .map((signal) => ({ kind: 'exited', code: null, signal }) as const),
      fc.constantFrom('timeout', 'stalled', 'cancelled').map((why) => ({ kind: 'stopped', why, code: 0 }) as const),
    );
    fc.assert(
      fc.property(endings, fc.string(), (ending, stderr) => {
        expect(readStream({ engine, stdout: success, ending, stderr }).claim).not.toBe('success');
      }),
    );
  });

  it('noise is never a success and never a crash', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 4000 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), { maxLength: 30 })
        .map((lines) => Buffer.from(lines.join('\n'))),
    );
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 64 }), (stdout, chunk_bytes) => {
        expect(readStream({ engine, stdout, ending: EXITED_WELL, stderr: '', chunk_bytes }).claim).toBe(
          'invalid_output',
        );
      }),
    );
  });

  it('any fields in any event are read without a crash, and chunks do not matter', () => {
    fc.assert(
      fc.property(
        fc.array(plausibleLine, { maxLength: 20 }),
        fc.integer({ min: 1, max: 200 }),
        (lines, chunk_bytes) => {
          const stdout = Buffer.from(lines.join('\n'));
          const whole = readStream({ engine, stdout, ending: EXITED_WELL, stderr: '', chunk_bytes: stdout.length + 1 });
          expect(readStream({ engine, stdout, ending: EXITED_WELL, stderr: '', chunk_bytes })).toEqual(whole);
        },
      ),
    );
  });
});

it('recorded streams with bytes flipped and lines lost are read without a crash', () => {
  const damage = fc.record({
    which: fc.nat(everyRecording.length - 1),
    flips: fc.array(fc.tuple(fc.nat(8000), fc.nat(255)), { maxLength: 20 }),
    lost: fc.nat(10),
  });
  fc.assert(
    fc.property(damage, ({ which, flips, lost }) => {
      const [engine, bytes] = everyRecording[which] ?? [engineOf('claude'), Buffer.alloc(0)];
      const damaged = Buffer.from(bytes);
      for (const [at, value] of flips) if (at < damaged.length) damaged[at] = value;
      const lines = damaged
        .toString('latin1')
        .split('\n')
        .filter((_, index) => index !== lost);
      const report = readStream({
        engine,
        stdout: Buffer.from(lines.join('\n'), 'latin1'),
        ending: { kind: 'exited', code: 1, signal: null },
        stderr: '',
      });
      expect(['success', 'no_change']).not.toContain(report.claim);
    }),
    { numRuns: 500 },
  );
});

describe('bounds', () => {
  it('a line of 50 MB is cut at its bound, and the one after it is whole', () => {
    const seen: { length: number; dropped_bytes: number }[] = [];
    const lines = splitLines(({ text, dropped_bytes }) => seen.push({ length: text.length, dropped_bytes }));
    const chunk = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 50; i += 1) lines.push(chunk);
    lines.push(Buffer.from('\nshort\n'));
    expect(seen).toEqual([
      { length: LINE_BYTES_MAX, dropped_bytes: 50_000_000 - LINE_BYTES_MAX },
      { length: 5, dropped_bytes: 0 },
    ]);
  });

  it('every line comes out as it went in, at any chunk size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zß€😀]{1,20}$/u)),
        fc.integer({ min: 1, max: 9 }),
        (texts, chunk_bytes) => {
          const seen: string[] = [];
          const lines = splitLines(({ text }) => seen.push(text));
          const bytes = Buffer.from(texts.join('\n'));
          for (let at = 0; at < bytes.length; at += chunk_bytes) lines.push(bytes.subarray(at, at + chunk_bytes));
          lines.end();
          expect(seen).toEqual(texts);
        },
      ),
    );
  });

  it('the tail keeps the end of a long stream and no more', () => {
    const tail = keepTail(10);
    for (let i = 0; i < 1000; i += 1) tail.push(Buffer.from(`line ${i}\n`));
    expect(tail.text()).toBe('\nline 999\n');
  });
});
