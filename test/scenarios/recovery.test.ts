// Owns the histories of trouble: failures that come again, limits, outages, and how the queue gets over them.
import { describe, expect, test } from 'vitest';
import { RETRY_TABLE } from '../../src/domain/retry-rule.ts';
import { renderWait } from '../../src/wire/wait-text.ts';
import type { Story } from './story.ts';
import { createStory } from './story.ts';

function waitOf(story: Story, id: number): string {
  const wait = story.plan().reports.find(({ task }) => task === String(id))?.wait ?? null;
  return wait === null ? 'nothing' : renderWait(wait);
}

describe('one task that fails', () => {
  test('the same failure twice asks a person, says so, and goes on from the branch when told to [ERR-14]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file (after 12 s).' });
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file (after 15 s).' });
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    expect(waitOf(story, 12)).toMatchInlineSnapshot(
      `"2 attempts in a row ended in the very same way; the last one said that it could not do it: The build needs a licence file (after 15 s). One more would end like them."`,
    );
    expect(story.comment(12)).toContain('/orch retry');

    story.says('ada', 12, '/orch retry');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude failed', '2 claude failed', '3 claude live']);
  });

  test('without that rule it goes on until the budget is gone', () => {
    const story = createStory({
      retry: { ...RETRY_TABLE, failed: { follow: 'again', times_max: null, equal_max: null } },
    });
    story.open(12);
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file.' });
    story.tick();
    story.ends(12, 'failed', { detail: 'The build needs a licence file.' });
    story.passes(2);
    story.tick();
    expect(story.attempts(12)).toHaveLength(3);
  });

  test('the clock of the back-off is visible [ERR-06] [ERR-13]', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    story.ends(12, 'crashed');
    story.tick();
    expect(waitOf(story, 12)).toMatchInlineSnapshot(
      `"The last attempt ended without a word; the next one starts after 2026-11-20 12:02 UTC."`,
    );
  });
});
