// Owns what is on record: one journal a task, everything in it that ties issue, attempt, branch and pull request together.
import { describe, expect, test } from 'vitest';
import { liveAttempt } from '../../src/domain/fold-journal.ts';
import { AttemptNumber, Instant } from '../../src/domain/ids.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import { EMPTY_ROOM } from '../../src/domain/room.ts';
import { TASK_STATES } from '../../src/domain/task.ts';
import { parseJournalMessage, renderJournalMessage } from '../../src/wire/journal-record.ts';
import { parseJobName, renderLegName } from '../../src/wire/leg-name.ts';
import { prompt, sha, taskId, who } from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function started(): Story {
  const story = createStory();
  story.open(12, { title: 'Add a flag' });
  story.tick();
  return story;
}

describe('the record of a task', () => {
  test('[MOD-01] [DAT-10] is one: it ties issue, attempt, branch and pull request together', () => {
    const story = started();
    story.ends(12, 'delivered');
    story.tick();
    expect([...story.journals.keys()]).toEqual(['12']);
    const { attempts, pr } = story.journal(12);
    expect(attempts.map(({ number, claim }) => [number, claim.branch])).toEqual([[1, 'orch/12-add-a-flag']]);
    expect(pr).toBe(story.pulls.get(taskId(12))?.number);
    expect(story.branches.get(taskId(12))?.name).toBe('orch/12-add-a-flag');
  });

  test('[BLT-42] names every step of its life, and who took it', () => {
    const story = createStory({ backoff_minutes: [0] });
    const steps: string[] = [];
    const tick = (): void => {
      for (const effect of story.tick().effects)
        if (effect.kind === 'append_journal')
          steps.push(...effect.records.map((each) => ('by' in each ? `${each.kind} by ${each.by}` : each.kind)));
    };
    story.open(12, { title: 'Add a flag' });
    tick();
    story.dies(12, 'run_gone');
    tick();
    story.says('ada', 12, '/orch cancel');
    tick();
    story.dies(12, 'cancelled');
    tick();
    story.says('ada', 12, '/orch retry');
    tick();
    story.ends(12, 'delivered');
    tick();
    story.merges(12);
    tick();
    expect(steps).toMatchInlineSnapshot(`
      [
        "admitted by ada",
        "routed",
        "claimed",
        "shown",
        "settled by reconcile",
        "claimed",
        "shown",
        "commanded by ada",
        "settled by reconcile",
        "shown",
        "commanded by ada",
        "claimed",
        "shown",
        "opened",
        "shown",
        "finished",
        "shown",
      ]
    `);
  });

  test("[MOD-02] stands under one id: its issue's number, or an internal one", () => {
    const story = started();
    story.dispatches(98, 'ada', prompt());
    story.tick();
    expect([...story.journals.keys()]).toEqual(['12', 'i98']);
  });

  test('[MOD-04] [MOD-19] [QUE-05] says with one write who holds it: engine, model, run, leg, branch, lease', () => {
    const story = createStory();
    story.open(12, { labelled: ['agent-todo', 'agent:claude', 'model:claude-opus-4-5'] });
    const { effects } = story.tick();
    const claim = liveAttempt(story.journal(12))?.claim;
    expect(claim).toMatchObject({ engine: 'claude', model: 'claude-opus-4-5', run: 1000, branch: 'orch/12-issue-12' });
    const leg = renderLegName({ task: taskId(12), attempt: AttemptNumber.parse(claim?.attempt), engine: 'claude' });
    expect(leg).toBe('#12 · attempt 1 · claude');
    expect(parseJobName(`orch / ${leg} / attempt`)).toMatchObject({ task: '12', attempt: 1 });
    const appends = effects.filter((effect) => effect.kind === 'append_journal');
    expect(appends.map(({ records }) => records.some(({ kind }) => kind === 'claimed'))).toEqual([true]);
    const [brief] = effects.flatMap((effect) => (effect.kind === 'start_attempt' ? [effect.brief] : []));
    expect([brief?.branch, brief?.run, brief?.attempt]).toEqual([claim?.branch, claim?.run, claim?.attempt]);
  });

  test('[MOD-07] knows the state as one word out of a closed list', () => {
    const story = started();
    const [record] = story.journals.get(taskId(12))?.filter(({ kind }) => kind === 'shown') ?? [];
    if (record?.kind !== 'shown') throw new Error('nothing was shown');
    expect(TASK_STATES).toContain(record.state);
    const text = renderJournalMessage([record], 'tick 1').replaceAll(record.state, 'nearly_done');
    expect(() => parseJournalMessage(text)).toThrow();
  });

  test('[MOD-08] has start and end of every attempt', () => {
    const story = started();
    const began = story.now;
    story.passes(7);
    const ended = story.now;
    story.ends(12, 'crashed');
    story.tick();
    const [first] = story.journal(12).attempts;
    expect([first?.claim.at, first?.settled?.at]).toEqual([began, ended]);
  });

  test('[MOD-16] leaves title and description to the issue: a new title is the one that is worked on', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1);
    story.open(2, { title: 'Old words', body: 'Old text.' });
    story.tick();
    Object.assign(story.issue(2), { title: 'New words', body: 'New text.' });
    story.closes(1);
    const { effects } = story.tick();
    const [brief] = effects.flatMap((effect) => (effect.kind === 'start_attempt' ? [effect.brief] : []));
    expect([brief?.issue?.title, brief?.issue?.body.text]).toEqual(['New words', 'New text.']);
    expect(JSON.stringify(story.journals.get(taskId(2)))).not.toContain('Old words');
  });

  test('[QUE-12] a finished task stays on record, with its pull request', () => {
    const story = started();
    story.ends(12, 'delivered');
    story.tick();
    story.merges(12);
    story.tick();
    expect(story.history).toContainEqual(expect.objectContaining({ kind: 'finished', task: '12', state: 'done' }));
    expect(story.journal(12).finished).toMatchObject({ state: 'done', pr: story.pulls.get(taskId(12))?.number });
  });
});

