// Owns Reading: what a tick has read of tasks so far, each by itself; one that cannot be read costs no other.
import { IssueNumber } from '../domain/ids.ts';
import type { NodeId, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Log } from '../reconcile/ports.ts';
import { parseBranch } from '../wire/branch-name.ts';
import type { Client } from './client.ts';
import { isTransferredAway, present, taskIdOf } from './facts.ts';
import { isForbidden } from './faults.ts';
import { isNotFound } from './graphql-answer.ts';
import type { GraphqlError } from './graphql-answer.ts';
import type { Known } from './known.ts';
import { NamedPull, Subject, Task } from './schema.ts';

export interface Reading {
  readonly tasks: Map<TaskId, Task>;
  /** Asked for by id and not there: deleted, or transferred away. */
  readonly missing: Set<TaskId>;
  /** Why; the next tick asks again. */
  readonly unread: Map<TaskId, string>;
  /** Pull requests that were met. */
  readonly pulls: Map<IssueNumber, MetPull>;
  readonly journals: Journals;
}

/** Whose pull request is whose is on record there. */
type Journals = ReadonlyMap<TaskId, Pick<TaskJournal, 'pr'>>;

export interface MetPull {
  /** Where answers go. */
  readonly id: NodeId;
  /** Whose work it brings; null: nothing of ours. */
  readonly task: TaskId | null;
}

/** What the reading of tasks needs, and what one process learns on its way. */
export interface Reader {
  readonly client: Client;
  readonly log: Log;
  readonly known: Known;
  readonly memory: {
    /** Ids of issues that were seen. */
    readonly node_ids: Map<TaskId, NodeId>;
    /** False once the server has said that it knows no `blockedBy`. */
    has_dependencies: boolean;
  };
}

export function nothingRead(journals: Journals): Reading {
  return { tasks: new Map(), missing: new Set(), unread: new Map(), pulls: new Map(), journals };
}

/** Whatever the answer was. */
export function isAnswered({ tasks, missing, unread }: Reading, id: TaskId): boolean {
  return tasks.has(id) || missing.has(id) || unread.has(id);
}

/** What a pull request brings is looked at by its task. */
export function isNobodys({ pulls }: Reading, number: IssueNumber): boolean {
  return pulls.get(number)?.task === null;
}

/** One place of an answer where a task may stand. */
export interface Place {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Which one was asked for; null for a list. */
  readonly asked: TaskId | null;
}

export function take(
  reader: Reader,
  reading: Reading,
  places: readonly Place[],
  errors: readonly GraphqlError[],
): void {
  for (const place of places) {
    const trouble = errors.filter(({ path }) => place.path.every((part, i) => path[i] === part));
    takeOne(reader, reading, place, trouble);
  }
}

function takeOne(
  reader: Reader,
  reading: Reading,
  { path, value, asked }: Place,
  trouble: readonly GraphqlError[],
): void {
  if (value == null) {
    if (asked === null) return;
    const is_gone = trouble.some((error) => error.path.length === path.length && isNotFound(error));
    if (is_gone) reading.missing.add(asked);
    else reading.unread.set(asked, trouble[0]?.message ?? 'GitHub answered nothing for it');
    return;
  }
  const pull = isIssue(value) ? null : NamedPull.safeParse(value);
  if (pull?.success === true) return takePull(reading, pull.data, asked);
  const task = readTask(value);
  const fault = trouble.find((error) => !isOneOfMany(error));
  if (task.success && fault === undefined) return takeTask(reader, reading, task.data, asked);
  const id = asked ?? taskNumbered(value);
  const shape = task.success
    ? ''
    : `${task.error.issues[0]?.path.join('.') ?? ''}: ${task.error.issues[0]?.message ?? ''}`;
  if (id !== null && isIssue(value))
    reading.unread.set(id, fault?.message ?? `GitHub answered in a new shape: ${shape}`);
}

const parsed = new WeakMap<object, ReturnType<typeof Task.safeParse>>();

/** A world in memory answers with the very same object for as long as nothing moved. */
function readTask(value: object): ReturnType<typeof Task.safeParse> {
  const before = parsed.get(value);
  if (before !== undefined) return before;
  const task = Task.safeParse(value);
  parsed.set(value, task);
  return task;
}

/** One linked thing that this token may not see, such as another repository's pull request; the list goes on. */
function isOneOfMany(error: GraphqlError): boolean {
  return typeof error.path.at(-1) === 'number' && (isNotFound(error) || isForbidden(error));
}

function takeTask({ client, known, memory }: Reader, reading: Reading, task: Task, asked: TaskId | null): void {
  if (isTransferredAway(task, `${client.owner}/${client.repo}`)) {
    if (asked !== null) reading.missing.add(asked);
    return;
  }
  const id = taskIdOf(task.number);
  memory.node_ids.set(id, task.id);
  for (const label of present(task.labels?.nodes)) known.labels.set(label.name.toLowerCase(), label.id);
  reading.tasks.set(id, task);
}

function takePull(reading: Reading, pull: NamedPull, asked: TaskId | null): void {
  const { id, headRefName, isCrossRepository } = pull;
  const branch = isCrossRepository ? null : parseBranch(headRefName);
  const number = IssueNumber.safeParse(Number(asked));
  if (!number.success) return;
  const task = branch?.task ?? ownerOf(number.data, reading.journals);
  reading.pulls.set(number.data, { id, task });
}

/** Its branch may bear anybody's name: what a journal calls its task's pull request is that. */
function ownerOf(number: IssueNumber, journals: Journals): TaskId | null {
  for (const [task, { pr }] of journals) if (Number(pr) === Number(number)) return task;
  return null;
}

/** Pull requests of no task that is known: whoever speaks there is answered as on an issue outside the queue. */
export function nobodysPulls(
  { pulls, tasks, missing }: Reading,
  journals: ReadonlyMap<TaskId, unknown>,
): ReadonlySet<TaskId> {
  const is_known = (task: TaskId): boolean => journals.has(task) || tasks.has(task);
  const is_ours = ({ task }: MetPull): boolean => {
    if (task === null) return false;
    return is_known(task) || !(missing.has(task) || task.startsWith('i'));
  };
  return new Set([...pulls].filter(([, pull]) => !is_ours(pull)).map(([number]) => taskIdOf(number)));
}

type NamedPull = (typeof NamedPull)['_output'];

function isIssue(value: unknown): boolean {
  return Subject.safeParse(value).data?.__typename === 'Issue';
}

function taskNumbered(value: unknown): TaskId | null {
  const number = IssueNumber.safeParse(Subject.safeParse(value).data?.number);
  return number.success ? taskIdOf(number.data) : null;
}
