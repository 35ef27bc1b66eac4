// Owns the job summaries, as somebody reads them who opened the run to see what happened.
import { describe, expect, it } from 'vitest';
import {
  AttemptNumber,
  BranchName,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  NodeId,
  PrNumber,
  RunId,
  TaskId,
} from '../../src/domain/ids.ts';
import type { HandIn } from '../../src/domain/hand-in.ts';
import type { Alarm } from '../../src/domain/notice.ts';
import type { Plan, TaskReport } from '../../src/domain/plan.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import { renderAttemptReport, renderDelivery, renderPlan, renderTickReport } from '../../src/wire/report-text.ts';
import { attempt, label, login, SHA } from './views.ts';

const AT = Instant.parse('2026-11-20T20:27:03Z');
const SNAPSHOT = {
  at: AT,
  wake: { cause: 'issue_comment', issue: IssueNumber.parse(12), actor: login('octocat'), sweep: false },
  scope: 'changed',
} as const;
const task = (id: string): TaskId => TaskId.parse(id);
const one = AttemptNumber.parse(1);

const REPORTS: readonly TaskReport[] = [
  {
    task: task('7'),
    title: 'Parse arguments once',
    before: 'in_review',
    state: 'done',
    wait: { kind: 'finished', state: 'done' },
    did: [
      { kind: 'finished', state: 'done', pr: PrNumber.parse(30) },
      { kind: 'closes_issue', reason: 'COMPLETED' },
    ],
  },
  {
    task: task('12'),
    title: 'Add a | flag',
    before: 'routed',
    state: 'in_progress',
    wait: { kind: 'running', attempt: one, run: RunId.parse(98) },
    did: [
      { kind: 'obeyed', verb: 'retry', by: login('octocat') },
      { kind: 'routed', engine: 'claude', source: 'llm' },
      { kind: 'starts', attempt: one, engine: 'claude' },
    ],
  },
  {
    task: task('i98'),
    title: '',
    before: null,
    state: 'needs_review',
    wait: { kind: 'person', reason: { kind: 'needs_person', outcome: 'auth', detail: '401 from the model.' } },
    did: [],
  },
];

const ALARMS: readonly Alarm[] = [
  { kind: 'router_fallback', fallbacks: 9, routes: 20, share_max: 0.2 },
  { kind: 'no_engine_ready', configured: ['claude', 'codex'] },
  { kind: 'brake', wait: { kind: 'stopped', task: task('9') } },
  { kind: 'unread', task: task('3'), why: 'HTTP 502' },
  { kind: 'withheld', task: task('4'), why: 'records fit the journal (a command is handled twice)' },
  { kind: 'lost', task: task('4'), why: 'the ref moved' },
  { kind: 'dispatch_refused', run: RunId.parse(77), by: login('mallory') },
  { kind: 'effect_failed', task: task('5'), what: 'set_labels', why: 'HTTP 403' },
  { kind: 'bounded', what: 'starts', left: 4, limit: 256 },
  {
    kind: 'policy',
    origin: {
      kind: 'last_good',
      commit: SHA,
      problems: [{ line: 4, key: 'parallel_max', problem: 'must be a number', remedy: 'Write 3.' }],
    },
  },
];

const PLAN: Plan = { effects: [], reports: REPORTS, alarms: [], graph: null, more: false };

