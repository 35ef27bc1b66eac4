// Owns what a dispatch may ask, in the words of its inputs.
import { describe, expect, it } from 'vitest';
import { parseAsk } from '../../src/wire/dispatch.ts';
import type { AskWords } from '../../src/wire/dispatch.ts';

const ask = (words: Partial<AskWords>) =>
  parseAsk({ verb: '', issue: '', prompt: '', engine: '', model: '', role: '', ...words });

describe('a dispatch', () => {
  it('for an issue is a retry, with the engine and model it names [QUE-02] [RTE-19]', () => {
    expect(ask({ issue: '12' })).toEqual({
      kind: 'asked',
      ask: { kind: 'command', issue: 12, command: { verb: 'retry', engine: null, model: null } },
    });
    expect(ask({ issue: ' #12 ', engine: 'Codex', model: 'gpt-5.3-codex' })).toMatchObject({
      ask: { command: { verb: 'retry', engine: 'codex', model: 'gpt-5.3-codex' } },
    });
    expect(ask({ issue: '12', verb: 'skip', engine: 'any' })).toMatchObject({ ask: { command: { verb: 'skip' } } });
  });

  it('with a prompt is a task of its own, titled by its first line', () => {
    expect(ask({ prompt: 'Update the licence year.\n\nEverywhere.', engine: 'claude' })).toEqual({
      kind: 'asked',
      ask: {
        kind: 'prompt',
        title: 'Update the licence year.',
        prompt: 'Update the licence year.\n\nEverywhere.',
        engine: 'claude',
        model: null,
        role: 'code',
      },
    });
  });

  it('without either only wakes', () => expect(ask({ engine: 'claude' })).toEqual({ kind: 'nothing' }));

  it.each<Partial<AskWords>>([
    { issue: 'twelve' },
    { issue: '-1' },
    { issue: '12', verb: 'explode' },
    { issue: '12', engine: 'gemini' },
    { issue: '12', prompt: 'and do this' },
    { prompt: 'x', role: 'king' },
    { prompt: 'x', role: 'review' },
    { prompt: 'x'.repeat(70_000) },
  ])('that cannot be understood is refused with the remedy: %o [SEC-10]', (words) => {
    const parsed = ask(words);
    expect(parsed.kind).toBe('invalid');
    if (parsed.kind === 'invalid') expect(`${parsed.problem}. ${parsed.remedy}`).toMatch(/\. [A-Z]/);
  });
});
