// Owns the table of how an attempt's witnesses become one outcome.
import { describe, expect, it } from 'vitest';
import { decideOutcome } from '../../../src/agent/attempt/outcome.ts';
import type { Evidence } from '../../../src/agent/attempt/outcome.ts';
import { NOTHING_TOLD } from '../../../src/agent/told.ts';
import { readVerdict } from '../../../src/agent/verdict.ts';

const said = readVerdict(
  { ...NOTHING_TOLD, final: { kind: 'success' } },
  { kind: 'exited', code: 0, signal: null },
  '',
);
const changed = { kind: 'taken', tree: 't', changed: true, files: 1, notes: [] } as const;
const good: Evidence = {
  report: said,
  work: changed,
  continued: false,
  proof: [],
  out_of_time: false,
  stopped: null,
  role: 'code',
};
const failing = { command: ['npm', 'test'], exit_code: 1, seconds: 1, tail: '' };

describe('an audit [JOB-08]', () => {
  const unchanged = { ...changed, changed: false };
  const audit: Evidence = { ...good, role: 'audit', work: unchanged, report: { ...said, summary: 'Two findings.' } };

  it('is done when it has said something and left the files alone', () => {
    expect(decideOutcome(audit)).toEqual({ outcome: 'no_change', detail: 'Two findings.' });
    const report = { ...said, claim: 'no_change', evidence: 'All of src; none.' } as const;
    expect(decideOutcome({ ...audit, report })).toEqual({ outcome: 'no_change', detail: 'All of src; none.' });
  });

  it('is none when it changed files, or has nothing to say', () => {
    expect(decideOutcome({ ...audit, work: changed }).outcome).toBe('no_evidence');
    expect(decideOutcome({ ...audit, report: said }).outcome).toBe('no_evidence');
    expect(decideOutcome({ ...audit, report: { ...said, claim: 'failed' } }).outcome).toBe('failed');
  });
});

describe('a claimed success', () => {
  it.each<[string, Partial<Evidence>, string]>([
    ['with changed files', {}, 'delivered'],
    ['with a proof that passes', { proof: [{ ...failing, exit_code: 0 }] }, 'delivered'],
    ['with a proof that fails', { proof: [failing] }, 'proof_failed'],
    ['with a proof the clock ended', { proof: [failing], out_of_time: true }, 'timeout'],
    ['with nothing changed', { work: { ...changed, changed: false } }, 'no_evidence'],
    [
      'with nothing changed, on top of a checkpoint',
      { work: { ...changed, changed: false }, continued: true },
      'delivered',
    ],
    [
      'with nothing changed, and a tool refused',
      { work: { ...changed, changed: false }, report: { ...said, denials: ['Bash'] } },
      'permission_denied',
    ],
    ['with changed files, and a tool refused', { report: { ...said, denials: ['WebFetch'] } }, 'delivered'],
    ['with more than can be handed in', { work: { kind: 'too_large', detail: '900 MB' } }, 'refused'],
    ['with names git refuses', { work: { kind: 'unusable', detail: 'invalid path' } }, 'refused'],
    ['after the job was cancelled', { stopped: 'cancelled' }, 'cancelled'],
    ['after the task was taken away', { stopped: 'lost' }, 'cancelled'],
  ])('[GIT-22] %s', (_, change, outcome) => {
    expect(decideOutcome({ ...good, ...change }).outcome).toBe(outcome);
  });

  it('names what failed, for people', () => {
    expect(decideOutcome({ ...good, proof: [failing] }).detail).toBe('`npm test` exited with 1');
    expect(decideOutcome({ ...good, work: { kind: 'too_large', detail: '900 MB' } }).detail).toBe('900 MB');
  });
});

it('a failure stays what it was, whatever git shows', () => {
  const report = { ...said, claim: 'rate_limit', detail: 'come back later' } as const;
  expect(decideOutcome({ ...good, report })).toEqual({ outcome: 'rate_limit', detail: 'come back later' });
});
