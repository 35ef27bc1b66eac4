// Owns what the refs mean: commit chains turned into journals, the inbox and the history, all in memory.
import type { InboxEntry } from '../domain/command.ts';
import type { HistoryLine } from '../domain/effect.ts';
import { personFault } from '../domain/fault.ts';
import { CommitSha } from '../domain/ids.ts';
import type { TaskId } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import type { JournalRecord } from '../domain/journal.ts';
import { parseHistory } from '../wire/history.ts';
import { parseInboxMessage } from '../wire/inbox.ts';
import { parseJournalMessage } from '../wire/journal-record.ts';
import { HISTORY_REF, parseRef } from '../wire/refs.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';
import type { CommitText } from './objects.ts';

/** Records of one task beyond this are no task's any more; folding only a part of them would give attempts back. */
const CHAIN_COMMITS_MAX = 5_000;
/** This month's file and the last one: routes are remembered across the turn of the month. */
const HISTORY_FILES_READ = 2;

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
  readonly chains: ReadonlyMap<TaskId, JournalChain>;
  readonly inbox: readonly (InboxEntry & { readonly tip: CommitSha })[];
  readonly history: JournalHistory;
  /** Tasks whose journal cannot be read, with the reason; everything else goes on. */
  readonly unreadable: readonly { readonly task: TaskId; readonly why: string }[];
}

export type Refs = ReadonlyMap<string, string>;
export type Commits = ReadonlyMap<string, CommitText>;

export function worldOf(refs: Refs, commits: Commits, history: JournalHistory): JournalWorld {
  const chains = new Map<TaskId, JournalChain>();
  const inbox: (InboxEntry & { readonly tip: CommitSha })[] = [];
  const unreadable: { readonly task: TaskId; readonly why: string }[] = [];
  for (const [name, oid] of refs) {
    const ref = parseRef(name);
    if (ref?.kind === 'inbox') inbox.push(...entriesOf(oid, commits));
    if (ref?.kind !== 'task') continue;
    try {
      chains.set(ref.task, chainOf(oid, commits));
    } catch (error) {
      unreadable.push({ task: ref.task, why: error instanceof Error ? error.message : String(error) });
    }
  }
  inbox.sort((a, b) => epochMs(a.at) - epochMs(b.at));
  return { chains, inbox, unreadable, history };
}

function entriesOf(oid: string, commits: Commits): readonly (InboxEntry & { readonly tip: CommitSha })[] {
  const commit = commits.get(oid);
  const entry = commit === undefined ? null : parseInboxMessage(commit.message);
  return entry === null ? [] : [{ ...entry, tip: CommitSha.parse(oid) }];
}

export function chainOf(tip: string, commits: Commits): JournalChain {
  const newest_first: (readonly JournalRecord[])[] = [];
  let oid: string | null = tip;
  // At most CHAIN_COMMITS_MAX rounds.
  while (oid !== null && newest_first.length < CHAIN_COMMITS_MAX) {
    const commit = commits.get(oid);
    if (commit === undefined) throw broken(`commit ${oid} is missing`);
    newest_first.push(parseJournalMessage(commit.message));
    oid = commit.parent;
  }
  if (oid !== null) throw broken(`it has more than ${CHAIN_COMMITS_MAX} commits`);
  return { records: newest_first.toReversed().flat(), tip: CommitSha.parse(tip) };
}

function broken(cause: string) {
  return personFault({
    title: 'A journal cannot be read to its beginning',
    cause,
    remedy: 'Delete the ref: the journal is rebuilt from the state comment.',
  });
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
  const files = new Map(newest.map(({ name, oid }) => [name, objects.get(oid)?.content.toString('utf8') ?? '']));
  const lines = [...files.values()].flatMap((text) => parseHistory(text).lines);
  return { tip: CommitSha.parse(tip), lines, files };
}

/** `<mode> SP blob SP <oid> TAB <name>` */
function fileIn(line: string): readonly { readonly name: string; readonly oid: string }[] {
  const [head = '', name = ''] = line.split('\t');
  const [, type, oid = ''] = head.split(' ');
  return type === 'blob' ? [{ name, oid }] : [];
}
