// Owns the histories of people who change the configuration by a word: proposed once, refused with the reason, never lost.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RunId } from '../../src/domain/ids.ts';
import { JobName } from '../../src/domain/job.ts';
import { renderAlarm } from '../../src/wire/deed-text.ts';
import { parseCommands } from '../../src/wire/command-text.ts';
import * as build from '../core/facts.ts';
import { createStory } from './story.ts';
import type { Story } from './story.ts';

const FILE =
  '# Ours.\nparallel_max: 3 # one per engine\njobs:\n  - { name: nightly, cron: "0 3 * * *", prompt: Tidy. }\n';

function repository(): Story {
  const story = createStory();
  story.texts = { repository: FILE, organisation: null };
  story.policy = build.policy({ jobs: [nightly()] });
  story.open(12, { labelled: [] });
  story.tick();
  return story;
}

function nightly() {
  const name = JobName.parse('nightly');
  const job = { name, title: 'nightly', cron: '0 3 * * *', timezone: 'UTC', enabled: true, prompt: 'Tidy.' };
  return { ...job, command: null, role: 'code', engine: null, model: null, failures_max: 3 } as const;
}

function told(story: Story, by: string, words: string): readonly string[] {
  const before = story.answers.length;
  story.passes(1);
  story.says(by, 12, words);
  story.tick();
  return [
    story.reactions.at(-1) ?? '',
    ...story.answers.slice(before).map((answer) => answer.replace(/\s*<!--.*-->\s*$/, '')),
  ];
}

function proposed(story: Story): readonly string[] {
  return [...story.proposals.values()].map(({ patch }) => patch.text.replace(FILE, '…\n'));
}

