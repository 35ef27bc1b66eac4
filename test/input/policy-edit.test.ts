// Owns the proof of changing the configuration as text: what is meant changes, and what people wrote around it stays.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { JobName } from '../../src/domain/job.ts';
import type { ConfigChange } from '../../src/domain/setting.ts';
import { editPolicyText } from '../../src/input/policy-edit.ts';

const FILE = `# Ours.
parallel_max: 5 # two per engine, and one
engines:
    claude:   { weight: 2 }   # the usual one
    codex: {}

budget: { day: { usd: 20 } }
backoff_minutes:
  - 0
  - 5
# The jobs.
jobs:
- name: nightly   # every night
  cron: "0 3 * * *"
  prompt: >-
    Update the
    dependencies.
- { name: weekly, cron: "@weekly", prompt: Tidy up. }
# The end.
`;

const set = (key: string, value: string): ConfigChange => ({ kind: 'set', key, value });
const add = (name: string): ConfigChange => ({
  kind: 'add_job',
  name: JobName.parse(name),
  cron: '30 6 * * MON',
  timezone: 'Europe/Berlin',
  role: 'audit',
  prompt: 'Look: is there "dead" code? # yes',
});
const remove = (name: string): ConfigChange => ({ kind: 'remove_job', name: JobName.parse(name) });

/** Lines that differ, as a patch would show them. */
function patch(change: ConfigChange, text: string | null = FILE): string {
  const edit = editPolicyText(text, change);
  if (edit.kind !== 'edited') return edit.kind === 'same' ? 'same' : `${edit.problem.key}: ${edit.problem.problem}`;
  const before = (text ?? '').split('\n');
  const after = edit.after.split('\n');
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `-${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+${line}`),
  ].join('\n');
}

describe('a setting', () => {
  const CHANGES = [
    set('parallel_max', '7'),
    set('engines.claude.weight', '3'),
    set('engines.codex.parallel_max', '2'),
    set('budget.month.usd', '300'),
    set('timeout_minutes.simple', '15'),
    set('backoff_minutes', '[0, 2, 10]'),
    set('assignment', 'manual'),
    set('parallel_max', 'default'),
    set('budget.day.usd', 'default'),
  ];

  test('changes its own lines [QUE-26]', () => {
    expect(CHANGES.map((change) => patch(change)).join('\n\n')).toMatchInlineSnapshot(`
      "-parallel_max: 5 # two per engine, and one
      +parallel_max: 7 # two per engine, and one

      -    claude:   { weight: 2 }   # the usual one
      +    claude:   { weight: 3 }   # the usual one

      -    codex: {}
      +    codex: { parallel_max: 2 }

      -budget: { day: { usd: 20 } }
      +budget: { day: { usd: 20 }, month: { usd: 300 } }

      +timeout_minutes:
      +  simple: 15

      -backoff_minutes:
      -  - 0
      -  - 5
      +backoff_minutes: [ 0, 2, 10 ]

      +assignment: manual

      -parallel_max: 5 # two per engine, and one

      -budget: { day: { usd: 20 } }"
    `);
  });

  test('that the file says already is no change', () => {
    expect(
      [set('parallel_max', '5'), set('attempts_max', 'default'), set('backoff_minutes', '[0, 5]')].map((each) =>
        patch(each),
      ),
    ).toEqual(['same', 'same', 'same']);
  });

  const REFUSED = [
    set('parallel_max', 'many'),
    set('parallel_max', '0'),
    set('parallel_max', '{'),
    set('paralel_max', '3'),
    set('budget.day.euro', '3'),
    set('sandbox', 'off'),
    set('gate.protected_paths', '[]'),
    set('intake.permission', 'read'),
    set('engines.claude.base_url', 'https://example.com'),
    set('engines.custom.weight', '1'),
    set('commands.set', 'read'),
    set('jobs', '[]'),
  ];

  test('that cannot be, or that lowers a guard, is refused with the reason [QUE-26]', () => {
    const edits = REFUSED.map((change) => editPolicyText(FILE, change));
    const told = edits.map((edit) =>
      edit.kind === 'refused' ? `${edit.problem.key} ${edit.problem.problem}. ${edit.problem.remedy}` : edit.kind,
    );
    expect(told).toMatchInlineSnapshot(`
      [
        "parallel_max Invalid input: expected number, received string. Write a value of type number.",
        "parallel_max Too small: expected number to be >0. Use more than 0.",
        "parallel_max Invalid input: expected number, received object. Write a value of type number.",
        "paralel_max is not a key of the configuration. See docs/configuration.md for the keys there are.",
        "budget.day.euro is not a key of the configuration. Remove it, or see docs/configuration.md for the keys there are.",
        "sandbox is not set by a word: it decides what runs, or what may be reached or touched. Change it by hand in .github/orch.yml, where a review sees it.",
        "gate.protected_paths is not set by a word: it decides what runs, or what may be reached or touched. Change it by hand in .github/orch.yml, where a review sees it.",
        "intake.permission is not set by a word: it decides what runs, or what may be reached or touched. Change it by hand in .github/orch.yml, where a review sees it.",
        "engines.claude.base_url is not set by a word. Words set \`engines.*.weight\`, \`engines.*.parallel_max\`, \`engines.*.turns_max\`, \`engines.*.cost_usd_max\`; the rest is changed by hand in .github/orch.yml, where a review sees it.",
        "engines.custom.weight would name custom in .github/orch.yml, and naming an engine there switches the others off. Write \`engines:\` by hand once, with all that are in use.",
        "commands.set is not set by a word: it decides what runs, or what may be reached or touched. Change it by hand in .github/orch.yml, where a review sees it.",
        "jobs is not set by a word: it decides what runs, or what may be reached or touched. Change it by hand in .github/orch.yml, where a review sees it.",
      ]
    `);
  });

  test('is refused while the file itself is broken, with its line', () => {
    expect(editPolicyText('parallel_max: 0\n', set('attempts_max', '2'))).toMatchObject({
      kind: 'refused',
      problem: { line: 1, key: 'parallel_max' },
    });
  });

  test.each([
    ['parallel_max: &max 3\nattempts_max: *max\n', set('parallel_max', '5')],
    ['budget:\n  day: &day { usd: 3 }\n  month: *day\n', set('budget.day.usd', 'default')],
    [
      'jobs:\n  - { name: one, cron: "@daily", prompt: &ask Tidy. }\n  - { name: two, cron: "@daily", prompt: *ask }\n',
      remove('one'),
    ],
    ['---\n', set('parallel_max', '5')],
  ])(
    'is refused, and breaks nothing, where the file is written in a way that no word can change: %s',
    (text, change) => {
      expect(editPolicyText(text, change)).toMatchObject({
        kind: 'refused',
        problem: { problem: expect.stringContaining('no word can change'), line: null },
      });
    },
  );

  test('makes the file where there is none', () => {
    expect(editPolicyText(null, set('parallel_max', '2'))).toEqual({
      kind: 'edited',
      before: null,
      after: 'parallel_max: 2\n',
    });
  });
});

