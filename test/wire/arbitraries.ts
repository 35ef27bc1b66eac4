// Owns the random values that wire's properties are checked on: every shape the domain allows, hostile text included.
import fc from 'fast-check';
import type { Brief, Passage } from '../../src/domain/brief.ts';
import type { Command, InboxEntry } from '../../src/domain/command.ts';
import { PRIORITY_NAMES, QueuePart, Refusal, VERBS, Verb } from '../../src/domain/command.ts';
import type { HistoryLine } from '../../src/domain/effect.ts';
import type { HandIn } from '../../src/domain/hand-in.ts';
import {
  AttemptNumber,
  BranchName,
  CommentId,
  CommitSha,
  Digest,
  Instant,
  IssueNumber,
  LabelName,
  Login,
  ModelName,
  NodeId,
  PrNumber,
  RunId,
  TaskId,
} from '../../src/domain/ids.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { JobName } from '../../src/domain/job.ts';
import type { JournalRecord } from '../../src/domain/journal.ts';
import { OutcomeKind } from '../../src/domain/outcome.ts';
import type { ProofResult, Usage } from '../../src/domain/outcome.ts';
import { Complexity, EngineId, Role, TASK_STATES } from '../../src/domain/task.ts';

/** What breaks renderers: markup, mentions, markers, fences, invisible and wide characters. */
const NASTY = [
  '<!-- orch:state v1 {"task":"1"} -->',
  '-->',
  '```',
  '````',
  '~~~',
  '`',
  '|',
  '\n',
  '\r\n',
  '\u0000',
  '\u202e',
  '\u200b',
  '@everyone',
  '@org/team',
  'Closes #1',
  'fixes owner/repo#2',
  '<img src=x>',
  '![x](https://x.example/y.png)',
  '> ',
  '# ',
  '- ',
  '{{slot}}',
  '[cut',
  '😀',
  '👩‍👩‍👧',
  'é',
  'e\u0301',
  '\ud800',
  '&amp;',
  '\\',
  '*',
  '_',
  '$&',
  '---',
  'Orch-Task: 9',
];

export const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 8 })), { maxLength: 30 })
    .map((parts) => parts.join('')),
);

/** Text that JSON and UTF-8 both carry unchanged. */
export const wellFormed = text.map((value) => value.toWellFormed());

const positive = fc.integer({ min: 1, max: 2_000_000_000 });
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

export const issueNumber = positive.map((value) => IssueNumber.parse(value));
export const prNumber = positive.map((value) => PrNumber.parse(value));
export const runId = positive.map((value) => RunId.parse(value));
export const attemptNumber = fc.integer({ min: 1, max: 500 }).map((value) => AttemptNumber.parse(value));
export const taskId = fc
  .tuple(fc.constantFrom('', 'i'), positive)
  .map(([kind, value]) => TaskId.parse(`${kind}${value}`));
export const commitSha = hex(40).map((value) => CommitSha.parse(value));
export const digest = hex(64).map((value) => Digest.parse(value));
const labelName = fc.stringMatching(/^[a-z][a-z:-]{0,20}$/).map((value) => LabelName.parse(value));
export const login = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}$/).map((value) => Login.parse(value));
export const nodeId = fc.stringMatching(/^[A-Za-z0-9_=-]{1,40}$/).map((value) => NodeId.parse(value));
export const instant = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((value) => Instant.parse(value.toISOString()));
export const modelName = fc.stringMatching(/^[\w./:-]{1,40}$/).map((value) => ModelName.parse(value));
export const branchName = fc.stringMatching(/^orch\/[a-z0-9-]{1,20}[a-z0-9]$/).map((value) => BranchName.parse(value));
export const engineId = fc.constantFrom(...EngineId.options);
export const complexity = fc.constantFrom(...Complexity.options);
export const role = fc.constantFrom(...Role.options);
export const verb = fc.constantFrom(...Verb.options);
export const outcome = fc.constantFrom(...OutcomeKind.options);
const count = fc.nat({ max: 10_000_000 });
export const seconds = fc
  .double({ min: 0, max: 100_000, noNaN: true })
  .map((value) => (Object.is(value, -0) ? 0 : value));
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

