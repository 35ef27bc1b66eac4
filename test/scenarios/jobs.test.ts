// Owns the histories of scheduled jobs: what the clock starts, what it makes up for, and what it leaves alone.
import { describe, expect, test } from 'vitest';
import { Instant, Login, ModelName, RunId } from '../../src/domain/ids.ts';
import { JobName } from '../../src/domain/job.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { renderAlarm, renderDeed } from '../../src/wire/deed-text.ts';
import * as build from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

function job(name: string, given: Partial<Job> = {}): Job {
  return {
    name: JobName.parse(name),
    title: `The job ${name}`,
    cron: '0 * * * *',
    timezone: 'UTC',
    enabled: true,
    prompt: 'Update the dependencies.',
    command: null,
    role: 'code',
    engine: null,
    model: null,
    failures_max: 3,
    ...given,
  };
}

/** A story at 12:30 whose jobs were seen at that time. */
function storyWith(...jobs: readonly Job[]): Story {
  const story = createStory({ jobs });
  story.passes(30);
  story.tick();
  return story;
}

function runs(story: Story): readonly string[] {
  return [...story.journals.keys()].filter((id) => id.startsWith('i'));
}

function tasks(story: Story): readonly string[] {
  return runs(story).map((id) => `${id} ${story.state(id)}`);
}

function deeds(plan: Plan): readonly string[] {
  return plan.reports.flatMap(({ task, did }) => did.map((deed) => `${task}: ${renderDeed(deed)}`));
}

function jobAlarms({ alarms }: Plan): readonly string[] {
  return alarms.filter(({ kind }) => kind === 'job_off').map(renderAlarm);
}

/** Ends the newest run's attempt. */
function ends(
  story: Story,
  ...[outcome, given]: Parameters<Story['ends']> extends [unknown, ...infer Rest] ? Rest : never
): void {
  story.ends(runs(story).at(-1) ?? '', outcome, given);
}

describe('a job and the clock', () => {
  test('a job makes a task at its time, and none for the time before it was there [TRG-11] [JOB-09]', () => {
    const story = storyWith(job('nightly'));
    expect(tasks(story)).toEqual([]);
    story.passes(37);
    const plan = story.tick();
    expect(deeds(plan)).toMatchInlineSnapshot(`
      [
        "i202611201300000: the job nightly is due (2026-11-20 13:00 UTC)",
        "i202611201300000: routed to claude by round robin",
        "i202611201300000: starts attempt 1 with claude",
      ]
    `);
    expect(story.journal('i202611201300000').asked).toMatchObject({
      by: 'orch.yml',
      title: 'The job nightly',
      prompt: 'Update the dependencies.',
      job: { name: 'nightly', slot: '2026-11-20T13:00:00.000Z' },
    });
  });

  test('an audit is asked in its own role [JOB-08]', () => {
    const story = storyWith(job('review', { role: 'audit' }));
    story.passes(30);
    const [started] = story.tick().effects.filter((effect) => effect.kind === 'start_attempt');
    expect(started?.brief.role).toBe('audit');
  });

  test('a command runs without a model, whatever engines there are [JOB-08]', () => {
    const story = storyWith(job('report', { command: ['npm', 'run', 'report'] }));
    story.ready = [];
    story.passes(30);
    const started = story.tick().effects.filter((effect) => effect.kind === 'start_attempt');
    expect(started.map(({ brief: { engine, plain, model } }) => ({ ...engine, plain, model }))).toMatchObject([
      { id: 'custom', command: ['npm', 'run', 'report'], plain: true, model: null },
    ]);
  });

  test('[JOB-01] two jobs of one minute make two tasks, each with what its own entry says', () => {
    const story = storyWith(
      job('a', { engine: 'codex', model: ModelName.parse('o-next') }),
      job('b', { engine: 'claude' }),
    );
    story.passes(30);
    story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 in_progress', 'i202611201300001 in_progress']);
    expect(story.attempts('i202611201300000')).toEqual(['1 codex live']);
    expect(story.attempts('i202611201300001')).toEqual(['1 claude live']);
  });

  test('[BLT-19] however many times were missed, one run makes up for them, and none after a day', () => {
    const story = storyWith(job('hourly'), job('early', { cron: '45 12 20 11 *' }));
    story.passes(24 * 60 + 20);
    story.tick();
    expect(tasks(story)).toEqual(['i202611211200000 in_progress']);
  });

  test('one run at a time: the next waits until the pull request is merged', () => {
    const story = storyWith(job('hourly'));
    story.passes(30);
    story.tick();
    story.passes(70);
    story.tick();
    ends(story, 'delivered');
    story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 in_review']);
    story.merges('i202611201300000');
    story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 done', 'i202611201400000 in_progress']);
  });

  test('one that is done stays done, though somebody pushes to its branch and nobody reads its pull request any more', () => {
    const story = storyWith(job('hourly'));
    story.passes(30);
    story.tick();
    ends(story, 'delivered');
    story.merges('i202611201300000');
    story.tick();
    story.branches.set(build.taskId('i202611201300000'), build.branch('pushed', 'orch/i202611201300000-x'));
    story.pulls.delete(build.taskId('i202611201300000'));
    const plan = story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 done']);
    expect(plan.effects.filter(({ kind }) => kind === 'open_pull_request')).toEqual([]);
  });

  test('nothing to change is a good end: nobody has to close anything', () => {
    const story = storyWith(job('hourly'));
    story.passes(30);
    story.tick();
    ends(story, 'no_change');
    story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 done']);
  });

  test('a paused repository runs nothing, and makes up for it once', () => {
    const story = storyWith(job('hourly'));
    const at = Instant.parse('2026-11-20T12:31:00Z');
    story.room = {
      ...story.room,
      state: { ...story.room.state, paused: { at, by: Login.parse('max'), from: { run: RunId.parse(1) } } },
    };
    story.passes(120);
    story.tick();
    expect(tasks(story)).toEqual([]);
    story.room = { ...story.room, state: { ...story.room.state, paused: null } };
    story.tick();
    expect(tasks(story)).toEqual(['i202611201400000 in_progress']);
  });

  test('a schedule that changes starts anew', () => {
    const story = storyWith(job('daily', { cron: '0 20 * * *' }));
    story.policy = { ...story.policy, jobs: [job('daily', { cron: '0 11 * * *' })] };
    story.passes(5);
    story.tick();
    expect(tasks(story)).toEqual([]);
    story.passes(23 * 60);
    story.tick();
    expect(tasks(story)).toEqual(['i202611211100000 in_progress']);
  });
});

