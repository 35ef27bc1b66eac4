// Owns the proof that failures are classed by structured words first, and by stderr's error lines last.
import { describe, expect, it } from 'vitest';
import { classifyStderr, classifyTrouble } from '../../src/agent/classify.ts';
import { NOTHING_TOLD } from '../../src/agent/told.ts';
import { readVerdict } from '../../src/agent/verdict.ts';

describe('structured words', () => {
  it.each([
    ['a code beats a status that fits two classes', { status: 429, code: 'insufficient_quota' }, 'auth'],
    ['a status alone', { status: 429, code: null }, 'rate_limit'],
    ['any server error', { status: 520, code: null }, 'model_unavailable'],
    ['an unknown code falls back to the status', { status: 401, code: 'something_new' }, 'auth'],
    ['nothing known', { status: 418, code: 'teapot' }, null],
  ])('%s', (_, trouble, outcome) => {
    expect(classifyTrouble({ ...trouble, message: '' })).toBe(outcome);
  });
});

describe('stderr', () => {
  it.each([
    ['Error: 401 Unauthorized', 'auth'],
    ['error: prompt is too long, 429 of them', 'context_overflow'],
    ['fatal: rate limit reached (429)', 'rate_limit'],
    ['Error: connect ECONNREFUSED 127.0.0.1:1', 'model_unavailable'],
    ['agent: error: EACCES, open /x', 'permission_denied'],
    ['Error: spawn docker ENOENT', 'missing_tool'],
  ])('%s is %s', (tail, outcome) => {
    expect(classifyStderr(tail)).toBe(outcome);
  });

  it.each([
    'I fixed the unauthorized access test and the 429 handling',
    'the docs say: rate limit, overloaded, capacity',
    'test "returns error 401" passed',
  ])("an agent's prose is no error: %s", (tail) => {
    expect(classifyStderr(tail)).toBeNull();
  });

  it('is not asked while a structured error says it', () => {
    const told = { ...NOTHING_TOLD, trouble: { status: 429, code: null, message: 'slow down' } };
    const report = readVerdict(told, { kind: 'exited', code: 1, signal: null }, 'Error: 401 Unauthorized');
    expect(report.claim).toBe('rate_limit');
  });

  it('[ERR-01] a death without a word is a crash, with the last line of stderr for people', () => {
    const report = readVerdict(NOTHING_TOLD, { kind: 'exited', code: null, signal: 'SIGSEGV' }, 'one\ntwo\n');
    expect(report).toMatchObject({ claim: 'crashed', detail: 'it exited with SIGSEGV: two' });
  });
});
