// Owns the state views that tests of comments start from: one task, and what has become of it.
import fc from 'fast-check';
import {
  BranchName,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  ModelName,
  PrNumber,
  RunId,
  TaskId,
  AttemptNumber,
} from '../../src/domain/ids.ts';
import type { Attempt, Settled } from '../../src/domain/journal.ts';
import type { Resume, ShownWait, StateView } from '../../src/domain/notice.ts';
import { OutcomeKind, UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import type { HoldReason, WaitReason } from '../../src/domain/plan.ts';
import type { Route } from '../../src/domain/route.ts';
import { EngineId, TASK_STATES } from '../../src/domain/task.ts';
import * as any from './arbitraries.ts';

export const SHA = CommitSha.parse('3f786850e387550fdab836ed7e6dc881de23001b');
export const LABEL = LabelName.parse('agent-todo');

export const ROUTE: Route = {
  engine: 'claude',
  model: ModelName.parse('claude-sonnet-4-5'),
  complexity: 'medium',
  role: 'code',
  source: 'llm',
  profile: { skills: [], tools: [], constraints: [] },
  confidence: 0.82,
  likely_files: ['src/cli.ts'],
  reason: 'Touches the command line only.',
};

export function attempt(
  number: number,
  settled: Partial<Settled> | null,
  claim: Partial<Attempt['claim']> = {},
): Attempt {
  return {
    number: AttemptNumber.parse(number),
    epoch: 1,
    claim: {
      kind: 'claimed',
      at: Instant.parse('2026-11-20T20:00:00Z'),
      attempt: AttemptNumber.parse(number),
      role: 'code',
      engine: 'claude',
      model: ModelName.parse('claude-sonnet-4-5'),
      run: RunId.parse(90 + number),
      run_attempt: 1,
      base: SHA,
      branch: BranchName.parse('orch/12-add-a-json-flag'),
      continues: null,
      brief_sha256: Digest.parse('a'.repeat(64)),
      timeout_minutes: 40,
      ...claim,
    },
    settled:
      settled === null
        ? null
        : {
            kind: 'settled',
            at: Instant.parse('2026-11-20T20:10:00Z'),
            attempt: AttemptNumber.parse(number),
            outcome: 'delivered',
            engine_started: true,
            seconds: 252,
            usage: { ...UNKNOWN_USAGE, cost_usd: 0.42 },
            head: SHA,
            files: 3,
            detail: '',
            summary: '',
            proof: [],
            not_before: null,
            by: 'deliver',
            ...settled,
          },
  };
}

export function view(changes: Partial<StateView> = {}): StateView {
  const attempts = changes.attempts ?? [];
  return {
    task: TaskId.parse('12'),
    title: 'Add a --json flag',
    state: 'new',
    wait: null,
    resume: [],
    remarks: [],
    route: null,
    attempts,
    attempts_total: attempts.length,
    budget: { epoch: 1, charged: attempts.length, attempts_max: 3, uncharged: 0, infra_attempts_max: 3, spent: [] },
    dependencies: [],
    children: [],
    pull: null,
    on_merge: 'closes_issue',
    internal_end: null,
    branch: null,
    compare: null,
    origin: { kind: 'newest' },
    rebuilt: false,
    repository_url: 'https://github.com/octo/tools',
    remembers: { attempts: attempts.length, pr: null },
    ...changes,
  };
}

const labelName = fc.stringMatching(/^\S[\w: |`@<>*-]{0,30}$/).map((value) => LabelName.parse(value));
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const kind = <Kind extends string>(value: Kind) => fc.constant(value);
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 30 });

export const hold: fc.Arbitrary<HoldReason> = fc.oneof(
  fc.record({ kind: kind('cancelled'), by: orNull(any.login) }),
  fc.record({ kind: kind('attempts_exhausted'), attempts: fc.nat({ max: 9 }), last: orNull(any.outcome) }),
  fc.record({
    kind: kind('same_failure'),
    times: fc.integer({ min: 2, max: 9 }),
    outcome: any.outcome,
    detail: any.text,
  }),
  fc.record({ kind: kind('infra_exhausted'), attempts: fc.nat({ max: 9 }), last: any.outcome, detail: any.text }),
  fc.record({ kind: kind('needs_person'), outcome: any.outcome, detail: any.text }),
  fc.record({ kind: kind('needs_person'), outcome: kind('no_change'), detail: any.text, audited: fc.constant(true) }),
  fc.record({ kind: kind('pr_closed'), pr: any.prNumber }),
  fc.record({ kind: kind('pr_forbidden'), detail: any.text }),
  fc.record({ kind: kind('branch_gone'), branch: any.branchName }),
  fc.record({
    kind: kind('untrusted_label'),
    by: orNull(any.login),
    label: labelName,
    needed: fc.constantFrom('triage', 'write'),
  }),
  fc.record({ kind: kind('reopened'), by: orNull(any.login), needed: fc.constantFrom('triage', 'write') }),
  fc.record({ kind: kind('unknown_label'), label: labelName, allowed: few(labelName) }),
  fc.record({ kind: kind('contradicting_labels'), labels: few(labelName) }),
  fc.record({
    kind: kind('over_budget'),
    unit: fc.constantFrom('usd', 'tokens'),
    spent: fc.nat(),
    limit: fc.nat(),
  }),
  fc.record({ kind: kind('circle'), circle: few(any.issueNumber), of: any.issueNumber }),
  fc.record({
    kind: kind('no_engine'),
    wanted: orNull(any.engineId),
    configured: few(any.engineId),
    ready: few(any.engineId),
  }),
);

export const wait: fc.Arbitrary<WaitReason> = fc.oneof(
  fc.record({ kind: fc.constantFrom('dependencies', 'children', 'phase'), open: few(any.issueNumber) }),
  fc.record({ kind: kind('foreign'), open: few(any.issueNumber.map((issue) => `acme/lib#${issue}`)) }),
  fc.record({
    kind: kind('capacity'),
    running: fc.nat({ max: 9 }),
    parallel_max: fc.nat({ max: 9 }),
    by: fc.constantFrom('parallel_max', 'parallel_min', 'runners_max', 'api'),
  }),
  fc.record({
    kind: kind('engine_capacity'),
    engine: any.engineId,
    running: fc.nat({ max: 9 }),
    parallel_max: fc.nat({ max: 9 }),
    kept_for: orNull(any.taskId),
  }),
  fc.record({ kind: kind('overlap'), task: any.taskId, files: few(any.text), under_way: fc.boolean() }),
  fc.record({ kind: kind('alone'), running: fc.nat({ max: 9 }) }),
  fc.record({ kind: kind('behind'), task: any.taskId }),
  fc.record({ kind: kind('backoff'), until: any.instant, after: any.outcome }),
  fc.record({
    kind: kind('circuit'),
    outcome: any.outcome,
    tasks: fc.nat({ max: 9 }),
    until: any.instant,
    probing: fc.boolean(),
  }),
  fc.record({ kind: kind('cooldown'), engines: few(any.engineId), until: any.instant }),
  fc.record({ kind: kind('hourly'), starts: fc.nat({ max: 9 }), limit: fc.nat({ max: 9 }), until: any.instant }),
  fc.record({ kind: kind('stopped'), task: any.taskId }),
  fc.record({
    kind: kind('budget'),
    period: fc.constantFrom('day', 'month'),
    unit: fc.constantFrom('usd', 'tokens'),
    spent: fc.nat(),
    limit: fc.nat(),
    until: orNull(any.instant),
  }),
  fc.record({ kind: kind('running'), attempt: any.attemptNumber, run: any.runId }),
  fc.record({ kind: kind('review'), pr: any.prNumber }),
  fc.record({ kind: kind('person'), reason: hold }),
  fc.record({
    kind: kind('skipped'),
    by: fc.constantFrom('label', 'command', 'no_intake_label'),
    label: orNull(labelName),
    who: orNull(any.login),
  }),
  fc.constant({ kind: 'unassigned' as const }),
  fc.record({ kind: kind('finished'), state: fc.constantFrom('done', 'archived') }),
  fc.constantFrom(
    { kind: 'lease_unread' as const },
    { kind: 'details_unread' as const },
    { kind: 'routing_budget' as const },
  ),
);

const shownWait = fc
  .oneof(wait, fc.record({ kind: kind('queued'), parallel_max: fc.nat({ max: 9 }) }))
  .filter(
    (each): each is ShownWait =>
      ![
        'capacity',
        'engine_capacity',
        'overlap',
        'alone',
        'behind',
        'circuit',
        'cooldown',
        'hourly',
        'stopped',
        'budget',
        'lease_unread',
        'details_unread',
        'routing_budget',
      ].includes(each.kind),
  );

export const resume: fc.Arbitrary<Resume> = fc.oneof(
  fc.constantFrom<Resume>(
    { kind: 'retry' },
    { kind: 'open_pull' },
    { kind: 'close_issue' },
    { kind: 'reopen_issue' },
    { kind: 'close_dependencies' },
  ),
  fc.record({ kind: kind('break_circle'), at: orNull(any.issueNumber) }),
  fc.record({ kind: kind('retry_other'), engine: any.engineId }),
  fc.record({ kind: fc.constantFrom('add_label', 'remove_label'), label: labelName }),
  fc.record({ kind: kind('replace_label'), label: labelName, allowed: few(labelName) }),
  fc.record({ kind: kind('relabel'), label: labelName, needed: fc.constantFrom('triage', 'write') }),
  fc.record({ kind: fc.constantFrom('review_pull', 'reopen_pull'), pr: any.prNumber }),
);

const anyAttempt: fc.Arbitrary<Attempt> = fc
  .tuple(any.claimed, orNull(any.settled), any.text)
  .map(([claim, settled, text]) => ({
    number: claim.attempt,
    epoch: 1,
    claim,
    settled: settled === null ? null : { ...settled, detail: text, summary: text },
  }));

export const anyView: fc.Arbitrary<StateView> = fc
  .record({
    task: any.taskId,
    title: any.text,
    state: fc.constantFrom(...TASK_STATES),
    wait: orNull(shownWait),
    resume: fc.array(resume, { maxLength: 3 }),
    remarks: few(
      fc.oneof(
        fc.record({ kind: kind('unknown_label'), label: labelName, allowed: few(labelName) }),
        fc.record({ kind: kind('status_by_hand'), label: labelName, by: orNull(any.login) }),
        fc.record({ kind: kind('soft_dependencies'), open: few(any.issueNumber) }),
      ),
    ),
    route: orNull(any.route),
    attempts: fc.array(anyAttempt, { maxLength: 20 }),
    dependencies: few(
      fc.record({
        issue: any.issueNumber,
        title: any.text,
        open: fc.boolean(),
        source: fc.constantFrom('native', 'text', 'soft'),
      }),
    ),
    children: few(fc.record({ issue: any.issueNumber, title: any.text, open: fc.boolean() })),
    pull: orNull(
      fc.record({
        number: any.prNumber,
        state: fc.constantFrom('open', 'merged', 'closed'),
        draft: fc.boolean(),
        files: fc.nat(),
        review: fc.constantFrom('approved', 'changes_requested', null),
      }),
    ),
    on_merge: fc.constantFrom('closes_issue', 'leaves_issue', 'ends_task'),
    internal_end: orNull(
      fc.oneof(
        fc.record({ kind: kind('merged'), pr: any.prNumber }),
        fc.record({ kind: kind('completed'), by: any.login }),
        fc.record({ kind: kind('published'), issue: orNull(any.issueNumber) }),
        fc.record({ kind: fc.constantFrom('over', 'outrun') }),
      ),
    ),
    branch: orNull(fc.record({ name: any.branchName, head: any.commitSha })),
    compare: orNull(fc.record({ base: any.branchName, head: any.branchName, title: any.text })),
    rebuilt: fc.boolean(),
    remembers: fc.record({ attempts: fc.nat({ max: 500 }), pr: orNull(any.prNumber) }),
    problem: any.text,
  })
  .map(({ problem, ...rest }) => ({
    ...view(rest),
    origin: { kind: 'last_good', commit: SHA, problems: [{ line: 3, key: problem, problem, remedy: problem }] },
  }));

export const issue = (value: number) => IssueNumber.parse(value);
export const pr = (value: number) => PrNumber.parse(value);
export const login = (value: string) => Login.parse(value);
export const label = (value: string) => LabelName.parse(value);
export { OutcomeKind, EngineId };
