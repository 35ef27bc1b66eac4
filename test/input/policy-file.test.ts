// Owns the histories of a configuration file: read, refused with line, key and remedy, merged by layers.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/default-policy.ts';
import { parsePolicyFile } from '../../src/input/policy-file.ts';
import type { PolicyFile } from '../../src/input/policy-schema.ts';
import { keysOf, resolvePolicy } from '../../src/input/resolve-policy.ts';

function settings(text: string): PolicyFile {
  const parsed = parsePolicyFile(text);
  if (parsed.kind === 'invalid') throw new Error(JSON.stringify(parsed.problems));
  return parsed.settings;
}

function problems(text: string) {
  const parsed = parsePolicyFile(text);
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

const NO_VARIABLES = { label: null };

describe('what a maintainer may write', () => {
  it('[CFG-01] an empty file is the defaults, and every key is optional', () => {
    expect(resolvePolicy([settings('')], NO_VARIABLES)).toEqual(DEFAULT_POLICY);
    expect(resolvePolicy([settings('# only a comment\n')], NO_VARIABLES)).toEqual(DEFAULT_POLICY);
  });

  it('[CFG-02] [CFG-03] [CFG-04] [CFG-05] sets parallel attempts, assignment, attempts and time limits', () => {
    const policy = resolvePolicy(
      [
        settings(
          'parallel_max: 5\nassignment: manual\nattempts_max: 2\ntimeout_minutes: {simple: 5}\nbackoff_minutes: [1, 5]',
        ),
      ],
      NO_VARIABLES,
    );
    expect(policy).toMatchObject({
      parallel_max: 5,
      assignment: 'manual',
      attempts_max: 2,
      backoff_minutes: [1, 5],
      timeout_minutes: { simple: 5, medium: 40, complex: 90 },
    });
    expect(resolvePolicy([settings('timeout_minutes: 7')], NO_VARIABLES).timeout_minutes).toEqual({
      simple: 7,
      medium: 7,
      complex: 7,
    });
  });

  it('sets jobs; what is not said is UTC, switched on, called after itself', () => {
    const { jobs } = resolvePolicy(
      [settings('jobs:\n  - {name: nightly, cron: "30 2 * * *", prompt: Update the dependencies.}\n')],
      NO_VARIABLES,
    );
    expect(jobs).toEqual([
      {
        name: 'nightly',
        cron: '30 2 * * *',
        timezone: 'UTC',
        title: 'nightly',
        prompt: 'Update the dependencies.',
        command: null,
        role: 'code',
        engine: null,
        model: null,
        enabled: true,
        failures_max: 3,
      },
    ]);
  });

  it('a job of kind command runs one, without a model', () => {
    const { jobs } = resolvePolicy(
      [settings('jobs:\n  - {name: report, kind: command, cron: "@daily", command: npm run report}\n')],
      NO_VARIABLES,
    );
    expect(jobs).toMatchObject([
      { name: 'report', command: ['npm', 'run', 'report'], prompt: 'Run `npm run report`.' },
    ]);
  });

  it('[JOB-10] lets Orch look at itself, and file three issues at most', () => {
    const jobs = (rest: string) =>
      resolvePolicy([settings(`jobs:\n  - {name: look-back, cron: "@weekly", ${rest}}\n`)], NO_VARIABLES).jobs;
    expect(jobs('kind: self-improvement')).toMatchObject([{ issues_max: 3, command: null }]);
    expect(jobs('kind: self-improvement, issues_max: 1')).toMatchObject([{ issues_max: 1 }]);
    expect(jobs('prompt: Tidy.')[0]).not.toHaveProperty('issues_max');
  });

  it('refuses a job that does not say what it does, or says it twice', () => {
    const does = [
      'kind: task',
      'kind: command',
      'kind: command, command: ls, prompt: Go.',
      'command: ls, prompt: Go.',
      'kind: audit',
      'kind: self-improvement, prompt: Go.',
      'kind: self-improvement, issues_max: 4',
      'prompt: Go., issues_max: 1',
    ];
    const wrong = does.flatMap((rest) => problems(`jobs:\n  - {name: a, cron: "@daily", ${rest}}\n`));
    expect(wrong.map(({ key, problem, remedy }) => `${key} ${problem}. ${remedy}`)).toMatchInlineSnapshot(`
      [
        "jobs.0.prompt is missing: a job of kind \`task\` asks something. Give a \`task\` or an \`audit\` a prompt, and the others none.",
        "jobs.0.command is missing: a job of kind \`command\` runs one. Give a \`command\` a command, and the others none.",
        "jobs.0.prompt is said, and the kind is \`command\`. Give a \`task\` or an \`audit\` a prompt, and the others none.",
        "jobs.0.command is said, and the kind is \`task\`. Give a \`command\` a command, and the others none.",
        "jobs.0.prompt is missing: a job of kind \`audit\` asks something. Give a \`task\` or an \`audit\` a prompt, and the others none.",
        "jobs.0.prompt is said, and the kind is \`self-improvement\`. Give a \`task\` or an \`audit\` a prompt, and the others none.",
        "jobs.0.issues_max Too big: expected number to be <=3. Use 3 or less.",
        "jobs.0.issues_max is said, and the kind is \`task\`. Only a job of kind \`self-improvement\` files issues.",
      ]
    `);
  });

  it('refuses a schedule that nobody can keep, a zone that does not exist, and two jobs of one name', () => {
    const job = (rest: string): string => `  - {name: a, prompt: Go., ${rest}}\n`;
    const wrong = [
      'cron: "0 0 31 2 *"',
      'cron: "61 * * * *"',
      'cron: "0 0 0 * * *"',
      'cron: "@daily", timezone: Mars/Base',
    ];
    expect(wrong.flatMap((rest) => problems(`jobs:\n${job(rest)}`))).toMatchInlineSnapshot(`
      [
        {
          "key": "jobs.0.cron",
          "line": 2,
          "problem": "never falls due",
          "remedy": "Write five fields, such as \`30 6 * * MON-FRI\`.",
        },
        {
          "key": "jobs.0.cron",
          "line": 2,
          "problem": "has a minute that is none (0 to 59)",
          "remedy": "Write five fields, such as \`30 6 * * MON-FRI\`.",
        },
        {
          "key": "jobs.0.cron",
          "line": 2,
          "problem": "has 6 fields",
          "remedy": "Write five fields, such as \`30 6 * * MON-FRI\`.",
        },
        {
          "key": "jobs.0.timezone",
          "line": 2,
          "problem": ""Mars/Base" is not a time zone",
          "remedy": "Write a name of the time-zone database, such as \`Europe/Berlin\` or \`UTC\`.",
        },
      ]
    `);
    expect(problems(`jobs:\n${job('cron: "@daily"')}${job('cron: "@daily"')}`)).toMatchInlineSnapshot(`
      [
        {
          "key": "jobs.1.name",
          "line": 3,
          "problem": "two jobs are called a",
          "remedy": "Give each job a name of its own.",
        },
      ]
    `);
  });

  it('[ERR-05] changes what follows from an ending, cell by cell; the rest of the table stays', () => {
    const { retry } = resolvePolicy(
      [settings('retry:\n  rate_limit: person\n  failed: {equal_max: 4}\n'), settings('retry:\n  failed: other\n')],
      NO_VARIABLES,
    );
    expect(retry).toEqual({
      ...DEFAULT_POLICY.retry,
      rate_limit: { ...DEFAULT_POLICY.retry.rate_limit, follow: 'person' },
      failed: { ...DEFAULT_POLICY.retry.failed, follow: 'other', equal_max: 4 },
    });
  });

  it('[CFG-06] defines a custom engine by its argument list; naming engines switches the others off', () => {
    const policy = resolvePolicy(
      [settings('engines:\n  custom:\n    command: [my-agent, --task, "${TASK_ID}"]\n')],
      NO_VARIABLES,
    );
    expect(policy.engines.map(({ id, command }) => [id, command])).toEqual([
      ['custom', ['my-agent', '--task', '${TASK_ID}']],
    ]);
  });

  it('[CFG-07] [DAT-15] merges the organisation, then the repository, then repository variables, and tells who set what', () => {
    const organisation = settings('parallel_max: 8\nintake: {permission: maintain}\nrouter: {timeout_seconds: 9}');
    const repository = settings('extends: acme/.github\nintake: {label: ready}\nrouter: {mode: round_robin}');
    const policy = resolvePolicy([organisation, repository], { label: 'from-variable' });
    expect(policy.parallel_max).toBe(8);
    expect(policy.intake).toEqual({ label: 'from-variable', permission: 'maintain' });
    expect(policy.router).toMatchObject({ timeout_seconds: 9, mode: 'round_robin' });
    expect([...keysOf(organisation)].sort()).toEqual(['intake', 'parallel_max', 'router']);
    expect(keysOf(repository)).toEqual(['intake', 'router']);
  });

  it('[ENG-08] the number of slots comes from the last of the sources that names it, in the order the page states', () => {
    const organisation = settings('parallel_max: 8');
    const silent = settings('extends: acme/.github');
    const repository = settings('extends: acme/.github\nparallel_max: 5');
    const slots = (...layers: readonly PolicyFile[]) => resolvePolicy(layers, NO_VARIABLES).parallel_max;
    expect([slots(), slots(organisation), slots(organisation, silent), slots(organisation, repository)]).toEqual([
      3, 8, 8, 5,
    ]);
    const page = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');
    expect(page.replaceAll(/\s+/g, ' ')).toContain(
      'Order: built-in defaults, then the repository named by `extends`, then this file, then repository variables',
    );
  });

  it('[CFG-09] sets closing, reviewers and attempts of the workflow', () => {
    const policy = resolvePolicy(
      [settings('auto_close: false\npull_request: {reviewers: [octo-owner]}\nattempts_max: 10\nworkflow: staged')],
      NO_VARIABLES,
    );
    expect(policy).toMatchObject({
      auto_close: false,
      attempts_max: 10,
      workflow: 'staged',
      pull_request: { draft: false, reviewers: ['octo-owner'] },
    });
  });

  it('[CFG-10] sets the router: mode, model, time limit, tries, and the ids it may choose from', () => {
    const policy = resolvePolicy(
      [
        settings(
          'router: {mode: llm, provider: openai, model: small-1, timeout_seconds: 12, route_attempts_max: 2, tools: [jq, bash], skills: [gh]}',
        ),
      ],
      NO_VARIABLES,
    );
    expect(policy.router).toMatchObject({
      provider: 'openai',
      model: 'small-1',
      timeout_seconds: 12,
      route_attempts_max: 2,
      tools: ['jq', 'bash'],
      skills: ['gh'],
    });
  });

  it('[CFG-11] maps complexity and engine to a model, with a row for reviews', () => {
    const policy = resolvePolicy(
      [settings('model_map:\n  simple: {claude: haiku}\n  review: {codex: big}\n')],
      NO_VARIABLES,
    );
    expect(policy.model_map).toEqual({
      simple: { claude: 'haiku' },
      medium: {},
      complex: {},
      review: { codex: 'big' },
    });
  });

  it('[CFG-12] sets the intake label and the board', () => {
    const policy = resolvePolicy(
      [settings('intake: {label: robots}\nproject: {owner: acme, number: 4}')],
      NO_VARIABLES,
    );
    expect(policy).toMatchObject({ intake: { label: 'robots' }, project: { owner: 'acme', number: 4 } });
  });

  it('[CFG-22] chooses between single roles and stages', () => {
    expect(resolvePolicy([settings('workflow: staged')], NO_VARIABLES).workflow).toBe('staged');
    expect(DEFAULT_POLICY.workflow).toBe('single');
  });

  it('takes commands as words or as argument lists, never as shell text', () => {
    expect(settings('setup:\n  - npm ci\n  - [bash, -c, "a && b"]\n').setup).toEqual([
      ['npm', 'ci'],
      ['bash', '-c', 'a && b'],
    ]);
    expect(problems('verify:\n  - npm ci && npm test\n')).toEqual([
      expect.objectContaining({ line: 2, key: 'verify.0', problem: expect.stringContaining('write it as a list') }),
    ]);
  });
});

describe('what is refused names line, key and remedy', () => {
  it('an unknown key', () => {
    expect(problems('parallel_max: 2\n\nparalel: 3\n')).toEqual([
      {
        line: 3,
        key: 'paralel',
        problem: 'is not a key of the configuration',
        remedy: expect.stringContaining('docs/configuration.md'),
      },
    ]);
  });

  it('a value of the wrong kind, deep inside', () => {
    expect(problems('router:\n  mode: llm\n  provider: acme\n')).toEqual([
      expect.objectContaining({
        line: 3,
        key: 'router.provider',
        remedy: 'Use one of: anthropic, openai, google, openai_compatible.',
      }),
    ]);
  });

  it('a number out of range', () => {
    expect(problems('parallel_max: 0')).toEqual([expect.objectContaining({ line: 1, key: 'parallel_max' })]);
  });

  it('YAML that does not parse', () => {
    expect(problems('a: [1,\nb: 2')[0]).toMatchObject({ key: '(YAML)', remedy: 'Correct the YAML at this line.' });
  });

  it('a file that is a list, a file of aliases that explode, and a file that is too large', () => {
    expect(problems('- a\n- b\n')[0]).toMatchObject({ key: '(file)' });
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...Array.from(
        { length: 8 },
        (_, i) => `${'bcdefghi'[i]}: &${'bcdefghi'[i]} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`,
      ),
    ].join('\n');
    expect(problems(bomb).length).toBeGreaterThan(0);
    expect(problems(`# ${'x'.repeat(300_000)}`)[0]).toMatchObject({ key: '(file)' });
  });
});