describe('a job that fails', () => {
  function fails(story: Story, detail: string): Plan {
    story.passes(60);
    story.tick();
    ends(story, 'failed', { detail });
    return story.tick();
  }

  test('the same failure as often as it may switches it off, and says so once', () => {
    const story = createStory({ attempts_max: 1, jobs: [job('hourly')] });
    story.tick();
    for (const _ of [1, 2]) expect(jobAlarms(fails(story, 'No licence.'))).toEqual([]);
    expect(jobAlarms(fails(story, 'No licence.'))).toMatchInlineSnapshot(`
      [
        "The job \`hourly\` is switched off: its last 3 runs failed in the very same way. \`/orch job enable hourly\` switches it on again.",
      ]
    `);
    story.passes(300);
    expect(jobAlarms(story.tick())).toEqual([]);
    expect(tasks(story)).toEqual([
      'i202611201300000 archived',
      'i202611201400000 archived',
      'i202611201500000 needs_review',
    ]);
  });

  test('different failures do not, nor does one that a good run stands between', () => {
    const story = createStory({ attempts_max: 1, jobs: [job('hourly')] });
    story.tick();
    for (const detail of ['No licence.', 'No disk.', 'No licence.']) fails(story, detail);
    story.passes(60);
    story.tick();
    ends(story, 'no_change');
    story.tick();
    for (const detail of ['No licence.', 'No licence.']) expect(jobAlarms(fails(story, detail))).toEqual([]);
  });
});

