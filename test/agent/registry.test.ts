// Owns the proof that engines are one kind of thing: whatever program it is, it is launched and read through one interface.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineFor, engineOf } from '../../src/agent/engines.ts';
import { takeLine } from '../../src/agent/engine.ts';
import type { Invocation } from '../../src/agent/engine.ts';
import { NOTHING_TOLD } from '../../src/agent/told.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { AttemptNumber, BranchName, ModelName, TaskId } from '../../src/domain/ids.ts';
import { EngineId } from '../../src/domain/task.ts';
import { readStream } from './read-stream.ts';

function invocation(policy: Invocation['policy']): Invocation {
  return {
    policy,
    model: ModelName.parse('small-1'),
    task: TaskId.parse('12'),
    attempt: AttemptNumber.parse(3),
    branch: BranchName.parse('orch/12-say-hello'),
    title: 'Say hello',
    prompt: 'Please say hello.',
    prompt_file: '/home/agent/prompt.md',
    executable: '/engines/program',
    home: '/home/agent',
    api_url: null,
    isolated: true,
    session: null,
  };
}

const ended = { ending: { kind: 'exited', code: 0, signal: null }, stderr: '' } as const;

describe('every engine of the registry [MOD-05]', () => {
  it.each(EngineId.options)('%s starts as one argument array that holds the prompt or names its file', (id) => {
    const engine = engineOf(id);
    const policy =
      id === 'custom' ? { ...ENGINE_DEFAULTS.custom, command: ['agent', '${PROMPT_FILE}'] } : ENGINE_DEFAULTS[id];
    const { argv, stdin } = engine.launch(invocation(policy));
    expect(engine.id).toBe(id);
    expect(argv.length).toBeGreaterThan(0);
    expect(
      [...argv, stdin ?? ''].some((part) => part.includes('Please say hello.') || part.includes('/prompt.md')),
    ).toBe(true);
  });

  it.each(EngineId.options)('%s understands some lines and survives all others', (id) => {
    const engine = engineOf(id);
    const lines = fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(lines, (texts) => {
        const told = texts.reduce((sum, text) => takeLine(engine, sum, { text, dropped_bytes: 0 }), NOTHING_TOLD);
        expect(Object.keys(told).sort()).toEqual(Object.keys(NOTHING_TOLD).sort());
        expect(() => readStream({ engine, stdout: Buffer.from(texts.join('\n')), ...ended })).not.toThrow();
      }),
    );
  });

  it.each([
    ['aider', ['aider', '--yes', '--model', '${MODEL}', '--message-file', '${PROMPT_FILE}']],
    ['gemini', ['gemini', '--model=${MODEL}', '@${PROMPT_FILE}']],
    ['ollama', ['ollama-agent', '--model', '${MODEL}', '${PROMPT_FILE}']],
    ['vllm', ['vllm-agent', '--base-url', 'http://127.0.0.1:8000/v1', '${PROMPT_FILE}']],
  ])('%s is configuration alone: its command, and one line that tells the end', (_, command) => {
    const policy = { ...ENGINE_DEFAULTS.custom, command };
    const engine = engineFor({ engine: policy, plain: false });
    const { argv } = engine.launch(invocation(policy));
    expect(argv[0]).toBe(command[0]);
    expect(argv).toHaveLength(command.length);
    expect(argv.join(' ')).toContain('/home/agent/prompt.md');
    expect(argv.join(' ')).not.toContain('${');
    const stdout = Buffer.from('talk\n{"type":"orch.result","outcome":"success","title":"Say hello"}\n');
    expect(readStream({ engine, stdout, ...ended })).toMatchObject({ title: 'Say hello' });
  });
});
