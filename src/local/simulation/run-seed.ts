// Owns one seed from its first issue to rest: what the repository holds, when faults end, and what must be true then.
import { DEFAULT_POLICY } from '../../domain/default-policy.ts';
import { JobName } from '../../domain/job.ts';
import type { Policy } from '../../domain/policy.ts';
import { LocalWorld } from '../model/local-world.ts';
import { openJob } from '../model/actions.ts';
import { refsMoved } from '../model/pulls.ts';
import { BOT } from '../model/world.ts';
import { JournalStore } from '../ports/journal-store.ts';
import { strictRequests } from '../ports/strict-requests.ts';
import { ObjectGraph } from '../ports/object-graph.ts';
import { PROOF } from './attempt-job.ts';
import { Faults } from './faults.ts';
import { Findings } from './findings.ts';
import type { Finding } from './findings.ts';
import { Kernel } from './kernel.ts';
import { Lists } from './lists.ts';
import { OWNER, perform, script, STRANGER, TRIAGER, WRITER } from './people.ts';
import { Platform } from './platform.ts';
import { Dice } from './random.ts';
import { IMPORT_FILE, IMPORT_TEXT } from './files.ts';
import { checkRest, internalStates, stateOf } from './rest.ts';
import type { Nets, Stage } from './stage.ts';
import { Watch } from './watch.ts';

export interface SeedOptions {
  readonly faults: 'none' | 'swarm';
  /** Faults and acts that are left out, by key. */
  readonly skip?: ReadonlySet<string>;
  readonly keep_history?: boolean;
  readonly nets?: Nets;
  /** What people do, where one thing is looked for; absent: everything. */
  readonly acts?: readonly string[];
  /** Every request goes as over the wire. */
  readonly strict?: boolean;
}

export interface SeedResult {
  readonly seed: number;
  readonly steps: number;
  readonly trace: string;
  readonly findings: readonly Finding[];
  readonly faults: readonly string[];
  readonly acts: readonly string[];
  readonly states: Readonly<Record<string, number>>;
  readonly tally: Stage['tally'];
  readonly history: readonly string[];
}

const START_MS = Date.parse('2026-01-05T08:00:00Z');
const HOUR_MS = 3_600_000;
const TASKS = 20;
const ACTS_MAX = 60;
/** Of 36 hours in all: people and faults have the first thirty. */
const TROUBLE_HOURS = 30;
/** Within which every issue gets its label. */
const LABELLED_HOURS_MAX = 6;
const QUIET_HOURS_MAX = 120;
const SWEEPS_TO_REST = 3;
const SWEEP_GAP_MS = 65 * 60_000;
const MOMENT_MS = 10 * 60_000;

export async function runSeed(seed: number, options: SeedOptions): Promise<SeedResult> {
  const { stage, platform } = openStage(seed, options);
  const { kernel, world } = stage;
  const until_ms = START_MS + TROUBLE_HOURS * HOUR_MS;
  seedIssues(stage);
  const dice = stage.dice('scene');
  const acts =
    options.faults === 'none'
      ? []
      : script(stage, {
          acts: dice.between(0, ACTS_MAX),
          tasks: TASKS,
          until_ms,
          ...(options.acts === undefined ? {} : { kinds: options.acts }),
        });
  const done = acts.filter(({ key }) => options.skip?.has(key) !== true);
  for (const act of done) kernel.after(act.at_ms - kernel.now_ms, () => perform(stage, act));
  world.onEvent((event) => {
    platform.hear(event);
    if (event.name === 'pull_request') stage.watch.pulls();
    if (event.name === 'issues') stage.watch.selfMade();
    if (event.name === 'pull_request' && event.payload['action'] === 'opened')
      mergeLater(stage, Number(event.payload['number']));
    const { issue } = event.payload as { readonly issue?: { readonly number: number } };
    if (event.name === 'issue_comment' && issue !== undefined) stage.watch.comments(issue.number);
  });
  const labelled = [...world.issues.keys()].map((number) => ({ number, key: `task#${number}`, after: dice.next() }));
  const let_in = labelled.filter(({ key }) => options.skip?.has(key) !== true);
  for (const { number, after } of let_in)
    kernel.after(after * LABELLED_HOURS_MAX * HOUR_MS, () => letIn(stage, number));
  platform.startCron(until_ms);
  await kernel.run(until_ms);
  await comeToRest(stage, platform);
  return {
    seed,
    steps: kernel.steps,
    trace: kernel.trace,
    findings: stage.findings.all,
    faults: stage.faults.struck,
    acts: [...let_in, ...done].map(({ key }) => key),
    states: countStates(stage),
    tally: stage.tally,
    history: kernel.history ?? [],
  };
}