export const usage: fc.Arbitrary<Usage> = fc.record({
  input_tokens: orNull(count),
  output_tokens: orNull(count),
  cache_read_tokens: orNull(count),
  cache_write_tokens: orNull(count),
  cost_usd: orNull(seconds),
  turns: orNull(count),
});

export const proof: fc.Arbitrary<ProofResult> = fc.record({
  command: fc.array(wellFormed, { minLength: 1, maxLength: 5 }),
  exit_code: fc.integer({ min: -1, max: 255 }),
  seconds,
  tail: wellFormed,
});

const profile = fc.record({
  skills: fc.array(wellFormed, { maxLength: 3 }),
  tools: fc.array(wellFormed, { maxLength: 3 }),
  constraints: fc.array(wellFormed, { maxLength: 3 }),
});

export const route = fc.record({
  engine: engineId,
  model: orNull(modelName),
  complexity,
  role,
  source: fc.constantFrom('label', 'command', 'rule', 'model', 'llm', 'round_robin', 'only_choice'),
  profile,
  confidence: orNull(fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)),
  likely_files: fc.array(wellFormed, { maxLength: 3 }),
  reason: wellFormed,
});

const from = fc.oneof(
  fc.record({ comment: positive.map((value) => CommentId.parse(value)) }),
  fc.record({ run: runId }),
  fc.record({ label: wellFormed }),
  fc.record({ event: fc.constant('reopened') }),
);

const kind = <Kind extends string>(value: Kind) => fc.constant(value);

const claim = fc.record({
  kind: kind('claimed'),
  at: instant,
  attempt: attemptNumber,
  role,
  engine: engineId,
  model: orNull(modelName),
  run: runId,
  run_attempt: fc.integer({ min: 1, max: 9 }),
  base: commitSha,
  branch: branchName,
  continues: orNull(commitSha),
  brief_sha256: digest,
  timeout_minutes: fc.integer({ min: 1, max: 360 }),
});

export const claimed = fc
  .tuple(claim, fc.boolean())
  .map(([record, alone]) => (alone ? { ...record, alone: true as const } : record));

const ending = fc.record({
  kind: kind('settled'),
  at: instant,
  attempt: attemptNumber,
  outcome,
  engine_started: fc.boolean(),
  seconds,
  usage,
  head: orNull(commitSha),
  files: count,
  detail: wellFormed,
  summary: wellFormed,
  proof: fc.array(proof, { maxLength: 3 }),
  not_before: orNull(instant),
  by: fc.constantFrom('deliver', 'reconcile'),
});

export const settled = fc
  .tuple(ending, fc.boolean())
  .map(([record, taken_out]) => (taken_out ? { ...record, taken_out: true as const } : record));

/** Chosen engines come with or without a model; a model needs an engine, as its words follow one another. */
const chosen = <Name extends 'retry' | 'reroute'>(name: Name) =>
  fc.oneof(
    fc.record({ verb: fc.constant(name), engine: engineId, model: orNull(modelName) }),
    fc.constant({ verb: name, engine: null, model: null } as const),
  );
const issues = fc.uniqueArray(
  fc.integer({ min: 1, max: 999_999_999 }).map((number) => IssueNumber.parse(number)),
  { maxLength: 10 },
);
const day = orNull(
  fc
    .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => Instant.parse(date.toISOString())),
);
export const jobName = fc.stringMatching(/^[a-z0-9](?:[a-z0-9._-]{0,20}[a-z0-9])?$/).map((name) => JobName.parse(name));

type Worded =
  | 'import'
  | 'assign'
  | 'route'
  | 'retry'
  | 'reroute'
  | 'skip'
  | 'hold'
  | 'block'
  | 'unblock'
  | 'priority'
  | 'say'
  | 'ask'
  | 'job'
  | 'set'
  | 'settings'
  | 'queue';
