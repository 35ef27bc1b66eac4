// Owns hearing people out: what was said and not yet obeyed, whose roles that makes worth reading, and what must wait.
import type { SpokenCommand } from '../domain/command.ts';
import type { CommentId, Instant, Login, TaskId } from '../domain/ids.ts';
import { epochMs, oldestOf, plusMinutes } from '../domain/instant.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { isStatusLabel, sameLabel, statusLabel } from '../domain/label.ts';
import type { Policy } from '../domain/policy.ts';
import type { IssueFacts, LabelEvent, Snapshot, TaskFacts } from '../domain/snapshot.ts';
import { atLeast } from '../domain/task.ts';
import type { RoleName } from '../domain/task.ts';
import type { Wake } from '../domain/wake.ts';
import { isOwed } from '../domain/word-to-all.ts';
import type { Log } from '../reconcile/ports.ts';
import type { Client } from './client.ts';
import { taskIdOf } from './facts.ts';
import { PEOPLE_MAX, readCommands, readRoles } from './people.ts';
import type { Reading } from './reading.ts';

interface Ears {
  readonly client: Client;
  readonly log: Log;
}

export interface HearAsk {
  readonly since: Instant;
  /** Words from then on may still lack their receipt; null: none is known of. */
  readonly owed_since: Instant | null;
  readonly mention: string;
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly reading: Reading;
}

export interface Heard {
  /** All that was said, handled words included. */
  readonly commands: readonly SpokenCommand[];
  /** Not in a journal yet, or without its receipt, by people whom an issue outside the queue is read for. */
  readonly unheard: readonly SpokenCommand[];
  readonly roles: Map<Login, RoleName>;
}

/** A tick that came late and died heard words older than the overlap: receipts are looked for this much further back. */
const RECEIPT_MINUTES = 110;

/** Strangers who speak where no task is are not answered, so nothing is read for them. */
const OUTSIDE_ROLE: RoleName = 'triage';

export async function hear(ears: Ears, ask: HearAsk): Promise<Heard> {
  const { since, mention, journals, reading } = ask;
  const read = await readCommands(ears, receiptsSince(ask), mention);
  const handled = read.length === 0 ? new Set<CommentId>() : handledIn(journals);
  // An older comment that is edited into a command was never a command.
  const is_new = ({ at }: SpokenCommand): boolean => epochMs(at) >= epochMs(since);
  // What was heard and answered is over, whatever the comment is made to say since.
  const is_answered = ({ answered, edited }: SpokenCommand): boolean => answered && edited === true;
  const commands = read.filter((command) => (handled.has(command.comment) ? !is_answered(command) : is_new(command)));
  const is_over = (command: SpokenCommand): boolean =>
    handled.has(command.comment) && command.answered && !isOwed(command, journals);
  const open = commands.filter((command) => !command.by_bot && !is_over(command));
  const roles = new Map<Login, RoleName>();
  await readRoles(
    ears.client,
    open.map(({ by }) => by),
    roles,
  );
  const is_ours = (command: SpokenCommand): boolean => {
    const id = taskIdOf(command.issue);
    return reading.tasks.has(id) || journals.has(id);
  };
  const unheard = open.filter((command) => is_ours(command) || atLeast(roles.get(command.by) ?? 'none', OUTSIDE_ROLE));
  return { commands, unheard, roles };
}

/** Words heard late are older than that: their journals say how old, for as long as their receipts may be missing. */
function receiptsSince({ since, owed_since, journals }: HearAsk): Instant {
  const before = plusMinutes(since, -RECEIPT_MINUTES);
  const usual = owed_since !== null && epochMs(owed_since) < epochMs(before) ? owed_since : before;
  const late = [...journals.values()].flatMap(({ late_words }) => late_words);
  return late
    .filter(({ heard_at }) => epochMs(heard_at) >= epochMs(usual))
    .reduce((first, { at }) => (epochMs(at) < epochMs(first) ? at : first), usual);
}

function handledIn(journals: ReadonlyMap<TaskId, TaskJournal>): ReadonlySet<CommentId> {
  return new Set([...journals.values()].flatMap(({ handled_comments }) => [...handled_comments.keys()]));
}

export interface JudgeAsk {
  readonly heard: Heard;
  readonly facts: ReadonlyMap<TaskId, TaskFacts>;
  readonly policy: Policy;
  readonly wake: Wake;
  readonly scope: Snapshot['scope'];
}

export interface Judged extends Pick<Snapshot, 'commands' | 'roles' | 'unread'> {
  readonly facts: ReadonlyMap<TaskId, TaskFacts>;
}

