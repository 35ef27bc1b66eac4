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

  test('is never younger than the look, though words that came while it was paused were written down', () => {
    const lines = [{ kind: 'tick', at: SAID, sweep: false, heard_until: AT }] as const;
    expect(historyFacts({ tip: null, lines }).watermark).toBe(SAID);
  });

  test('stays before a word that could not be taken up, for a day', () => {
    const story = createStory();
    story.open(1);
    const said = story.now;
    const marks = [30, 24 * 60].map((minutes) => {
      story.passes(minutes);
      const { effects } = story.plan({ unheard_since: said });
      const lines = effects.flatMap((effect) => (effect.kind === 'append_history' ? [effect.line] : []));
      return [historyFacts({ tip: null, lines }).watermark, story.now];
    });
    expect(marks).toEqual([
      [said, expect.anything()],
      [story.now, story.now],
    ]);
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
    expect(lines).toContainEqual({ kind: 'tick', at: story.now, sweep: false, heard_until: said, owed_since: said });
  });
});

describe('what is owed to people', () => {
  test('a tick that answers old words says how old, so that they are looked for until one lives to answer them', () => {
    const story = createStory();
    story.open(1);
    story.says('ada', 1, '/orch why');
    const said = story.now;
    story.tick();
    story.losesReceipts();
    story.passes(150);
    story.open(2);
    const lines = story.plan().effects.flatMap((effect) => (effect.kind === 'append_history' ? [effect.line] : []));
    expect(lines).toContainEqual({ kind: 'tick', at: story.now, sweep: false, owed_since: said });
    expect(historyFacts({ tip: null, lines }).owed_since).toBe(said);
  });

  test('not for ever: what cannot be answered is given up after a day', () => {
    const story = createStory();
    story.open(1);
    story.says('ada', 1, '/orch why');
    story.tick();
    story.losesReceipts();
    story.passes(24 * 60 + 1);
    story.open(2);
    const lines = story.plan().effects.flatMap((effect) => (effect.kind === 'append_history' ? [effect.line] : []));
    expect(historyFacts({ tip: null, lines }).owed_since).toBeNull();
  });
});
