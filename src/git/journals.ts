// Owns the journals in git: read all chains in one fetch, append by compare-and-swap in one push.
import { CommitSha } from '../domain/ids.ts';
import type { TaskId } from '../domain/ids.ts';
import type { AppendHistory, AppendJournal, ClearInbox, HistoryLine } from '../domain/effect.ts';
import type { InboxEntry } from '../domain/command.ts';
import { epochMs, instantFromMs } from '../domain/instant.ts';
import type { Instant } from '../domain/ids.ts';
import type { JournalRecord } from '../domain/journal.ts';
import type { Clock, JournalProof, Journals, Log } from '../reconcile/ports.ts';
import { historyFile, parseHistory, renderHistory } from '../wire/history.ts';
import { parseInboxMessage, renderInboxMessage } from '../wire/inbox.ts';
import { parseJournalMessage, renderJournalMessage } from '../wire/journal-record.ts';
import { HISTORY_REF, inboxRef, NAMESPACE, parseRef, taskRef } from '../wire/refs.ts';
import { importCommits } from './fast-import.ts';
import type { ImportedCommit } from './fast-import.ts';
import type { Git } from './git.ts';
import { parseCommit, readAllObjects } from './objects.ts';
import type { GitObject } from './objects.ts';
import { lsRemote, pushRefs } from './push.ts';
import type { RefMove } from './push.ts';

/** A chain longer than this is cut off by reading; a task with so many records has other problems. */
const CHAIN_COMMITS_MAX = 5_000;
const PUSH_TRIES_MAX = 3;
const HISTORY_FILES_READ = 2;

export interface JournalChain {
  readonly records: readonly JournalRecord[];
  readonly tip: CommitSha;
}

export interface JournalWorld {
  readonly chains: ReadonlyMap<TaskId, JournalChain>;
  readonly inbox: readonly (InboxEntry & { readonly tip: CommitSha })[];
  readonly history: {
    readonly tip: CommitSha | null;
    readonly lines: readonly HistoryLine[];
    readonly files: ReadonlyMap<string, string>;
  };
  /** Tasks whose journal cannot be read, with the reason; everything else goes on. */
  readonly unreadable: readonly { readonly task: TaskId; readonly why: string }[];
}

/** One fetch of the whole namespace; everything after is in memory. */
export async function readJournals(git: Git): Promise<JournalWorld> {
  await fetchRefs(git, [`+${NAMESPACE}*:${NAMESPACE}*`]);
  const refs = await localRefs(git);
  const objects = refs.size === 0 ? new Map<string, GitObject>() : await readAllObjects(git);
  return worldOf(refs, objects);
}

/** One task's chain, for the jobs that hold its lease. */
export async function readJournal(git: Git, task: TaskId): Promise<JournalChain | null> {
  await fetchRefs(git, [`+${taskRef(task)}:${taskRef(task)}`]);
  const refs = await localRefs(git);
  const tip = refs.get(taskRef(task));
  return tip === undefined ? null : chainOf(tip, await readAllObjects(git));
}

/** The tip alone: what a watcher asks for every half minute. */
export async function journalTip(git: Git, task: TaskId): Promise<CommitSha | null> {
  const refs = await lsRemote(git, [taskRef(task)]);
  const parsed = CommitSha.safeParse(refs.get(taskRef(task)));
  return parsed.success ? parsed.data : null;
}

export async function fetchRefs(git: Git, specs: readonly string[]): Promise<void> {
  const flags = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'];
  await git.run([...flags, git.remote.url, ...specs]);
}

async function localRefs(git: Git): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git.run(['for-each-ref', '--format=%(objectname) %(refname)', NAMESPACE]);
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line): [string, string] => [line.slice(41), line.slice(0, 40)]));
}

function worldOf(refs: ReadonlyMap<string, string>, objects: ReadonlyMap<string, GitObject>): JournalWorld {
  const chains = new Map<TaskId, JournalChain>();
  const inbox: (InboxEntry & { readonly tip: CommitSha })[] = [];
  const unreadable: { readonly task: TaskId; readonly why: string }[] = [];
  for (const [name, oid] of refs) {
    const ref = parseRef(name);
    if (ref?.kind === 'inbox') inbox.push(...entriesOf(oid, objects));
    if (ref?.kind !== 'task') continue;
    try {
      chains.set(ref.task, chainOf(oid, objects));
    } catch (error) {
      unreadable.push({ task: ref.task, why: error instanceof Error ? error.message : String(error) });
    }
  }
  inbox.sort((a, b) => epochMs(a.at) - epochMs(b.at));
  return { chains, inbox, unreadable, history: historyOf(refs.get(HISTORY_REF), objects) };
}

function entriesOf(
  oid: string,
  objects: ReadonlyMap<string, GitObject>,
): readonly (InboxEntry & { readonly tip: CommitSha })[] {
  const object = objects.get(oid);
  const entry = object === undefined ? null : parseInboxMessage(parseCommit(object.content).message);
  return entry === null ? [] : [{ ...entry, tip: CommitSha.parse(oid) }];
}

function chainOf(tip: string, objects: ReadonlyMap<string, GitObject>): JournalChain {
  const newest_first: (readonly JournalRecord[])[] = [];
  let oid: string | null = tip;
  for (let steps = 0; oid !== null && steps < CHAIN_COMMITS_MAX; steps += 1) {
    const object = objects.get(oid);
    if (object === undefined) break;
    const commit = parseCommit(object.content);
    newest_first.push(parseJournalMessage(commit.message));
    oid = commit.parent;
  }
  return { records: newest_first.toReversed().flat(), tip: CommitSha.parse(tip) };
}

