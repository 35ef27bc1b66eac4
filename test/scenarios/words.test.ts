// Owns the proof that the words of other queues have one place each among our states, and that the states are what they say.
import { describe, expect, test } from 'vitest';
import { OLDER_WORDS } from '../../.ci/older-words.ts';
import { liveAttempt } from '../../src/domain/fold-journal.ts';
import { TASK_STATES } from '../../src/domain/task.ts';
import type { TaskState } from '../../src/domain/task.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

/** How a task comes to stand so; issue 12 is the one. */
const HISTORIES: Readonly<Record<TaskState, (story: Story) => void>> = {
  new: (story) => {
    story.open(1);
    story.passes(1);
    story.open(12);
  },
  routed: (story) => {
    story.open(12);
    story.tick();
    story.ends(12, 'crashed');
  },
  in_progress: (story) => story.open(12),
  in_review: (story) => {
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
  },
  done: (story) => {
    HISTORIES.in_review(story);
    story.tick();
    story.merges(12);
  },
  blocked: (story) => {
    story.open(11, { labelled: [] });
    story.open(12);
    story.depends(12, [11]);
  },
  needs_review: (story) => {
    story.open(12);
    story.tick();
    story.ends(12, 'missing_tool', { detail: 'docker' });
  },
  skipped: (story) => story.open(12, { labelled: ['agent-todo', 'agent-skipped'] }),
  archived: (story) => {
    story.open(12);
    story.tick();
    story.closes(12, true);
  },
};

function told(state: TaskState): Story {
  const story = createStory({ parallel_max: 1, backoff_minutes: [30] });
  HISTORIES[state](story);
  story.tick();
  return story;
}

describe('a word of another queue', () => {
  test('[STA-19] [STA-24] means one state, every state has one, and none is listed twice', () => {
    const words = OLDER_WORDS.flatMap((row) => row.words.map((word) => word.toLowerCase()));
    expect(new Set(words).size).toBe(words.length);
    expect(OLDER_WORDS.map(({ state }) => state)).toEqual(TASK_STATES.toSorted((a, b) => at(a) - at(b)));
    for (const asked of ['queued', 'working', 'PR created', 'completed', 'failed'])
      expect(words).toContain(asked.toLowerCase());
    for (const asked of ['pending', 'assigned', 'in progress', 'open', 'closed', 'tombstone', 'processing'])
      expect(words).toContain(asked);
  });

  test.each(OLDER_WORDS)('[STA-19] for $state is said when $when', ({ state }) => {
    const story = told(state);
    expect([story.state(12), story.status(12)]).toEqual([state, [`status:${state}`]]);
  });
});

function at(state: TaskState): number {
  return OLDER_WORDS.findIndex((row) => row.state === state);
}

describe('the standing in the queue', () => {
  test.each(TASK_STATES)('[STA-25] of a task that is %s follows from its state and its claim', (state) => {
    const story = told(state);
    const claim = liveAttempt(story.journal(12));
    expect(claim !== null).toBe(state === 'in_progress');
    story.says('ada', 12, '/orch queue');
    story.tick();
    const row = (story.answers.at(-1) ?? '').split('\n').find((line) => line.includes('#12 '));
    const in_line = state === 'new';
    const [, turn, , shown] = (row ?? '').split('|').map((cell) => cell.trim());
    if (state === 'done' || state === 'archived') expect(row).toBeUndefined();
    else expect([turn, shown]).toEqual([in_line ? '1' : '', `\`${state}\``]);
  });
});
