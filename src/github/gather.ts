// Owns the putting together of a task's facts: its issue, journal, branch, pull request, comment and lease.
import { liveAttempts } from '../domain/fold-journal.ts';
import type { BranchName, CommitSha, NodeId, RunId, TaskId } from '../domain/ids.ts';
import { EMPTY_JOURNAL } from '../domain/journal.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { DependencyFacts, TaskFacts } from '../domain/snapshot.ts';
import type { RunRef } from '../domain/wake.ts';
import { parseBranch } from '../wire/branch-name.ts';
import { readFarComments } from './far-comments.ts';
import { chosenPull, issueFacts, present, stateComment } from './facts.ts';
import type { World } from './journal-world.ts';
import { readLeases } from './leases.ts';
import type { LeaseQuestion, Leases } from './leases.ts';
import { nobodysPulls } from './reading.ts';
import type { Reader, Reading } from './reading.ts';
import { readReferences } from './references.ts';
import type { Pull, StateComment } from './schema.ts';
import { readUnlinked } from './unlinked.ts';

export interface GatherAsk {
  readonly world: World;
  /** Whose leases, and whose facts besides those that were read. */
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly reading: Reading;
  readonly heads: ReadonlyMap<TaskId, readonly Pull[]>;
}

export interface Gathered {
  readonly facts: ReadonlyMap<TaskId, TaskFacts>;
  readonly runs: ReadonlySet<RunId>;
  /** Tasks that are left alone in this tick, with the reason, besides those of the reading. */
  readonly unread: ReadonlyMap<TaskId, string>;
}

export async function gatherFacts(reader: Reader & { readonly run: RunRef }, ask: GatherAsk): Promise<Gathered> {
  const { world, journals, reading } = ask;
  const references = await readReferences(reader, reading.tasks, journals);
  const { leases, runs } = await readLeases(reader, leaseQuestions(journals, reader.run));
  const branches = branchesByTask(world.branches);
  const far = await readFarComments(reader.client, reading.tasks, journalsOf(world, reading));
  const pulls = nobodysPulls(reading, world.chains);
  const { heads, unread } = await readUnlinked(reader, ask);
  const home = `${reader.client.owner}/${reader.client.repo}`;
  const ids = new Set([...journals.keys(), ...reading.tasks.keys(), ...reading.missing, ...pulls]);
  const facts = [...ids].map((id): [TaskId, TaskFacts] => [
    id,
    taskFacts(id, ask, { references, leases, branches, far, pulls, heads, unread, home }),
  ]);
  return { facts: new Map(facts), runs, unread };
}

const NONE_READ: Leases = new Map();

interface Around {
  readonly references: ReadonlyMap<TaskId, readonly DependencyFacts[]>;
  readonly leases: ReadonlyMap<TaskId, Leases>;
  readonly branches: ReadonlyMap<TaskId, readonly Branch[]>;
  readonly far: ReadonlyMap<NodeId, StateComment>;
  readonly pulls: ReadonlySet<TaskId>;
  readonly heads: ReadonlyMap<TaskId, readonly Pull[]>;
  readonly unread: ReadonlyMap<TaskId, string>;
  readonly home: string;
}

function taskFacts(id: TaskId, { world, reading }: GatherAsk, around: Around): TaskFacts {
  const chain = world.chains.get(id);
  const journal = chain?.journal ?? EMPTY_JOURNAL;
  const task = around.unread.has(id) ? null : (reading.tasks.get(id) ?? null);
  const branches = around.branches.get(id) ?? [];
  const branch = chosenBranch(branches, journal);
  const known_branch = branch?.name ?? journal.attempts.at(-1)?.claim.branch ?? null;
  const comment = task === null ? null : stateComment(task, journal, around.far);
  const pulls = [...present(task?.closedByPullRequestsReferences?.nodes), ...(around.heads.get(id) ?? [])];
  return {
    id,
    issue: task === null ? null : issueFacts(task, around.references.get(id) ?? [], around.home),
    issue_read: readOf(id, reading, around),
    journal,
    journal_tip: chain?.tip ?? null,
    branch,
    branch_names: branches.length === 0 ? undefined : new Set(branches.map(({ name }) => name)),
    pull: chosenPull(pulls, known_branch, chain === undefined ? (comment?.remembers?.pr ?? null) : journal.pr),
    comment,
    leases: around.leases.get(id) ?? NONE_READ,
    details: null,
    answer: null,
  };
}

function readOf(id: TaskId, { tasks, missing }: Reading, { pulls, unread }: Around): TaskFacts['issue_read'] {
  if (pulls.has(id)) return 'pull';
  if (unread.has(id)) return 'unread';
  if (id.startsWith('i')) return 'internal';
  if (tasks.has(id)) return 'read';
  return missing.has(id) ? 'missing' : 'unread';
}

function journalsOf({ chains }: World, { tasks }: Reading): ReadonlyMap<TaskId, TaskJournal> {
  return new Map([...tasks.keys()].map((id) => [id, chains.get(id)?.journal ?? EMPTY_JOURNAL]));
}

type Branch = NonNullable<TaskFacts['branch']>;

function branchesByTask(branches: ReadonlyMap<BranchName, CommitSha>): ReadonlyMap<TaskId, readonly Branch[]> {
  const ours = [...branches].flatMap(([name, head]) => {
    const task = parseBranch(name)?.task;
    return task === undefined ? [] : [{ task, name, head }];
  });
  return Map.groupBy(ours, ({ task }) => task);
}

/** Others may bear its number as well: of an earlier round, or somebody's own. Without attempts, whatever is there is gone on with. */
function chosenBranch(branches: readonly Branch[], { attempts }: TaskJournal): Branch | null {
  const claimed = attempts.at(-1)?.claim.branch;
  const chosen = claimed === undefined ? branches.at(-1) : branches.find(({ name }) => name === claimed);
  return chosen === undefined ? null : { name: chosen.name, head: chosen.head };
}

/** Leases of this very run were claimed a moment ago, by nobody but us: nothing to ask. */
function leaseQuestions(journals: ReadonlyMap<TaskId, TaskJournal>, { run }: RunRef): readonly LeaseQuestion[] {
  return [...journals].flatMap(([task, journal]) =>
    liveAttempts(journal)
      .filter(({ claim }) => claim.run !== run)
      .map(({ number, claim }) => ({ task, attempt: number, run: claim.run })),
  );
}
