// Owns the reading of tasks: which ones a tick asks for, page by page, and the states of what they refer to.
import { dueWork } from '../domain/due-work.ts';
import { Fault } from '../domain/fault.ts';
import type { Instant, IssueNumber, NodeId, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import type { DependencyFacts } from '../domain/snapshot.ts';
import type { Log } from '../reconcile/ports.ts';
import { z } from 'zod';
import { parseBranch } from '../wire/branch-name.ts';
import type { Client } from './client.ts';
import { isTransferredAway, present, referencedIssues, taskIdOf } from './facts.ts';
import { detailsQuery, observeQuery, pageQuery, statesQuery } from './queries.ts';
import { Heads, Observed, Page, Task, TaskOrOther } from './schema.ts';
import type { Pull } from './schema.ts';

export interface Reader {
  readonly client: Client;
  readonly log: Log;
  readonly memory: Memory;
}

/** What one process learns on its way: ids of issues it has seen, and what this server does not know. */
export interface Memory {
  readonly node_ids: Map<TaskId, NodeId>;
  has_dependencies: boolean;
}

const PAGE_SIZE = 100;
const PAGE_SIZE_MIN = 5;
const PAGES_MAX = 200;
const IDS_MAX = 100;
const HEADS_MAX = 20;
const STATES_MAX = 50;

export interface FirstAsk {
  /** The issue (or pull request) that the wake named, or a dispatch that waits in the inbox. */
  readonly named: IssueNumber | null;
  /** Tasks that a dispatch speaks to: nothing on GitHub changed with it, so nothing else would have them read. */
  readonly spoken_to: readonly TaskId[];
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly since: Instant | null;
  readonly intake_label: string;
}

export interface FirstAnswer {
  readonly observed: Observed;
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly asked: ReadonlyMap<TaskId, NodeId>;
  readonly heads: ReadonlyMap<TaskId, readonly Pull[]>;
  /** The intake label whose issues were all listed, so that a sweep goes on from here; null when some were left out. */
  readonly listed: { readonly label: string; readonly after: string | null } | null;
  readonly dependencies: boolean;
  readonly unread: readonly { readonly task: TaskId; readonly why: string }[];
}

/** The one request of a tick: repository, configuration, named, changed and restless tasks. */
export async function readFirst(reader: Reader, ask: FirstAsk): Promise<FirstAnswer> {
  const asked = restlessTasks(ask.journals, ask.spoken_to);
  const branches = tasksWithoutLink(ask.journals);
  const variables = {
    owner: reader.client.owner,
    name: reader.client.repo,
    ...(ask.named === null ? {} : { issue: ask.named }),
    filter: { labels: [ask.intake_label], ...(ask.since === null ? {} : { since: ask.since }) },
    first: PAGE_SIZE,
    after: null,
    ...(asked.size === 0 ? {} : { ids: [...asked.values()] }),
    ...Object.fromEntries([...branches.values()].map((branch, i) => [`head${i}`, branch])),
  };
  const shape = { named: ask.named !== null, listed: true, ids: asked.size > 0, heads: branches.size };
  const { data, dependencies } = await withOrWithoutDependencies(
    reader,
    (native) => observeQuery({ ...shape, dependencies: native }),
    variables,
  );
  const observed = Observed.parse(data);
  const listed = listedIn(ask, observed);
  return { ...firstAnswer(reader, observed, { asked, branches: [...branches.keys()] }), dependencies, listed };
}

/** A first look without a watermark is the first page of a sweep already. `after: null`: there is no second. */
function listedIn({ since, intake_label }: FirstAsk, { repository }: Observed): FirstAnswer['listed'] {
  const page = repository.issues?.pageInfo;
  if (since !== null || page === undefined) return null;
  return { label: intake_label, after: page.hasNextPage ? page.endCursor : null };
}

interface Asked {
  readonly asked: ReadonlyMap<TaskId, NodeId>;
  readonly branches: readonly TaskId[];
}

function firstAnswer(
  { client, memory }: Reader,
  observed: Observed,
  { asked, branches }: Asked,
): Omit<FirstAnswer, 'dependencies' | 'listed'> {
  const { repository } = observed;
  const named = taskIn(repository.named ?? null);
  const listed = present(repository.issues?.nodes);
  const by_id = (observed.nodes ?? []).map(taskIn).filter((task) => task !== null);
  const seen = [...(named === null ? [] : [named]), ...listed, ...by_id];
  const here = seen.filter((task) => !isTransferredAway(task, `${client.owner}/${client.repo}`));
  for (const task of here) memory.node_ids.set(taskIdOf(task.number), task.id);
  return {
    observed,
    tasks: new Map(here.map((task): [TaskId, Task] => [taskIdOf(task.number), task])),
    asked,
    heads: headsIn(repository, branches),
    unread: [],
  };
}

function taskIn(value: z.infer<typeof TaskOrOther>): Task | null {
  const parsed = Task.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function headsIn(
  repository: Readonly<Record<string, unknown>>,
  branches: readonly TaskId[],
): ReadonlyMap<TaskId, readonly Pull[]> {
  return new Map(
    branches.map((task, i): [TaskId, readonly Pull[]] => {
      const parsed = Heads.safeParse(repository[`head${i}`]);
      return [task, parsed.success ? present(parsed.data.nodes) : []];
    }),
  );
}

function restlessTasks(
  journals: ReadonlyMap<TaskId, TaskJournal>,
  spoken_to: readonly TaskId[],
): ReadonlyMap<TaskId, NodeId> {
  const ids = new Map(
    [...journals].flatMap(([id, { admitted }]): [TaskId, NodeId][] =>
      admitted?.issue_id == null ? [] : [[id, admitted.issue_id]],
    ),
  );
  const askable = new Map([...journals].filter(([id]) => ids.has(id)));
  return new Map(
    [...new Set([...spoken_to, ...dueWork(askable, IDS_MAX)])].slice(0, IDS_MAX).flatMap((id): [TaskId, NodeId][] => {
      const issue_id = ids.get(id);
      return issue_id === undefined ? [] : [[id, issue_id]];
    }),
  );
}

/** Internal tasks have no issue that links their pull request: the branch finds it. */
function tasksWithoutLink(journals: ReadonlyMap<TaskId, TaskJournal>): ReadonlyMap<TaskId, string> {
  const internal = [...journals].flatMap(([id, journal]): [TaskId, string][] => {
    const branch = journal.attempts.at(-1)?.claim.branch;
    return id.startsWith('i') && branch !== undefined && journal.finished === null ? [[id, branch]] : [];
  });
  return new Map(internal.slice(0, HEADS_MAX));
}

/** Everything with the intake label. Pages halve when GitHub cannot answer them in time. */
export async function readPages(
  reader: Reader,
  policy: Policy,
  first: FirstAnswer,
): Promise<ReadonlyMap<TaskId, Task>> {
  const tasks = new Map(first.tasks);
  const begun = first.listed?.label === policy.intake.label ? first.listed : null;
  if (begun !== null && begun.after === null) return tasks;
  let after: string | null = begun?.after ?? null;
  let size = PAGE_SIZE;
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const read: { readonly page: Page; readonly size: number } = await readPage(reader, {
      policy,
      after,
      size,
      dependencies: first.dependencies,
    });
    size = read.size;
    for (const task of present(read.page.nodes)) {
      tasks.set(taskIdOf(task.number), task);
      reader.memory.node_ids.set(taskIdOf(task.number), task.id);
    }
    if (!read.page.pageInfo.hasNextPage) return tasks;
    after = read.page.pageInfo.endCursor;
  }
  reader.log.warning(`The sweep stopped after ${PAGES_MAX} pages; the next one starts over.`);
  return tasks;
}

interface PageAsk {
  readonly policy: Policy;
  readonly after: string | null;
  readonly size: number;
  readonly dependencies: boolean;
}

async function readPage(
  reader: Reader,
  { policy, after, size, dependencies }: PageAsk,
): Promise<{ readonly page: Page; readonly size: number }> {
  // halved down to PAGE_SIZE_MIN at most
  for (let first = size; ; first = Math.max(PAGE_SIZE_MIN, Math.floor(first / 2))) {
    try {
      const filter = { labels: [policy.intake.label] };
      const { data } = await reader.client.query(pageQuery(dependencies), {
        owner: reader.client.owner,
        name: reader.client.repo,
        filter,
        first,
        after,
      });
      return { page: PageAnswer.parse(data).repository.issues, size: first };
    } catch (error) {
      if (!(error instanceof Fault) || error.consequence !== 'retry' || first <= PAGE_SIZE_MIN) throw error;
      reader.log.info(`A page of ${first} was too much for GitHub; halving it`);
    }
  }
}

const PageAnswer = z.object({ repository: z.object({ issues: Page }) });

export interface DetailsAnswer {
  readonly tasks: ReadonlyMap<TaskId, Task>;
  readonly asked: ReadonlyMap<TaskId, NodeId>;
  readonly heads: ReadonlyMap<TaskId, readonly Pull[]>;
}

export async function readDetails(
  reader: Reader,
  ids: readonly TaskId[],
  journals: ReadonlyMap<TaskId, TaskJournal>,
): Promise<DetailsAnswer> {
  const asked = new Map(
    ids.flatMap((id): [TaskId, NodeId][] => {
      const issue_id = journals.get(id)?.admitted?.issue_id ?? reader.memory.node_ids.get(id) ?? null;
      return issue_id === null ? [] : [[id, issue_id]];
    }),
  );
  const branches = new Map(
    ids.flatMap((id): [TaskId, string][] => {
      const branch = journals.get(id)?.attempts.at(-1)?.claim.branch;
      return branch === undefined || parseBranch(branch) === null ? [] : [[id, branch]];
    }),
  );
  if (asked.size === 0 && branches.size === 0) return { tasks: new Map(), asked, heads: new Map() };
  const variables = {
    owner: reader.client.owner,
    name: reader.client.repo,
    ids: [...asked.values()],
    ...Object.fromEntries([...branches.values()].map((branch, i) => [`head${i}`, branch])),
  };
  const { data } = await withOrWithoutDependencies(reader, (native) => detailsQuery(native, branches.size), variables);
  const answer = z.object({ repository: z.looseObject({}), nodes: z.array(TaskOrOther) }).parse(data);
  const tasks = answer.nodes.map(taskIn).filter((task) => task !== null);
  return {
    tasks: new Map(tasks.map((task) => [taskIdOf(task.number), task])),
    asked,
    heads: headsIn(answer.repository, [...branches.keys()]),
  };
}

/** `blockedBy` is newer than some servers: asked for, and if refused, left out for the rest of this process. */
async function withOrWithoutDependencies(
  reader: Reader,
  document: (native: boolean) => string,
  variables: Readonly<Record<string, unknown>>,
) {
  if (!reader.memory.has_dependencies)
    return { ...(await reader.client.query(document(false), variables)), dependencies: false };
  try {
    return { ...(await reader.client.query(document(true), variables)), dependencies: true };
  } catch (error) {
    if (!(error instanceof Fault) || !/blockedBy/.test(error.reason)) throw error;
    reader.memory.has_dependencies = false;
    reader.log.info('This GitHub has no native issue dependencies; `Depends on #n` in the text counts.');
    return { ...(await reader.client.query(document(false), variables)), dependencies: false };
  }
}

const State = z.object({ __typename: z.literal('Issue'), title: z.string(), state: z.enum(['OPEN', 'CLOSED']) });

/** Dependencies named in the text: known from what was read, else one more request for all of them. */
export async function readStates(
  reader: Reader,
  tasks: ReadonlyMap<TaskId, Task>,
): Promise<ReadonlyMap<TaskId, readonly DependencyFacts[]>> {
  const references = new Map([...tasks].map(([id, task]) => [id, referencedIssues(task)] as const));
  const unknown = [...new Set([...references.values()].flat())]
    .filter((number) => !tasks.has(taskIdOf(number)))
    .slice(0, STATES_MAX);
  const states = new Map<number, z.infer<typeof State>>();
  if (unknown.length > 0) {
    const { data } = await reader.client.query(statesQuery(unknown), {
      owner: reader.client.owner,
      name: reader.client.repo,
    });
    const { repository } = z.object({ repository: z.looseObject({}) }).parse(data);
    for (const number of unknown) {
      const parsed = State.safeParse(repository[`issue${number}`]);
      if (parsed.success) states.set(number, parsed.data);
    }
  }
  const stateOf = (number: number) => tasks.get(taskIdOf(number)) ?? states.get(number) ?? null;
  return new Map(
    [...references].map(([id, numbers]) => [
      id,
      numbers.flatMap((issue): DependencyFacts[] => {
        const state = stateOf(issue);
        return state === null ? [] : [{ issue, title: state.title, open: state.state === 'OPEN', source: 'text' }];
      }),
    ]),
  );
}
