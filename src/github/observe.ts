// Owns Observe: the world as one tick sees it, read in as few requests as there are questions.
import type { JournalWorld } from './journal-world.ts';
import { liveAttempt } from '../domain/fold-journal.ts';
import { epochMs, plusMinutes } from '../domain/instant.ts';
import type { CommitSha, Instant, Login, NodeId, TaskId } from '../domain/ids.ts';
import { EMPTY_JOURNAL } from '../domain/journal.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import type { HistoryFacts, LeaseStatus, RepositoryFacts, Snapshot, TaskFacts } from '../domain/snapshot.ts';
import type { RunRef, Wake } from '../domain/wake.ts';
import { personFault } from '../domain/fault.ts';
import type { Clock, Log, Observe } from '../reconcile/ports.ts';
import { parseBranch } from '../wire/branch-name.ts';
import type { Client } from './client.ts';
import { readFarComments } from './far-comments.ts';
import { chosenPull, issueFacts, nativeDependencies, present, stateComment, taskDetails, taskIdOf } from './facts.ts';
import type { Known } from './known.ts';
import { readLeases } from './leases.ts';
import { readCommands, readRoles } from './people.ts';
import { policyInForce } from './policy-source.ts';
import type { ReadPolicy } from './policy-source.ts';
import type { Observed, Pull, StateComment, Task } from './schema.ts';
import { readDetails, readFirst, readPages, readStates } from './tasks.ts';
import type { Reader } from './tasks.ts';

export interface ObserveOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunRef;
  readonly engines_ready: ReadonlySet<string>;
  readonly read_policy: ReadPolicy;
  /** The intake label as far as it is known before the policy is read (a repository variable, or the last one seen). */
  readonly intake_label: string;
  readonly known: Known;
  /** Journals, inbox, history and branches: git, read once before. */
  readonly journals: () => Promise<JournalWorld & { readonly branches: ReadonlyMap<string, CommitSha> }>;
}

/** Events arrive late and clocks differ: what happened this long before the watermark is read again. */
const OVERLAP_MINUTES = 10;
const FIRST_LOOK_MINUTES = 24 * 60;
const ROUTES_REMEMBERED = 50;

export function createObserve(given: ObserveOptions): Observe {
  const options: Options = { ...given, memory: { node_ids: new Map(), has_dependencies: true } };
  let world: World | null = null;
  return {
    snapshot: async (wake) => {
      world = await options.journals();
      return observeAll(options, world, wake);
    },
    details: async (tasks) =>
      world === null || tasks.length === 0 ? new Map() : readTaskDetails(options, world, tasks),
  };
}

type Options = ObserveOptions & Reader;

type World = Awaited<ReturnType<ObserveOptions['journals']>>;

async function observeAll(options: Options, world: World, wake: Wake) {
  const at = options.clock.now();
  const journals = new Map([...world.chains].map(([id, { journal }]) => [id, journal]));
  const history = historyFacts(world);
  const dispatched = world.inbox.flatMap(({ ask: asked }) => (asked.kind === 'command' ? [asked.issue] : []));
  const ask = {
    named: wake.issue ?? dispatched[0] ?? null,
    spoken_to: dispatched.map(taskIdOf),
    journals,
    since: sinceOf(history),
    intake_label: options.intake_label,
  };
  const first = await readFirst(options, ask);
  const { policy, origin } = await policyInForce(
    options.client,
    options.read_policy,
    first.observed.repository.policy?.text ?? null,
  );
  const scope = dueForSweep({ wake, history, at, policy }) && hasPoints(first.observed) ? 'all' : 'changed';
  const tasks = scope === 'all' ? await readPages(options, policy, first) : first.tasks;
  const since = commandsSince(history, at);
  const commands = await readCommands(options.client, since, policy.mention);
  const facts = await factsOf(options, { world, journals, tasks, first });
  const roles = await rolesOf(options, { facts, commands, policy });
  const snapshot: Snapshot = {
    at,
    wake,
    run: options.run,
    repository: repositoryFacts(options, first.observed),
    scope,
    tasks: facts,
    commands: commands.map((command) => ({ ...command })),
    inbox: world.inbox,
    roles,
    engines_ready: options.engines_ready,
    history,
    unread: [...world.unreadable.map(({ task, why }) => ({ task, why })), ...first.unread],
    runs_read: new Set(),
  };
  return { snapshot, policy, origin };
}

