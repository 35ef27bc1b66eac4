// Owns the histories of words on pull requests: those of tasks and those of people, where no word is lost.
import { describe, expect, test } from 'vitest';
import { createStory } from './story.ts';

describe('a pull request that is no task of ours', () => {
  test('hears words to the whole repository, and answers there', () => {
    const story = createStory({ parallel_max: 6 });
    story.others_pulls.add(103);
    story.says('max', 103, '/orch pause');
    story.says('max', 103, '/orch help');
    story.tick();
    expect(story.room.state.paused).toMatchObject({ by: 'max' });
    expect(story.reactions).toEqual(['103 THUMBS_UP', '103 THUMBS_UP']);
    expect(story.answers).toHaveLength(1);
    expect(story.answers[0]).toContain('Write a command at the start of a line');
  });

  test('lets a word to all tasks reach them, as an issue outside the queue does', () => {
    const story = createStory({ parallel_max: 6 });
    story.others_pulls.add(103);
    story.open(12);
    story.says('ada', 12, '/orch block');
    story.tick();
    story.passes(1);
    story.says('ada', 103, '/orch unblock all');
    story.tick();
    story.tick();
    expect(story.state(12)).not.toBe('blocked');
  });

  test('says of a word to a task that none is here, and a stranger speaks to nobody', () => {
    const story = createStory({ parallel_max: 6 });
    story.others_pulls.add(103);
    story.says('eve', 103, '/orch retry');
    story.tick();
    expect([story.reactions, story.journals.size]).toEqual([[], 0]);
    story.says('ada', 103, '/orch retry');
    story.tick();
    expect(story.reactions).toEqual(['103 CONFUSED']);
    expect(story.answers[0]).toContain('This pull request belongs to no task of Orch.');
    expect(story.attempts(103)).toEqual([]);
  });

  test('[TRG-08] brings a task of its own when Orch is mentioned, and says there which one', () => {
    const story = createStory({ parallel_max: 6 });
    story.others_pulls.add(103);
    story.says('ada', 103, '@orchestrator please update the changelog');
    story.tick();
    const [task = ''] = story.prompts();
    expect(story.attempts(task)).toEqual(['1 claude live']);
    expect(story.answers).toHaveLength(1);
    expect(story.answers[0]).toContain(`This is task ${task} now`);
  });
});

describe('the pull request of a task that is over', () => {
  test('names the task that a mention there makes, and says why an `ask` is refused', () => {
    const story = createStory({ parallel_max: 6 });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    story.merges(12);
    story.tick();
    const number = Number(story.pulls.get(first(story.pulls)[0])?.number);
    story.says('ada', number, '@orchestrator please update the changelog');
    story.says('tom', number, '/orch ask Update the changelog');
    const before = story.answers.length;
    story.tick();
    const [made, refused] = story.answers.slice(before);
    expect(made).toContain(`This is task ${story.prompts()[0]} now`);
    expect(refused).toContain('`/orch ask` takes at least the role `write`');
  });
});

function first<Key, Value>(map: ReadonlyMap<Key, Value>): [Key, Value] {
  const [entry] = map;
  if (entry === undefined) throw new Error('nothing is there');
  return entry;
}
