// Owns the states of what texts refer to: `Depends on #12` counts where an issue has no native dependency on it.
import { z } from 'zod';
import type { IssueNumber, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { DependencyFacts } from '../domain/snapshot.ts';
import { referencedIssues, taskIdOf } from './facts.ts';
import { readAs } from './faults.ts';
import { statesQuery } from './queries.ts';
import type { Reader } from './reading.ts';
import type { Task } from './schema.ts';

const STATES_MAX = 50;

/** GraphQL does not let two enums share a name in one answer. */
const State = z.union([
  z.object({ title: z.string(), state: z.enum(['OPEN', 'CLOSED']) }),
  z.object({ title: z.string(), pull_state: z.enum(['OPEN', 'CLOSED', 'MERGED']) }),
]);

interface Known {
  readonly title: string;
  readonly open: boolean;
}

/** Not looked at: a start too late can be mended, a start too early cannot. */
const UNKNOWN: Known = { title: '', open: true };

const Answered = z.object({ repository: z.looseObject({}) });

/** Known from what was read, else one more request for all of them; none while nobody could start anyway. */
export async function readReferences(
  reader: Reader,
  tasks: ReadonlyMap<TaskId, Task>,
  journals: ReadonlyMap<TaskId, TaskJournal>,
): Promise<ReadonlyMap<TaskId, readonly DependencyFacts[]>> {
  const waiting = [...tasks].filter(([id]) => mayWait(journals.get(id)));
  const references = new Map(waiting.map(([id, task]) => [id, referencedIssues(task)] as const));
  const named = [...new Set([...references.values()].flat().map(({ issue }) => issue))];
  const states = await readStates(
    reader,
    named.filter((number) => !tasks.has(taskIdOf(number))),
  );
  const stateOf = (number: IssueNumber): Known | null => {
    const task = tasks.get(taskIdOf(number));
    return task === undefined ? (states.get(number) ?? null) : { title: task.title, open: task.state === 'OPEN' };
  };
  return new Map(
    [...references].map(([id, numbers]) => [
      id,
      numbers.flatMap(({ issue, source }): DependencyFacts[] => {
        const state = stateOf(issue);
        return state === null ? [] : [{ issue, ...state, source }];
      }),
    ]),
  );
}

/** Before its first start and between attempts; whoever starts is read once more, so that nothing is missed here. */
function mayWait(journal: TaskJournal | undefined): boolean {
  const state = journal?.shown?.state ?? 'new';
  // Whoever is shown a circle waits as well: not looked at, the circle would be gone and come again with every look.
  if (journal?.shown?.knot !== undefined) return true;
  return state === 'new' || state === 'routed' || state === 'blocked';
}

async function readStates(reader: Reader, numbers: readonly IssueNumber[]): Promise<ReadonlyMap<IssueNumber, Known>> {
  const asked = numbers.slice(0, STATES_MAX);
  if (asked.length === 0) return new Map();
  const left = numbers.slice(STATES_MAX);
  if (left.length > 0) reader.log.warning(`Texts wait for ${numbers.length} others; ${left.length} count as open`);
  const { owner, repo: name } = reader.client;
  const { data, errors } = await reader.client.query(statesQuery(asked), { owner, name });
  const { repository } = readAs(Answered, data, { what: 'States', errors });
  const answered = asked.flatMap((number): [IssueNumber, Known][] => {
    const parsed = State.safeParse(repository[`issue${number}`]);
    if (!parsed.success) return [];
    const { data: said } = parsed;
    return [[number, { title: said.title, open: ('state' in said ? said.state : said.pull_state) === 'OPEN' }]];
  });
  return new Map([...answered, ...left.map((number): [IssueNumber, Known] => [number, UNKNOWN])]);
}