/** A quiet repository moves no watermark, since a tick that changes nothing writes nothing. */
function sinceOf({ watermark }: HistoryFacts): Instant | null {
  return watermark === null ? null : plusMinutes(watermark, -OVERLAP_MINUTES);
}

function commandsSince({ watermark }: HistoryFacts, at: Instant): Instant {
  const floor = plusMinutes(at, -FIRST_LOOK_MINUTES);
  return watermark === null ? floor : plusMinutes(watermark, -OVERLAP_MINUTES);
}

function dueForSweep({
  wake,
  history,
  at,
  policy,
}: {
  readonly wake: Wake;
  readonly history: HistoryFacts;
  readonly at: Instant;
  readonly policy: Policy;
}): boolean {
  if (wake.sweep || history.last_sweep_at === null) return true;
  return epochMs(at) - epochMs(history.last_sweep_at) >= policy.sweep_hours_max * 3_600_000;
}

/** A sweep must not eat the hour's budget: half of it must be left. */
function hasPoints({ rateLimit }: Observed): boolean {
  return rateLimit == null || rateLimit.remaining * 2 >= rateLimit.limit;
}

function historyFacts(world: World): HistoryFacts {
  const { lines, tip } = world.history;
  const routes = lines.filter((line) => line.kind === 'route').slice(-ROUTES_REMEMBERED);
  // Only a tick that left nothing behind writes this line: whatever it did not get to is read again.
  const ticks = lines.filter((line) => line.kind === 'tick');
  const last = ticks.at(-1)?.at ?? null;
  const sweep = ticks.findLast((line) => line.sweep)?.at ?? null;
  return {
    tip,
    recent_routes: routes.map(({ engine, source }) => ({ engine, source })),
    last_sweep_at: sweep as Instant | null,
    watermark: last as Instant | null,
  };
}

function repositoryFacts({ client, known }: ObserveOptions, { repository }: Observed): RepositoryFacts {
  const branch = repository.defaultBranchRef;
  if (branch === null) {
    throw personFault({
      title: 'The repository is empty',
      cause: 'it has no default branch yet',
      remedy: 'Push a first commit.',
    });
  }
  const labels = present(repository.labels?.nodes);
  known.repository_id = repository.id;
  for (const { id, name } of labels) known.labels.set(name.toLowerCase(), id);
  return {
    owner: client.owner,
    name: client.repo,
    url: repository.url,
    default_branch: branch.name,
    base: branch.target.oid,
    labels: new Set(labels.map(({ name }) => name)),
  };
}

interface Gathered {
  readonly world: World;
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly first: { readonly asked: ReadonlyMap<TaskId, NodeId>; readonly heads: ReadonlyMap<TaskId, readonly Pull[]> };
}

async function factsOf(options: Options, gathered: Gathered): Promise<ReadonlyMap<TaskId, TaskFacts>> {
  const { world, journals, tasks } = gathered;
  const references = await readStates(options, tasks);
  const leases = await readLeases(options.client, leaseQuestions(journals, options.run));
  const branches = branchesByTask(world.branches);
  const far = await readFarComments(options.client, tasks, journals);
  const ids = new Set([...journals.keys(), ...tasks.keys()]);
  return new Map(
    [...ids].map((id): [TaskId, TaskFacts] => {
      const facts = taskFacts({
        id,
        gathered,
        branches,
        far,
        lease: leases.get(id) ?? { kind: 'unread' },
        dependencies: references.get(id) ?? [],
      });
      return [id, facts];
    }),
  );
}

interface OneTask {
  readonly id: TaskId;
  readonly gathered: Pick<Gathered, 'world' | 'journals' | 'tasks' | 'first'>;
  readonly branches: ReadonlyMap<TaskId, NonNullable<TaskFacts['branch']>>;
  readonly far: ReadonlyMap<NodeId, StateComment>;
  readonly lease: LeaseStatus;
  readonly dependencies: ReturnType<typeof nativeDependencies>;
}