function letIn({ world }: Stage, number: number): void {
  if (world.issues.has(number)) world.label(WRITER, number, 'agent-todo');
}

const MERGE_HOURS_MAX = 5;

function mergeLater(stage: Stage, number: number): void {
  const { kernel, world } = stage;
  const dice = stage.dice(`merge ${number}`);
  if (dice.next() < 0.25) return;
  kernel.after(dice.next() * MERGE_HOURS_MAX * HOUR_MS, () => {
    const issue = world.pulls.get(number);
    if (issue?.state === 'open' && issue.pull?.draft === false) world.mergePull(WRITER, number);
  });
}

function openStage(seed: number, options: SeedOptions) {
  const kernel = new Kernel(START_MS, options.keep_history ?? false);
  const graph = new ObjectGraph();
  const dice = (name: string): Dice => new Dice(seed, name);
  const hex = dice('hex');
  const world = new LocalWorld(
    {
      owner: OWNER,
      name: 'repo',
      default_branch: 'main',
      now_ms: () => kernel.now_ms,
      random_hex: (bytes) => Array.from({ length: bytes * 2 }, () => hex.between(0, 15).toString(16)).join(''),
    },
    graph,
  );
  const policy = policyOf(dice('policy'));
  const faults = new Faults({
    seed,
    on: options.faults,
    until_ms: START_MS + TROUBLE_HOURS * HOUR_MS,
    now_ms: () => kernel.now_ms,
    skip: options.skip ?? new Set(),
  });
  const findings = new Findings(() => kernel.steps);
  const lists = new Lists(kernel, faults, seed);
  const watch = new Watch(world, { policy, findings, lists });
  const store = new JournalStore(graph);
  store.onRecords = (task, before, records) => {
    watch.records(task, before, records);
    kernel.note(`  ${task}: ${records.map((record) => record.kind).join(' ')}`);
  };
  const actor = { person: BOT, job: null, kind: 'job', permissions: null } as const;
  const stage: Stage = {
    seed,
    kernel,
    world,
    graph,
    store,
    faults,
    findings,
    watch,
    dice,
    nets: options.nets ?? {},
    wire: options.strict === true ? strictRequests(world) : null,
    artifacts: new Map(),
    moved: (ref, from, to) => refsMoved(world, actor, [{ ref, from, to }]),
    open: (run, name) => openJob(world, { run, name }),
    tally: { ticks: 0, crashed: 0, requests: 0, attempts: 0, writes: 0 },
  };
  return { stage, platform: new Platform(stage, lists, policy) };
}

/** Codex tells its tokens, not its price. */
const TWO_ATTEMPTS: Policy['budget']['task'] = { usd: null, tokens: 1_500 };

/** Most repositories set little; each setting is one that changes who may start. */
function policyOf(dice: Dice): Policy {
  const set = <T>(share: number, value: () => T, otherwise: T): T => (dice.next() < share ? value() : otherwise);
  const none = DEFAULT_POLICY.budget.task;
  return {
    ...DEFAULT_POLICY,
    verify: [PROOF],
    parallel_max: dice.between(1, 5),
    parallel_min: set(0.3, () => 1, null),
    overlap: dice.pick(['off', 'running', 'merged'] as const),
    assignment: set<Policy['assignment']>(0.2, () => 'hybrid', 'auto'),
    engines: DEFAULT_POLICY.engines.map((engine) => ({ ...engine, parallel_max: set(0.2, () => 1, null) })),
    budget: {
      task: set(0.3, () => dice.pick([{ usd: 1, tokens: null }, TWO_ATTEMPTS]), none),
      day: set(0.2, () => ({ usd: 8, tokens: null }), none),
      month: none,
    },
    jobs: set(0.3, () => JOBS, []),
    auto_close: set(0.3, () => false, true),
  };
}

