// Owns the words of our pull requests, our commits, and the link that opens a pull request by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptNumber, BranchName, IssueNumber, ModelName, TaskId } from '../../src/domain/ids.ts';
import { renderCommitMessage } from '../../src/wire/commit-message.ts';
import { renderCompareLink } from '../../src/wire/compare-link.ts';
import { parsePullMarker, renderPullBody, renderPullTitle } from '../../src/wire/pr-body.ts';
import type { PullAbout } from '../../src/wire/pr-body.ts';
import * as any from './arbitraries.ts';

const ABOUT: PullAbout = {
  task: TaskId.parse('12'),
  attempt: AttemptNumber.parse(2),
  issue: IssueNumber.parse(12),
  closes_issue: true,
  issue_title: 'Add a --json flag',
  title: 'feat(cli): print one JSON document with --json',
  summary: 'The list command now takes `--json`.\n\nfixes #99, cc @everyone',
  engine: 'claude',
  model: ModelName.parse('claude-sonnet-4-5'),
  proof: [
    { command: ['npm', 'test'], exit_code: 0, seconds: 12.4, tail: 'ok' },
    { command: ['npm', 'run', 'lint'], exit_code: 1, seconds: 3, tail: 'src/cli.ts:3 unused variable' },
  ],
  usage: {
    input_tokens: 81_200,
    output_tokens: 4_100,
    cache_read_tokens: null,
    cache_write_tokens: null,
    cost_usd: 0.4231,
    turns: 14,
  },
  seconds: 252,
  run_url: 'https://github.com/octo/tools/actions/runs/98',
  isolated: true,
};

const pullAbout: fc.Arbitrary<PullAbout> = fc.record({
  task: any.taskId,
  attempt: any.attemptNumber,
  issue: fc.option(any.issueNumber, { nil: null }),
  closes_issue: fc.boolean(),
  issue_title: any.text,
  title: fc.option(any.text, { nil: null }),
  summary: any.text,
  engine: any.engineId,
  model: fc.option(any.modelName, { nil: null }),
  proof: fc.array(any.proof, { maxLength: 4 }),
  usage: any.usage,
  seconds: any.seconds,
  run_url: fc.constant('https://github.com/octo/tools/actions/runs/98'),
  isolated: fc.constantFrom(true, false, null),
});