function historyOf(tip: string | undefined, objects: ReadonlyMap<string, GitObject>): JournalWorld['history'] {
  const commit = tip === undefined ? undefined : objects.get(tip);
  if (commit === undefined) return { tip: null, lines: [], files: new Map() };
  const tree = objects.get(parseCommit(commit.content).tree);
  const entries = tree === undefined ? [] : parseTree(tree.content);
  const newest = entries.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(-HISTORY_FILES_READ);
  const files = new Map(
    newest.map(({ name, oid }): [string, string] => [name, objects.get(oid)?.content.toString('utf8') ?? '']),
  );
  const lines = [...files.values()].flatMap((text) => parseHistory(text).lines);
  return { tip: CommitSha.parse(tip), lines, files };
}

/** `<mode> SP <name> NUL <20 bytes>` */
function parseTree(content: Buffer): { readonly name: string; readonly oid: string }[] {
  const entries: { readonly name: string; readonly oid: string }[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    if (space < 0 || nul < 0) break;
    entries.push({ name: content.toString('utf8', space + 1, nul), oid: content.toString('hex', nul + 1, nul + 21) });
    at = nul + 21;
  }
  return entries;
}

export interface JournalsOptions {
  readonly git: Git;
  readonly clock: Clock;
  readonly log: Log;
  /** The history as it was read: what new lines are put under. */
  readonly history: () => Pick<JournalWorld['history'], 'tip' | 'files'>;
  readonly pause: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** Names this process in the commits, such as `run 123.1`. */
  readonly writer: string;
}

export function createJournals(options: JournalsOptions): Journals {
  return {
    append: async (appends, { history, inbox }) => {
      const moves = await prepare(options, { appends, history, inbox });
      const results = await pushWithPatience(options, moves);
      const won = new Map<TaskId, JournalProof>();
      const lost = new Map<TaskId, string>();
      for (const { task } of appends) {
        const move = moves.find(({ ref }) => ref === taskRef(task));
        if (move?.to != null && results.get(move.ref) === 'moved') won.set(task, { task, tip: move.to });
        else
          lost.set(
            task,
            results.get(taskRef(task)) === 'lost' ? 'its journal moved meanwhile' : 'the push did not go through',
          );
      }
      if (history.length > 0 && results.get(HISTORY_REF) !== 'moved')
        options.log.warning('The history was not extended: another tick moved it first.');
      return { won, lost };
    },
  };
}

interface Asked {
  readonly appends: readonly AppendJournal[];
  readonly history: readonly AppendHistory[];
  readonly inbox: readonly ClearInbox[];
}

/** All commits by one process; then every ref knows where it goes. */
async function prepare(options: JournalsOptions, { appends, history, inbox }: Asked): Promise<readonly RefMove[]> {
  const now = options.clock.now();
  const world = options.history();
  const commits: ImportedCommit[] = appends.map(({ expected, records }) => ({
    parent: expected,
    at: newest(records, now),
    message: renderJournalMessage(records, options.writer),
  }));
  if (history.length > 0) commits.push(historyCommit(world, { history, now, writer: options.writer }));
  const made = commits.length === 0 ? [] : await importCommits(options.git, commits);
  return [
    ...appends.map(({ task, expected }, i): RefMove => ({ ref: taskRef(task), expected, to: made[i] ?? null })),
    ...(history.length > 0 ? [{ ref: HISTORY_REF, expected: world.tip, to: made[appends.length] ?? null }] : []),
    ...inbox.map(({ run, expected }): RefMove => ({ ref: inboxRef(run), expected, to: null })),
  ];
}

function newest(records: readonly JournalRecord[], now: Instant): Instant {
  const times = records.map(({ at }) => epochMs(at));
  return times.length === 0 ? now : instantFromMs(Math.max(...times));
}

interface HistoryAsk {
  readonly history: readonly AppendHistory[];
  readonly now: Instant;
  readonly writer: string;
}

function historyCommit(
  world: Pick<JournalWorld['history'], 'tip' | 'files'>,
  { history, now, writer }: HistoryAsk,
): ImportedCommit {
  const file = historyFile(now);
  const content = (world.files.get(file) ?? '') + renderHistory(history.map(({ line }) => line));
  return { parent: world.tip, at: now, message: `orch: history (${writer})\n`, files: [{ path: file, content }] };
}

/** GitHub sometimes refuses a push because another one is under way: those refs are tried again, with jitter. */
async function pushWithPatience(
  options: JournalsOptions,
  moves: readonly RefMove[],
): Promise<ReadonlyMap<string, string>> {
  const results = new Map<string, string>();
  let open = moves;
  for (let attempt = 1; attempt <= PUSH_TRIES_MAX && open.length > 0; attempt += 1) {
    if (attempt > 1) await options.pause(1_000 * attempt * (0.5 + options.random()));
    const pushed = await pushRefs(options.git, open, { atomic: false });
    for (const [ref, result] of pushed) results.set(ref, result);
    open = open.filter(({ ref }) => results.get(ref) === 'transient');
  }
  return results;
}

/** What `intake` does: the dispatch is written down under its run. */
export async function writeInbox(git: Git, entry: InboxEntry): Promise<void> {
  const [commit] = await importCommits(git, [{ parent: null, at: entry.at, message: renderInboxMessage(entry) }]);
  if (commit !== undefined)
    await pushRefs(git, [{ ref: inboxRef(entry.run), expected: null, to: commit }], { atomic: false });
}

/** Branches of ours, by name, with their heads. */
export async function readBranches(git: Git, prefix: string): Promise<ReadonlyMap<string, CommitSha>> {
  const refs = await lsRemote(git, [`refs/heads/${prefix}*`]);
  return new Map(
    [...refs].map(([ref, oid]): [string, CommitSha] => [ref.slice('refs/heads/'.length), CommitSha.parse(oid)]),
  );
}
