// Owns the histories of what people say: each word is heard once, obeyed or refused with its reason, and then holds.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildBrief } from '../../src/core/brief.ts';
import { mayCommand } from '../../src/core/permissions.ts';
import { VERBS } from '../../src/domain/command.ts';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import type { StartOrder } from '../../src/domain/decision.ts';
import type { TaskDetails, TaskFacts } from '../../src/domain/snapshot.ts';
import { ROLE_NAMES } from '../../src/domain/task.ts';
import { issue, minutes, prompt, snapshot, taskId, who } from '../core/facts.ts';
import { spokenCommand } from '../wire/arbitraries.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const head = (story: Story, number = 12) => story.comment(number).split('\n').slice(0, 3).join('\n');
const lastAnswer = (story: Story) => story.answers.at(-1)?.split('\n').slice(0, -2).join('\n') ?? '';

/** What an attempt would be told of these comments, and of the guidance in the journal. */
function threadFor(story: Story, number: number, thread: TaskDetails['thread']): readonly string[] {
  const { snapshot: seen } = story.look();
  const facts = { ...seen.tasks.get(taskId(number)), details: { thread, thread_cut: false } } as TaskFacts;
  const order = { attempt: 1, route: { complexity: 'medium', profile: null } } as unknown as StartOrder;
  const about = { facts, journal: story.journal(number), order, branch: 'orch/12' as never };
  return buildBrief(about, { snapshot: seen, policy: story.policy }).thread.map(({ text }) => text);
}

describe('pause and resume', () => {
  test('pause stops new starts and not what runs; resume lets all go on [QUE-18]', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(11);
    story.open(12);
    story.tick();
    expect([story.attempts(11), story.attempts(12)]).toEqual([['1 claude live'], []]);

    story.says('max', 12, '/orch pause');
    story.tick();
    expect(story.room.state.paused?.by).toBe('max');
    expect(story.attempts(11)).toEqual(['1 claude live']);

    story.passes(5);
    story.ends(11, 'delivered');
    story.tick();
    expect(story.attempts(12)).toEqual([]);
    expect(head(story)).toMatchInlineSnapshot(`
      "**In the queue.**\\
      **Why:** max paused the queue on 2026-11-20 12:00 UTC; \`/orch resume\` lets it go on.\\
      **Next:** Comment \`/orch resume\`."
    `);

    story.says('max', 11, '/orch resume');
    story.tick();
    expect(story.room.state.paused).toBe(null);
    expect(story.attempts(12)).toHaveLength(1);
  });

  test('a word said twice, or after a kill between room and journal, changes nothing more', () => {
    const story = createStory();
    story.open(12);
    story.says('max', 12, '/orch pause');
    story.tick();
    const since = story.room.state.paused?.at;
    story.passes(5);
    story.says('max', 12, '/orch pause');
    story.tick();
    expect(story.room.state.paused?.at).toBe(since);
    expect(story.reactions).toHaveLength(2);
  });

  test('a weaker role is told which one it takes', () => {
    const story = createStory();
    story.open(12);
    story.says('ada', 12, '/orch pause');
    story.tick();
    expect(story.room.state.paused).toBe(null);
    expect(lastAnswer(story)).toMatchInlineSnapshot(
      `"\`/orch pause\` takes at least the role \`maintain\` in this repository, and yours is \`write\`. Somebody with that role can say it for you."`,
    );
  });
});

describe('a receipt that got lost', () => {
  test('is given again, the same one, and without its words', () => {
    const story = createStory();
    story.open(12);
    story.says('tom', 12, '/orch hold');
    story.says('tom', 12, '/orch dance');
    story.says('ada', 12, '/orch retry');
    story.tick();
    expect(story.reactions).toEqual(['12 THUMBS_UP', '12 CONFUSED', '12 ROCKET']);
    const { length } = story.answers;

    story.losesReceipts();
    story.passes(1);
    story.tick();
    expect(story.reactions.slice(3)).toEqual(['12 THUMBS_UP', '12 CONFUSED', '12 ROCKET']);
    expect(story.answers).toHaveLength(length);
    story.passes(1);
    story.tick();
    expect(story.reactions).toHaveLength(6);
  });
});

