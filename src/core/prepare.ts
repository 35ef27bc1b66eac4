// Owns everything that is decided for each task by itself, in the fixed order, before free slots are given out.
import type { Decision, Told } from '../domain/decision.ts';
import type { ClearInbox } from '../domain/effect.ts';
import { EMPTY_JOURNAL } from '../domain/journal.ts';
import { TaskId } from '../domain/ids.ts';
import type { Alarm } from '../domain/notice.ts';
import type { RoomRecord } from '../domain/room.ts';
import type { TaskFacts } from '../domain/snapshot.ts';
import { addressees, isAsk } from './addressees.ts';
import type { Addressed } from './addressees.ts';
import { isTask, openDraft } from './draft.ts';
import type { Draft } from './draft.ts';
import { newJobs, runJobs } from './jobs.ts';
import type { JobTurn } from './jobs.ts';
import { dispatchRole, mayAdmit } from './permissions.ts';
import { epicWanted, epicsOf, importInto } from './imports.ts';
import { propose } from './proposals.ts';
import { proposalToAll, roomRecords, wordToAll } from './room-words.ts';
import { fileAgain } from './steps/file-findings.ts';
import { admit, ask, askedByJob, concerns, obey, receipts, unheard } from './steps/obey-commands.ts';
import type { Utterance } from './steps/obey-commands.ts';
import { heedLabels } from './steps/heed-labels.ts';
import { reopen } from './steps/retry.ts';
import { publish, review } from './steps/review.ts';
import { settleDeadLease } from './steps/settle-dead-leases.ts';
import { rebuild, takeInNews, takeInPull } from './steps/take-in-results.ts';
import { unblock } from './steps/unblock.ts';
import { homeOfDispatches, SILENCE, wordsByTask } from './words-by-task.ts';
import type { Words } from './words-by-task.ts';
import { withRoom } from './world.ts';
import type { World } from './world.ts';

/** More commands than this for one task wait for the next tick. */
const COMMANDS_MAX = 20;

export interface Prepared {
  readonly drafts: readonly Draft[];
  /** What people's words change for the whole repository. */
  readonly room: readonly RoomRecord[];
  readonly inbox: readonly ClearInbox[];
  readonly told: readonly Told[];
  readonly proposals: Decision['proposals'];
  readonly epics: Decision['epics'];
  readonly alarms: readonly Alarm[];
  readonly more: boolean;
}

type Entry = World['snapshot']['inbox'][number];

export function prepare(before: World): Prepared {
  const seen = newJobs(before);
  const { addressed, room: read } = addressees(before);
  const world = withRoom(before, [...seen, ...read]);
  const words = wordsByTask(world, addressed);
  const drafts: Draft[] = [];
  const alarms: Alarm[] = [];
  for (const facts of tasksToDecide(world, addressed)) {
    try {
      drafts.push(decideAlone(facts, words.get(facts.id) ?? SILENCE, world));
    } catch (error) {
      // One poisoned task never stops the others; what it throws is a bug and is shown as one.
      alarms.push({ kind: 'unread', task: facts.id, why: error instanceof Error ? error.message : String(error) });
    }
  }
  const inbox = clearInbox(drafts, world);
  const left = drafts.filter(isTask).flatMap((draft) => leftUnheard(draft, words.get(draft.facts.id)));
  const crowded: Alarm[] =
    left.length === 0 ? [] : [{ kind: 'bounded', what: 'commands', left: left.length, limit: COMMANDS_MAX }];
  const said = roomRecords(drafts, world);
  const jobs = runJobs(drafts, withRoom(world, said));
  return {
    drafts: withRuns(drafts, jobs, withRoom(world, said)),
    room: [...seen, ...read, ...said, ...jobs.room],
    inbox: inbox.cleared,
    told: answersToAll(world),
    proposals: proposalsToAll(world),
    epics: epicsToAll(world),
    alarms: [...alarms, ...inbox.alarms, ...jobs.alarms, ...crowded],
    more: left.length > 0 || inbox.spreads,
  };
}

/** Those to all tasks are few, and most of them do not concern it: they keep no other word waiting. */
function heardNow(draft: Draft, said: readonly Utterance[]): readonly Utterance[] {
  const news = unheard(draft, said);
  const own = new Set(news.filter(({ elsewhere }) => elsewhere !== true).slice(0, COMMANDS_MAX));
  return news.filter((utterance) => utterance.elsewhere === true || own.has(utterance));
}

/** What does not concern it is not owed to it. */
function leftUnheard(draft: Draft, { said }: Words = SILENCE): readonly Utterance[] {
  return unheard(draft, said).filter((utterance) => concerns(utterance, draft));
}

function decideAlone(facts: TaskFacts, { prompts, said }: Words, world: World): Draft {
  const opened = rebuild(openDraft(facts, world), world);
  const asked = prompts.reduce(ask, opened);
  const admitted = admit(asked, world);
  const obeyed = obey(receipts(admitted, said), heardNow(admitted, said), world);
  const heeded = heedLabels(obeyed, world);
  const taken = takeInNews(takeInPull(heeded, world));
  const settled = settleDeadLease(taken, world);
  const retried = reopen(settled, world);
  const reviewed = review(retried, world);
  const proposed = propose(unblock(fileAgain(publish(reviewed), world), world), world);
  return importInto(proposed, world);
}

/** A run that is written down in the room brings its task into being, and ends what its job did before. */
function withRuns(drafts: readonly Draft[], { asked, room }: JobTurn, before: World): readonly Draft[] {
  if (asked.size === 0) return drafts;
  const world = withRoom(before, room);
  const byTask = new Map(drafts.map((draft) => [draft.facts.id, draft]));
  for (const [id, beginning] of asked) {
    const draft = byTask.get(id) ?? openDraft(newInternalTask(id), world);
    byTask.set(id, askedByJob(draft, beginning));
  }
  return [...byTask.values()].map((draft) => (draft.journal.asked?.job === undefined ? draft : review(draft, world)));
}

