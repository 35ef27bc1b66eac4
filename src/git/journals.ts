// Owns the journals in git: read all chains in one fetch, append by compare-and-swap in one push.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BranchName, CommitSha } from '../domain/ids.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import type { AppendHistory, AppendJournal, AppendRoom, DeleteBranch } from '../domain/effect.ts';
import type { InboxEntry } from '../domain/command.ts';
import { Fault, retryFault } from '../domain/fault.ts';
import { epochMs, instantFromMs } from '../domain/instant.ts';
import type { Clock, EffectResult, Extras, JournalProof, Journals, Log } from '../reconcile/ports.ts';
import { historyFile, renderHistory } from '../wire/history.ts';
import { renderInboxMessage } from '../wire/inbox.ts';
import { renderJournalMessage } from '../wire/journal-record.ts';
import { renderRoom } from '../wire/room.ts';
import { HISTORY_REF, inboxRef, NAMESPACE, ROOM_REF, taskRef } from '../wire/refs.ts';
import { importCommits } from './fast-import.ts';
import type { ImportedCommit } from './fast-import.ts';
import type { Git } from './git.ts';
import { CHAIN_COMMITS_MAX, chainOf, readHistory, readRoom, readWorld } from './journal-world.ts';
import type { JournalChain, JournalHistory, JournalWorld, Refs } from './journal-world.ts';
import { eachCommit } from './objects.ts';
import { lsRemote, pushRefs } from './push.ts';
import type { RefMove, RefResult } from './push.ts';

export type { JournalChain, JournalWorld } from './journal-world.ts';

const PUSH_TRIES_MAX = 3;
const FETCH = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'];

/** One fetch of the whole namespace; everything after is in memory. */
export async function readJournals(git: Git): Promise<JournalWorld> {
  await fetchJournals(git);
  return readFetched(git);
}

/**
 * The branches never before the journals, nor beside their fetch: a delivery that lands in between would be finished
 * work whose branch is gone, for which a person is asked. This way it is work under way that has a branch.
 */
export async function readJournalsAndBranches(
  git: Git,
  prefix: string,
): Promise<JournalWorld & { readonly branches: ReadonlyMap<BranchName, CommitSha> }> {
  await fetchJournals(git);
  const [world, branches] = await Promise.all([readFetched(git), readBranches(git, prefix)]);
  return { ...world, branches };
}

async function fetchJournals(git: Git): Promise<void> {
  await git.run([...FETCH, '--prune', git.remote.url, `+${NAMESPACE}*:${NAMESPACE}*`]);
}

async function readFetched(git: Git): Promise<JournalWorld> {
  const refs = await localRefs(git, NAMESPACE);
  const [world, history, room] = await Promise.all([
    readWorld(git, refs),
    readHistory(git, refs.get(HISTORY_REF)),
    readRoom(git, refs.get(ROOM_REF)),
  ]);
  return { ...world, history, room };
}

/**
 * One task's chain, for the job that holds its lease, and in the same fetch the commits its work stands on; null when
 * there is no journal. GitHub serves any commit it has by its id.
 */
export async function readJournal(
  git: Git,
  task: TaskId,
  commits: readonly CommitSha[] = [],
): Promise<JournalChain | null> {
  const ref = taskRef(task);
  // Told to git as the edge of what we have, a commit comes without its past; `--depth` would cut the journal as well.
  if (commits.length > 0) await writeFile(path.join(git.dir, 'shallow'), `${commits.join('\n')}\n`);
  const bases = commits.map((oid) => `${oid}:refs/orch-base/${oid}`);
  if ((await fetchOne(git, ref, bases)) === 'absent') return null;
  const oids: string[] = [];
  const messages: string[] = [];
  await eachCommit(git, [ref], ({ oid, message }) => {
    if (messages.length > CHAIN_COMMITS_MAX) return;
    oids.push(oid);
    messages.push(message);
  });
  const [tip] = oids;
  return tip === undefined ? null : chainOf({ ref, tip, messages });
}

/** What a watcher asks for every half minute. `ls-remote` would have the server list every ref it has. */
export async function journalTip(git: Git, task: TaskId): Promise<CommitSha | null> {
  const ref = taskRef(task);
  if ((await fetchOne(git, ref)) === 'absent') return null;
  const parsed = CommitSha.safeParse((await localRefs(git, ref)).get(ref));
  return parsed.success ? parsed.data : null;
}