const WORDED: ReadonlySet<string> = new Set<Worded>([
  'assign',
  'route',
  'retry',
  'reroute',
  'skip',
  'hold',
  'block',
  'unblock',
  'priority',
  'say',
  'ask',
  'import',
  'job',
  'set',
  'settings',
  'queue',
]);
const BARE = VERBS.filter((each): each is Exclude<Verb, Worded> => !WORDED.has(each));

const cronText = fc.oneof(
  fc.constantFrom('30 6 * * MON-FRI', '*/5 * * * *', '@daily', '0 0 31 2 *', '61 * * * *', 'soon'),
  fc.stringMatching(/^[a-zA-Z0-9*@][\w*,/-]{0,8}(?: [\w*,/-]{1,8}){0,6}$/),
);
const zoneText = fc.oneof(fc.constantFrom('UTC', 'Europe/Berlin'), fc.stringMatching(/^[A-Z][\w/+-]{1,20}$/));

const line = fc.stringMatching(/^[a-zA-Z0-9][\w .,:;!?'"()#@/-]{0,200}[a-z.]$/);

export const spokenCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom(...BARE).map((each): Command => ({ verb: each })),
  fc.record({ verb: kind('assign'), engine: engineId, model: orNull(modelName) }),
  chosen('retry'),
  chosen('reroute'),
  fc.record({ verb: kind('route'), complexity: orNull(fc.constantFrom(...Complexity.options)) }),
  fc.record({ verb: fc.constantFrom('skip' as const, 'hold' as const), until: day }),
  fc.record({ verb: kind('block'), on: issues }),
  fc.record({ verb: kind('unblock'), of: issues, all: fc.constant(false) }),
  fc.constant<Command>({ verb: 'unblock', of: [], all: true }),
  fc.record({ verb: kind('priority'), level: orNull(fc.constantFrom(...PRIORITY_NAMES)) }),
  fc.record({
    verb: kind('import'),
    path: fc.stringMatching(/^[a-z.]?[a-z]{1,9}(?:\/[a-z]{1,9}){0,2}\.(?:md|jsonl)$/),
  }),
  fc.constant<Command>({ verb: 'job', action: 'list', name: null }),
  fc.record({ verb: kind('job'), action: fc.constantFrom('enable', 'disable', 'run'), name: jobName }),
  fc.record({ verb: kind('job'), action: kind('check'), cron: cronText, timezone: zoneText }),
  fc.record({ verb: kind('job'), action: kind('remove'), name: jobName }),
  fc.record({
    verb: kind('job'),
    action: kind('add'),
    name: jobName,
    cron: cronText,
    timezone: zoneText,
    role: fc.constantFrom('task', 'audit'),
    prompt: line,
  }),
  fc.record({
    verb: kind('set'),
    key: fc.constantFrom('parallel_max', 'budget.day.usd', 'engines.claude.weight', 'sandbox', 'no_such.key'),
    value: fc.oneof(fc.constantFrom('5', 'default', '[0, 5, 10]', 'true', '0.5', '{'), line),
  }),
  fc.record({
    verb: kind('settings'),
    key: orNull(fc.constantFrom('gate', 'parallel_max', 'engines.claude', 'no_such.key')),
  }),
  fc.record({ verb: kind('queue'), of: orNull(fc.constantFrom(...QueuePart.options)) }),
  fc.record({ verb: kind('say'), text: line }),
  fc.record({ verb: kind('ask'), text: line }),
);

/** One of each kind. */
export const FINDINGS: readonly Finding[] = [
  {
    kind: 'engine_fails',
    engine: 'codex',
    complexity: 'medium',
    failed: 9,
    tries: 12,
    others_failed: 2,
    others_tries: 20,
  },
  { kind: 'proof_fails', command: 'npm run lint', failed: 5, tasks: 9 },
  { kind: 'people_wait', tasks: 3, days: 7, longest: ['12', 'i98', '14'].map((id) => TaskId.parse(id)) },
  { kind: 'time_runs_out', complexity: 'simple', ended: 4, tries: 11 },
  { kind: 'circuit_opens', times: 2, outcome: 'auth' },
  { kind: 'limit_met', engine: 'claude', model: ModelName.parse('small'), days: 6, of_days: 7 },
  { kind: 'budget_reached', unit: 'usd', days: 3, of_days: 7 },
];

export const journalRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ kind: kind('admitted'), at: instant, by: login, issue_id: orNull(nodeId) }),
  fc.record({
    kind: kind('asked'),
    at: instant,
    by: login,
    run: runId,
    title: wellFormed,
    prompt: wellFormed,
    engine: orNull(engineId),
    model: orNull(modelName),
    role,
  }),
  fc.record({ kind: kind('routed'), at: instant, route }),
  claimed,
  settled,
  fc.record({ kind: kind('priced'), at: instant, attempt: attemptNumber, seconds, usage }),
  fc.record(
    {
      kind: kind('commanded'),
      at: instant,
      by: login,
      from,
      verb,
      engine: orNull(engineId),
      model: orNull(modelName),
      refused: orNull(fc.constantFrom(...Refusal.options)),
      heard_at: instant,
    },
    { requiredKeys: ['kind', 'at', 'by', 'from', 'verb', 'engine', 'model', 'refused'] },
  ),
  fc.record({ kind: kind('opened'), at: instant, pr: prNumber }),
  fc.record({ kind: kind('proposed'), at: instant, from, pr: orNull(prNumber), detail: wellFormed }),
  fc.record({ kind: kind('pr_refused'), at: instant, detail: wellFormed }),
  fc.record(
    {
      kind: kind('shown'),
      at: instant,
      state: fc.constantFrom(...TASK_STATES),
      comment: orNull(nodeId),
      digest,
      priority: fc.integer(),
      knot: fc.array(issueNumber, { maxLength: 5 }),
      by_hand: fc.array(fc.record({ label: labelName, by: fc.option(login, { nil: null }) }), { maxLength: 3 }),
      epic: fc.record({ parent: issueNumber, phase: fc.nat() }),
    },
    { requiredKeys: ['kind', 'at', 'state', 'comment', 'digest', 'priority'] },
  ),
  fc.record({ kind: kind('filing'), at: instant, findings: fc.array(fc.constantFrom(...FINDINGS), { maxLength: 3 }) }),
  fc.record({ kind: kind('filed'), at: instant, key: wellFormed, issue: issueNumber }),
  fc.record({ kind: kind('finished'), at: instant, state: fc.constantFrom('done', 'archived'), pr: orNull(prNumber) }),
  fc.record({ kind: kind('rebuilt'), at: instant, attempts_before: count, pr: orNull(prNumber) }),
);