describe('a setting, changed by a word [QUE-26]', () => {
  test('is a pull request that changes its line, and the answer leads there', () => {
    const story = repository();
    expect(told(story, 'max', '/orch set parallel_max 5')).toMatchInlineSnapshot(`
      [
        "12 THUMBS_UP",
        "The configuration is a file, so this is a pull request: [Set parallel_max to 5](https://github.com/o/r/compare/main...orch/config-f409ba4b006d?quick_pull=1&title=Set%20parallel_max%20to%205). It holds once somebody merges it. Should GitHub not let Actions open pull requests here, that page has the button that does.",
      ]
    `);
    const [{ patch } = { patch: null }] = story.proposals.values();
    expect(patch).toMatchInlineSnapshot(`
      {
        "base": "main",
        "base_sha": "6261736500000000000000000000000000000000",
        "body": "max asked for this on #12: set \`parallel_max\` to 5.

      Merge it and it holds from the next tick on; close it and everything stays as it is. Only \`.github/orch.yml\` is changed.",
        "branch": "orch/config-f409ba4b006d",
        "path": ".github/orch.yml",
        "text": "# Ours.
      parallel_max: 5 # one per engine
      jobs:
        - { name: nightly, cron: "0 3 * * *", prompt: Tidy. }
      ",
        "title": "Set parallel_max to 5",
      }
    `);
    expect(story.state(12)).toBeUndefined();
  });

  test('whose value would close an issue, or call somebody, only says so', () => {
    const story = repository();
    told(story, 'max', '/orch set model_map.simple.claude closes #5 @everyone');
    told(story, 'ada', '/orch job add look "@daily" fixes #6 @everyone');
    const said = [...story.proposals.values()].map(({ patch }) => `${patch.title}\n${patch.body}`).join('\n');
    expect(story.proposals.size).toBe(2);
    expect(said).toContain('#5');
    expect(said).not.toMatch(/(?:closes|fixes) #|@everyone/);
  });

  test('said twice is one pull request; said after the file has changed is another', () => {
    const story = repository();
    told(story, 'max', '/orch set parallel_max 5');
    told(story, 'max', '/orch set parallel_max 5');
    expect(story.proposals.size).toBe(1);
    story.texts = { repository: `${FILE}overlap: off\n`, organisation: null };
    told(story, 'max', '/orch set parallel_max 5');
    expect(story.proposals.size).toBe(2);
  });

  test('is not lost with a tick that dies before GitHub has answered', () => {
    const story = repository();
    story.says('max', 12, '/orch set parallel_max 5');
    story.diesAfter('append_journal');
    expect(story.proposals.size).toBe(0);
    story.tick();
    expect(story.proposals.size).toBe(1);
    story.passes(1);
    expect(story.tick().effects).toEqual([]);
  });

  test('that somebody else has made meanwhile is not asked for any longer', () => {
    const story = repository();
    story.says('max', 12, '/orch set parallel_max 5');
    story.diesAfter('append_journal');
    story.texts = { repository: FILE.replace('3 #', '5 #'), organisation: null };
    story.tick();
    expect([story.proposals.size, story.journal(12).changes]).toEqual([0, []]);
  });

  test('needs the role, a key, a value, and a file that holds', () => {
    const story = repository();
    const say = (words: string, by = 'max') => told(story, by, `/orch set ${words}`);
    expect([
      say('parallel_max 5', 'ada'),
      say('parallel_max many'),
      say('paralel_max 5'),
      say('sandbox off'),
      say('parallel_max 3'),
      say('parallel_max'),
    ]).toMatchInlineSnapshot(`
      [
        [
          "12 CONFUSED",
          "\`/orch set\` takes at least the role \`maintain\` in this repository, and yours is \`write\`. Somebody with that role can say it for you.",
        ],
        [
          "12 CONFUSED",
          "\`parallel_max\`: Invalid input: expected number, received string. Write a value of type number.",
        ],
        [
          "12 CONFUSED",
          "\`paralel_max\` is not a key of the configuration. See docs/configuration.md for the keys there are.",
        ],
        [
          "12 CONFUSED",
          "\`sandbox\` is not set by a word: it decides what runs, or what may be reached or touched. Change it by hand in .github/orch.yml, where a review sees it.",
        ],
        [
          "12 CONFUSED",
          "The configuration says so already.",
        ],
        [
          "12 CONFUSED",
          "\`/orch set\` is said like this: \`/orch set <key> <value>|default\`.",
        ],
      ]
    `);
    story.texts = { repository: 'parallel_max: 0\n', organisation: null };
    expect(say('attempts_max 2')).toMatchInlineSnapshot(`
      [
        "12 CONFUSED",
        "\`.github/orch.yml\` cannot be used as it is, so nothing is built on it. Line 1: \`parallel_max\`: Too small: expected number to be >0. Use more than 0.",
      ]
    `);
    expect(story.proposals.size).toBe(0);
  });

  test('comes through a dispatch too, which stays in the inbox until GitHub has answered', () => {
    const story = repository();
    const command = { verb: 'set', key: 'parallel_max', value: '5' } as const;
    story.dispatches(71, 'max', { kind: 'word', task: null, command });
    expect(story.plan().effects.map(({ kind }) => kind)).toEqual(['propose_asked']); // and this tick dies
    expect(story.tick().alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "To what max asked in run 71:
      The configuration is a file, so this is a pull request: [Set parallel_max to 5](https://github.com/o/r/compare/main...orch/config-f409ba4b006d?quick_pull=1&title=Set%20parallel_max%20to%205). It holds once somebody merges it. Should GitHub not let Actions open pull requests here, that page has the button that does.",
      ]
    `);
    expect([story.inbox.has(RunId.parse(71)), story.proposals.size]).toEqual([false, 1]);
    story.dispatches(72, 'ada', { kind: 'word', task: null, command });
    expect(story.tick().alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "To what ada asked in run 72:
      \`/orch set\` takes at least the role \`maintain\` in this repository, and yours is \`write\`. Somebody with that role can say it for you.",
      ]
    `);
    expect([story.inbox.size, story.proposals.size]).toEqual([0, 1]);
  });

  test('dispatched and not taken by GitHub within a day, it is given up and said so, once', () => {
    const story = repository();
    const command = { verb: 'set', key: 'parallel_max', value: '5' } as const;
    story.dispatches(71, 'max', { kind: 'word', task: null, command });
    story.passes(24 * 60 + 1);
    const plan = story.tick();
    expect(plan.effects.filter(({ kind }) => kind === 'propose_asked')).toEqual([]);
    expect(plan.alarms.map(renderAlarm)).toMatchInlineSnapshot(`
      [
        "To what max asked in run 71:
      Nothing came of it within a day, and it is not tried any longer. The summaries of the runs say why; dispatch it again once that is mended.",
      ]
    `);
    expect([story.inbox.size, story.proposals.size]).toEqual([0, 0]);
    expect(story.tick().alarms).toEqual([]);
  });
});

describe('a job, changed by a word', () => {
  test('[JOB-03] is added by a pull request', () => {
    const story = repository();
    expect(told(story, 'ada', '/orch job add look "30 6 * * MON" in Europe/Berlin audit Look for dead code.'))
      .toMatchInlineSnapshot(`
        [
          "12 THUMBS_UP",
          "The configuration is a file, so this is a pull request: [Add the job look](https://github.com/o/r/compare/main...orch/config-b6c19ea848fd?quick_pull=1&title=Add%20the%20job%20look). It holds once somebody merges it. Should GitHub not let Actions open pull requests here, that page has the button that does.",
        ]
      `);
    expect(proposed(story)).toMatchInlineSnapshot(`
      [
        "…
        - name: look
          cron: 30 6 * * MON
          timezone: Europe/Berlin
          kind: audit
          prompt: Look for dead code.
      ",
      ]
    `);
  });

  test.each([
    ['Task lists in docs/ are old: update them.', 'UTC', 'task', 'Task lists in docs/ are old: update them.'],
    ['task lists are old', 'UTC', 'task', 'task lists are old'],
    ['task audit the keys', 'UTC', 'task', 'audit the keys'],
    ['Audit trails grow: prune them', 'UTC', 'task', 'Audit trails grow: prune them'],
    ['`audit` Look for dead code.', 'UTC', 'audit', 'Look for dead code.'],
    ['in the docs, fix dead links', 'UTC', 'task', 'in the docs, fix dead links'],
    ['in src/app rename foo', 'UTC', 'task', 'in src/app rename foo'],
    ['in utc in the docs, fix dead links', 'utc', 'task', 'in the docs, fix dead links'],
    ['in Europe/Berlin, audit in the docs', 'Europe/Berlin', 'audit', 'in the docs'],
  ])('[JOB-03] is asked what was said: %s', (words, timezone, role, prompt) => {
    const [parsed] = parseCommands(`/orch job add look "@daily" ${words}`, '@orchestrator');
    expect(parsed).toMatchObject({ command: { action: 'add', cron: '@daily', timezone, role, prompt } });
  });

  test('[JOB-03] is told of a zone that is none', () => {
    const story = repository();
    expect(told(story, 'ada', '/orch job add look "@daily" in Berlin Look.')[1]).toContain(
      '`Berlin` is not a time zone',
    );
  });

  test('[JOB-03] is not added with a schedule that is none, or a name that is taken', () => {
    const story = repository();
    expect([
      told(story, 'ada', '/orch job add look "61 * * * *" Look.'),
      told(story, 'ada', '/orch job add nightly "@daily" Look.'),
      told(story, 'ada', '/orch job add look "@daily"'),
      told(story, 'tom', '/orch job add look "@daily" Look.'),
    ]).toMatchInlineSnapshot(`
      [
        [
          "12 CONFUSED",
          "\`61 * * * *\` has a minute that is none (0 to 59). A schedule has five fields: minute, hour, day of month, month, day of week, such as \`30 6 * * MON-FRI\`; \`@daily\` and its like work too.",
        ],
        [
          "12 CONFUSED",
          "\`jobs.1.name\` two jobs are called nightly. Give each job a name of its own.",
        ],
        [
          "12 CONFUSED",
          "\`/orch job\` is said like this: \`/orch job list | enable|disable|run|remove <name> | add <name> "<cron>" [in <time zone>] [audit] <prompt> | check "<cron>" [in <time zone>]\`.",
        ],
        [
          "12 CONFUSED",
          "\`/orch job\` takes at least the role \`write\` in this repository, and yours is \`triage\`. Somebody with that role can say it for you.",
        ],
      ]
    `);
    expect(story.proposals.size).toBe(0);
  });

  test('is not added, and the last one not removed, so that those of the organisation go or come unseen', () => {
    const story = repository();
    const organisation = 'jobs:\n  - { name: audit, cron: "@weekly", prompt: Look. }\n';
    story.texts = { repository: 'extends: acme/.github\n', organisation };
    expect(told(story, 'ada', '/orch job add look "@daily" Look.')).toEqual([
      '12 CONFUSED',
      "`jobs` are the organisation's here, and a list in this repository's file takes the place of all of them. Write `jobs:` in .github/orch.yml by hand once, with all that are to run.",
    ]);
    story.texts = { repository: `extends: acme/.github\n${FILE}`, organisation };
    told(story, 'ada', '/orch job remove nightly');
    const [{ patch } = { patch: null }] = story.proposals.values();
    expect(parse(patch?.text ?? '')).toMatchObject({ jobs: [] });
  });

  test('[JOB-04] is removed by a pull request; one that is not there is not', () => {
    const story = repository();
    expect(told(story, 'ada', '/orch job remove nightly')).toMatchInlineSnapshot(`
      [
        "12 THUMBS_UP",
        "The configuration is a file, so this is a pull request: [Remove the job nightly](https://github.com/o/r/compare/main...orch/config-acc56325b04f?quick_pull=1&title=Remove%20the%20job%20nightly). It holds once somebody merges it. Should GitHub not let Actions open pull requests here, that page has the button that does.",
      ]
    `);
    expect(proposed(story)).toMatchInlineSnapshot(`
      [
        "# Ours.
      parallel_max: 3 # one per engine
      ",
      ]
    `);
    expect(told(story, 'ada', '/orch job remove none')).toMatchInlineSnapshot(`
      [
        "12 CONFUSED",
        "No job is called \`none\`. There are \`nightly\`.",
      ]
    `);
  });
});