async function fetchOne(git: Git, ref: string, others: readonly string[] = []): Promise<'fetched' | 'absent'> {
  const isAbsent = (stderr: string): boolean => /couldn't find remote ref/.test(stderr);
  const { stderr } = await git.run([...FETCH, git.remote.url, `+${ref}:${ref}`, ...others], {
    allowed: (_, text) => isAbsent(text),
  });
  return isAbsent(stderr) ? 'absent' : 'fetched';
}

async function localRefs(git: Git, prefix: string): Promise<Refs> {
  const { stdout } = await git.run(['for-each-ref', '--format=%(objectname) %(refname)', prefix]);
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line): [string, string] => [line.slice(41), line.slice(0, 40)]));
}

export interface JournalsOptions {
  readonly git: Git;
  readonly clock: Clock;
  readonly log: Log;
  /** The history as it was read: what new lines are put under. */
  readonly history: () => Pick<JournalHistory, 'tip' | 'files'>;
  readonly pause: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** Names this process in the commits, such as `run 123.1`. */
  readonly writer: string;
}

export function createJournals(options: JournalsOptions): Journals {
  return {
    appendRoom: (append) => appendRoom(options, append),
    append: async (appends, extras) => {
      const { history, branches } = extras;
      const moves = await prepare(options, { appends, ...extras });
      const { results, problem } = await pushOrTell(options, moves, new Set(branches.map(branchRef)));
      const won = new Map<TaskId, JournalProof>();
      const lost = new Map<TaskId, string>();
      for (const { task } of appends) {
        const move = moves.find(({ ref }) => ref === taskRef(task));
        const result = results.get(taskRef(task));
        if (move?.to != null && result === 'moved') won.set(task, { task, tip: move.to });
        else lost.set(task, whyLost(result));
      }
      if (history.length > 0 && results.get(HISTORY_REF) !== 'moved') await extendAgain(options, history);
      return {
        won,
        lost,
        deleted: branches.map((effect) => resultOf(effect, results.get(branchRef(effect)), problem)),
      };
    },
  };
}

interface Told {
  readonly results: ReadonlyMap<string, RefResult>;
  readonly problem: string | null;
}

/**
 * A rule against deleting must not keep a task from being done, even where the host turns the whole push down for it:
 * then everything else is pushed again alone.
 */
async function pushOrTell(options: JournalsOptions, moves: readonly RefMove[], riders: Riders): Promise<Told> {
  try {
    return { results: await pushWithPatience(options, moves), problem: null };
  } catch (error) {
    if (riders.size === 0 || !(error instanceof Fault) || error.consequence !== 'person') throw error;
    const others = moves.filter(({ ref }) => !riders.has(ref));
    return { results: await pushWithPatience(options, others), problem: error.message };
  }
}

type Riders = ReadonlySet<string>;

function branchRef({ branch }: DeleteBranch): string {
  return `refs/heads/${branch}`;
}

function resultOf(effect: DeleteBranch, result: RefResult | undefined, problem: string | null): EffectResult {
  if (result === 'moved') return { effect, result: 'done', why: null };
  return { effect, result: 'failed', why: problem ?? `the branch was not deleted (${result ?? 'unknown'})` };
}

async function appendRoom(options: JournalsOptions, { expected, records, room }: AppendRoom): Promise<'won' | 'lost'> {
  const commit = {
    parent: expected,
    at: newest(records, options.clock.now()),
    message: renderRoom(room, records, options.writer),
  };
  const [to] = await importCommits(options.git, [commit]);
  const results = await pushWithPatience(options, [{ ref: ROOM_REF, expected, to: to ?? null }]);
  return results.get(ROOM_REF) === 'moved' ? 'won' : 'lost';
}

function whyLost(result: RefResult | undefined): string {
  if (result === 'lost') return 'its journal moved meanwhile';
  return result === 'refused' ? 'the repository refuses its ref' : 'the push did not go through';
}

interface Asked extends Extras {
  readonly appends: readonly AppendJournal[];
}