function taskFacts({ id, gathered, branches, far, lease, dependencies }: OneTask): TaskFacts {
  const { world, journals, tasks, first } = gathered;
  const journal = journals.get(id) ?? EMPTY_JOURNAL;
  const chain = world.chains.get(id);
  const task = tasks.get(id) ?? null;
  const branch = branches.get(id) ?? null;
  const known_branch = branch?.name ?? journal.attempts.at(-1)?.claim.branch ?? null;
  const pulls = [...present(task?.closedByPullRequestsReferences?.nodes), ...(first.heads.get(id) ?? [])];
  return {
    id,
    issue: task === null ? null : issueFacts(task, [...nativeDependencies(task), ...dependencies]),
    issue_read: readOf(id, task, first.asked),
    journal,
    journal_tip: chain?.tip ?? null,
    branch,
    pull: chosenPull(pulls, known_branch, journal.pr),
    comment: task === null ? null : stateComment(task, journal, far),
    lease,
    details: null,
    answer: null,
  };
}

function readOf(id: TaskId, task: Task | null, asked: ReadonlyMap<TaskId, NodeId>): TaskFacts['issue_read'] {
  if (id.startsWith('i')) return 'internal';
  if (task !== null) return 'read';
  return asked.has(id) ? 'missing' : 'unread';
}

function branchesByTask(
  branches: ReadonlyMap<string, CommitSha>,
): ReadonlyMap<TaskId, NonNullable<TaskFacts['branch']>> {
  return new Map(
    [...branches].flatMap(([name, head]): [TaskId, NonNullable<TaskFacts['branch']>][] => {
      const parsed = parseBranch(name);
      return parsed === null ? [] : [[parsed.task, { name: name as NonNullable<TaskFacts['branch']>['name'], head }]];
    }),
  );
}

/** Leases of this very run were claimed a moment ago, by nobody but us: nothing to ask. */
function leaseQuestions(journals: ReadonlyMap<TaskId, TaskJournal>, run: RunRef) {
  return [...journals].flatMap(([task, journal]) => {
    const live = liveAttempt(journal);
    return live === null || live.claim.run === run.run ? [] : [{ task, attempt: live.number, run: live.claim.run }];
  });
}

interface Spoken {
  readonly facts: ReadonlyMap<TaskId, TaskFacts>;
  readonly commands: Snapshot['commands'];
  readonly policy: Policy;
}

/** Only people whose word would change something: labellers of tasks not yet let in, speakers of unhandled commands. */
async function rolesOf({ client }: ObserveOptions, { facts, commands, policy }: Spoken): Promise<Snapshot['roles']> {
  const handled = new Set([...facts.values()].flatMap(({ journal }) => [...journal.handled_comments]));
  const speakers = commands.filter((command) => !command.by_bot && !handled.has(command.comment)).map(({ by }) => by);
  const labellers = [...facts.values()].flatMap((task) => peopleToJudge(task, policy));
  return readRoles(client, [...speakers, ...labellers]);
}

function peopleToJudge({ issue, journal }: TaskFacts, policy: Policy): readonly Login[] {
  if (issue === null) return [];
  const label = policy.intake.label.toLowerCase();
  const intake = issue.label_events.find((event) => event.label.toLowerCase() === label);
  const judged =
    journal.admitted !== null && intake !== undefined && epochMs(journal.admitted.at) >= epochMs(intake.at);
  const reopener = issue.reopened !== null && journal.finished !== null ? [issue.reopened.by] : [];
  return [...(judged || intake?.by_bot === true ? [] : [intake?.by ?? null]), ...reopener].filter(
    (login) => login !== null,
  );
}

async function readTaskDetails(options: Options, world: World, ids: readonly TaskId[]) {
  const journals = new Map(
    ids.map((id): [TaskId, TaskJournal] => [id, world.chains.get(id)?.journal ?? EMPTY_JOURNAL]),
  );
  const read = await readDetails(options, ids, journals);
  const references = await readStates(options, read.tasks);
  const branches = branchesByTask(world.branches);
  const far = await readFarComments(options.client, read.tasks, journals);
  const gathered: OneTask['gathered'] = {
    world,
    journals,
    tasks: read.tasks,
    first: { asked: read.asked, heads: read.heads },
  };
  return new Map(
    ids.map((id): [TaskId, { facts: TaskFacts; details: ReturnType<typeof taskDetails> }] => {
      const task = read.tasks.get(id) ?? null;
      const facts = taskFacts({
        id,
        gathered,
        branches,
        far,
        lease: { kind: 'unread' },
        dependencies: references.get(id) ?? [],
      });
      const details = task === null ? { thread: [], thread_cut: false } : taskDetails(task);
      return [id, { facts: { ...facts, details }, details }];
    }),
  );
}