/** All within the hours of trouble: afterwards everything comes to rest. */
const JOBS: Policy['jobs'] = [
  { cron: '15 10-22/3 5 1 *', timezone: 'UTC', command: null },
  { cron: '0 1-10/3 6 1 *', timezone: 'Europe/Berlin', command: ['true'] },
  { cron: '40 14-23/3 5 1 *', timezone: 'UTC', command: null, issues_max: 3 },
].map((job, index) => ({
  ...job,
  name: JobName.parse(`job-${index}`),
  title: `Job ${index}`,
  role: 'code',
  enabled: true,
  prompt: 'Look after it.',
  engine: null,
  model: null,
  failures_max: 3,
}));

const LABELS = [
  'complexity:simple',
  'complexity:complex',
  'agent:claude',
  'agent:codex',
  'priority:high',
  'priority:low',
  'instances:2',
  'instances:3',
];

function seedIssues(stage: Stage): void {
  const { world, graph } = stage;
  const dice = stage.dice('issues');
  world.grant(WRITER, 'write');
  world.grant(TRIAGER, 'triage');
  world.grant(STRANGER, 'read');
  graph.commitFiles('main', { 'README.md': 'hello', [IMPORT_FILE]: IMPORT_TEXT }, 'first');
  for (let number = 1; number <= TASKS; number += 1) {
    const labels = dice.next() < 0.4 ? [dice.pick(LABELS)] : [];
    const earlier = dice.between(1, Math.max(1, number - 1));
    const waits = number > 1 && dice.next() < 0.25;
    const body = waits && dice.next() < 0.3 ? `Depends on #${earlier}` : '';
    const files = dice.next() < 0.3 ? `\n\nFiles: src/${dice.pick(['a', 'b'])}.ts` : '';
    world.openIssue(WRITER, `Task ${number}`, `${body}${files}`, labels);
    if (waits && body === '') world.block(number, earlier);
  }
}

/** No fault any more: attempts end, pull requests are merged or wait, and a few sweeps find nothing left to do. */
async function comeToRest(stage: Stage, platform: Platform): Promise<void> {
  const { kernel, world } = stage;
  const end_ms = kernel.now_ms + QUIET_HOURS_MAX * HOUR_MS;
  const queued = [...world.issues.values()].find(({ pull, labels }) => pull === null && labels.includes('agent-todo'));
  if (queued !== undefined) world.comment(OWNER, queued.number, '/orch resume');
  let calm = 0;
  // bounded by end_ms
  while (calm < SWEEPS_TO_REST && kernel.now_ms < end_ms && !kernel.exhausted) {
    const before = stage.tally.attempts;
    await kernel.run(kernel.now_ms + SWEEP_GAP_MS);
    platform.trigger({ cause: 'schedule', issue: null, actor: null, sweep: true });
    await kernel.run(kernel.now_ms + SWEEP_GAP_MS);
    if (!platform.idle) await kernel.run(kernel.now_ms + MOMENT_MS);
    calm = platform.idle && stage.tally.attempts === before && !someWait(stage) && !isFiling(stage) ? calm + 1 : 0;
  }
  stage.findings.insist(calm >= SWEEPS_TO_REST, 'L1 it comes to rest', `${stage.tally.attempts} attempts`);
  // A sweep writes down that it swept, in the history alone; everything else is silent.
  stage.tally.writes = 0;
  await kernel.run(kernel.now_ms + SWEEP_GAP_MS);
  platform.trigger({ cause: 'schedule', issue: null, actor: null, sweep: true });
  await kernel.run(kernel.now_ms + SWEEP_GAP_MS);
  stage.findings.insist(stage.tally.writes === 0, 'I11 nothing is written at rest', `${stage.tally.writes}`);
  checkRest(stage);
}

/** In line: for a merge that others collide with, or for the next day's budget. */
function someWait(stage: Stage): boolean {
  return [...Array.from({ length: TASKS }, (_, i) => stateOf(stage, i + 1)), ...internalStates(stage)].some(
    (state) => state === 'new' || state === 'routed',
  );
}

/** What a tick was to file and did not is filed by another one hours later, for up to a day. */
const FILING_HOURS_MAX = 25;

function isFiling({ store, kernel }: Stage): boolean {
  return [...store.read().chains.values()].some(({ journal: { asked, filing, filed } }) => {
    const is_open = filing !== null && filed.length < filing.findings.length;
    const slot = asked?.job?.slot;
    return is_open && slot !== undefined && kernel.now_ms < Date.parse(slot) + FILING_HOURS_MAX * HOUR_MS;
  });
}

function countStates(stage: Stage): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let number = 1; number <= TASKS; number += 1) {
    const state = stateOf(stage, number);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
