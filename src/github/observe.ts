// Owns Observe: the world as one tick sees it, read in as few requests as there are questions.
import { saidToAllTasks } from '../domain/command.ts';
import type { SpokenCommand } from '../domain/command.ts';
import { isInLine } from '../domain/fold-journal.ts';
import { commandsIn } from '../domain/spoken.ts';
import { withHomes, withoutLostHomes } from '../domain/import.ts';
import { epochMs, plusMinutes } from '../domain/instant.ts';
import { IssueNumber } from '../domain/ids.ts';
import type { Instant, NodeId, TaskId } from '../domain/ids.ts';
import { EMPTY_JOURNAL } from '../domain/journal.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import type { HistoryFacts, RepositoryFacts, Snapshot } from '../domain/snapshot.ts';
import type { RunRef, Wake } from '../domain/wake.ts';
import { personFault } from '../domain/fault.ts';
import type { Clock, Log, Observe } from '../reconcile/ports.ts';
import { taskDetails, taskIdOf } from './facts.ts';
import { gatherFacts } from './gather.ts';
import { historyFacts } from './history.ts';
import type { World } from './journal-world.ts';
import { hear, judge, unheardSince } from './hear.ts';
import { learn } from './known.ts';
import type { Known } from './known.ts';
import { readByIds, readDetails, readSubjects } from './more-tasks.ts';
import { readPages } from './pages.ts';
import { policyInForce } from './policy-source.ts';
import type { ReadPolicy } from './policy-source.ts';
import { isAnswered, isNobodys } from './reading.ts';
import type { Reader, Reading } from './reading.ts';
import type { Observed } from './schema.ts';
import { readFirst, restlessTasks } from './tasks.ts';
import type { FirstAnswer } from './tasks.ts';
import type { Client } from './client.ts';

export interface ObserveOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunRef;
  readonly engines_ready: ReadonlySet<string>;
  readonly read_policy: ReadPolicy;
  /** The intake label as far as it is known before the policy is read: a repository variable, or the default. */
  readonly intake_label: string;
  readonly known: Known;
  /** Journals, inbox, history and branches: git, read once before. */
  readonly journals: () => Promise<World>;
}

/** Events arrive late and clocks differ: what happened this long before the watermark is read again. */
const OVERLAP_MINUTES = 10;
const FIRST_LOOK_MINUTES = 24 * 60;

export function createObserve(given: ObserveOptions): Observe {
  const options: Options = { ...given, memory: { node_ids: new Map(), has_dependencies: true } };
  let world: World | null = null;
  return {
    snapshot: async (wake) => {
      world = homed(await options.journals());
      return observeAll(options, world, wake);
    },
    details: async (tasks) =>
      world === null || tasks.length === 0 ? new Map() : readTaskDetails(options, world, tasks),
  };
}

type Options = ObserveOptions & Reader;

function homed(world: World): World {
  const journals = new Map([...world.chains].map(([id, { journal }]) => [id, journal]));
  return { ...world, inbox: withHomes(world.inbox, journals) };
}

async function observeAll(options: Options, world: World, wake: Wake) {
  const at = options.clock.now();
  const journals = new Map([...world.chains].map(([id, { journal }]) => [id, journal]));
  const history = historyFacts(world.history);
  const dispatched = world.inbox.flatMap(({ ask }) => (ask.kind === 'command' ? [ask.issue] : []));
  const spoken_to = dispatched.map(taskIdOf);
  // Known before anything is read: the first look is the first page of the sweep, and leaves nothing to ask for by id.
  const lists_all = wake.sweep || history.last_sweep_at === null;
  const first = await readFirst(options, {
    named: wake.issue ?? dispatched[0] ?? null,
    spoken_to,
    journals,
    at,
    since: lists_all ? null : sinceOf(history),
    lists_all,
    intake_label: options.intake_label,
  });
  const { client, read_policy } = options;
  const { policy, origin, texts } = await policyInForce(client, read_policy, first.observed.repository.policy);
  const scope = dueForSweep({ wake, history, at, policy }) && hasPoints(first.observed) ? 'all' : 'changed';
  const { reading } = first;
  if (lists_all && scope === 'changed')
    await readByIds(options, reading, restlessTasks({ journals, spoken_to, at }, first.size));
  await readTheRest(options, { first, lists_all, scope, policy, journals, since: sinceOf(history) });
  const heard = await hear(options, {
    since: commandsSince(history, at),
    owed_since: history.owed_since,
    mention: policy.mention,
    journals,
    reading,
  });
  await readSubjects(options, reading, askedAbout({ wake, dispatched, spoken: heard.unheard, reading, journals }));
  const to_all = wordsToAll(heard.unheard, world);
  const asks_all = commandsIn({ commands: heard.unheard, inbox: world.inbox }).some(({ verb }) => verb === 'export');
  if (to_all.size > 0 || asks_all)
    await readByIds(options, reading, concernedBy({ to_all, asks_all }, reading, { journals, at }));
  const gathered = await gatherFacts(options, { world, journals, reading, heads: first.heads });
  const judged = await judge(options, { heard, facts: gathered.facts, policy, wake, scope });
  const unread = [
    ...world.unreadable.map(({ task, why }) => ({ task, why })),
    ...[...reading.unread].map(([task, why]) => ({ task, why })),
    ...[...gathered.unread].map(([task, why]) => ({ task, why })),
    ...judged.unread,
  ];
  const snapshot: Snapshot = {
    at,
    wake,
    run: options.run,
    repository: repositoryFacts(options, first.observed),
    scope,
    tasks: judged.facts,
    commands: judged.commands,
    pulls: reading.pulls,
    inbox: withoutLostHomes(world.inbox, (issue) => reading.missing.has(taskIdOf(issue))),
    calendar: new Map(),
    room: world.room,
    roles: judged.roles,
    engines_ready: options.engines_ready,
    history,
    unread,
    unheard_since: unheardSince({ heard, journals, unread, pulls: reading.pulls }),
    runs_read: gathered.runs,
    points: first.observed.rateLimit?.remaining,
  };
  return { snapshot, policy, origin, texts };
}

