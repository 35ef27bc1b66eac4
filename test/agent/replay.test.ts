// Owns the proof that recorded streams of the real CLIs are read as what they were.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineOf } from '../../src/agent/engines.ts';
import { readStream } from './read-stream.ts';
import type { Claim, EngineReport } from '../../src/agent/verdict.ts';

function replay(engine: 'claude' | 'codex', name: string): EngineReport {
  const file = path.join(import.meta.dirname, 'fixtures', engine, name);
  const exit: unknown = JSON.parse(readFileSync(`${file}.exit.json`, 'utf8'));
  const { code, signal, stderr } = exit as { code: number | null; signal: string | null; stderr: string };
  return readStream({
    engine: engineOf(engine),
    stdout: readFileSync(`${file}.ndjson`),
    ending: { kind: 'exited', code, signal },
    stderr,
  });
}

const ENDINGS: readonly (readonly [string, Claim, RegExp])[] = [
  ['success', 'success', /^$/],
  ['limit', 'rate_limit', /429/],
  ['auth', 'auth', /401|Invalid API key/],
  ['no-credit', 'auth', /[Cc]redit|[Qq]uota/],
  ['overflow', 'context_overflow', /too long|context window/],
  ['overloaded', 'model_unavailable', /Overloaded|capacity/],
  ['unknown-model', 'model_unavailable', /model/],
  ['dropped', 'model_unavailable', /dropped|disconnected/],
];

describe('streams of the real CLIs', () => {
  describe.each(['claude', 'codex'] as const)('%s', (engine) => {
    it.each(ENDINGS)(
      `[AGT-13] ${engine === 'claude' ? '[AGT-01]' : '[AGT-02]'} %s is read as %s`,
      (name, claim, detail) => {
        const report = replay(engine, name);
        expect(report.claim).toBe(claim);
        expect(report.detail).toMatch(detail);
      },
    );
  });

  it('[AGT-25] claude tells session, version, model, tokens, cost and turns', () => {
    const report = replay('claude', 'success');
    expect(report.session).toMatch(/^[0-9a-f-]{36}$/);
    expect(report).toMatchObject({
      version: '2.1.329',
      model: 'claude-sonnet-4-5',
      summary: 'Wrote hello.txt and checked it.',
    });
    expect(report.usage).toEqual({
      input_tokens: 3600,
      output_tokens: 120,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      cost_usd: 0.0126,
      turns: 3,
    });
  });

  it('[AGT-25] codex tells session and tokens; what it does not tell is unknown, not zero', () => {
    const report = replay('codex', 'success');
    expect(report.session).toMatch(/^[0-9a-f-]{36}$/);
    expect(report.usage).toEqual({
      input_tokens: 3600,
      output_tokens: 120,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      cost_usd: null,
      turns: null,
    });
  });

  it('claude names the tool it was refused, though it calls the run a success', () => {
    expect(replay('claude', 'denied')).toMatchObject({ claim: 'success', denials: ['WebFetch'] });
  });

  it('an answer of the model that claude cannot parse is invalid output', () => {
    expect(replay('claude', 'malformed').claim).toBe('invalid_output');
  });

  it('[BLT-34] claude out of turns has failed, with the limit named', () => {
    const report = replay('claude', 'turn-limit');
    expect(report.claim).toBe('failed');
    expect(report.detail).toContain('maximum number of turns (1)');
  });

  it('an interrupted CLI that exits 0 without a final event is not a success', () => {
    expect(replay('claude', 'interrupted').claim).toBe('invalid_output');
    expect(replay('codex', 'interrupted').claim).toBe('crashed');
  });
});