describe('a word about one task', () => {
  test('hold lets the running attempt end, and then nothing starts until unskip', () => {
    const story = createStory({ backoff_minutes: [0] });
    story.open(12);
    story.tick();
    story.says('tom', 12, '/orch hold');
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude live']);

    story.passes(5);
    story.ends(12, 'crashed');
    story.tick();
    story.passes(60);
    story.tick();
    expect([story.state(12), story.attempts(12)]).toEqual(['needs_review', ['1 claude crashed']]);
    expect(head(story)).toMatchInlineSnapshot(`
      "**Your turn: it does not go on by itself.**\\
      **Why:** tom holds it.\\
      **Next:** Comment \`/orch unskip\`."
    `);

    story.says('tom', 12, '/orch unskip');
    story.tick();
    expect(story.attempts(12)).toHaveLength(2);
  });

  test('skip until a day ends by itself on that day', () => {
    const story = createStory();
    story.open(12);
    const day = minutes(3 * 24 * 60).slice(0, 10);
    story.says('tom', 12, `/orch skip until ${day}`);
    story.tick();
    expect(story.state(12)).toBe('skipped');
    expect(head(story)).toContain(`tom skipped it until`);
    story.passes(24 * 60);
    story.tick();
    expect(story.attempts(12)).toEqual([]);
    story.passes(2 * 24 * 60);
    story.tick();
    expect(story.attempts(12)).toEqual(['1 claude live']);
  });

  test('block keeps it from starting; unblock all lets every such task go on [ERR-18]', () => {
    const story = createStory();
    for (const number of [11, 12]) {
      story.open(number);
      story.says('tom', number, '/orch block #40');
    }
    story.tick();
    expect([story.state(11), story.state(12), story.attempts(11)]).toEqual(['blocked', 'blocked', []]);
    expect(head(story)).toMatchInlineSnapshot(`
      "**Waiting for another issue.**\\
      **Why:** tom blocked it, since it waits for #40.\\
      **Next:** Comment \`/orch unblock\`."
    `);
    story.passes(1);
    story.says('tom', 12, '/orch unblock all');
    story.tick();
    expect([story.attempts(11), story.attempts(12)]).toEqual([['1 claude live'], ['1 codex live']]);
  });

  test('start all gives every task that is in line to the queue, and begins nothing anew [QUE-17]', () => {
    const story = createStory({ assignment: 'manual', parallel_max: 6 });
    for (const number of [11, 12, 13, 14]) story.open(number);
    story.says('tom', 13, '/orch hold');
    story.says('ada', 14, '/orch start');
    story.tick();
    expect([11, 12, 13, 14].map((number) => story.attempts(number).length)).toEqual([0, 0, 0, 1]);
    story.ends(14, 'delivered');
    story.passes(1);
    story.says('ada', 14, '/orch start all');
    story.tick();
    expect([11, 12, 13, 14].map((number) => story.attempts(number).length)).toEqual([1, 1, 0, 1]);
    expect(story.state(14)).toBe('in_review');
    story.open(15);
    story.passes(1);
    story.tick();
    expect(story.attempts(15)).toEqual([]);
  });

  test('start all and unblock all are right wherever they are said, also where no task is', () => {
    const story = createStory({ assignment: 'manual', parallel_max: 6 });
    for (const number of [11, 12]) story.open(number);
    story.open(13, { labelled: [] });
    story.says('tom', 12, '/orch block');
    story.tick();
    story.passes(1);
    story.says('ada', 13, '/orch start all');
    story.says('ada', 13, '/orch unblock all');
    story.tick();
    expect(story.attempts(11)).toHaveLength(1);
    expect(story.journal(12).blocked).toBeNull();
    expect([story.answers, story.reactions.slice(-2)]).toEqual([[], ['13 ROCKET', '13 THUMBS_UP']]);
  });

  test('start all does not reach what is put back in line after it was said', () => {
    const story = createStory({ assignment: 'manual' });
    for (const number of [11, 12, 13]) story.open(number);
    story.says('tom', 11, '/orch skip');
    story.says('tom', 12, '/orch block');
    story.tick();
    story.passes(1);
    story.says('ada', 13, '/orch start all');
    story.tick();
    story.passes(1);
    story.says('ada', 11, '/orch unskip');
    story.says('ada', 12, '/orch unblock');
    story.tick();
    expect([11, 12, 13].map((number) => story.attempts(number).length)).toEqual([0, 0, 1]);
  });

  test('start all reaches what was put off until a day that has come', () => {
    const story = createStory({ assignment: 'manual' });
    for (const number of [11, 12]) story.open(number);
    story.says('tom', 11, '/orch skip until 2026-11-21');
    story.tick();
    story.passes(2 * 24 * 60);
    story.tick();
    story.says('ada', 12, '/orch start all');
    story.tick();
    expect([11, 12].map((number) => story.attempts(number).length)).toEqual([1, 1]);
  });

  test('a journal that was lost in the tick that heard a word to all hears it from the next one [QUE-17] [ERR-18]', () => {
    const story = createStory({ parallel_max: 6 });
    for (const number of [11, 12, 13]) {
      story.open(number);
      story.says('tom', number, '/orch block');
    }
    story.tick();
    story.passes(1);
    story.says('tom', 12, '/orch unblock all');
    const before = story.journals.get(taskId(13)) ?? [];
    story.tick();
    story.losesAppend(13, before);
    expect([11, 12, 13].map((number) => story.state(number))).toEqual(['in_progress', 'in_progress', 'blocked']);
    // Nobody was asked who tom is: that refuses nothing.
    story.tick({ roles: new Map() });
    expect([story.state(13), story.journals.get(taskId(13))]).toEqual(['blocked', before]);
    story.tick();
    expect([story.state(13), story.attempts(13).length]).toEqual(['in_progress', 1]);
    expect(story.answers).toEqual([]);
  });

  test('a dispatched one stays in the inbox until no journal takes it up any more', () => {
    const story = createStory({ parallel_max: 6 });
    for (const number of [11, 12, 13]) {
      story.open(number);
      story.says('tom', number, '/orch block');
    }
    story.tick();
    story.passes(1);
    const issue = story.issue(12).number;
    story.dispatches(71, 'ada', { kind: 'command', issue, command: { verb: 'unblock', of: [], all: true } });
    const before = story.journals.get(taskId(13)) ?? [];
    story.tick();
    story.losesAppend(13, before);
    expect(story.tick().more).toBe(true);
    expect([11, 12, 13].map((number) => story.attempts(number).length)).toEqual([1, 1, 1]);
    story.tick();
    expect(story.inbox.size).toBe(0);
  });

  test('words to all see what was said before them in the same tick [QUE-17] [ERR-18]', () => {
    const story = createStory({ assignment: 'manual', parallel_max: 6 });
    for (const number of [11, 12, 13]) story.open(number);
    story.tick();
    story.passes(1);
    story.says('tom', 11, '/orch block');
    story.passes(1);
    story.says('tom', 13, '/orch unblock all');
    story.passes(1);
    story.says('ada', 13, '/orch start all');
    story.passes(1);
    story.says('tom', 12, '/orch block');
    story.tick();
    expect([11, 12, 13].map((number) => story.journal(number).blocked === null)).toEqual([true, false, true]);
    expect([11, 12, 13].map((number) => story.attempts(number).length)).toEqual([1, 0, 1]);
    story.passes(1);
    story.says('ada', 13, '/orch unblock all');
    story.tick();
    expect(story.attempts(12)).toHaveLength(1);
  });

  test('somebody who may not say it writes into no journal but where they spoke', () => {
    const story = createStory({ parallel_max: 6 });
    for (const number of [11, 12]) {
      story.open(number);
      story.says('tom', number, '/orch block');
    }
    story.tick();
    story.passes(1);
    const before = story.journals.get(taskId(11));
    story.says('eve', 12, '/orch unblock all');
    story.tick();
    expect(story.journals.get(taskId(11))).toEqual(before);
    story.roles.set(who('eve'), 'write');
    story.tick();
    expect([11, 12].map((number) => story.state(number))).toEqual(['blocked', 'blocked']);
  });

  describe('a day to wait for', () => {
    test.each(['skip', 'hold'])(
      '%s until one that has begun is refused, and stops nothing it would not stop',
      (verb) => {
        const story = createStory();
        story.open(12);
        story.says('tom', 12, `/orch ${verb} until 2026-01-05`);
        story.tick();
        expect([story.reactions, story.journal(12).hold]).toEqual([['12 CONFUSED'], null]);
        expect(lastAnswer(story)).toMatchInlineSnapshot(
          `"2026-01-05 00:00 UTC is not ahead any more, so nothing changed. Name a day to come (it ends when that day begins, at midnight UTC), or leave \`until\` out."`,
        );
      },
    );

    test('that is over takes no stop away', () => {
      const story = createStory();
      story.open(12);
      story.says('tom', 12, '/orch hold');
      story.tick();
      story.passes(5);
      story.says('tom', 12, '/orch hold until 2026-11-20');
      story.tick();
      expect([story.reactions, story.attempts(12)]).toEqual([['12 THUMBS_UP', '12 CONFUSED'], []]);
      expect(story.journal(12).hold).toMatchObject({ verb: 'hold', until: null });
    });

    test('is judged against when it was said, not when it was heard', () => {
      const story = createStory();
      story.open(12);
      story.says('tom', 12, '/orch hold until 2026-11-21');
      story.passes(24 * 60);
      story.tick();
      expect([story.reactions, story.attempts(12)]).toEqual([['12 THUMBS_UP'], ['1 claude live']]);
    });
  });

  describe('several commands in one comment', () => {
    test('count each time they are said, but for the same one twice in a row [QUE-34]', () => {
      const story = createStory();
      story.open(12);
      story.says('ada', 12, '/orch hold\n/orch unskip\n/orch hold\n/orch hold');
      story.tick();
      expect([story.journal(12).hold?.verb, story.attempts(12)]).toEqual(['hold', []]);
      expect([story.reactions, story.answers]).toEqual([['12 THUMBS_UP'], []]);
    });

    test('are obeyed one after the other, under one receipt [QUE-34]', () => {
      const story = createStory({ parallel_max: 1 });
      story.open(11);
      story.open(12);
      story.says('ada', 12, '/orch say keep the old names\n/orch priority high\n\nThank you!\n\n/orch start');
      story.tick();
      expect([story.journal(12).notes.length, story.journal(12).priority]).toEqual([1, 'high']);
      expect([story.state(12), story.reactions, story.answers]).toEqual(['in_progress', ['12 ROCKET'], []]);
      story.tick();
      expect(story.journal(12).notes).toHaveLength(1);
    });

    test('are judged in the light of those before them, and each answer is found again by itself', () => {
      const story = createStory();
      story.open(12);
      story.tick();
      story.says('ada', 12, '/orch cancel\n/orch dance\n/orch cancel\n/orch status');
      story.tick();
      expect(story.reactions).toEqual(['12 CONFUSED']);
      expect(story.journal(12).hold?.verb).toBe('cancel');
      expect(story.answers.map((body) => [body.split('\n')[0], body.split('\n').at(-1)])).toMatchInlineSnapshot(`
        [
          [
            "Orch does not know \`dance\`. It knows \`start\`, \`assign\`, \`route\`, \`retry\`, \`reroute\`, \`skip\`, \`unskip\`, \`cancel\`, \`hold\`, \`block\`, \`unblock\`, \`priority\`, \`say\`, \`complete\`, \`publish\`, \`import\`, \`export\`, \`ask\`, \`refresh\`, \`pause\`, \`resume\`, \`job\`, \`set\`, \`why\`, \`status\`, \`queue\`, \`settings\` and \`help\`; \`/orch help\` explains them.",
            "<!-- orch:answer v1 {"comment":102} -->",
          ],
          [
            "**#12: Your turn: it does not go on by itself.**\\",
            "<!-- orch:answer v1 {"comment":102,"part":1} -->",
          ],
        ]
      `);
    });

    test('those that speak to more than the task are left out, and the person is told', () => {
      const story = createStory();
      story.open(12);
      story.says('ada', 12, '/orch hold\n/orch pause\n/orch start all\n@orchestrator please look after the logs, too');
      story.tick();
      expect([story.journal(12).hold?.verb, story.room.state.paused, story.attempts(12)]).toEqual(['hold', null, []]);
      expect([...story.journals.keys()]).toEqual(['12']);
      expect(lastAnswer(story)).toMatchInlineSnapshot(
        `"Not heeded: 3 further commands of this comment. A comment may hold up to 5 commands to its task; \`ask\`, \`pause\`, \`resume\`, \`job\`, \`set\`, \`import\`, \`export\` and words to \`all\` stand alone. Please say the rest again, in comments of their own."`,
      );
    });

    test('a word to all that comes first stands alone', () => {
      const story = createStory({ assignment: 'manual' });
      story.open(11);
      story.open(12);
      story.tick();
      story.passes(1);
      story.says('ada', 12, '/orch start all\n/orch priority high');
      story.tick();
      expect([11, 12].map((number) => story.attempts(number).length)).toEqual([1, 1]);
      expect(story.journal(12).priority).toBeNull();
    });

    test('that nobody understands get one refusal, whoever says them, and stop nothing', () => {
      const story = createStory();
      story.open(12);
      story.says('eve', 12, '/orch foo\n/orch bar\n/orch skip until never\n/orch hold until whenever');
      const { alarms } = story.tick();
      expect(alarms.filter(({ kind }) => kind === 'withheld')).toEqual([]);
      expect([story.state(12), story.reactions]).toEqual(['in_progress', ['12 CONFUSED']]);
      expect(story.answers.map((body) => body.split('.')[0])).toEqual([
        'Orch does not know `foo`',
        'Not heeded: 3 further commands of this comment',
      ]);
    });

    test('more than five are left out', () => {
      const story = createStory();
      story.open(12);
      story.says('ada', 12, Array.from({ length: 7 }, (_, i) => `/orch say ${i + 1}`).join('\n'));
      story.tick();
      expect(story.journal(12).notes.map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5']);
      expect(lastAnswer(story)).toContain('2 further commands');
    });

    test('a tick that died gives the one receipt again, as it was', () => {
      const story = createStory();
      story.open(12);
      story.tick();
      story.says('ada', 12, '/orch priority high\n/orch dance');
      story.tick();
      story.losesReceipts();
      story.tick();
      expect(story.reactions).toEqual(['12 CONFUSED', '12 CONFUSED']);
      expect(story.journal(12).handled_comments.size).toBe(1);
    });
  });

  test('unblock where nobody blocked names what it waits for', () => {
    const story = createStory();
    story.open(11, { labelled: [] });
    story.open(12);
    story.depends(12, [11]);
    story.says('tom', 12, '/orch unblock');
    story.tick();
    expect(lastAnswer(story)).toMatchInlineSnapshot(
      `"Nobody blocked it by a command: it depends on #11, which is still open. Close them, or take the dependency away."`,
    );
  });

  test('priority by word beats the labels', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(11, { labelled: ['agent-todo', 'priority:high'] });
    story.open(12);
    story.says('tom', 12, '/orch priority critical');
    story.tick();
    expect([story.attempts(11), story.attempts(12)]).toEqual([[], ['1 claude live']]);
  });

  describe('guidance', () => {
    const bodies: readonly (readonly [what: string, body: string, thread: readonly string[]])[] = [
      ['a text of several lines', '/orch say mind this:\r\n\r\n- a\r\n- b', ['mind this:\n\n- a\n- b']],
      ['two texts', '/orch say one\n\n/orch say two\nthree', ['one', 'two\nthree']],
      ['free words to the bot', '@orchestrator, please keep the\nold names', ['please keep the\nold names']],
      [
        'with words above it',
        'I looked at the log.\n\n/orch say keep the names',
        ['I looked at the log.\n\n/orch say keep the names', 'keep the names'],
      ],
      [
        'with another command below it',
        '/orch say keep the names\n/orch retry it was flaky',
        ['/orch say keep the names\n/orch retry it was flaky', 'keep the names'],
      ],
    ];
    test.each(bodies)('is told whole, and no word beside it is lost: %s [QUE-08]', (_, body, thread) => {
      const story = createStory({ parallel_max: 0 });
      story.open(12);
      story.says('ada', 12, body);
      story.tick();
      const comment = { by: who('ada'), association: 'MEMBER', at: story.now, body };
      expect(threadFor(story, 12, [comment])).toEqual(thread);
    });

    test('that is too long is refused with the figure, also where the bot was only mentioned', () => {
      const story = createStory();
      story.open(12);
      story.says('ada', 12, `/orch say ${'x'.repeat(1_200)}`);
      story.says('ada', 12, `@orchestrator please do this:\n${'x'.repeat(1_190)}`);
      story.tick();
      expect([story.reactions, story.journal(12).notes]).toEqual([['12 CONFUSED', '12 CONFUSED'], []]);
      expect(story.answers.map((body) => body.split('\n')[0])).toMatchInlineSnapshot(`
        [
          "\`/orch say\` takes at most 900 characters, and these are 1200, with the lines below it. Nothing of it was taken: please shorten it, or say it in several comments.",
          "\`/orch say\` takes at most 900 characters, and these are 1206, with the lines below it. Nothing of it was taken: please shorten it, or say it in several comments.",
        ]
      `);
    });
  });

  test('ask takes the lines below into the prompt of its task [QUE-08]', () => {
    const story = createStory();
    story.open(12);
    story.says('ada', 12, '/orch ask Fix the following:\n- rename a to b\n- add tests');
    story.tick();
    const asked = [...story.journals.keys()].find((task) => task.startsWith('i')) ?? '';
    expect(story.journal(asked).asked).toMatchObject({
      title: 'Fix the following:',
      prompt: 'Fix the following:\n- rename a to b\n- add tests',
    });
  });

  test('say reaches the next brief, with its author and trust', () => {
    const story = createStory();
    story.open(12);
    story.says('ada', 12, '/orch say use the `parser` of the other module');
    const { snapshot: seen, decision } = story.look();
    const [decided] = decision.tasks;
    const order = decided?.starts[0];
    if (decided === undefined || order === undefined) throw new Error('nothing starts');
    const brief = buildBrief(
      { facts: decided.facts, journal: decided.journal, order, branch: 'orch/12' as never },
      { snapshot: seen, policy: story.policy },
    );
    expect(brief.thread).toEqual([
      { by: 'ada', trust: 'trusted', at: story.now, text: 'use the `parser` of the other module' },
    ]);
  });

  test('complete closes the issue as done [QUE-09]', () => {
    const story = createStory();
    story.open(12, { labelled: ['agent-todo', 'no-agent'] });
    story.tick();
    story.says('tom', 12, '/orch complete');
    story.tick();
    expect([story.issue(12).open, story.state(12)]).toEqual([false, 'done']);
  });

  test('assign names the engine without a new budget; reroute takes another one with a new budget [QUE-02] [QUE-20]', () => {
    const story = createStory({ attempts_max: 1 });
    story.open(12);
    story.says('ada', 12, '/orch assign codex gpt-5.3-codex');
    story.tick();
    expect([story.attempts(12), story.journal(12).epoch.number]).toEqual([['1 codex live'], 1]);
    story.passes(5);
    story.ends(12, 'crashed');
    story.tick();
    expect(story.state(12)).toBe('needs_review');
    story.says('ada', 12, '/orch reroute');
    story.tick();
    expect([story.attempts(12), story.journal(12).epoch.number]).toEqual([['1 codex crashed', '2 claude live'], 2]);
  });

  test('the same words come through a dispatch', () => {
    const story = createStory();
    story.open(12);
    story.dispatches(77, 'ada', {
      kind: 'command',
      issue: issue(12).number,
      command: { verb: 'priority', level: 'high' },
    });
    story.tick();
    expect([story.journal(12).priority, story.inbox.size]).toEqual(['high', 0]);
  });
});