/** A quiet repository moves no watermark, since a tick that changes nothing writes nothing. */
function sinceOf({ watermark }: HistoryFacts): Instant | null {
  return watermark === null ? null : plusMinutes(watermark, -OVERLAP_MINUTES);
}

function commandsSince(history: HistoryFacts, at: Instant): Instant {
  return sinceOf(history) ?? plusMinutes(at, -FIRST_LOOK_MINUTES);
}

interface Due {
  readonly wake: Wake;
  readonly history: HistoryFacts;
  readonly at: Instant;
  readonly policy: Policy;
}

function dueForSweep({ wake, history, at, policy }: Due): boolean {
  if (wake.sweep || history.last_sweep_at === null) return true;
  return epochMs(at) - epochMs(history.last_sweep_at) >= policy.sweep_hours_max * 3_600_000;
}

/** A sweep must not eat the hour's budget: half of it must be left. */
function hasPoints({ rateLimit }: Observed): boolean {
  return rateLimit == null || rateLimit.remaining * 2 >= rateLimit.limit;
}

interface Rest {
  readonly first: FirstAnswer;
  readonly lists_all: boolean;
  readonly scope: Snapshot['scope'];
  readonly policy: Policy;
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly since: Instant | null;
}

/** What the first request could not hold: the pages of a sweep, or of many changes, and what no list shows any more. */
async function readTheRest(
  options: Options,
  { first, lists_all, scope, policy, journals, since }: Rest,
): Promise<void> {
  const { reading, after, size, observed } = first;
  const before = observed.repository.issues.nodes.length;
  const { label } = policy.intake;
  const same_label = label.toLowerCase() === options.intake_label.toLowerCase();
  if (!same_label) {
    options.log.info(`The configuration's intake label costs a request a tick; the variable ORCH_LABEL saves it.`);
  }
  const wanted = scope === 'all' ? null : since;
  const goes_on = same_label && wanted === (lists_all ? null : since);
  if (!goes_on) await readPages(options, reading, { label, since: wanted, after: null, before: 0, size });
  else if (after !== null) await readPages(options, reading, { label, since: wanted, after, before, size });
  if (scope !== 'all') return;
  const ended_after = plusMinutes(options.clock.now(), -policy.sweep_hours_max * SWEEPS_LOOKED_AT * 60);
  await readByIds(options, reading, lostFromLists(reading, journals, ended_after));
  await readSubjects(options, reading, neverLetIn(reading, journals, ended_after));
}

/** A tick that died while it showed the end of a task is made good by one of these sweeps. */
const SWEEPS_LOOKED_AT = 4;

/** Under way as far as their journals know, or just ended, and in no list. */
function lostFromLists(
  reading: Reading,
  journals: ReadonlyMap<TaskId, TaskJournal>,
  ended_after: Instant,
): ReadonlyMap<TaskId, NodeId> {
  return new Map(
    [...journals].flatMap(([id, { admitted, finished, shown }]): [TaskId, NodeId][] => {
      const is_known = isAnswered(reading, id);
      const is_over = finished !== null && epochMs((shown ?? finished).at) < epochMs(ended_after);
      return is_known || is_over || admitted?.issue_id == null ? [] : [[id, admitted.issue_id]];
    }),
  );
}