describe('a job', () => {
  test('[JOB-03] is added behind the others, as they are written', () => {
    expect(patch(add('look'))).toMatchInlineSnapshot(`
      "+- name: look
      +  cron: 30 6 * * MON
      +  timezone: Europe/Berlin
      +  kind: audit
      +  prompt: 'Look: is there "dead" code? # yes'"
    `);
    expect(patch(add('look'), 'parallel_max: 3')).toMatchInlineSnapshot(`
      "+jobs:
      +  - name: look
      +    cron: 30 6 * * MON
      +    timezone: Europe/Berlin
      +    kind: audit
      +    prompt: 'Look: is there "dead" code? # yes'
      +"
    `);
    expect(patch(add('look'), null)).toMatchInlineSnapshot(`
      "+jobs:
      +  - name: look
      +    cron: 30 6 * * MON
      +    timezone: Europe/Berlin
      +    kind: audit
      +    prompt: 'Look: is there "dead" code? # yes'"
    `);
  });

  test('[JOB-04] is taken away, and nothing else', () => {
    expect(patch(remove('nightly'))).toMatchInlineSnapshot(`
      "-- name: nightly   # every night
      -  cron: "0 3 * * *"
      -  prompt: >-
      -    Update the
      -    dependencies."
    `);
    expect(patch(remove('weekly'))).toMatchInlineSnapshot(`"-- { name: weekly, cron: "@weekly", prompt: Tidy up. }"`);
    expect(patch(remove('look'), editedText(add('look'), 'parallel_max: 3\n'))).toMatchInlineSnapshot(`
      "-jobs:
      -  - name: look
      -    cron: 30 6 * * MON
      -    timezone: Europe/Berlin
      -    kind: audit
      -    prompt: 'Look: is there "dead" code? # yes'"
    `);
  });

  test('of a name that is taken, or that is not there, is refused', () => {
    expect([patch(add('nightly')), patch(remove('none'))]).toMatchInlineSnapshot(`
      [
        "jobs.2.name: two jobs are called nightly",
        "jobs: has no job called none in this repository's .github/orch.yml",
      ]
    `);
  });
});

function editedText(change: ConfigChange, text: string): string {
  const edit = editPolicyText(text, change);
  return edit.kind === 'edited' ? edit.after : text;
}

test('whatever is said: the result means the change, every comment stays, and saying it again changes nothing', () => {
  const changes = fc.oneof(
    fc.integer({ min: 1, max: 200 }).map((value) => set('parallel_max', String(value))),
    fc.integer({ min: 1, max: 90 }).map((value) => set('timeout_minutes.complex', String(value))),
    fc
      .array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 5 })
      .map((value) => set('backoff_minutes', JSON.stringify(value))),
    fc
      .stringMatching(/^[a-z][\w .,:;!?'"#@{}[\]|>%&*-]{0,60}[a-z.]$/)
      .map((prompt): ConfigChange => ({ ...(add('look') as ConfigChange & { kind: 'add_job' }), prompt })),
  );
  fc.assert(
    fc.property(changes, (change) => {
      const after = editedText(change, FILE);
      expect(after.match(/#.*/g)).toEqual(expect.arrayContaining(['# Ours.', '# The jobs.', '# The end.']));
      const said = parse(after) as { jobs: readonly { prompt: string }[] };
      if (change.kind === 'add_job') expect(said.jobs.at(-1)?.prompt).toBe(change.prompt);
      if (change.kind === 'set') expect(editPolicyText(after, change)).toEqual({ kind: 'same' });
    }),
    { numRuns: 200 },
  );
});