const prompt = fc
  .string({ minLength: 1, maxLength: 200 })
  .filter((value) => value.trim() !== '')
  .map((value) => value.toWellFormed());

export const inboxEntry: fc.Arbitrary<InboxEntry> = fc.record({
  run: runId,
  by: login,
  at: instant,
  ask: fc.oneof(
    fc.record({
      kind: kind('command'),
      issue: issueNumber,
      command: spokenCommand,
    }),
    fc.record({ kind: kind('word'), task: orNull(taskId), command: spokenCommand }),
    fc.record({
      kind: kind('prompt'),
      title: prompt,
      prompt,
      engine: orNull(engineId),
      model: orNull(modelName),
      role,
    }),
  ),
});

export const historyLine: fc.Arbitrary<HistoryLine> = fc.oneof(
  fc.record({ kind: kind('route'), at: instant, task: taskId, engine: engineId, source: wellFormed }),
  fc.record({
    kind: kind('settled'),
    at: instant,
    task: taskId,
    attempt: attemptNumber,
    engine: engineId,
    model: orNull(wellFormed),
    outcome,
    seconds,
    cost_usd: orNull(seconds),
  }),
  fc.record({ kind: kind('finished'), at: instant, task: taskId, state: wellFormed, pr: orNull(positive) }),
  fc.record({ kind: kind('tick'), at: instant, sweep: fc.boolean() }),
);

