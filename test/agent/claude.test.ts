// Owns the proof that claude is started within the limits of the policy, and when it says that it may be asked again.
import { describe, expect, it } from 'vitest';
import { engineOf } from '../../src/agent/engines.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import { AttemptNumber, BranchName, TaskId } from '../../src/domain/ids.ts';

import { readStream } from './read-stream.ts';

function argvOf(turns_max: number | null, cost_usd_max: number | null): readonly string[] {
  return engineOf('claude').launch({
    policy: { ...ENGINE_DEFAULTS.claude, turns_max, cost_usd_max },
    model: null,
    task: TaskId.parse('12'),
    attempt: AttemptNumber.parse(1),
    branch: BranchName.parse('orch/12-x'),
    title: 'X',
    prompt: 'Please.',
    prompt_file: 'prompt.md',
    executable: null,
    home: 'home',
    api_url: null,
    isolated: true,
    session: null,
  }).argv;
}

describe('claude is started', () => {
  it('[BLT-34] with its limits of turns and dollars, and without limits that nobody set', () => {
    const limited = argvOf(30, 2.5);
    expect(limited[limited.indexOf('--max-turns') + 1]).toBe('30');
    expect(limited[limited.indexOf('--max-budget-usd') + 1]).toBe('2.5');
    expect(argvOf(null, null).filter((word) => word.startsWith('--max'))).toEqual([]);
  });
});

describe('the end of a limit', () => {
  const RESET = Date.parse('2026-11-27T12:00:00Z');

  function told(...statuses: readonly string[]) {
    const windows = statuses.map((status, index) => ({
      type: 'rate_limit_event',
      rate_limit_info: { status, resetsAt: (RESET + index * 3_600_000) / 1000, rateLimitType: 'seven_day' },
    }));
    const end = { type: 'result', subtype: 'success', is_error: true, result: 'API Error: 429', api_error_status: 429 };
    return readStream({
      engine: engineOf('claude'),
      stdout: Buffer.from([...windows, end].map((line) => JSON.stringify(line)).join('\n')),
      ending: { kind: 'exited', code: 1, signal: null },
      stderr: '',
    }).not_before;
  }

  it('is what claude tells of the window that is used up, not of one that still lets work through', () => {
    expect(told('rejected')).toBe(instantFromMs(RESET));
    expect(told('allowed')).toBeNull();
    expect(told('rejected', 'allowed_warning')).toBe(instantFromMs(RESET));
  });
});