/** Tasks whose facts were read, and those that a dispatch or a mention brings into being. */
function tasksToDecide({ snapshot, policy }: World, addressed: readonly Addressed[]): readonly TaskFacts[] {
  const read = [...snapshot.tasks.values()].filter(({ issue_read }) => issue_read !== 'unread');
  const asked = snapshot.inbox.filter(
    (entry) =>
      entry.ask.kind === 'prompt' && mayAdmit({ snapshot, policy }, dispatchRole({ snapshot, policy }, entry.by)),
  );
  const mentioned = addressed.filter(({ spoken }) => isAsk(spoken.parsed)).map(({ task }) => task);
  const brought = [...asked.map(({ run }) => TaskId.parse(`i${run}`)), ...mentioned];
  return [...read, ...brought.filter((id) => !snapshot.tasks.has(id)).map(newInternalTask)];
}

function newInternalTask(id: TaskId): TaskFacts {
  return {
    id,
    issue: null,
    issue_read: 'internal',
    journal: EMPTY_JOURNAL,
    journal_tip: null,
    branch: null,
    pull: null,
    comment: null,
    leases: new Map(),
    details: { thread: [], thread_cut: false },
    answer: null,
  };
}

/** An entry is cleared once its word is in a journal, or when there is no task it could be in. */
function clearInbox(
  drafts: readonly Draft[],
  world: World,
): { readonly cleared: readonly ClearInbox[]; readonly alarms: readonly Alarm[]; readonly spreads: boolean } {
  const { snapshot } = world;
  if (snapshot.inbox.length === 0) return { cleared: [], alarms: [], spreads: false };
  const byTask = new Map(drafts.map((draft) => [draft.facts.id, draft]));
  const home = homeOfDispatches(world);
  const fates = snapshot.inbox.map((entry) => {
    const task = taskAsked(entry, home);
    return { entry, fate: fateOf({ entry, task }, byTask, world) };
  });
  const cleared = fates
    .filter(({ fate }) => fate !== 'kept' && fate !== 'spreads')
    .map(({ entry: { run, tip } }): ClearInbox => ({ kind: 'clear_inbox', run, expected: tip }));
  const alarms = fates
    .filter(({ fate }) => fate === 'refused')
    .map(({ entry: { run, by } }): Alarm => ({ kind: 'dispatch_refused', run, by }));
  return { cleared, alarms, spreads: fates.some(({ fate }) => fate === 'spreads') };
}

/** One of the journals it goes into may be lost to somebody else: it is over when nobody takes it up any more. */
function spreads({ run }: Entry, home: TaskId | null, drafts: ReadonlyMap<TaskId, Draft>): boolean {
  return [...drafts.values()].some(
    ({ facts, records }) =>
      facts.id !== home &&
      records.some((record) => record.kind === 'commanded' && 'run' in record.from && record.from.run === run),
  );
}

type Fate = 'obeyed' | 'refused' | 'kept' | 'spreads';

function fateToAll(entry: Entry, world: World): 'obeyed' | 'refused' | 'kept' {
  if (wordToAll(entry, world) === null) return 'refused';
  return proposalToAll(entry, world) !== null || isEpicOpen(entry, world) ? 'kept' : 'obeyed';
}

/** Of two that name one file the first makes the issue, and the second goes there in the next tick. */
function isEpicOpen(entry: Entry, world: World): boolean {
  const asked = epicWanted(entry);
  if (asked === null || wordToAll(entry, world)?.say?.kind !== 'imports') return false;
  return epicsToAll(world).some(({ wanted }) => wanted.path === asked.path);
}

function epicsToAll(world: World): Decision['epics'] {
  return epicsOf(world, (entry) => wordToAll(entry, world)?.say?.kind === 'imports');
}

function proposalsToAll(world: World): Decision['proposals'] {
  return world.snapshot.inbox.flatMap((entry) => {
    const proposal = proposalToAll(entry, world);
    const { run, tip } = entry;
    return proposal === null ? [] : [{ ...proposal, entry: { kind: 'clear_inbox', run, expected: tip } as const }];
  });
}

/** A dispatch has no comment to answer under. */
function answersToAll(world: World): readonly Told[] {
  return world.snapshot.inbox.flatMap((entry) => {
    const say = wordToAll(entry, world)?.say ?? null;
    return say === null ? [] : [{ run: entry.run, by: entry.by, say }];
  });
}

function taskAsked({ ask: asked, run }: Entry, home: ReturnType<typeof homeOfDispatches>): TaskId | null {
  if (asked.kind === 'word') return asked.task;
  return asked.kind === 'prompt' ? TaskId.parse(`i${run}`) : home(asked.issue);
}

/** `task`: whom it speaks to; null: the whole repository. */
function fateOf(
  { entry, task: id }: { readonly entry: Entry; readonly task: TaskId | null },
  drafts: ReadonlyMap<TaskId, Draft>,
  world: World,
): Fate {
  const { snapshot } = world;
  if (spreads(entry, id, drafts)) return 'spreads';
  if (id === null) return fateToAll(entry, world);
  const draft = drafts.get(id);
  if (draft !== undefined)
    return draft.journal.handled_runs.has(entry.run) ? 'obeyed' : isTask(draft) ? 'kept' : 'refused';
  const unread = snapshot.unread.some(({ task }) => task === id) || snapshot.tasks.has(id);
  return unread ? 'kept' : 'refused';
}