describe('the queue', () => {
  test('[DAT-14] [QUE-29] is computed: order and time of queueing follow from the issues alone', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(3);
    story.passes(10);
    story.open(2);
    story.passes(10);
    story.open(1);
    const order: (string | undefined)[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      story.tick();
      const running = [...story.journals.keys()].find((id) => liveAttempt(story.journal(id)) !== null);
      order.push(running);
      if (running !== undefined) story.closes(Number(running));
    }
    expect(order).toEqual(['3', '2', '1']);
  });

  test('[QUE-30] starts unpaused', () => {
    expect(EMPTY_ROOM.paused).toBeNull();
    expect(started().attempts(12)).toEqual(['1 claude live']);
  });

  test('[QUE-27] [STA-16] lets a task go by its label, and one closed as not planned leaves the view', () => {
    const story = createStory({ parallel_max: 1 });
    for (const number of [1, 2, 3]) story.open(number);
    story.tick();
    story.labels(2, [], ['agent-todo']);
    story.closes(3, true);
    story.tick();
    expect([story.state(2), story.state(3)]).toEqual(['skipped', 'archived']);
    story.says('ada', 1, '/orch queue');
    story.tick();
    expect(story.answers.at(-1)).toContain('#1');
    expect(story.answers.at(-1)).not.toContain('#3');
  });

  test('[QUE-14] in manual mode nothing starts unless a person says so', () => {
    const story = createStory({ assignment: 'manual' });
    story.open(1);
    story.open(2);
    story.tick();
    story.passes(24 * 60);
    story.tick();
    expect([story.attempts(1), story.attempts(2)]).toEqual([[], []]);
    story.says('ada', 2, '/orch start');
    story.tick();
    expect([story.attempts(1), story.attempts(2).length]).toEqual([[], 1]);
  });

  test('[DEP-04] [TRG-15] follows the graph first, then priority, then age', () => {
    const story = createStory({ parallel_max: 1 });
    for (const number of [1, 2, 3, 4]) story.open(number);
    story.depends(1, [4]);
    story.labels(3, ['priority:low']);
    const order: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      story.tick();
      const running = [1, 2, 3, 4].find((number) => story.state(number) === 'in_progress') ?? 0;
      order.push(running);
      story.closes(running);
      story.passes(1);
    }
    expect(order).toEqual([4, 1, 2, 3]);
  });
});