/**
 * Shown to people though nobody trusted labelled them, and in no list: only letting in records an id to ask by. The
 * newest first, since no more than some are asked for.
 */
function neverLetIn(
  reading: Reading,
  journals: ReadonlyMap<TaskId, TaskJournal>,
  ended_after: Instant,
): readonly IssueNumber[] {
  const left = [...journals].flatMap(([id, { admitted, shown, finished }]) => {
    const is_known = isAnswered(reading, id);
    const issue = IssueNumber.safeParse(Number(id));
    if (is_known || admitted !== null || shown === null || !issue.success) return [];
    const is_out = finished !== null || shown.state === 'skipped';
    const at_ms = epochMs(shown.at);
    return is_out && at_ms < epochMs(ended_after) ? [] : [{ issue: issue.data, at_ms }];
  });
  return left.sort((a, b) => b.at_ms - a.at_ms).map(({ issue }) => issue);
}

/** `unblock all` and `start all`, through whichever door. */
function wordsToAll(spoken: readonly SpokenCommand[], { inbox }: World): ReadonlySet<'start' | 'unblock'> {
  return new Set(commandsIn({ commands: spoken, inbox }).flatMap((command) => saidToAllTasks(command) ?? []));
}

/** Nothing else would look at all of them before the words are too old to be heard. */
function concernedBy(
  { to_all, asks_all }: { readonly to_all: ReadonlySet<'start' | 'unblock'>; readonly asks_all: boolean },
  reading: Reading,
  { journals, at }: { readonly journals: ReadonlyMap<TaskId, TaskJournal>; readonly at: Instant },
): ReadonlyMap<TaskId, NodeId> {
  return new Map(
    [...journals].flatMap(([id, journal]): [TaskId, NodeId][] => {
      const { admitted, blocked } = journal;
      const is_open = journal.finished === null;
      const is_meant =
        (asks_all && is_open) ||
        (to_all.has('unblock') && blocked !== null) ||
        (to_all.has('start') && isInLine(journal, at));
      const is_known = isAnswered(reading, id);
      return is_known || !is_meant || admitted?.issue_id == null ? [] : [[id, admitted.issue_id]];
    }),
  );
}

interface Asked {
  readonly wake: Wake;
  readonly dispatched: readonly IssueNumber[];
  readonly spoken: readonly SpokenCommand[];
  readonly reading: Reading;
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
}

/** Issues that somebody speaks on and nothing has read yet: outside the queue, or behind a pull request. */
function askedAbout({ wake, dispatched, spoken, reading, journals }: Asked): readonly IssueNumber[] {
  const behind = wake.issue === null ? undefined : reading.pulls.get(wake.issue)?.task;
  const task = IssueNumber.safeParse(Number(behind));
  const said = [...dispatched, ...spoken.map(({ issue }) => issue)];
  const wanted = [...(task.success ? [task.data] : []), ...said, ...unanswered(journals)];
  return [...new Set(wanted)].filter((number) => !isAnswered(reading, taskIdOf(number)) && !isNobodys(reading, number));
}

/** Where something was asked for that is not at its end: a change of the configuration, a file to import; the word itself has its receipt. */
function unanswered(journals: ReadonlyMap<TaskId, TaskJournal>): readonly IssueNumber[] {
  return [...journals].flatMap(([id, { changes, imports }]) => {
    const issue = IssueNumber.safeParse(Number(id));
    return changes.length + imports.length > 0 && issue.success ? [issue.data] : [];
  });
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
  known.repository_id = repository.id;
  return {
    owner: client.owner,
    name: client.repo,
    url: repository.url,
    default_branch: branch.name,
    base: branch.target.oid,
    labels: new Set(learn(known, repository).map(({ name }) => name)),
  };
}

async function readTaskDetails(options: Options, world: World, ids: readonly TaskId[]) {
  const journals = new Map(
    ids.map((id): [TaskId, TaskJournal] => [id, world.chains.get(id)?.journal ?? EMPTY_JOURNAL]),
  );
  const { reading, heads } = await readDetails(options, ids, journals);
  for (const [task, why] of reading.unread) options.log.warning(`#${task} cannot be read now: ${why}`);
  // Whether its journal says it waits does not matter now: it is about to start.
  const { facts } = await gatherFacts(options, { world, journals: new Map(), reading, heads });
  const read = ids.flatMap((id) => {
    const of_one = facts.get(id);
    if (of_one === undefined || of_one.issue_read === 'unread') return [];
    const task = reading.tasks.get(id);
    const details = task === undefined ? { thread: [], thread_cut: false } : taskDetails(task);
    return [[id, { facts: { ...of_one, details }, details }] as const];
  });
  return new Map(read);
}