export const passage: fc.Arbitrary<Passage> = fc.record({
  by: login,
  trust: fc.constantFrom('trusted', 'known', 'stranger'),
  at: instant,
  text: wellFormed,
});

const command = fc.array(wellFormed, { minLength: 1, maxLength: 4 });
const limit = fc.integer({ min: 1, max: 1_000_000 });

export const brief: fc.Arbitrary<Brief> = fc.record({
  version: fc.constant(1),
  task: taskId,
  attempt: attemptNumber,
  run: runId,
  role,
  engine: fc.record({
    id: engineId,
    weight: count,
    version: orNull(wellFormed),
    command: orNull(command),
    env: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,10}$/), wellFormed, { maxKeys: 3, noNullPrototype: true }),
    hosts: fc.array(wellFormed, { maxLength: 2 }),
    base_url: orNull(wellFormed),
    parallel_max: orNull(fc.integer({ min: 1, max: 9 })),
    turns_max: orNull(limit),
    cost_usd_max: orNull(limit),
  }),
  plain: fc.boolean(),
  model: orNull(modelName),
  complexity,
  profile,
  repository: fc.record({ owner: login, name: login, url: wellFormed, default_branch: branchName }),
  base: commitSha,
  branch: branchName,
  continues: orNull(commitSha),
  issue: orNull(fc.record({ number: issueNumber, title: wellFormed, url: wellFormed, body: passage })),
  asked: orNull(passage),
  thread: fc.array(passage, { maxLength: 4 }),
  thread_cut: fc.boolean(),
  relations: fc.array(
    fc.record({ issue: issueNumber, title: wellFormed, relation: kind('depends_on'), open: fc.boolean() }),
    { maxLength: 3 },
  ),
  past: fc.array(
    fc.record({ number: attemptNumber, engine: engineId, outcome, detail: wellFormed, summary: wellFormed }),
    { maxLength: 3 },
  ),
  timeout_minutes: limit,
  silence_minutes_max: limit,
  setup: fc.array(command, { maxLength: 2 }),
  verify: fc.array(command, { maxLength: 2 }),
  verify_rounds_max: count,
  required_tools: fc.array(wellFormed, { maxLength: 2 }),
  registry_hosts: fc.array(wellFormed, { maxLength: 2 }),
  sandbox: fc.constantFrom('on', 'off'),
  gate: fc.record({
    files_max: limit,
    bytes_max: limit,
    file_bytes_max: limit,
    protected_paths: fc.array(wellFormed, { maxLength: 2 }),
    submodules: kind('refuse'),
  }),
  pull_request: fc.record({ draft: fc.boolean(), reviewers: fc.array(login, { maxLength: 2 }) }),
  auto_close: fc.boolean(),
});

export const handIn: fc.Arbitrary<HandIn> = fc.record({
  version: fc.constant(1),
  task: taskId,
  attempt: attemptNumber,
  engine: engineId,
  engine_version: orNull(wellFormed),
  model: orNull(modelName),
  outcome,
  engine_started: fc.boolean(),
  isolated: fc.boolean(),
  seconds,
  usage,
  exit_code: orNull(fc.integer({ min: 0, max: 255 })),
  session: orNull(fc.string({ maxLength: 100 }).map((value) => value.toWellFormed())),
  bundle_head: orNull(commitSha),
  detail: wellFormed,
  title: orNull(fc.string({ maxLength: 200 }).map((value) => value.toWellFormed())),
  summary: wellFormed,
  remaining: wellFormed,
  proof: fc.array(proof, { maxLength: 3 }),
  proof_rounds: fc.nat({ max: 10 }),
  not_before: orNull(instant),
  brief_sha256: digest,
  prompt_sha256: orNull(digest),
  denials: fc.array(
    fc.string({ maxLength: 100 }).map((value) => value.toWellFormed()),
    { maxLength: 3 },
  ),
});