describe('a tick', () => {
  it('[DEP-03] shows who waits for whom under the table of tasks', () => {
    const graph = {
      nodes: [
        { task: task('4'), title: 'Parse', state: 'in_progress' as const },
        { task: task('5'), title: 'Print', state: 'blocked' as const },
      ],
      edges: [{ from: task('4'), to: task('5'), critical: true }],
      critical: [task('4'), task('5')],
      critical_minutes: 130,
      partial: true,
    };
    const text = renderTickReport({ snapshot: SNAPSHOT, plan: { ...PLAN, graph }, legs: [] });
    expect(text.slice(text.indexOf('###'))).toMatchInlineSnapshot(`
      "### Who waits for whom

      \`\`\`mermaid
      flowchart LR
        t4["#35;4 Parse, in progress"]
        t5["#35;5 Print, blocked"]
        t4 ==> t5
      \`\`\`

      Bold: the critical path, #4 → #5. By its time limits it takes up to 2 h 10 min, and its tasks go first among equals.

      Only what this tick looked at is drawn; a sweep looks at everything.
      "
    `);
    expect(text.indexOf('| Task |')).toBeLessThan(text.indexOf('```mermaid'));
  });

  it('is told with what needs a person first', () => {
    expect(renderTickReport({ snapshot: SNAPSHOT, plan: PLAN, legs: [] })).toMatchInlineSnapshot(`
      "## Orch: 1 task for a person

      2026-11-20 20:27 UTC, woken by issue_comment on #12; looked at what changed.

      | Task | State | Why | Done now |
      | --- | --- | --- | --- |
      | task i98 | needs review | The attempt had its key refused by the model: 401 from the model. |  |
      | #12 Add a &#124; flag | routed → in progress | Attempt 1 is running. | octocat said retry; routed to claude by llm; starts attempt 1 with claude |
      | #7 Parse arguments once | in review → done | It is done. | done; closes the issue as completed |
      "
    `);
  });

  it('that did nothing says so in two lines', () => {
    expect(
      renderTickReport({
        snapshot: { ...SNAPSHOT, scope: 'all' },
        plan: { effects: [], reports: [], alarms: [], graph: null, more: false },
        legs: [],
      }),
    ).toMatchInlineSnapshot(`
      "## Orch: nothing to do

      2026-11-20 20:27 UTC, woken by issue_comment on #12; looked at everything.
      "
    `);
  });

  it('says what the whole repository should know', () => {
    const report = renderTickReport({
      snapshot: SNAPSHOT,
      plan: { ...PLAN, reports: [], alarms: ALARMS, more: true },
      legs: [],
    });
    expect(report).toMatchInlineSnapshot(`
      "## Orch: nothing to do

      2026-11-20 20:27 UTC, woken by issue_comment on #12; looked at what changed.

      - The router answered too rarely: 9 of the last 20 routes were left to the round robin, more than 20 %. Check its key and model under \`router:\`.
      - No engine can run: claude and codex configured, and no key for any of them. Add a key to the repository's secrets and name it in the caller file.
      - New attempts are held back. #9 failed, and nothing new starts (\`stop_on_failure\`) until a person retries, skips or closes it.
      - #3 could not be read and waits for the next tick: HTTP 502
      - #4 is left alone, since what was decided for it breaks a rule of Orch's own: records fit the journal (a command is handled twice). Please report this as a bug, with the link of this run.
      - #4 was moved by somebody else meanwhile and waits for the next tick: the ref moved
      - What mallory dispatched in run 77 was refused: it names no task, or mallory may not ask for it.
      - #5: set labels failed: HTTP 403
      - Many attempts to start: 4 left for the next tick (at most 256 at a time).
      - \`.github/orch.yml\` cannot be used, so the version of \`3f78685\` stays in force:
        - line 4, \`parallel_max\`: must be a number. Write 3.

      Some work was left for the next tick.
      "
    `);
  });

  it('run dry prints what it would do, in order', () => {
    const effects: Plan['effects'] = [
      {
        kind: 'append_journal',
        task: task('12'),
        expected: null,
        records: [
          { kind: 'admitted', at: AT, by: login('octocat'), issue_id: null },
          { kind: 'opened', at: AT, pr: PrNumber.parse(3) },
        ],
      },
      {
        kind: 'set_labels',
        task: task('12'),
        issue_id: NodeId.parse('I_1'),
        issue: IssueNumber.parse(12),
        add: [label('status:routed')],
        remove: [label('status:new')],
      },
      {
        kind: 'write_state_comment',
        task: task('12'),
        issue_id: NodeId.parse('I_1'),
        issue: IssueNumber.parse(12),
        comment: null,
        body: '',
      },
      { kind: 'delete_branch', task: task('7'), branch: BranchName.parse('orch/7-parse'), expected: SHA },
    ];
    expect(renderPlan({ ...PLAN, effects })).toMatchInlineSnapshot(`
      "1. journal of #12: admitted, opened
      2. labels of #12: +status:routed -status:new
      3. post the state comment of #12
      4. delete the branch orch/7-parse"
    `);
    expect(renderTickReport({ snapshot: SNAPSHOT, plan: { ...PLAN, effects }, legs: [], dry_run: true })).toContain(
      'Dry run: nothing below was written.',
    );
    expect(renderPlan(PLAN)).toBe('Nothing to do.');
  });

  it('of ten thousand tasks stays within a summary', () => {
    const many = Array.from({ length: 10_000 }, (_, index): TaskReport => ({
      task: task(String(index + 1)),
      title: '|`<@'.repeat(100),
      before: 'new',
      state: 'new',
      wait: null,
      did: [],
    }));
    const report = renderTickReport({ snapshot: SNAPSHOT, plan: { ...PLAN, reports: many }, legs: [] });
    expect(report).toContain('and 9800 more');
    expect(report.length).toBeLessThan(500_000);
  });
});

