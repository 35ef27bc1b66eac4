// Owns what the refs mean: commit chains turned into journals, the inbox and the history, all in memory.
import type { InboxEntry } from '../domain/command.ts';
import type { HistoryLine } from '../domain/effect.ts';
import { personFault } from '../domain/fault.ts';
import { CommitSha } from '../domain/ids.ts';
import type { TaskId } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import { foldJournal } from '../domain/fold-journal.ts';
import type { JournalRecord, TaskJournal } from '../domain/journal.ts';
import { EMPTY_ROOM } from '../domain/room.ts';
import type { RoomFacts } from '../domain/snapshot.ts';
import { parseHistory } from '../wire/history.ts';
import { parseInboxMessage } from '../wire/inbox.ts';
import { parseJournalMessage } from '../wire/journal-record.ts';
import { parseRoom } from '../wire/room.ts';
import { HISTORY_REF, INBOX_PREFIX, parseRef, ROOM_REF, TASK_PREFIX } from '../wire/refs.ts';
import type { Git } from './git.ts';
import { eachCommit, readObjects } from './objects.ts';

/** Records of one task beyond this are no task's any more; folding only a part of them would give attempts back. */
export const CHAIN_COMMITS_MAX = 5_000;
/** This month's file and the last one: routes are remembered across the turn of the month. */
const HISTORY_FILES_READ = 2;

/** One task's records, oldest first. */
export interface JournalChain {
  readonly records: readonly JournalRecord[];
  readonly tip: CommitSha;
}

export interface JournalHistory {
  readonly tip: CommitSha | null;
  readonly lines: readonly HistoryLine[];
  /** Text of the newest files by name, which new lines are put under. */
  readonly files: ReadonlyMap<string, string>;
}

export interface JournalWorld {
  /** What each journal means; its records are folded as they are read, and let go. */
  readonly chains: ReadonlyMap<TaskId, { readonly journal: TaskJournal; readonly tip: CommitSha }>;
  readonly inbox: readonly (InboxEntry & { readonly tip: CommitSha })[];
  readonly history: JournalHistory;
  readonly room: RoomFacts;
  /** Tasks whose journal cannot be read, with the reason; everything else goes on. */
  readonly unreadable: readonly { readonly task: TaskId; readonly why: string }[];
}

export type Refs = ReadonlyMap<string, string>;

/** A chain under way: from its tip down to the commit that comes next. */
interface Chain {
  readonly ref: string;
  readonly tip: string;
  readonly messages: string[];
}

/** Whole chains, newest message first. What never reaches its beginning is not handed over. */
async function eachChain(
  git: Git,
  ask: { readonly names: readonly string[]; readonly refs: Refs },
  take: (chain: Chain) => void,
): Promise<void> {
  const waiting = new Map<string, Chain[]>();
  for (const [ref, tip] of ask.refs) waiting.set(tip, [...(waiting.get(tip) ?? []), { ref, tip, messages: [] }]);
  await eachCommit(git, ask.names, ({ oid, parent, message }) => {
    const chains = waiting.get(oid) ?? [];
    waiting.delete(oid);
    for (const chain of chains) if (chain.messages.length <= CHAIN_COMMITS_MAX) chain.messages.push(message);
    if (parent === null) for (const chain of chains) take(chain);
    else waiting.set(parent, [...(waiting.get(parent) ?? []), ...chains]);
  });
}

export async function readWorld(git: Git, refs: Refs): Promise<Omit<JournalWorld, 'history' | 'room'>> {
  const chains = new Map<TaskId, { readonly journal: TaskJournal; readonly tip: CommitSha }>();
  const inbox: (InboxEntry & { readonly tip: CommitSha })[] = [];
  const unreadable: { readonly task: TaskId; readonly why: string }[] = [];
  const names = [`--glob=${TASK_PREFIX}*`, `--glob=${INBOX_PREFIX}*`];
  const ours = new Map([...refs].filter(([ref]) => parseRef(ref) !== null && ref !== HISTORY_REF && ref !== ROOM_REF));
  await eachChain(git, { names, refs: ours }, (chain) => {
    const ref = parseRef(chain.ref);
    if (ref?.kind === 'inbox') inbox.push(...entriesOf(chain));
    if (ref?.kind !== 'task') return;
    try {
      const { records, tip } = chainOf(chain);
      chains.set(ref.task, { journal: foldJournal(records), tip });
    } catch (error) {
      unreadable.push({ task: ref.task, why: error instanceof Error ? error.message : String(error) });
    }
  });
  for (const ref of ours.keys()) {
    const name = parseRef(ref);
    const is_told = name?.kind !== 'task' || chains.has(name.task) || unreadable.some(({ task }) => task === name.task);
    if (!is_told) unreadable.push({ task: name.task, why: broken('its first commit was not found').message });
  }
  inbox.sort((a, b) => epochMs(a.at) - epochMs(b.at));
  return { chains, inbox, unreadable };
}

function entriesOf({ tip, messages }: Chain): readonly (InboxEntry & { readonly tip: CommitSha })[] {
  const entry = parseInboxMessage(messages[0] ?? '');
  return entry === null ? [] : [{ ...entry, tip: CommitSha.parse(tip) }];
}

export function chainOf({ tip, messages }: Chain): JournalChain {
  if (messages.length > CHAIN_COMMITS_MAX) throw broken(`it has more than ${CHAIN_COMMITS_MAX} commits`);
  return { records: messages.toReversed().flatMap(parseJournalMessage), tip: CommitSha.parse(tip) };
}

function broken(cause: string) {
  return personFault({
    title: 'A journal cannot be read to its beginning',
    cause,
    remedy: 'Delete the ref: the journal is rebuilt from the state comment.',
  });
}

/** Unlike a task's journal, an unreadable room stops the tick: whether the queue is paused concerns every task. */
export async function readRoom(git: Git, tip: string | undefined): Promise<RoomFacts> {
  if (tip === undefined) return { state: EMPTY_ROOM, tip: null };
  const { stdout } = await git.run(['log', '--max-count=1', '--format=%B', tip]);
  return { state: parseRoom(stdout.toString('utf8')), tip: CommitSha.parse(tip) };
}

export const NO_HISTORY: JournalHistory = { tip: null, lines: [], files: new Map() };

/** The newest month files, by two processes that touch nothing else. */
export async function readHistory(git: Git, tip: string | undefined): Promise<JournalHistory> {
  if (tip === undefined) return NO_HISTORY;
  const { stdout } = await git.run(['ls-tree', '-z', HISTORY_REF]);
  const entries = stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line) => fileIn(line));
  const newest = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(-HISTORY_FILES_READ);
  const objects = await readObjects(
    git,
    newest.map(({ oid }) => oid),
  );
  const files = new Map(newest.map(({ name, oid }) => [name, objects.get(oid)?.content?.toString('utf8') ?? '']));
  const lines = [...files.values()].flatMap((text) => parseHistory(text).lines);
  return { tip: CommitSha.parse(tip), lines, files };
}

/** `<mode> SP blob SP <oid> TAB <name>` */
function fileIn(line: string): readonly { readonly name: string; readonly oid: string }[] {
  const [head = '', name = ''] = line.split('\t');
  const [, type, oid = ''] = head.split(' ');
  return type === 'blob' ? [{ name, oid }] : [];
}
