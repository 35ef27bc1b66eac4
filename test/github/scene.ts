// Owns the words of the tests that look: a repository with tasks on record, people who act, and one tick's look at it.
import type { Policy, PolicyOrigin } from '../../src/domain/policy.ts';
import type { AppendHistory } from '../../src/domain/effect.ts';
import {
  AttemptNumber,
  BranchName,
  CommitSha,
  Instant,
  IssueNumber,
  Login,
  NodeId,
  RunId,
  TaskId,
} from '../../src/domain/ids.ts';
import { sha256 } from '../../src/domain/digest.ts';
import { UNKNOWN_USAGE } from '../../src/domain/outcome.ts';
import type { Claimed, JournalRecord, Settled, Shown } from '../../src/domain/journal.ts';
import type { Snapshot, TaskFacts } from '../../src/domain/snapshot.ts';
import type { TaskState } from '../../src/domain/task.ts';
import type { Wake } from '../../src/domain/wake.ts';
import { createJournals, readJournals, readJournalsAndBranches } from '../../src/git/journals.ts';
import { nothingKnown } from '../../src/github/known.ts';
import { createObserve } from '../../src/github/observe.ts';
import { parsePolicyFile } from '../../src/input/policy-file.ts';
import { resolvePolicy } from '../../src/input/resolve-policy.ts';
import type { Observe } from '../../src/reconcile/ports.ts';
import { renderMarker } from '../../src/wire/marker.ts';
import { BRANCH_PREFIX } from '../../src/wire/branch-name.ts';
import { ground } from './ground.ts';
import type { Ground } from './ground.ts';

export const ALICE = Login.parse('alice');
export const LABEL = 'agent-todo';
/** Of the ticks in these tests; leases of other runs are asked for. */
export const RUN = { run: RunId.parse(9_000), run_attempt: 1, url: 'https://github.com/acme/shop/actions/runs/9000' };

export interface Seen {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly origin: PolicyOrigin;
  readonly observe: Observe;
  /** Facts of one issue; fails when the tick does not know it. */
  task(number: number): TaskFacts;
}

export interface LookOptions {
  readonly wake?: Partial<Wake>;
  readonly token?: string;
  readonly intake_label?: string;
}

export interface Scene extends Ground {
  /** An issue that Alice opened and put into the queue. */
  issue(title?: string, body?: string): number;
  /** Writes records, as an earlier tick did. */
  record(number: number, ...records: readonly JournalRecord[]): Promise<void>;
  /** The same for tasks without an issue, such as `i98`. */
  recordInternal(records: ReadonlyMap<string, readonly JournalRecord[]>): Promise<void>;
  /** On record, let in, and shown in a state, with its state comment. Gives back the comment's id. */
  known(number: number, state: TaskState, ...more: readonly JournalRecord[]): Promise<number>;
  /** Shown in a state, and never let in. */
  shown(number: number, state: TaskState): Promise<void>;
  /** "Looked at until here", as a tick writes it that left nothing behind. */
  watermark(options?: { readonly sweep?: boolean }): Promise<void>;
  look(options?: LookOptions): Promise<Seen>;
  /** API requests since the last look began; git is not counted. */
  requests(): readonly string[];
}

export async function scene(): Promise<Scene> {
  const world = await ground();
  const { github } = world;
  const record: Scene['record'] = (number, ...records) => write(world, { tasks: new Map([[String(number), records]]) });
  return {
    ...world,
    record,
    recordInternal: (tasks) => write(world, { tasks }),
    issue: (title = 'Add a greeting', body = '') => {
      const { number } = github.world.openIssue(ALICE, title, body);
      github.world.label(ALICE, number, LABEL);
      return number;
    },
    known: async (number, state, ...more) => {
      const body = stateBody(number, more.some(({ kind }) => kind === 'claimed') ? 1 : 0);
      const run = github.world.addRun();
      const { token } = github.world.addJob(run.id, 'reconcile', { issues: 'write' });
      const comment = await commentAs(world, token, { number, body });
      const at = world.clock.now();
      const shown: Shown = { kind: 'shown', at, state, comment: nodeOf(comment), digest: sha256(body), priority: 0 };
      await record(number, admitted(number, at), ...more, shown);
      return comment;
    },
    shown: (number, state) => {
      const at = world.clock.now();
      return record(number, { kind: 'shown', at, state, comment: null, digest: sha256(''), priority: 0 });
    },
    watermark: async ({ sweep = true } = {}) => {
      const line: AppendHistory = { kind: 'append_history', line: { kind: 'tick', at: world.clock.now(), sweep } };
      await write(world, { history: [line] });
    },
    look: async (options = {}) => {
      github.door.reset();
      return look(world, options);
    },
    requests: () =>
      github.door.entries.filter(({ kind }) => kind !== 'git').map(({ method, what }) => `${method} ${what}`),
  };
}