const HAND_IN: HandIn = {
  version: 1,
  task: task('12'),
  attempt: one,
  engine: 'claude',
  engine_version: '2.1.329',
  model: null,
  outcome: 'proof_failed',
  engine_started: true,
  isolated: true,
  seconds: 252,
  usage: { ...UNKNOWN_USAGE, cost_usd: 0.42, input_tokens: 81_200, output_tokens: 4_100 },
  exit_code: 0,
  session: null,
  bundle_head: CommitSha.parse(SHA),
  detail: '`npm test` exited with 1.',
  title: null,
  summary: 'Added the flag.',
  remaining: 'One test fails.',
  proof: [{ command: ['npm', 'test'], exit_code: 1, seconds: 8, tail: 'not ok 3 prints JSON' }],
  proof_rounds: 2,
  not_before: null,
  brief_sha256: Digest.parse('a'.repeat(64)),
  prompt_sha256: null,
  denials: ['Bash(curl)'],
};

describe('an attempt', () => {
  it('is told with what took how long, the proof and the cost [OBS-03]', () => {
    const brief = {
      task: task('12'),
      attempt: one,
      model: null,
      timeout_minutes: 40,
      issue: { title: 'Add a --json flag' },
    };
    const timeline = [
      { what: 'files and engine ready', seconds: 3.2 },
      { what: 'engine worked', seconds: 240 },
    ];
    expect(renderAttemptReport({ brief, hand_in: HAND_IN, timeline })).toMatchInlineSnapshot(`
      "## #12, attempt 1: proof failed

      _Add a --json flag_

      The attempt left the \`verify\` commands failing: &#96;npm test&#96; exited with 1. Check that these commands pass on the default branch.

      claude 2.1.329 · 4 min 12 s · $0.42, 85.3k tokens · in a sandbox

      | Step | Time |
      | --- | --- |
      | files and engine ready | 3 s |
      | engine worked | 4 min |

      ### Proof

      | Command | Result | Time |
      | --- | --- | --- |
      | <code>npm test</code> | ✗ failed with exit code 1 | 8 s |

      \`\`\`text
      not ok 3 prints JSON
      \`\`\`

      ### In its own words

      > Added the flag.

      ### Left to do, as it says

      > One test fails.

      It was refused: \`Bash(curl)\`.
      "
    `);
  });
});

describe('a delivery', () => {
  const ask = { task: task('12'), attempt: one };
  const { settled } = attempt(1, { seconds: 252 });
  if (settled === null) throw new Error('settled');

  it('says what was pushed and opened', () => {
    const delivery = {
      kind: 'settled',
      settled,
      branch: 'orch/12-add',
      pull: { number: PrNumber.parse(34), url: 'https://github.com/octo/tools/pull/34' },
      pull_problem: null,
      findings: [],
    } as const;
    const { line, markdown } = renderDelivery({ ask, delivery });
    expect(line).toBe(
      '#12, attempt 1: delivered; 3 files pushed to orch/12-add; https://github.com/octo/tools/pull/34',
    );
    expect(markdown).toMatchInlineSnapshot(`
      "## #12, attempt 1: delivered

      The attempt delivered its work. 3 files pushed to \`orch/12-add\`. [Pull request 34](https://github.com/octo/tools/pull/34) is open.

      4 min 12 s · $0.42
      "
    `);
  });

  it('says what was refused, rule by rule, and why there is no pull request', () => {
    const refused = {
      ...settled,
      outcome: 'refused',
      detail: 'protected_path: .github/workflows/ci.yml may not be touched',
      files: 0,
    } as const;
    const findings = [
      { rule: 'protected_path', path: '.github/workflows/ci.yml', detail: 'may not be touched' },
      { rule: 'secret', path: null, detail: 'a file name holds what looks like a GitHub token' },
    ] as const;
    const { markdown } = renderDelivery({
      ask,
      delivery: { kind: 'settled', settled: refused, branch: null, pull: null, pull_problem: null, findings },
    });
    expect(markdown).toMatchInlineSnapshot(`
      "## #12, attempt 1: hand-in refused

      The attempt handed in something that may not be pushed: protected&#95;path: .github/workflows/ci.yml may not be touched. Nothing was pushed.

      Why it was refused:

      - \`protected_path\` \`.github/workflows/ci.yml\`: may not be touched
      - \`secret\`: a file name holds what looks like a GitHub token

      4 min 12 s · $0.42
      "
    `);
    const { line } = renderDelivery({
      ask,
      delivery: {
        kind: 'settled',
        settled,
        branch: 'orch/12-add',
        pull: null,
        pull_problem: 'GitHub Actions is not permitted to create pull requests',
        findings: [],
      },
    });
    expect(line).toBe(
      '#12, attempt 1: delivered; 3 files pushed to orch/12-add; no pull request: GitHub Actions is not permitted to create pull requests',
    );
    expect(renderDelivery({ ask, delivery: { kind: 'not_ours', why: 'the attempt was already settled' } }).line).toBe(
      '#12, attempt 1: nothing was delivered: the attempt was already settled.',
    );
  });
});