/** All commits by one process; then every ref knows where it goes. */
async function prepare(
  options: JournalsOptions,
  { appends, history, inbox, branches }: Asked,
): Promise<readonly RefMove[]> {
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
    ...branches.map((effect): RefMove => ({ ref: branchRef(effect), expected: effect.expected, to: null })),
  ];
}

function newest(records: readonly { readonly at: Instant }[], now: Instant): Instant {
  const times = records.map(({ at }) => epochMs(at));
  return times.length === 0 ? now : instantFromMs(Math.max(...times));
}

interface HistoryAsk {
  readonly history: readonly AppendHistory[];
  readonly now: Instant;
  readonly writer: string;
}

function historyCommit(
  world: Pick<JournalHistory, 'tip' | 'files'>,
  { history, now, writer }: HistoryAsk,
): ImportedCommit {
  const file = historyFile(now);
  const content = (world.files.get(file) ?? '') + renderHistory(history.map(({ line }) => line));
  return { parent: world.tip, at: now, message: `orch: history (${writer})\n`, files: [{ path: file, content }] };
}

/** Once, under what the other tick wrote. The history is a record, never a fence: losing it again costs a warning. */
async function extendAgain(
  { git, clock, log, writer }: JournalsOptions,
  history: readonly AppendHistory[],
): Promise<void> {
  const absent = (await fetchOne(git, HISTORY_REF)) === 'absent';
  const tip = absent ? undefined : (await localRefs(git, HISTORY_REF)).get(HISTORY_REF);
  const world = await readHistory(git, tip);
  const [to] = await importCommits(git, [historyCommit(world, { history, now: clock.now(), writer })]);
  const results = await pushRefs(git, [{ ref: HISTORY_REF, expected: world.tip, to: to ?? null }], { atomic: false });
  if (results.get(HISTORY_REF) !== 'moved') {
    log.warning(`The history lost ${history.length} lines: other ticks moved it twice.`);
  }
}

/** GitHub sometimes refuses a push because another one is under way: those refs are tried again, with jitter. */
async function pushWithPatience(
  options: Pick<JournalsOptions, 'git' | 'pause' | 'random'>,
  moves: readonly RefMove[],
): Promise<ReadonlyMap<string, RefResult>> {
  const results = new Map<string, RefResult>();
  let open = moves;
  for (let attempt = 1; attempt <= PUSH_TRIES_MAX && open.length > 0; attempt += 1) {
    if (attempt > 1) await options.pause(1_000 * attempt * (0.5 + options.random()));
    const pushed = await pushRefs(options.git, open, { atomic: false });
    for (const [ref, result] of pushed) results.set(ref, result);
    open = open.filter(({ ref }) => results.get(ref) === 'transient');
  }
  return results;
}

/** What `intake` does: the dispatch is written down under its run. A run that is repeated finds its entry there. */
export async function writeInbox(
  options: Pick<JournalsOptions, 'git' | 'pause' | 'random'>,
  entry: InboxEntry,
): Promise<void> {
  const ref = inboxRef(entry.run);
  const [to] = await importCommits(options.git, [{ parent: null, at: entry.at, message: renderInboxMessage(entry) }]);
  const results = await pushWithPatience(options, [{ ref, expected: null, to: to ?? null }]);
  if (results.get(ref) === 'transient') {
    throw retryFault({
      title: 'What was asked could not be written down',
      cause: `GitHub refused the push of ${ref} ${PUSH_TRIES_MAX} times`,
      remedy: 'Start the workflow again with the same inputs.',
    });
  }
}

/** Branches of ours, by name, with their heads. */
export async function readBranches(git: Git, prefix: string): Promise<ReadonlyMap<BranchName, CommitSha>> {
  // The flag, not the pattern, keeps the server from listing the refs of every pull request there ever was.
  const refs = await lsRemote(git, ['--heads', git.remote.url, `${prefix}*`]);
  return new Map(
    [...refs].flatMap(([ref, oid]): [BranchName, CommitSha][] => {
      const name = BranchName.safeParse(ref.slice('refs/heads/'.length));
      return name.success && name.data.startsWith(prefix) ? [[name.data, CommitSha.parse(oid)]] : [];
    }),
  );
}