describe('the milestone', () => {
  test('[BLT-35] selection prefers what unblocks, then the milestone due first, then age', () => {
    const story = createStory({ parallel_max: 1 });
    const milestone = (title: string, due: string | null, open = true) => ({
      milestone: { title, open, due: due === null ? null : Instant.parse(due) },
    });
    story.open(1);
    story.open(2, milestone('v1', '2026-11-01T00:00:00Z', false));
    story.passes(1);
    story.open(3, milestone('some day', null));
    story.open(4, milestone('v3', '2027-03-01T00:00:00Z'));
    story.open(5, milestone('v2', '2026-12-01T00:00:00Z'));
    story.open(6);
    story.open(7);
    story.depends(7, [6]);
    const order: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      story.tick();
      const running = [1, 2, 3, 4, 5, 6, 7].find((number) => story.state(number) === 'in_progress') ?? 0;
      order.push(running);
      story.closes(running);
      story.passes(1);
    }
    expect(order).toEqual([6, 5, 4, 3, 1, 2, 7]);
  });

  test('[BLT-35] stands in the queue that people ask for, as long as it is open', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(1, { milestone: { title: 'v2 | *beta*', open: true, due: null } });
    story.open(2, { milestone: { title: 'v1', open: false, due: null } });
    story.says('ada', 1, '/orch queue');
    story.tick();
    const rows = (story.answers.at(-1) ?? '').split('\n').filter((line) => /#[12]/.test(line));
    expect(rows.join('\n')).toMatchInlineSnapshot(`
      "| 1 | #2 Issue 2 | \`new\` | All 1 slots are taken: 1 attempt running, at most 1 at a time. |
      |  | #1 Issue 1 (milestone v2 &#124; &#42;beta&#42;) | \`in_progress\` |  |"
    `);
  });
});

describe('what people can do next [QUE-21]', () => {
  test('stands in the comment of every task that needs them, ready to use', () => {
    const endings = OutcomeKind.options.filter((outcome) => outcome !== 'delivered');
    for (const outcome of endings) {
      const story = createStory({ attempts_max: 1, infra_attempts_max: 1 });
      story.open(12);
      story.tick();
      story.ends(12, outcome, { engine_started: outcome !== 'infra' });
      story.tick();
      if (story.state(12) !== 'needs_review') continue;
      expect(story.comment(12), outcome).toMatch(/\*\*Next:\*\* .*(?:`\/orch [a-z]+|label|close)/);
    }
  });
});

describe('reasons are no states [BLT-38]', () => {
  test('a task that is late, stuck, failed or timed out stands in the queue or needs a person, and says why', () => {
    for (const word of ['later', 'stuck', 'failed', 'timeout', 'stalled', 'killed'])
      expect(TASK_STATES).not.toContain(word);
    const said = (['timeout', 'stalled', 'failed', 'rate_limit'] as const).map((outcome) => {
      const story = createStory({ attempts_max: 5 });
      story.open(12);
      story.tick();
      story.ends(12, outcome);
      story.ready = [];
      story.tick();
      return story.state(12);
    });
    for (const state of said) expect(['new', 'routed', 'needs_review', 'in_progress']).toContain(state);
  });
});

describe('guidance [BLT-21]', () => {
  test('context and order are given by command, and reach the brief and the queue', () => {
    const story = createStory({ parallel_max: 1 });
    for (const number of [1, 2, 3]) story.open(number);
    story.tick();
    story.says('ada', 3, '/orch say Keep the old names.');
    story.says('ada', 3, '/orch priority critical');
    story.tick();
    story.closes(1);
    const { effects } = story.tick();
    const [brief] = effects.flatMap((effect) => (effect.kind === 'start_attempt' ? [effect.brief] : []));
    expect(brief?.task).toBe('3');
    expect(brief?.thread.at(-1)).toMatchObject({ by: 'ada', trust: 'trusted', text: 'Keep the old names.' });
  });
});

describe('an interruption [BLT-37]', () => {
  test('leaves a checkpoint that the next attempt goes on from; a pause lets it run; a deadlock is raised', () => {
    const story = createStory();
    story.open(1);
    story.tick();
    story.roles.set(who('ada'), 'admin');
    story.says('ada', 1, '/orch pause');
    story.tick();
    expect(story.state(1)).toBe('in_progress');
    story.ends(1, 'timeout', { head: sha('work') });
    story.tick();
    expect(story.attempts(1)).toHaveLength(1);
    story.says('ada', 1, '/orch resume');
    story.passes(1);
    story.tick();
    expect(story.journal(1).attempts.at(-1)?.claim.continues).toBe(story.branches.get(taskId(1))?.head);
    story.closes(1);
    story.open(2);
    story.open(3);
    story.depends(2, [3]);
    story.depends(3, [2]);
    expect(story.tick().alarms.map(({ kind }) => kind)).toEqual(['deadlock']);
  });
});
