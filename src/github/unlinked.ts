// Owns the pull requests that no issue shows: a person rewrote their text, or strangers' came first; asked for by branch and number.
import { z } from 'zod';
import type { BranchName, PrNumber, TaskId } from '../domain/ids.ts';
import { EMPTY_JOURNAL } from '../domain/journal.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { hasDelivered, isOfThisRound, mayHavePull } from '../domain/round.ts';
import { chosenPull, present, stateComment } from './facts.ts';
import { readAs } from './faults.ts';
import { isNotFound } from './graphql-answer.ts';
import type { GraphqlError } from './graphql-answer.ts';
import type { World } from './journal-world.ts';
import { pullsQuery } from './queries.ts';
import type { Reader, Reading } from './reading.ts';
import { Pull } from './schema.ts';
import { headsIn } from './tasks.ts';

const ASKED_MAX = 50;
const ASKED_IN_ALL_MAX = 500;

type Pulls = ReadonlyMap<TaskId, readonly Pull[]>;

export interface PullsAsk {
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly world: Pick<World, 'chains'>;
  readonly reading: Reading;
  /** Of those that were asked for by branch already. */
  readonly heads: Pulls;
}

export interface PullsAnswer {
  /** Of all that were asked for by branch or number, now or before. */
  readonly heads: Pulls;
  /** Whose pull request stays unknown, and why: a second one must not be opened on that. */
  readonly unread: ReadonlyMap<TaskId, string>;
}

interface Wanted {
  readonly task: TaskId;
  /** null: only its number is on record. */
  readonly branch: BranchName | null;
  readonly pr: PrNumber | null;
}

/** No request where every delivered task shows its pull request, which is as good as always. */
export async function readUnlinked(reader: Reader, ask: PullsAsk): Promise<PullsAnswer> {
  const known = [...ask.journals].flatMap(([task, journal]) => wantedFor(task, journal, ask) ?? []);
  const all = [...known, ...ofLostJournals(ask)];
  const heads = new Map(ask.heads);
  const unread = new Map<TaskId, string>();
  for (let at = 0; at < Math.min(all.length, ASKED_IN_ALL_MAX); at += ASKED_MAX) {
    const answer = await readSome(reader, all.slice(at, at + ASKED_MAX));
    for (const [task, pulls] of answer.heads) heads.set(task, [...(heads.get(task) ?? []), ...pulls]);
    for (const [task, why] of answer.unread) unread.set(task, why);
  }
  for (const { task } of all.slice(ASKED_IN_ALL_MAX)) {
    unread.set(task, `more than ${ASKED_IN_ALL_MAX} pull requests are linked by no issue`);
  }
  return { heads, unread };
}

function wantedFor(task: TaskId, journal: TaskJournal, { reading, heads }: PullsAsk): Wanted | null {
  if (!mayHavePull(journal)) return null;
  const branch = journal.attempts.at(-1)?.claim.branch ?? null;
  const { pr } = journal;
  if (task.startsWith('i')) {
    const is_asked = heads.has(task) && (pr === null || (heads.get(task) ?? []).some(({ number }) => number === pr));
    return is_asked ? null : { task, branch, pr };
  }
  const read = reading.tasks.get(task);
  if (read === undefined) return null;
  const linked = chosenPull(present(read.closedByPullRequestsReferences?.nodes), branch, pr);
  const is_known = linked !== null && (isOfThisRound(linked, journal) || !hasDelivered(journal));
  return is_known ? null : { task, branch, pr };
}

/** Only the state comment still knows of their pull request, and it may be open. */
function ofLostJournals({ world: { chains }, reading: { tasks } }: PullsAsk): readonly Wanted[] {
  return [...tasks].flatMap(([task, read]): Wanted[] => {
    if (chains.has(task)) return [];
    const pr = stateComment(read, EMPTY_JOURNAL, new Map())?.remembers?.pr ?? null;
    const is_linked = chosenPull(present(read.closedByPullRequestsReferences?.nodes), null, pr) !== null;
    return pr === null || is_linked ? [] : [{ task, branch: null, pr }];
  });
}

const Answered = z.object({ repository: z.looseObject({}) });

async function readSome({ client }: Reader, wanted: readonly Wanted[]): Promise<PullsAnswer> {
  const numbers = [...new Set(wanted.flatMap(({ pr }) => pr ?? []))];
  const by_branch = wanted.filter(({ branch }) => branch !== null);
  const { data, errors } = await client.query(pullsQuery(by_branch.length, numbers), {
    owner: client.owner,
    name: client.repo,
    ...Object.fromEntries(by_branch.map(({ branch }, i) => [`head${i}`, branch])),
  });
  const { repository } = readAs(Answered, data, { what: 'Pulls', errors });
  const by_head = headsIn(
    repository,
    by_branch.map(({ task }) => task),
  );
  const heads = new Map<TaskId, readonly Pull[]>();
  const unread = new Map<TaskId, string>();
  for (const { task, branch, pr } of wanted) {
    const numbered = pr === null ? [] : pullNumbered(repository, pr, errors);
    const pulls = branch === null ? [] : (by_head.get(task) ?? null);
    if (pulls === null || numbered === null) unread.set(task, 'GitHub did not say which pull request is its own');
    else heads.set(task, [...pulls, ...numbered]);
  }
  return { heads, unread };
}

/** null: whether it is there is not known. */
function pullNumbered(
  repository: Readonly<Record<string, unknown>>,
  pr: PrNumber,
  errors: readonly GraphqlError[],
): readonly Pull[] | null {
  const parsed = Pull.safeParse(repository[`pull${pr}`]);
  if (parsed.success) return [parsed.data];
  const is_gone = errors.some((error) => error.path.includes(`pull${pr}`) && isNotFound(error));
  return is_gone ? [] : null;
}
