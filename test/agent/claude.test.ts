// Owns the proof that claude is started within the limits of the policy.
import { describe, expect, it } from 'vitest';
import { engineOf } from '../../src/agent/engines.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { AttemptNumber, BranchName, TaskId } from '../../src/domain/ids.ts';

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