describe('a pull request', () => {
  it('says what was done, how it was proven, what it cost and where it came from [GIT-03] [GIT-07] [PUR-05]', () => {
    expect(renderPullTitle(ABOUT)).toBe('Print one JSON document with --json');
    expect(renderPullBody(ABOUT)).toMatchInlineSnapshot(`
      "Closes #12

      ### Summary

      In the words of claude:

      > The list command now takes \`--json\`.
      >
      > fixes​ #99, cc @​everyone

      ### Proof

      As reported by the attempt, which ran the repository's \`verify\` commands:

      | Command | Result | Time |
      | --- | --- | --- |
      | <code>npm test</code> | ✓ passed | 12 s |
      | <code>npm run lint</code> | ✗ failed with exit code 1 | 3 s |

      <details><summary>Output of npm run lint</summary>

      \`\`\`text
      src/cli.ts:3 unused variable
      \`\`\`

      </details>

      ---

      #12 · attempt 2 · claude with claude-sonnet-4-5 · 4 min 12 s · $0.42, 85.3k tokens · [log](https://github.com/octo/tools/actions/runs/98)

      <!-- orch:pr v1 {"task":"12","attempt":2} -->"
    `);
  });

  it('says when nothing was proven, and when nothing kept the engine in', () => {
    const body = renderPullBody({
      ...ABOUT,
      issue: null,
      task: TaskId.parse('i98'),
      proof: [],
      isolated: false,
      summary: '',
    });
    expect(body).toMatchInlineSnapshot(`
      "> [!WARNING]
      > The engine ran without a sandbox on this runner.

      ### Proof

      None: the configuration names no \`verify\` commands, so please look twice.

      ---

      task i98 · attempt 2 · claude with claude-sonnet-4-5 · 4 min 12 s · $0.42, 85.3k tokens · [log](https://github.com/octo/tools/actions/runs/98)

      <!-- orch:pr v1 {"task":"i98","attempt":2} -->"
    `);
  });

  it('is found again by its marker, whatever is quoted in it', () => {
    fc.assert(
      fc.property(pullAbout, (about) => {
        const body = renderPullBody(about);
        expect(parsePullMarker(body)).toEqual({ task: about.task, attempt: about.attempt });
        expect(body.length).toBeLessThanOrEqual(65_536);
        expect(body.isWellFormed()).toBe(true);
      }),
    );
    const loud = renderPullBody({
      ...ABOUT,
      summary: '<'.repeat(50_000),
      proof: Array.from({ length: 100 }, () => ({
        command: ['|'.repeat(5_000)],
        exit_code: 1,
        seconds: 1,
        tail: '`'.repeat(50_000),
      })),
    });
    expect(loud.length).toBeLessThanOrEqual(65_536);
    expect(parsePullMarker(loud)).toEqual({ task: '12', attempt: 2 });
  });

  it("has a title that is never empty, never the issue's own, and one line", () => {
    fc.assert(
      fc.property(pullAbout, (about) => {
        const title = renderPullTitle(about);
        expect(title.trim()).not.toBe('');
        expect(title).not.toMatch(/^[-\s]|[\n\r]/);
        expect(title.length).toBeLessThanOrEqual(130);
        expect(title.toLowerCase()).not.toBe(about.issue_title.trim().toLowerCase());
      }),
    );
    expect(renderPullTitle({ ...ABOUT, title: null })).toBe('Add a --json flag (#12)');
    expect(renderPullTitle({ ...ABOUT, title: 'add a --json flag' })).toBe('Add a --json flag (#12)');
    expect(renderPullTitle({ task: TaskId.parse('i98'), title: '--', issue_title: '' })).toBe('Work on task i98');
    expect(renderPullTitle({ ...ABOUT, title: 'Fixes #99' })).not.toMatch(/fixes #99/i);
  });
});

describe('a commit', () => {
  const about = {
    task: ABOUT.task,
    attempt: ABOUT.attempt,
    engine: ABOUT.engine,
    model: ABOUT.model,
    title: 'Print one JSON document',
    summary: 'Closes #99\n\nOrch-Task: 1\nthanks @everyone',
    checkpoint: false,
  };

  it('carries trailers that say where it came from, and only ours [GIT-01]', () => {
    expect(renderCommitMessage(about)).toMatchInlineSnapshot(`
      "Print one JSON document

      Closes​ #99

       Orch-Task: 1
      thanks @​everyone

      Orch-Task: 12
      Orch-Attempt: 2
      Orch-Engine: claude
      Orch-Model: claude-sonnet-4-5
      "
    `);
    expect(renderCommitMessage({ ...about, checkpoint: true, title: '', summary: '', model: null }))
      .toMatchInlineSnapshot(`
      "Checkpoint: Work on #12

      Orch-Task: 12
      Orch-Attempt: 2
      Orch-Engine: claude
      "
    `);
  });

  it('keeps its last paragraph to itself, whatever the engine wrote', () => {
    fc.assert(
      fc.property(any.text, any.text, (title, summary) => {
        const message = renderCommitMessage({ ...about, title, summary });
        const [subject = '', ...rest] = message.split('\n');
        expect(subject.length).toBeLessThanOrEqual(72);
        expect(subject.trim()).not.toBe('');
        expect(message.trimEnd().split('\n\n').at(-1)).toBe(
          'Orch-Task: 12\nOrch-Attempt: 2\nOrch-Engine: claude\nOrch-Model: claude-sonnet-4-5',
        );
        expect(rest.filter((line) => /^Orch-\w+:/.test(line))).toHaveLength(4);
      }),
    );
  });
});

describe('the link that opens a pull request by hand', () => {
  const page = {
    repository_url: 'https://github.com/octo/tools',
    base: BranchName.parse('main'),
    head: BranchName.parse('orch/12-add-json'),
    title: 'Add (a) flag',
    body: 'Closes #12',
  };

  it('is filled in [GIT-03]', () => {
    expect(renderCompareLink(page)).toBe(
      'https://github.com/octo/tools/compare/main...orch/12-add-json?quick_pull=1&title=Add%20%28a%29%20flag&body=Closes%20%2312',
    );
  });

  it('stays short enough for a browser, and inside a Markdown link', () => {
    fc.assert(
      fc.property(any.text, fc.nat({ max: 20_000 }), (title, size) => {
        const link = renderCompareLink({ ...page, title, body: 'é'.repeat(size) });
        expect(link.length).toBeLessThanOrEqual(6_000);
        expect(link).not.toMatch(/[()\s<>]/);
        expect(URL.canParse(link)).toBe(true);
      }),
    );
  });
});
