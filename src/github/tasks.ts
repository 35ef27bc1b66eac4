// Owns the one request of a tick: repository, configuration, and the named, the changed and the restless tasks.
import { dueWork } from '../domain/due-work.ts';
import { Fault } from '../domain/fault.ts';
import type { Instant, IssueNumber, NodeId, TaskId } from '../domain/ids.ts';
import { LabelName } from '../domain/ids.ts';
import { remembering } from '../domain/remembering.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { mayHavePull } from '../domain/round.ts';
import { EngineId } from '../domain/task.ts';
import { labelManifest } from '../wire/labels.ts';
import { present, taskIdOf } from './facts.ts';
import { isPassing, readAs } from './faults.ts';
import type { GraphqlAnswer } from './graphql-answer.ts';
import { observeQuery } from './queries.ts';
import { nothingRead, take } from './reading.ts';
import type { Place, Reader, Reading } from './reading.ts';
import { Heads, Observed } from './schema.ts';
import type { Pull } from './schema.ts';

export const PAGE_SIZE = 100;
export const PAGE_SIZE_MIN = 5;
/** The others are asked about in a request of their own. */
const HEADS_MAX = 50;

export interface FirstAsk {
  /** The issue or pull request that the wake named, or one a dispatch in the inbox speaks to. */
  readonly named: IssueNumber | null;
  /** Tasks that a dispatch speaks to: nothing on GitHub changed with it, so nothing else would have them read. */
  readonly spoken_to: readonly TaskId[];
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly at: Instant;
  readonly since: Instant | null;
  /** Everything is about to be listed, whatever its age. */
  readonly lists_all: boolean;
  readonly intake_label: string;
}

export interface FirstAnswer {
  readonly observed: Observed;
  readonly reading: Reading;
  readonly heads: ReadonlyMap<TaskId, readonly Pull[]>;
  /** Where the list of changed issues goes on; null when all were listed. */
  readonly after: string | null;
  /** How many a page holds, as far as GitHub has let us. */
  readonly size: number;
}

/** Asks for less when GitHub cannot answer in time. */
export async function readFirst(reader: Reader, ask: FirstAsk): Promise<FirstAnswer> {
  // halved down to PAGE_SIZE_MIN at most
  for (let size = PAGE_SIZE; ; size = smaller(size)) {
    try {
      return await askFirst(reader, ask, size);
    } catch (error) {
      if (!mayAskForLess(error, size)) throw error;
      reader.log.info(`A page of ${size} tasks was too much for GitHub; halving it`);
    }
  }
}

export function smaller(size: number): number {
  return Math.max(PAGE_SIZE_MIN, Math.floor(size / 2));
}

export function mayAskForLess(error: unknown, size: number): boolean {
  return error instanceof Fault && isPassing(error) && size > PAGE_SIZE_MIN;
}

/** A page that can be halved is not asked for again at its size: time-outs cost points. */
export function triesFor(size: number): number | undefined {
  return size > PAGE_SIZE_MIN ? 1 : undefined;
}

const REMEMBERED_CHARS_MAX = 10_000;
const labelsToKnow = remembering(
  (intake_label: string) => labelManifest(LabelName.parse(intake_label), EngineId.options).map(({ name }) => name),
  REMEMBERED_CHARS_MAX,
);

