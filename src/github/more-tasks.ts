// Owns the further requests for tasks, each made only when there is something to ask: pages, ids, numbers, details.
import { z } from 'zod';
import { IssueNumber } from '../domain/ids.ts';
import type { NodeId, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { parseBranch } from '../wire/branch-name.ts';
import { taskIdOf } from './facts.ts';
import { readAs } from './faults.ts';
import { detailsQuery, nodesQuery, subjectsQuery } from './queries.ts';
import { nothingRead, take } from './reading.ts';
import type { Reader, Reading } from './reading.ts';
import type { Pull } from './schema.ts';
import { headsIn, withDependencies } from './tasks.ts';

const IDS_MAX = 100;
const IDS_IN_ALL_MAX = 2_000;
const NUMBERS_MAX = 20;
const NUMBERS_IN_ALL_MAX = 100;

const Nodes = z.object({ nodes: z.array(z.unknown()) });

/** Tasks that a list by label does not show any more: who took the label away may have deleted the issue, too. */
export async function readByIds(reader: Reader, reading: Reading, asked: ReadonlyMap<TaskId, NodeId>): Promise<void> {
  const all = [...asked].slice(0, IDS_IN_ALL_MAX);
  if (asked.size > all.length) reader.log.warning(`${asked.size} tasks lost their label; ${all.length} are looked at`);
  for (let at = 0; at < all.length; at += IDS_MAX) {
    const part = all.slice(at, at + IDS_MAX);
    const ids = part.map(([, id]) => id);
    const { data, errors } = await withDependencies(reader, (dependencies) =>
      reader.client.query(nodesQuery(dependencies), { ids }),
    );
    const { nodes } = readAs(Nodes, data, { what: 'Nodes', errors });
    const places = part.map(([task], i) => ({ path: ['nodes', i], value: nodes[i], asked: task }));
    take(reader, reading, places, errors);
  }
}

const Answered = z.object({ repository: z.looseObject({}) });

/** Whatever stands under the numbers, and, behind pull requests, the tasks they belong to. */
export async function readSubjects(reader: Reader, reading: Reading, numbers: readonly IssueNumber[]): Promise<void> {
  await readNumbers(reader, reading, numbers);
  const behind = numbers.flatMap((number) => {
    const task = reading.pulls.get(number)?.task ?? undefined;
    const issue = IssueNumber.safeParse(Number(task));
    return task === undefined || !issue.success || reading.tasks.has(task) ? [] : [issue.data];
  });
  await readNumbers(reader, reading, behind);
}

async function readNumbers(reader: Reader, reading: Reading, numbers: readonly IssueNumber[]): Promise<void> {
  const all = [...new Set(numbers)];
  const asked = all.slice(0, NUMBERS_IN_ALL_MAX);
  if (all.length > asked.length) {
    reader.log.warning(`${all.length} issues outside the lists are asked about; ${asked.length} are looked at`);
  }
  for (let at = 0; at < asked.length; at += NUMBERS_MAX) {
    await readNumbered(reader, reading, asked.slice(at, at + NUMBERS_MAX));
  }
}

async function readNumbered(reader: Reader, reading: Reading, asked: readonly IssueNumber[]): Promise<void> {
  const { owner, repo: name } = reader.client;
  const { data, errors } = await withDependencies(reader, (dependencies) =>
    reader.client.query(subjectsQuery(asked, dependencies), { owner, name }),
  );
  const { repository } = readAs(Answered, data, { what: 'Subjects', errors });
  const places = asked.map((number) => {
    const alias = `subject${number}`;
    return { path: ['repository', alias], value: repository[alias], asked: taskIdOf(number) };
  });
  take(reader, reading, places, errors);
}

export interface DetailsAnswer {
  readonly reading: Reading;
  readonly heads: ReadonlyMap<TaskId, readonly Pull[]>;
}

const Detailed = z.object({ repository: z.looseObject({}), nodes: z.array(z.unknown()) });

/** Tasks about to start, with their threads; at most a hundred. */
export async function readDetails(
  reader: Reader,
  ids: readonly TaskId[],
  journals: ReadonlyMap<TaskId, TaskJournal>,
): Promise<DetailsAnswer> {
  const asked = ids.slice(0, IDS_MAX).flatMap((id): [TaskId, NodeId][] => {
    const issue_id = journals.get(id)?.admitted?.issue_id ?? reader.memory.node_ids.get(id) ?? null;
    return issue_id === null ? [] : [[id, issue_id]];
  });
  const branches = asked.flatMap(([id]): [TaskId, string][] => {
    const branch = journals.get(id)?.attempts.at(-1)?.claim.branch;
    return branch === undefined || parseBranch(branch) === null ? [] : [[id, branch]];
  });
  const reading = nothingRead(journals);
  if (asked.length === 0) return { reading, heads: new Map() };
  const variables = {
    owner: reader.client.owner,
    name: reader.client.repo,
    ids: asked.map(([, id]) => id),
    ...Object.fromEntries(branches.map(([, branch], i) => [`head${i}`, branch])),
  };
  const { data, errors } = await withDependencies(reader, (dependencies) =>
    reader.client.query(detailsQuery(dependencies, branches.length), variables),
  );
  const { repository, nodes } = readAs(Detailed, data, { what: 'Details', errors });
  const places = asked.map(([task], i) => ({ path: ['nodes', i], value: nodes[i], asked: task }));
  take(reader, reading, places, errors);
  return {
    reading,
    heads: headsIn(
      repository,
      branches.map(([id]) => id),
    ),
  };
}