describe('a question', () => {
  test('about the queue is answered with a table [QUE-01]', () => {
    const story = createStory({ parallel_max: 1 });
    story.open(11, { title: 'First' });
    story.open(12, { title: 'Second | with a pipe' });
    story.tick();
    story.says('eve', 12, '/orch queue');
    story.tick();
    expect(lastAnswer(story)).toMatchInlineSnapshot(`
      "| Turn | Task | State | Why |
      | --- | --- | --- | --- |
      | 1 | #12 Second &#124; with a pipe | \`new\` | All 1 slots are taken: 1 attempt running, at most 1 at a time. |
      |  | #11 First | \`in_progress\` | Attempt 1 is running. |"
    `);
  });

  test('about tasks of one state, or of one source, is answered with those [CLI-08]', () => {
    const story = createStory({ parallel_max: 1, attempts_max: 1 });
    for (const number of [11, 12, 13]) story.open(number);
    story.dispatches(77, 'ada', prompt());
    story.tick();
    story.ends(11, 'delivered');
    story.merges(11);
    story.tick();
    const asked = ['done', 'new', 'in-progress', 'issues', 'prompts', 'jobs', 'blocked'].map((part) => {
      story.passes(1);
      story.says('eve', 12, `/orch queue ${part}`);
      story.tick();
      return `${part}: ${[...lastAnswer(story).matchAll(/(?:#|task )(i?\d+).*?`(\w+)`/g)].map(([, task, state]) => `${task} ${state}`).join(', ')}`;
    });
    expect(asked).toMatchInlineSnapshot(`
      [
        "done: 11 done",
        "new: 13 new, i77 new",
        "in-progress: 12 in_progress",
        "issues: 13 new, 12 in_progress",
        "prompts: i77 new",
        "jobs: ",
        "blocked: ",
      ]
    `);
    expect(lastAnswer(story)).toMatchInlineSnapshot(`"No task is at \`blocked\`."`);
  });

  test('about the settings is answered with their values, and who set each [QUE-25]', () => {
    const story = createStory({ parallel_max: 5, assignment: 'hybrid' });
    story.texts = {
      repository: '# Ours\nparallel_max: 5\nengines:\n  claude: { parallel_max: 2 }\n',
      organisation: 'assignment: hybrid\nengines:\n  codex: { parallel_max: 9 }\n',
    };
    story.open(12);
    story.says('tom', 12, '/orch settings');
    story.tick();
    expect(lastAnswer(story)).toMatchInlineSnapshot(`
      "| Setting | Value | Set by |
      | --- | --- | --- |
      | \`intake.label\` | \`agent-todo\` | default |
      | \`intake.permission\` | \`write\` | default |
      | \`assignment\` | \`hybrid\` | organisation's file, line 1 |
      | \`parallel_max\` | \`5\` | line 2 |
      | \`parallel_min\` | not set | default |
      | \`engines.claude.parallel_max\` | not set | line 4 |
      | \`engines.codex.parallel_max\` | not set | default |
      | \`engines.claude.weight\` | \`1\` | default |
      | \`engines.codex.weight\` | \`1\` | default |
      | \`instances_max\` | \`3\` | default |
      | \`runners_max\` | \`20\` | default |
      | \`overlap\` | \`running\` | default |
      | \`patience_hours\` | \`24\` | default |
      | \`attempts_max\` | \`3\` | default |
      | \`infra_attempts_max\` | \`3\` | default |
      | \`attempts_per_hour_max\` | not set | default |
      | \`backoff_minutes\` | \`0, 2, 10, 60\` | default |
      | \`timeout_minutes.simple\` | \`20\` | default |
      | \`timeout_minutes.medium\` | \`40\` | default |
      | \`timeout_minutes.complex\` | \`90\` | default |
      | \`budget.task.usd\` | not set | default |
      | \`budget.task.tokens\` | not set | default |
      | \`budget.day.usd\` | not set | default |
      | \`budget.day.tokens\` | not set | default |
      | \`budget.month.usd\` | not set | default |
      | \`budget.month.tokens\` | not set | default |
      | \`stop_on_failure\` | no | default |
      | \`circuit.tasks_max\` | \`5\` | default |
      | \`circuit.window_minutes\` | \`60\` | default |
      | \`circuit.cooldown_minutes\` | \`30\` | default |
      | \`cooldown_minutes.engine\` | \`30\` | default |
      | \`cooldown_minutes.model\` | \`60\` | default |
      | \`sweep_hours_max\` | \`6\` | default |
      | \`notify\` | \`none\` | default |"
    `);
  });

  test('about one setting, or those below a key, whatever it is about [CLI-06]', () => {
    const story = createStory({ gate: { ...DEFAULT_POLICY.gate, files_max: 50 } });
    story.texts = { repository: 'gate:\n  files_max: 50\n', organisation: null };
    story.open(12);
    const answers = ['gate', 'sandbox', 'engines.claude.hosts', 'gate.colour'].map((key) => {
      story.passes(1);
      story.says('tom', 12, `/orch settings ${key}`);
      story.tick();
      return lastAnswer(story);
    });
    expect(answers.join('\n\n')).toMatchInlineSnapshot(`
      "| Setting | Value | Set by |
      | --- | --- | --- |
      | \`gate.files_max\` | \`50\` | line 2 |
      | \`gate.bytes_max\` | \`5000000\` | default |
      | \`gate.file_bytes_max\` | \`2000000\` | default |
      | \`gate.protected_paths\` | \`.github/workflows/**, .github/actions/**, .github/orch.yml, .github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS, .gitmodules, .gitattributes, .claude/**, .codex/**, .mcp.json, CLAUDE.md, AGENTS.md\` | default |
      | \`gate.submodules\` | \`refuse\` | default |

      | Setting | Value | Set by |
      | --- | --- | --- |
      | \`sandbox\` | \`on\` | default |

      | Setting | Value | Set by |
      | --- | --- | --- |
      | \`engines.claude.hosts\` | none | default |

      \`gate.colour\` is not a setting that this repository has. See docs/configuration.md for the keys there are; \`/orch settings\` shows those of the queue."
    `);
  });

  test('about the settings by a dispatch is answered in the summary [QUE-25]', () => {
    const story = createStory();
    story.dispatches(77, 'ada', { kind: 'word', task: null, command: { verb: 'settings', key: null } });
    expect(story.tick().alarms.map(renderAlarm)).toEqual([
      expect.stringContaining('To what ada asked in run 77:\n| Setting | Value | Set by |'),
    ]);
  });

  test('about the status is answered with the facts', () => {
    const story = createStory();
    story.open(12);
    story.tick();
    story.says('eve', 12, '/orch status');
    story.tick();
    expect(lastAnswer(story)).toMatchInlineSnapshot(`
      "**#12: Claude is working on it.**\\
      **Why:** Attempt 1 of 3; the next in turn was claude for this medium task. It has 40 min.\\
      **Next:** Nothing to do; the pull request opens when the work is proven. \`/orch cancel\` stops it.

      State: \`in_progress\`; engine: claude; attempts: 1 of 3 in this budget, 1 in all."
    `);
  });

  test('whose words are missing is answered with how it is said', () => {
    const story = createStory();
    story.open(12);
    story.says('ada', 12, '/orch priority');
    story.tick();
    expect(lastAnswer(story)).toMatchInlineSnapshot(
      `"\`/orch priority\` is said like this: \`/orch priority critical|high|medium|low|none\`."`,
    );
  });
});

