// Owns the states of what texts refer to: `Depends on #12` counts where an issue has no native dependency on it.
import { z } from 'zod';
import type { IssueNumber, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { DependencyFacts } from '../domain/snapshot.ts';
import { referencedIssues, taskIdOf } from './facts.ts';
import type { Reference } from './facts.ts';
import { readAs } from './faults.ts';
import { isNotFound } from './graphql-answer.ts';
import { statesQuery } from './queries.ts';
import type { Reader } from './reading.ts';
import type { Task } from './schema.ts';

/** Of one text; a text with more is waited for until it names fewer. */
const REFERENCES_MAX = 200;
/** Of all texts that one tick reads. */
const STATES_MAX = 500;
const STATES_A_REQUEST = 50;

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

/** Known from what was read, else asked for, all at once as far as they fit; nothing while nobody could start anyway. */
export async function readReferences(
  reader: Reader,
  tasks: ReadonlyMap<TaskId, Task>,
  journals: ReadonlyMap<TaskId, TaskJournal>,
): Promise<ReadonlyMap<TaskId, readonly DependencyFacts[]>> {
  const waiting = [...tasks].filter(([id]) => mayWait(journals.get(id)));
  const references = new Map(waiting.map(([id, task]) => [id, referencedIssues(task)] as const));
  tellCut(reader, references);
  const looked_at = [...references.values()].flatMap((all) => all.slice(0, REFERENCES_MAX));
  const named = [...new Set(looked_at.map(({ issue }) => issue))];
  const states = await readStates(
    reader,
    named.filter((number) => !tasks.has(taskIdOf(number))),
  );
  const stateOf = (number: IssueNumber): Known | null => {
    const task = tasks.get(taskIdOf(number));
    return task === undefined ? (states.get(number) ?? null) : { title: task.title, open: task.state === 'OPEN' };
  };
  return new Map([...references].map(([id, all]) => [id, dependenciesOf(all, stateOf)]));
}

/** The first one that was not looked at stands for all of those: it counts as open. */
function dependenciesOf(
  all: readonly Reference[],
  stateOf: (number: IssueNumber) => Known | null,
): readonly DependencyFacts[] {
  const known = all.slice(0, REFERENCES_MAX).flatMap(({ issue, source }): DependencyFacts[] => {
    const state = stateOf(issue);
    return state === null ? [] : [{ issue, ...state, source }];
  });
  const left = all.slice(REFERENCES_MAX);
  const first = left.find(({ source }) => source === 'text') ?? left[0];
  return first === undefined ? known : [...known, { ...first, ...UNKNOWN }];
}

function tellCut({ log }: Reader, references: ReadonlyMap<TaskId, readonly Reference[]>): void {
  for (const [id, { length }] of references)
    if (length > REFERENCES_MAX)
      log.warning(`The text of #${id} names ${length} others; ${REFERENCES_MAX} are looked at, the rest count as open`);
}

/** Before its first start and between attempts; whoever starts is read once more, so that nothing is missed here. */
function mayWait(journal: TaskJournal | undefined): boolean {
  const state = journal?.shown?.state ?? 'new';
  // Whoever is shown a circle waits as well: not looked at, the circle would be gone and come again with every look.
  if (journal?.shown?.knot !== undefined) return true;
  return state === 'new' || state === 'routed' || state === 'blocked';
}

async function readStates(reader: Reader, numbers: readonly IssueNumber[]): Promise<ReadonlyMap<IssueNumber, Known>> {
  const states = new Map<IssueNumber, Known>(numbers.map((number) => [number, UNKNOWN]));
  const asked = numbers.slice(0, STATES_MAX);
  for (let from = 0; from < asked.length; from += STATES_A_REQUEST)
    await readBatch(reader, asked.slice(from, from + STATES_A_REQUEST), states);
  const left = numbers.length - asked.length;
  if (left > 0) reader.log.warning(`Texts wait for ${numbers.length} others; ${left} of them count as open`);
  return states;
}

/** Only who is said not to be there is nobody to wait for; a hole of any other kind says nothing. */
async function readBatch(
  { client, log }: Reader,
  asked: readonly IssueNumber[],
  states: Map<IssueNumber, Known>,
): Promise<void> {
  const { data, errors } = await client.query(statesQuery(asked), { owner: client.owner, name: client.repo });
  const { repository } = readAs(Answered, data, { what: 'States', errors });
  const absent = new Set(errors.filter(isNotFound).map(({ path }) => path.at(-1)));
  for (const number of asked) {
    const parsed = State.safeParse(repository[`issue${number}`]);
    if (parsed.success) states.set(number, knownOf(parsed.data));
    else if (absent.has(`issue${number}`)) states.delete(number);
    else log.warning(`GitHub did not say whether #${number} is open: it counts as open`);
  }
}

function knownOf(said: z.infer<typeof State>): Known {
  return { title: said.title, open: ('state' in said ? said.state : said.pull_state) === 'OPEN' };
}
