// Owns the proof that engines which met limits are asked less for a while, and never not at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextInRotation } from '../../src/core/next-route.ts';
import { sharesOf } from '../../src/core/shares.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { foldJournal } from '../../src/domain/fold-journal.ts';
import type { OutcomeKind } from '../../src/domain/outcome.ts';
import { createStory } from '../scenarios/story.ts';
import { history, minutes, taskId } from './facts.ts';

function share(endings: readonly (readonly [OutcomeKind, number])[], at = 0): number {
  const journals = endings.map(
    ([outcome, ended], index) =>
      [taskId(index + 1), foldJournal(history([[outcome, { at: minutes(ended) }]]))] as const,
  );
  return sharesOf(new Map(journals), minutes(at)).get('claude') ?? 1;
}

describe('the weight of an engine [BLT-03]', () => {
  test('falls with each limit, and comes back within six hours', () => {
    expect(share([['rate_limit', 0]])).toBeCloseTo(0.3);
    expect(share([['model_unavailable', 0]])).toBeCloseTo(0.3);
    expect(
      share([
        ['rate_limit', 0],
        ['rate_limit', 0],
      ]),
    ).toBeCloseTo(0.09);
    expect(share([['rate_limit', 0]], 180)).toBeCloseTo(0.65);
    expect(share([['rate_limit', 0]], 360)).toBe(1);
    expect(share([['failed', 0]])).toBe(1);
  });

  test('is never nothing, never more than all, and never less later on', () => {
    const outcome = fc.constantFrom<OutcomeKind>('rate_limit', 'model_unavailable', 'failed', 'delivered');
    const endings = fc.array(fc.tuple(outcome, fc.integer({ min: -600, max: 0 })), { maxLength: 8 });
    fc.assert(
      fc.property(endings, fc.nat(600), fc.nat(600), (given, first, more) => {
        const now = share(given, first);
        expect(now).toBeGreaterThanOrEqual(0.05);
        expect(now).toBeLessThanOrEqual(1);
        expect(share(given, first + more)).toBeGreaterThanOrEqual(now - 1e-9);
      }),
    );
  });

  test('moves the rotation to the others, not away for good', () => {
    const engines = [ENGINE_DEFAULTS.claude, ENGINE_DEFAULTS.codex].map((engine) => ({ ...engine, weight: 1 }));
    const uses = new Map<string, number>();
    for (let turn = 0; turn < 26; turn += 1) {
      const { id } = nextInRotation(engines, uses, new Map([['claude', 0.3]]));
      uses.set(id, (uses.get(id) ?? 0) + 1);
    }
    expect([uses.get('claude'), uses.get('codex')]).toEqual([6, 20]);
  });

  test('so that of two free engines the one without a limit gets the next tasks', () => {
    const story = createStory({ cooldown_minutes: { engine: 0, model: 0 } });
    story.open(1);
    story.tick();
    const [first = ''] = story.attempts(1);
    story.ends(1, 'rate_limit', { not_before: minutes(600) });
    story.passes(30);
    story.open(2);
    story.open(3);
    story.tick();
    const engine = first.split(' ')[1] ?? '';
    for (const id of [2, 3]) expect(story.attempts(id)[0]).not.toContain(engine);
  });
});