describe('who may say what', () => {
  test('follows the role, verb by verb', () => {
    const world = { snapshot: snapshot([]), policy: DEFAULT_POLICY };
    const weakest = VERBS.map((verb) => [verb, ROLE_NAMES.find((role) => mayCommand(world, verb, role))]);
    expect(Object.fromEntries(weakest)).toMatchInlineSnapshot(`
      {
        "ask": "write",
        "assign": "write",
        "block": "triage",
        "cancel": "triage",
        "complete": "triage",
        "export": "triage",
        "help": "read",
        "hold": "triage",
        "import": "write",
        "job": "write",
        "pause": "maintain",
        "priority": "triage",
        "publish": "triage",
        "queue": "read",
        "refresh": "triage",
        "reroute": "write",
        "resume": "maintain",
        "retry": "write",
        "route": "write",
        "say": "write",
        "set": "maintain",
        "settings": "triage",
        "skip": "triage",
        "start": "write",
        "status": "read",
        "unblock": "triage",
        "unskip": "triage",
        "why": "read",
      }
    `);
  });

  test('any command by anybody is answered exactly once, and none is an error', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(spokenCommand, fc.constantFrom('ada', 'tom', 'max')), { maxLength: 6 }), (said) => {
        const story = createStory();
        story.open(12);
        story.tick();
        for (const [index, [command, by]] of said.entries()) {
          story.passes(1);
          story.says(by, 12, '/orch why');
          const spoken = story.said[index];
          if (spoken !== undefined) Object.assign(spoken, { parsed: { kind: 'command', command }, by: who(by) });
          story.tick();
        }
        expect(story.reactions).toHaveLength(said.length);
      }),
      { numRuns: 60 },
    );
  });
});
