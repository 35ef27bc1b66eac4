// Owns the proof of how far a tick has looked: never past a word that the tick before may have lost.
import { describe, expect, test } from 'vitest';
import { historyFacts } from '../../src/github/history.ts';
import { createStory } from '../scenarios/story.ts';

const AT = '2026-11-20T12:00:00Z';
const SAID = '2026-11-20T11:20:00Z';

describe('the watermark', () => {
  test('is the last tick that left nothing behind', () => {
    const lines = [{ kind: 'tick', at: AT, sweep: false }] as const;
    expect(historyFacts({ tip: null, lines }).watermark).toBe(AT);
    expect(historyFacts({ tip: null, lines: [] }).watermark).toBeNull();
  });

  test('stays before the oldest word that this tick wrote down: its journal may lose where the history wins', () => {
    const lines = [{ kind: 'tick', at: AT, sweep: false, heard_until: SAID }] as const;
    expect(historyFacts({ tip: null, lines }).watermark).toBe(SAID);
  });

  test('a tick that hears somebody says so in its line', () => {
    const story = createStory();
    story.open(1);
    story.tick();
    story.says('ada', 1, '/orch hold');
    const said = story.now;
    story.passes(30);
    const { effects } = story.plan();
    const lines = effects.flatMap((effect) => (effect.kind === 'append_history' ? [effect.line] : []));
    expect(lines).toContainEqual({ kind: 'tick', at: story.now, sweep: false, heard_until: said });
  });
});