export function nodeOf(comment: number): NodeId {
  return NodeId.parse(`IC_${comment}`);
}

export function stateBody(number: number, attempts: number): string {
  return `Working on it.\n${renderMarker('state', { v: 1, task: String(number), attempts, pr: null })}`;
}

export function admitted(number: number, at: Instant): JournalRecord {
  return { kind: 'admitted', at, by: ALICE, issue_id: NodeId.parse(`I_${number}`) };
}

export function claim(number: number, over: Partial<Claimed> = {}): Claimed {
  return {
    kind: 'claimed',
    at: Instant.parse('2026-11-20T10:00:00Z'),
    attempt: AttemptNumber.parse(1),
    role: 'code',
    engine: 'codex',
    model: null,
    run: RunId.parse(1),
    run_attempt: 1,
    base: CommitSha.parse('a'.repeat(40)),
    branch: BranchName.parse(`orch/${number}-add-a-greeting`),
    continues: null,
    brief_sha256: sha256('brief'),
    timeout_minutes: 40,
    ...over,
  };
}

export function settled(over: Partial<Settled> = {}): Settled {
  return {
    kind: 'settled',
    at: Instant.parse('2026-11-20T10:05:00Z'),
    attempt: AttemptNumber.parse(1),
    outcome: 'delivered',
    engine_started: true,
    seconds: 300,
    usage: UNKNOWN_USAGE,
    head: null,
    files: 1,
    detail: '',
    summary: '',
    proof: [],
    not_before: null,
    by: 'deliver',
    ...over,
  };
}

async function commentAs(
  { client, github }: Ground,
  token: string,
  { number, body }: { readonly number: number; readonly body: string },
): Promise<number> {
  const known = new Set(github.world.comments.keys());
  await client(token).send('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', { issue_number: number, body });
  return [...github.world.comments.keys()].find((id) => !known.has(id)) ?? 0;
}

interface Writing {
  readonly tasks?: ReadonlyMap<string, readonly JournalRecord[]>;
  readonly history?: readonly AppendHistory[];
}

async function write(world: Ground, { tasks = new Map(), history = [] }: Writing): Promise<void> {
  const git = await world.git();
  const seen = await readJournals(git);
  const quiet = (): void => undefined;
  const journals = createJournals({
    git,
    clock: world.clock,
    log: { info: quiet, warning: quiet, error: quiet },
    pause: () => Promise.resolve(),
    random: () => 0,
    writer: 'an earlier run',
    history: () => seen.history,
  });
  const append = [...tasks].map(([id, records]) => {
    const task = TaskId.parse(id);
    return { kind: 'append_journal' as const, task, expected: seen.chains.get(task)?.tip ?? null, records };
  });
  const { lost } = await journals.append(append, { history, inbox: [], branches: [] });
  if (lost.size > 0) throw new Error([...lost.values()].join('; '));
}

async function look(world: Ground, { wake = {}, token, intake_label = LABEL }: LookOptions): Promise<Seen> {
  const say = (line: string): void => void world.said.push(line);
  const observe = createObserve({
    client: world.client(token),
    clock: world.clock,
    log: { info: say, warning: say, error: say },
    run: RUN,
    engines_ready: new Set(['codex']),
    read_policy: readPolicy,
    intake_label,
    known: nothingKnown(),
    journals: async () => readJournalsAndBranches(await world.git(token), BRANCH_PREFIX),
  });
  const seen = await observe.snapshot({ cause: 'schedule', issue: null, actor: null, sweep: false, ...wake });
  return {
    ...seen,
    observe,
    task: (number) => {
      const found = seen.snapshot.tasks.get(TaskId.parse(String(number)));
      if (found === undefined) throw new Error(`the tick does not know #${number}`);
      return found;
    },
  };
}

function readPolicy(text: string | null, organisation: string | null) {
  const layers = [organisation, text].filter((layer) => layer !== null).map(parsePolicyFile);
  const broken = layers.find((layer) => layer.kind === 'invalid');
  if (broken !== undefined) return broken;
  const settings = layers.flatMap((layer) => (layer.kind === 'parsed' ? [layer.settings] : []));
  const policy = resolvePolicy(settings, { label: null });
  return { kind: 'policy' as const, policy, extends_from: settings.at(-1)?.extends ?? null };
}

export function issueNumber(number: number): IssueNumber {
  return IssueNumber.parse(number);
}