/** Nobody whose role was not read may be taken for a stranger: their words and their tasks wait for the next tick. */
export async function judge({ client, log }: Ears, { heard, facts, policy, wake, scope }: JudgeAsk): Promise<Judged> {
  const asked = [...facts.values()].map((task) => ({ task, people: peopleToJudge(task, { policy, wake, scope }) }));
  const { roles } = heard;
  await readRoles(
    client,
    asked.flatMap(({ people }) => people),
    roles,
  );
  const waits = asked.filter(({ people }) => people.some((login) => !roles.has(login))).map(({ task }) => task);
  const is_known = (command: SpokenCommand): boolean => command.by_bot || roles.has(command.by);
  const silent = heard.unheard.filter((command) => !is_known(command));
  if (waits.length + silent.length > 0) {
    log.warning(`More than ${PEOPLE_MAX} new people at once; the words and labels of the others wait.`);
  }
  return {
    roles,
    commands: heard.commands.filter((command) => !silent.includes(command)),
    facts: new Map([...facts, ...waits.map((task): [TaskId, TaskFacts] => [task.id, unread(task)])]),
    unread: waits.map(({ id }) => ({ task: id, why: 'whoever labelled it is not known yet' })),
  };
}

export interface LeftAsk {
  readonly heard: Heard;
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly unread: Snapshot['unread'];
  readonly pulls: Reading['pulls'];
}

/** Words or their receipts, where the task or the speaker's role was not read: the next look begins no later than the oldest. */
export function unheardSince({
  heard: { unheard, roles },
  journals,
  unread: tasks,
  pulls: met,
}: LeftAsk): Instant | null {
  const unread = new Set(tasks.map(({ task }) => task));
  const behind = [...met].flatMap(([number, { task }]) => (task !== null && unread.has(task) ? [number] : []));
  const pulls = new Set<number>([...behind, ...[...unread].flatMap((task) => journals.get(task)?.pr ?? [])]);
  const left = unheard.filter(({ issue, by }) => unread.has(taskIdOf(issue)) || pulls.has(issue) || !roles.has(by));
  return oldestOf(left.map(({ at }) => at));
}

function unread(task: TaskFacts): TaskFacts {
  return { ...task, issue: null, issue_read: 'unread' };
}

type Judging = Pick<JudgeAsk, 'policy' | 'wake' | 'scope'>;

/** Only people whose word would change something: who labelled a task not yet let in, who reopened a finished one. */
function peopleToJudge({ id, issue, journal }: TaskFacts, { policy, wake, scope }: Judging): readonly Login[] {
  if (issue === null) return [];
  const intake = issue.label_events.find(({ label }) => sameLabel(label, policy.intake.label));
  const labelled = intake === undefined || intake.by_bot || isBefore(intake.at, journal.admitted?.at) ? null : intake;
  const reopened = isBefore(issue.reopened?.at, journal.finished?.at) ? null : issue.reopened;
  const words = [labelled, journal.finished === null ? null : reopened].filter((word) => word !== null);
  const is_named = wake.issue !== null && taskIdOf(wake.issue) === id;
  const news = scope === 'all' || is_named ? words : words.filter(({ at }) => !wasJudged(at, journal));
  return [...news, ...statusesTyped(issue, journal)].map(({ by }) => by).filter((login) => login !== null);
}

/** Corrected in the tick that reads them, so each is asked about once. */
function statusesTyped({ label_events }: IssueFacts, { shown, handled_labels }: TaskJournal): readonly LabelEvent[] {
  if (shown === null) return [];
  return label_events.filter(
    ({ label, at, by_bot }) =>
      !by_bot &&
      isStatusLabel(label) &&
      !sameLabel(label, statusLabel(shown.state)) &&
      !handled_labels.has(`${label} ${at}`),
  );
}

function isBefore(at: Instant | undefined, limit: Instant | undefined): boolean {
  return at !== undefined && limit !== undefined && epochMs(at) <= epochMs(limit);
}

/** GitHub's clock and ours differ, and an event may come later than what it tells of. */
const DOUBT_MINUTES = 10;

/**
 * People were shown what came of it, and nothing was said since: it is not asked again in every quiet tick who they
 * are. Nobody's absence means `none`, which is what was found then; a sweep asks once more.
 */
function wasJudged(at: Instant, { shown }: TaskJournal): boolean {
  return shown !== null && epochMs(plusMinutes(at, DOUBT_MINUTES)) < epochMs(shown.at);
}