async function askFirst(reader: Reader, ask: FirstAsk, size: number): Promise<FirstAnswer> {
  const asked = ask.lists_all ? new Map<TaskId, NodeId>() : restlessTasks(ask, size);
  const branches = tasksWithoutLink(ask.journals);
  const labels = labelsToKnow(ask.intake_label);
  const shape = { named: ask.named !== null, ids: asked.size > 0, labels: labels.length, heads: branches.size };
  const variables = {
    owner: reader.client.owner,
    name: reader.client.repo,
    filter: { labels: [ask.intake_label], ...(ask.since === null ? {} : { since: ask.since }) },
    first: size,
    after: null,
    ...(ask.named === null ? {} : { issue: ask.named }),
    ...(asked.size === 0 ? {} : { ids: [...asked.values()] }),
    ...Object.fromEntries(labels.map((label, i) => [`label${i}`, label])),
    ...Object.fromEntries([...branches.values()].map((branch, i) => [`head${i}`, branch])),
  };
  const answer = await withDependencies(reader, (dependencies) =>
    reader.client.query(observeQuery({ ...shape, dependencies }), variables, triesFor(size)),
  );
  const observed = readAs(Observed, answer.data, { what: 'Observe', errors: answer.errors });
  const reading = nothingRead(ask.journals);
  take(reader, reading, placesOf(observed, ask, [...asked.keys()]), answer.errors);
  const { pageInfo } = observed.repository.issues;
  const heads = headsIn(observed.repository, [...branches.keys()]);
  return { observed, reading, heads, size, after: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}

function placesOf({ repository, nodes }: Observed, { named }: FirstAsk, asked: readonly TaskId[]): readonly Place[] {
  const of_named: readonly Place[] =
    named === null ? [] : [{ path: ['repository', 'named'], value: repository.named, asked: taskIdOf(named) }];
  const listed = repository.issues.nodes.map((value, i): Place => ({
    path: ['repository', 'issues', 'nodes', i],
    value,
    asked: null,
  }));
  const by_id = asked.map((id, i): Place => ({ path: ['nodes', i], value: nodes?.[i], asked: id }));
  return [...of_named, ...listed, ...by_id];
}

/** Pull requests by branch, in the order the branches were asked for; nothing of those GitHub did not answer. */
export function headsIn(
  repository: Readonly<Record<string, unknown>>,
  tasks: readonly TaskId[],
): ReadonlyMap<TaskId, readonly Pull[]> {
  return new Map(
    tasks.flatMap((task, i): [TaskId, readonly Pull[]][] => {
      const parsed = Heads.safeParse(repository[`head${i}`]);
      return parsed.success ? [[task, present(parsed.data.nodes)]] : [];
    }),
  );
}

/** Tasks that may have moved without a change that a list would show. */
export function restlessTasks(
  { journals, spoken_to, at }: Pick<FirstAsk, 'journals' | 'spoken_to' | 'at'>,
  places: number,
): ReadonlyMap<TaskId, NodeId> {
  const ids = new Map(
    [...journals].flatMap(([id, { admitted }]): [TaskId, NodeId][] =>
      admitted?.issue_id == null ? [] : [[id, admitted.issue_id]],
    ),
  );
  const askable = new Map([...journals].filter(([id]) => ids.has(id)));
  const wanted = [...new Set([...spoken_to, ...dueWork(askable, { places, at })])].slice(0, places);
  return new Map(
    wanted.flatMap((id): [TaskId, NodeId][] => {
      const issue_id = ids.get(id);
      return issue_id === undefined ? [] : [[id, issue_id]];
    }),
  );
}

/** Internal tasks have no issue that links their pull request: the branch finds it. */
function tasksWithoutLink(journals: ReadonlyMap<TaskId, TaskJournal>): ReadonlyMap<TaskId, string> {
  const internal = [...journals].flatMap(([id, journal]): [TaskId, string][] => {
    const branch = id.startsWith('i') && mayHavePull(journal) ? journal.attempts.at(-1)?.claim.branch : undefined;
    return branch === undefined ? [] : [[id, branch]];
  });
  return new Map(internal.slice(0, HEADS_MAX));
}

/** `blockedBy` is newer than some servers: asked for, and if refused, left out for the rest of this process. */
export async function withDependencies(
  { memory, log }: Reader,
  ask: (dependencies: boolean) => Promise<GraphqlAnswer>,
): Promise<GraphqlAnswer> {
  if (!memory.has_dependencies) return ask(false);
  try {
    return await ask(true);
  } catch (error) {
    if (!(error instanceof Fault) || !/blockedBy/.test(error.reason)) throw error;
    memory.has_dependencies = false;
    log.info('This GitHub has no native issue dependencies; `Depends on #n` in the text counts.');
    return ask(false);
  }
}
