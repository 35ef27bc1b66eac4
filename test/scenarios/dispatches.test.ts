// Owns the histories of dispatches: what the form says is done and answered in the summary of the tick, or refused there.
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/domain/command.ts';
import { Instant, IssueNumber, RunId } from '../../src/domain/ids.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { parseAsk } from '../../src/input/ask.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { taskId } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const FORM = { event: '', verb: '', issue: '', prompt: '', engine: 'any', model: '', role: 'code' };

/** As somebody fills in the form of the Actions tab. */
function dispatches(story: Story, run: number, form: Partial<typeof FORM>): void {
  const at = Instant.parse(story.now);
  story.dispatches(run, 'ada', parseAsk({ ...FORM, ...form }, { run: RunId.parse(run), by: 'ada', at }).ask);
}

function summary({ alarms }: Plan): string {
  return alarms.map(renderAlarm).join('\n');
}

describe('a dispatch', () => {
  test.each(['', '13', '99'])(
    'of `unblock all` reaches every task it concerns, named with %j, and is not called refused',
    (issue) => {
      const story = createStory({ parallel_max: 6 });
      for (const number of [11, 12]) {
        story.open(number);
        story.says('tom', number, '/orch block');
      }
      story.open(13, { labelled: [] });
      story.tick();
      story.passes(1);
      dispatches(story, 71, { verb: 'unblock all', issue });
      const told = [summary(story.tick()), summary(story.tick())].join('');
      story.tick();
      expect([story.state(11), story.state(12)]).toEqual(['in_progress', 'in_progress']);
      expect([told, story.inbox.size]).toEqual(['', 0]);
    },
  );

  test('of `start all` starts what waits for a word', () => {
    const story = createStory({ assignment: 'manual', parallel_max: 6 });
    story.open(11);
    story.open(12);
    story.tick();
    story.passes(1);
    dispatches(story, 71, { verb: 'start all' });
    story.tick();
    story.tick();
    expect([story.attempts(11), story.attempts(12), story.inbox.size]).toEqual([
      ['1 claude live'],
      ['1 codex live'],
      0,
    ]);
  });

  test('of a question about a task is answered in the summary, once', () => {
    const story = createStory({ parallel_max: 6 });
    story.open(12);
    story.tick();
    dispatches(story, 71, { verb: 'why', issue: '12' });
    expect(summary(story.tick())).toContain('To what ada asked in run 71:\n**#12:');
    dispatches(story, 72, { verb: 'status', issue: '12' });
    expect(summary(story.tick())).toContain('State: `in_progress`');
    expect([summary(story.tick()), story.answers]).toEqual(['', []]);
  });

  test('of an export keeps its file, whatever issue is named', () => {
    const story = createStory({ parallel_max: 6 });
    story.open(12);
    story.tick();
    dispatches(story, 71, { verb: 'export', issue: '12' });
    expect(summary(story.tick())).toContain('To what ada asked in run 71:');
    expect(story.exports).toHaveLength(1);
  });

  test('may name a task by its pull request, as a comment there does', () => {
    const story = createStory({ parallel_max: 6 });
    story.open(12);
    story.tick();
    story.ends(12, 'delivered');
    story.tick();
    const number = String(story.pulls.get(taskId(12))?.number);
    dispatches(story, 71, { issue: number, engine: 'codex' });
    expect(summary(story.tick())).toBe('');
    story.tick();
    expect([story.attempts(12).at(-1), story.inbox.size]).toEqual(['2 codex live', 0]);
  });

  test('that names a pull request of people is refused', () => {
    const story = createStory({ parallel_max: 6 });
    story.others_pulls.add(103);
    dispatches(story, 71, { issue: '103' });
    expect(summary(story.tick())).toContain('it names no task');
    expect(story.inbox.size).toBe(0);
  });

  test('of `ask` is a task of its own, whatever it is said to', () => {
    const story = createStory({ parallel_max: 6 });
    dispatches(story, 71, { prompt: 'Write the changelog', engine: 'codex', role: 'audit' });
    story.tick();
    dispatches(story, 72, { issue: 'i71', verb: 'ask Do something else' });
    story.tick();
    expect(story.journal('i71').asked).toMatchObject({ prompt: 'Write the changelog', role: 'audit' });
    expect(story.journal('i72').asked).toMatchObject({ prompt: 'Do something else', role: 'code' });
  });

  test('of `ask` that an earlier version kept for a task does not take its place', () => {
    const story = createStory({ parallel_max: 6 });
    dispatches(story, 71, { prompt: 'Write the changelog' });
    story.tick();
    const command: Command = { verb: 'ask', text: 'Do something else' };
    story.dispatches(72, 'ada', { kind: 'word', task: taskId('i71'), command });
    story.open(12);
    story.dispatches(73, 'ada', { kind: 'command', issue: IssueNumber.parse(12), command });
    story.tick();
    expect(story.journal('i71').asked).toMatchObject({ prompt: 'Write the changelog' });
    expect([story.journal(12).asked, story.inbox.size]).toEqual([null, 0]);
  });
});
