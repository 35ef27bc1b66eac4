// Owns the proof of the custom engine's contract: slots in, one line of JSON out.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillSlots, SLOTS } from '../../src/agent/custom.ts';
import { engineOf } from '../../src/agent/engines.ts';
import type { Invocation } from '../../src/agent/engine.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { AttemptNumber, BranchName, ModelName, TaskId } from '../../src/domain/ids.ts';
import { readStream } from './read-stream.ts';

const engine = engineOf('custom');

function invocation(command: readonly string[], title = 'Say "hello"; rm -rf $(pwd)'): Invocation {
  return {
    policy: { ...ENGINE_DEFAULTS.custom, command, env: { REGION: 'eu' } },
    model: ModelName.parse('small-1'),
    task: TaskId.parse('12'),
    attempt: AttemptNumber.parse(3),
    branch: BranchName.parse('orch/12-say-hello'),
    title,
    prompt: 'the whole prompt',
    prompt_file: '/home/agent/prompt.md',
    executable: null,
    home: '/home/agent',
    api_url: null,
    isolated: true,
    session: null,
  };
}

function said(stdout: string, code = 0) {
  return readStream({
    engine,
    stdout: Buffer.from(stdout),
    ending: { kind: 'exited', code, signal: null },
    stderr: '',
  });
}

describe('the command', () => {
  it('[AGT-10] [AGT-11] every slot is filled inside its own argument, and nothing is split or interpreted', () => {
    const { argv, stdin } = engine.launch(
      invocation([
        'agent',
        '--task=${TASK_ID}',
        '${TITLE}',
        '${BRANCH}',
        '${PROMPT_FILE}',
        '${MODEL}/${ATTEMPT}',
        '$HOME',
      ]),
    );
    expect(argv).toEqual([
      'agent',
      '--task=12',
      'Say "hello"; rm -rf $(pwd)',
      'orch/12-say-hello',
      '/home/agent/prompt.md',
      'small-1/3',
      '$HOME',
    ]);
    expect(stdin).toBeUndefined();
  });

  it('[AGT-11] whatever a title holds, it is one argument and is not filled a second time', () => {
    const values = Object.fromEntries(SLOTS.map((slot) => [slot, slot])) as Record<(typeof SLOTS)[number], string>;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        expect(fillSlots('a ${TITLE} b', { ...values, TITLE: title })).toBe(`a ${title.replaceAll('\0', '')} b`);
      }),
    );
    expect(fillSlots('${TITLE}', { ...values, TITLE: '${TASK_ID}' })).toBe('${TASK_ID}');
  });

  it('[AGT-11] a slot that does not exist names the ones that do', () => {
    expect(() => engine.launch(invocation(['agent', '${TOKEN}']))).toThrow(/\$\{TOKEN\} is none of TASK_ID, TITLE/);
  });

  it('[AGT-10] without a command, a person is told which key to set', () => {
    const without = invocation([]);
    expect(() => engine.launch(without)).toThrow(/engines\.custom\.command is empty/);
  });
});

describe('the last line', () => {
  it('[AGT-13] success brings title, summary, what remains, and usage', () => {
    const word = {
      type: 'orch.result',
      outcome: 'success',
      title: 'feat: hello',
      summary: 'said hello',
      remaining: 'tests',
      usage: { input_tokens: 5, cost_usd: 0.25 },
    };
    expect(said(`working\n${JSON.stringify(word)}\n`)).toMatchObject({
      claim: 'success',
      title: 'feat: hello',
      summary: 'said hello',
      remaining: 'tests',
      usage: { input_tokens: 5, output_tokens: null, cost_usd: 0.25 },
    });
  });

  it.each([
    [
      '{"type":"orch.result","outcome":"no_change","evidence":"already there since 1.2"}',
      'no_change',
      'already there since 1.2',
    ],
    ['{"type":"orch.result","outcome":"failed","summary":"no idea"}', 'failed', 'no idea'],
    [
      '{"type":"orch.result","outcome":"failed","reason":"missing_tool","summary":"needs docker"}',
      'missing_tool',
      'needs docker',
    ],
    ['{"type":"orch.result","outcome":"failed","reason":"delivered"}', 'failed', 'it said that it failed'],
    [
      '{"type":"orch.result","outcome":"limit","not_before":"2026-01-01T00:00:00Z"}',
      'rate_limit',
      'it said that it failed',
    ],
  ])('%s is %s', (line, claim, detail) => {
    expect(said(`${line}\n`)).toMatchObject({ claim, detail });
  });

  it('a limit says when to come back', () => {
    expect(said('{"type":"orch.result","outcome":"limit","not_before":"2026-01-01T00:00:00Z"}').not_before).toBe(
      '2026-01-01T00:00:00Z',
    );
  });

  it.each([
    ['text after the result', '{"type":"orch.result","outcome":"success"}\nbye\n'],
    ['a result with an unknown outcome', '{"type":"orch.result","outcome":"great"}\n'],
    ['a result inside other text', 'I will print {"type":"orch.result","outcome":"success"}\n'],
    ['no result', 'done!\n'],
    ['nothing at all', ''],
  ])('[ERR-03] %s is no success', (_, stdout) => {
    expect(said(stdout).claim).toBe('invalid_output');
  });
});

describe('the final word of claude and codex', () => {
  const claude = engineOf('claude');
  const result = (text: string): Buffer =>
    Buffer.from(JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: text }));
  const read = (text: string) =>
    readStream({ engine: claude, stdout: result(text), ending: { kind: 'exited', code: 0, signal: null }, stderr: '' });

  it('is the last line of what they answer, fenced or not, and is taken out of the summary', () => {
    const word = '{"type":"orch.result","outcome":"no_change","evidence":"line 4 already does it"}';
    expect(read(`I looked.\n${word}`)).toMatchObject({
      claim: 'no_change',
      evidence: 'line 4 already does it',
      summary: 'I looked.',
    });
    expect(read(`I looked.\n\`\`\`json\n${word}\n\`\`\``)).toMatchObject({ claim: 'no_change', summary: 'I looked.' });
  });

  it('[BLT-33] may say failed although the CLI says success', () => {
    expect(read('{"type":"orch.result","outcome":"failed","summary":"needs a decision"}')).toMatchObject({
      claim: 'failed',
      detail: 'needs a decision',
    });
  });

  it('is talk when it is quoted further up', () => {
    const talk = [
      'I print {"type":"orch.result","outcome":"failed"} at the end.',
      ...Array.from({ length: 9 }, (_, i) => `line ${i}`),
    ];
    expect(read(talk.join('\n')).claim).toBe('success');
  });
});