describe('words about jobs', () => {
  function told(story: Story, by: string, words: string): readonly string[] {
    const before = story.answers.length;
    story.says(by, 12, `/orch job ${words}`);
    story.tick();
    return [
      story.reactions.at(-1) ?? '',
      ...story.answers.slice(before).map((answer) => answer.replace(/\s*<!--.*-->\s*$/, '')),
    ];
  }

  function queue(): Story {
    const story = storyWith(
      job('hourly'),
      job('weekly', { cron: '0 6 * * MON', timezone: 'Europe/Berlin', enabled: false }),
    );
    story.open(12, { labelled: [] });
    return story;
  }

  test('list: when each runs next, how it last went, who switched it off [JOB-02]', () => {
    const story = queue();
    story.passes(31);
    story.tick();
    ends(story, 'no_change');
    story.passes(1);
    expect(told(story, 'tom', 'list')[0]).toBe('12 CONFUSED');
    expect(told(story, 'ada', 'list')).toMatchInlineSnapshot(`
      [
        "12 THUMBS_UP",
        "| Job | Schedule | Next run | Last run |
      | --- | --- | --- | --- |
      | \`hourly\` | \`0 * * * * UTC\` | after 2026-11-20 14:00 UTC | 2026-11-20 13:00 UTC: task i202611201300000, \`done\` |
      | \`weekly\` | \`0 6 * * MON Europe/Berlin\` | off in the configuration | never |",
      ]
    `);
    told(story, 'ada', 'disable hourly');
    expect(told(story, 'ada', 'list')).toMatchInlineSnapshot(`
      [
        "12 THUMBS_UP",
        "| Job | Schedule | Next run | Last run |
      | --- | --- | --- | --- |
      | \`hourly\` | \`0 * * * * UTC\` | off since 2026-11-20 13:02 UTC, by ada | 2026-11-20 13:00 UTC: task i202611201300000, \`done\` |
      | \`weekly\` | \`0 6 * * MON Europe/Berlin\` | off in the configuration | never |",
      ]
    `);
  });

  test.each([
    'check "30 6 * * MON-FRI" in Europe/Berlin',
    'check 30 6 * * MON-FRI Europe/Berlin',
    'check `30 6 * * MON-FRI` Europe/Berlin.',
  ])('%s: the next five runs, by both clocks [JOB-07]', (words) => {
    const story = queue();
    expect(told(story, 'ada', words)).toMatchInlineSnapshot(`
      [
        "12 THUMBS_UP",
        "\`30 6 * * MON-FRI\` falls due next at these times; a job runs at the first tick after each.

      | UTC | Europe/Berlin |
      | --- | --- |
      | Mon 2026-11-23 05:30 | Mon 2026-11-23 06:30 |
      | Tue 2026-11-24 05:30 | Tue 2026-11-24 06:30 |
      | Wed 2026-11-25 05:30 | Wed 2026-11-25 06:30 |
      | Thu 2026-11-26 05:30 | Thu 2026-11-26 06:30 |
      | Fri 2026-11-27 05:30 | Fri 2026-11-27 06:30 |",
      ]
    `);
  });

  test('check: what is wrong with a schedule, or with its zone [JOB-07]', () => {
    const story = queue();
    const say = (words: string) => told(story, 'ada', words);
    expect(['61 * * * *', '@weekly Mars/Olympus', '0 6 * *', '0 0 31 2 *', ''].map((words) => say(`check ${words}`)))
      .toMatchInlineSnapshot(`
        [
          [
            "12 CONFUSED",
            "\`61 * * * *\` has a minute that is none (0 to 59). A schedule has five fields: minute, hour, day of month, month, day of week, such as \`30 6 * * MON-FRI\`; \`@daily\` and its like work too.",
          ],
          [
            "12 CONFUSED",
            "\`Mars/Olympus\` is not a time zone. Take a name of the time-zone database, such as \`Europe/Berlin\` or \`UTC\`.",
          ],
          [
            "12 CONFUSED",
            "\`0 6 * *\` has 4 fields. A schedule has five fields: minute, hour, day of month, month, day of week, such as \`30 6 * * MON-FRI\`; \`@daily\` and its like work too.",
          ],
          [
            "12 CONFUSED",
            "\`0 0 31 2 *\` never falls due. A schedule has five fields: minute, hour, day of month, month, day of week, such as \`30 6 * * MON-FRI\`; \`@daily\` and its like work too.",
          ],
          [
            "12 CONFUSED",
            "\`/orch job\` is said like this: \`/orch job list | enable|disable|run|remove <name> | add <name> "<cron>" [in <time zone>] [audit] <prompt> | check "<cron>" [in <time zone>]\`.",
          ],
        ]
      `);
    expect(say('check @monthly')[1]?.split('\n').slice(2)).toMatchInlineSnapshot(`
      [
        "| UTC |",
        "| --- |",
        "| Tue 2026-12-01 00:00 |",
        "| Fri 2027-01-01 00:00 |",
        "| Mon 2027-02-01 00:00 |",
        "| Mon 2027-03-01 00:00 |",
        "| Thu 2027-04-01 00:00 |",
      ]
    `);
  });

  test('check by a dispatch is answered in the summary of its run [JOB-07]', () => {
    const story = queue();
    story.dispatches(77, 'ada', {
      kind: 'word',
      task: null,
      command: { verb: 'job', action: 'check', cron: '0 6 * * *', timezone: 'UTC' },
    });
    expect(story.tick().alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "To what ada asked in run 77:
      \`0 6 * * *\` falls due next at these times; a job runs at the first tick after each.

      | UTC |
      | --- |
      | Sat 2026-11-21 06:00 |
      | Sun 2026-11-22 06:00 |
      | Mon 2026-11-23 06:00 |
      | Tue 2026-11-24 06:00 |
      | Wed 2026-11-25 06:00 |",
      ]
    `);
    expect(story.inbox.size).toBe(0);
  });

  test('disable keeps it from running; enable makes up for nothing [JOB-05]', () => {
    const story = queue();
    expect(told(story, 'ada', 'disable hourly')).toEqual(['12 THUMBS_UP']);
    story.passes(120);
    story.tick();
    expect(tasks(story)).toEqual([]);
    expect(told(story, 'ada', 'enable hourly')).toEqual(['12 THUMBS_UP']);
    story.passes(5);
    story.tick();
    expect(tasks(story)).toEqual([]);
    story.passes(30);
    story.tick();
    expect(tasks(story)).toEqual(['i202611201500000 in_progress']);
  });

  test('[JOB-06] run: now, once, in the name of whoever asked, even one that is switched off', () => {
    const story = queue();
    expect(told(story, 'ada', 'run weekly')).toEqual(['12 THUMBS_UP']);
    expect(tasks(story)).toEqual(['i202611201230000 in_progress']);
    expect(story.journal('i202611201230000').asked?.by).toBe('ada');
    story.passes(1);
    expect(told(story, 'ada', 'run weekly')).toMatchInlineSnapshot(`
      [
        "12 CONFUSED",
        "The last run of \`weekly\`, task i202611201230000, is not over yet: a job has one run at a time. Merge or close its pull request if it has one.",
      ]
    `);
    ends(story, 'no_change');
    story.tick();
    story.passes(1);
    expect(told(story, 'ada', 'run weekly')).toEqual(['12 THUMBS_UP']);
    expect(tasks(story)).toHaveLength(2);
  });

  test('a dispatch says the same, to the whole repository or to one run', () => {
    const story = queue();
    const name = JobName.parse('hourly');
    story.dispatches(71, 'ada', { kind: 'word', task: null, command: { verb: 'job', action: 'run', name } });
    story.tick();
    expect(tasks(story)).toEqual(['i202611201230000 in_progress']);
    expect(story.inbox.size).toBe(0);
    ends(story, 'failed', { detail: 'No.' });
    story.tick();
    const [run = build.taskId(12)] = story.journals.keys();
    story.dispatches(72, 'ada', { kind: 'word', task: run, command: { verb: 'cancel' } });
    story.tick();
    expect(tasks(story)).toEqual(['i202611201230000 needs_review']);
    story.dispatches(73, 'ada', {
      kind: 'word',
      task: null,
      command: { verb: 'job', action: 'run', name: JobName.parse('none') },
    });
    expect(story.tick().alarms.map(renderAlarm)).toEqual([
      'To what ada asked in run 73:\nNo job is called `none`. There are `hourly` and `weekly`.',
    ]);
    expect(story.inbox.size).toBe(0);
  });

  test('what cannot be is said so', () => {
    const story = queue();
    expect(told(story, 'ada', 'run nightly')).toMatchInlineSnapshot(`
      [
        "12 CONFUSED",
        "No job is called \`nightly\`. There are \`hourly\` and \`weekly\`.",
      ]
    `);
    expect(told(story, 'ada', 'enable weekly')).toMatchInlineSnapshot(`
      [
        "12 CONFUSED",
        "The configuration itself says \`enabled: false\` for \`weekly\`: change that in \`.github/orch.yml\`. \`/orch job run weekly\` runs it once all the same.",
      ]
    `);
    expect(told(story, 'ada', 'enable')).toMatchInlineSnapshot(`
      [
        "12 CONFUSED",
        "\`/orch job\` is said like this: \`/orch job list | enable|disable|run|remove <name> | add <name> "<cron>" [in <time zone>] [audit] <prompt> | check "<cron>" [in <time zone>]\`.",
      ]
    `);
  });

  test('a tick that dies after the room hears the word again: it is obeyed again, and runs nothing twice', () => {
    const story = queue();
    story.says('ada', 12, '/orch job run weekly');
    story.diesAfter('append_room');
    story.passes(1);
    story.tick();
    expect(tasks(story)).toEqual(['i202611201230000 in_progress']);
    expect(story.reactions).toEqual(['12 THUMBS_UP']);
  });

  test('switched off by failures, it counts anew once it is switched on', () => {
    const story = createStory({ attempts_max: 1, jobs: [job('hourly', { failures_max: 1 })] });
    story.open(12, { labelled: [] });
    story.tick();
    story.passes(60);
    story.tick();
    ends(story, 'failed', { detail: 'No licence.' });
    expect(jobAlarms(story.tick())).toHaveLength(1);
    story.passes(1);
    told(story, 'ada', 'enable hourly');
    story.passes(60);
    story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 archived', 'i202611201400000 in_progress']);
  });
});

describe('a tick that dies', () => {
  test('between the room and the task: the next one makes the task, under its name, once', () => {
    const story = storyWith(job('hourly'));
    story.passes(30);
    story.diesAfter('append_room');
    story.passes(1);
    story.tick();
    expect(tasks(story)).toEqual(['i202611201300000 in_progress']);
    story.passes(1);
    expect(story.tick().effects).toEqual([]);
  });
});
