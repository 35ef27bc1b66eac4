// Owns deliver's git: one fetch, the tree out of the bundle, what it changes, and one atomic push. Checks nothing out.
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangedEntry, ChangeSet, EntryKind } from '../domain/change.ts';
import { Fault, personFault } from '../domain/fault.ts';
import { CommitSha } from '../domain/ids.ts';
import type { BranchName, Instant, TaskId } from '../domain/ids.ts';
import type { JournalRecord } from '../domain/journal.ts';
import { renderJournalMessage } from '../wire/journal-record.ts';
import { taskRef } from '../wire/refs.ts';
import { importCommits } from './fast-import.ts';
import type { Git } from './git.ts';
import { readJournal } from './journals.ts';
import type { JournalChain } from './journals.ts';
import { readObjects } from './objects.ts';
import { pushRefs } from './push.ts';
import type { RefMove } from './push.ts';

/** Entries beyond this are not even listed: the gate's own limit is far below. */
const ENTRIES_MAX = 5_000;
/** Contents beyond this are not searched: the gate refuses such files by size. */
const SEARCH_BYTES_MAX = 4 * 1024 * 1024;
const PUSH_TRIES_MAX = 3;
const PUSH_PAUSE_MS = 1_000;

export interface HandOverWork {
  readonly branch: BranchName;
  readonly expected: CommitSha | null;
  readonly commit: {
    readonly tree: string;
    readonly parent: CommitSha;
    readonly message: string;
    readonly at: Instant;
  };
}

export interface HandOverPush {
  /** Names this process in the journal's commit. */
  readonly writer: string;
  readonly task: TaskId;
  readonly at: Instant;
  readonly journal: {
    readonly expected: CommitSha;
    readonly records: (head: CommitSha | null) => readonly JournalRecord[];
  };
  readonly work: HandOverWork | null;
}

export type HandOverResult =
  | { readonly kind: 'pushed'; readonly head: CommitSha | null }
  | { readonly kind: 'journal_moved' }
  | { readonly kind: 'branch_moved'; readonly detail: string };

/** The journal, and with it the commits the work stands on. */
export async function fetchHeld(git: Git, task: TaskId, commits: readonly CommitSha[]): Promise<JournalChain | null> {
  if (commits.length > 0) await fetchShallow(git, commits);
  return readJournal(git, task);
}

/** GitHub serves any commit it has by its id. Depth 1: the tree is compared, the past is not needed. */
async function fetchShallow(git: Git, commits: readonly CommitSha[]): Promise<void> {
  const flags = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--depth=1'];
  await git.run([...flags, git.remote.url, ...commits.map((oid) => `${oid}:refs/orch-base/${oid}`)]);
}

/** Objects are checked on their way in; a bundle that does not hold together is refused by git itself. */
export async function readChange(git: Git, bundle: string, parent: CommitSha): Promise<ChangeSet> {
  const head = await unbundle(git, bundle);
  const { stdout } = await git.run(['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', parent, head]);
  const raw = parseRaw(stdout.toString('utf8'));
  const kept = raw.slice(0, ENTRIES_MAX);
  const sizes = await sizesOf(
    git,
    kept.map(({ blob }) => blob).filter((blob) => blob !== null),
  );
  const links = kept.filter(({ kind, blob }) => kind === 'symlink' && blob !== null).map(({ blob }) => blob ?? '');
  const targets = links.length === 0 ? new Map() : await readObjects(git, links);
  const entries = kept.map((entry): ChangedEntry => ({
    ...entry,
    bytes: entry.blob === null ? 0 : (sizes.get(entry.blob) ?? 0),
    target: entry.kind === 'symlink' ? (targets.get(entry.blob ?? '')?.content.toString('utf8') ?? '') : null,
  }));
  return { parent, tree: await treeOf(git, head), entries, cut: raw.length > kept.length };
}

async function unbundle(git: Git, bundle: string): Promise<string> {
  try {
    const { stdout } = await git.run([
      '-c',
      'transfer.fsckObjects=true',
      '-c',
      'fetch.fsckObjects=true',
      'bundle',
      'unbundle',
      bundle,
    ]);
    const head = CommitSha.safeParse(stdout.toString('utf8').slice(0, 40));
    if (head.success) return head.data;
    throw unreadable('it names no commit');
  } catch (error) {
    throw error instanceof Fault && error.consequence === 'person'
      ? error
      : unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(cause: string): Fault {
  return personFault({
    title: 'The bundle of the hand-in cannot be read',
    cause: cause.slice(0, 300),
    remedy: 'The artifact is kept; `/orch retry` starts another attempt.',
  });
}

async function treeOf(git: Git, commit: string): Promise<string> {
  const { stdout } = await git.run(['rev-parse', `${commit}^{tree}`]);
  return stdout.toString('utf8').trim();
}

type RawEntry = Omit<ChangedEntry, 'bytes' | 'target'>;

/** `:<mode> <mode> <oid> <oid> <letter> NUL <path> NUL` */
function parseRaw(text: string): readonly RawEntry[] {
  const parts = text.split('\0');
  const entries: RawEntry[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, new_mode = '', , new_oid = '', letter = ''] = (parts[i] ?? '').slice(1).split(' ');
    const deleted = letter === 'D';
    const kind = kindOf(deleted ? ((parts[i] ?? '').slice(1).split(' ')[0] ?? '') : new_mode);
    entries.push({
      path: parts[i + 1] ?? '',
      change: changeOf(letter),
      kind,
      blob: deleted || kind === 'submodule' ? null : new_oid,
    });
  }
  return entries;
}

function kindOf(mode: string): EntryKind {
  const kinds: Readonly<Record<string, EntryKind>> = {
    '100644': 'file',
    '100755': 'executable',
    '120000': 'symlink',
    '160000': 'submodule',
  };
  return kinds[mode] ?? 'other';
}

function changeOf(letter: string): ChangedEntry['change'] {
  const changes: Readonly<Record<string, ChangedEntry['change']>> = { A: 'added', D: 'deleted', T: 'type_changed' };
  return changes[letter] ?? 'modified';
}

async function sizesOf(git: Git, blobs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (blobs.length === 0) return new Map();
  const { stdout } = await git.run(['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'], {
    input: Buffer.from(`${blobs.join('\n')}\n`),
  });
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line): [string, number] => [line.slice(0, 40), Number(line.slice(41)) || 0]));
}

/** Text of what was added or changed, one file after the other. */
export async function* readContents(
  git: Git,
  change: ChangeSet,
): AsyncGenerator<{ readonly path: string; readonly text: string }> {
  const wanted = change.entries.filter(({ blob, bytes }) => blob !== null && bytes > 0 && bytes <= SEARCH_BYTES_MAX);
  if (wanted.length === 0) return;
  const objects = await readObjects(
    git,
    wanted.map(({ blob }) => blob ?? ''),
  );
  for (const { path, blob } of wanted) {
    const object = objects.get(blob ?? '');
    if (object !== undefined) yield { path, text: object.content.toString('utf8') };
  }
}

/** Branch and journal move together or not at all: no valid lease, no push. */
export async function pushHandOver(
  git: Git,
  { task, at, journal, work, writer }: HandOverPush,
): Promise<HandOverResult> {
  const head = work === null ? null : ((await importCommits(git, [work.commit]))[0] ?? null);
  const [tip] = await importCommits(git, [
    { parent: journal.expected, at, message: renderJournalMessage(journal.records(head), writer) },
  ]);
  const journal_ref = taskRef(task);
  const moves = [
    { ref: journal_ref, expected: journal.expected, to: tip ?? null },
    ...(work === null ? [] : [{ ref: `refs/heads/${work.branch}`, expected: work.expected, to: head }]),
  ];
  const pushed = await pushTogether(git, moves);
  if (pushed.kind === 'refused' && work !== null) return { kind: 'branch_moved', detail: pushed.fault.reason };
  if (pushed.kind === 'refused') throw pushed.fault;
  if (pushed.kind === 'moved') return { kind: 'pushed', head };
  const now = await journalNow(git, task);
  if (now !== journal.expected) return { kind: 'journal_moved' };
  return {
    kind: 'branch_moved',
    detail: `somebody pushed to ${work?.branch ?? 'the branch'} while the attempt ran; theirs stays`,
  };
}

type Pushed =
  | { readonly kind: 'moved' | 'lost' }
  /** By the token's reach or the repository's rules. */
  | { readonly kind: 'refused'; readonly fault: Fault };

/** Another push to the repository at the same moment makes GitHub refuse ours: that passes. */
async function pushTogether(git: Git, moves: readonly RefMove[]): Promise<Pushed> {
  for (let round = 1; round <= PUSH_TRIES_MAX; round += 1) {
    if (round > 1) await delay(PUSH_PAUSE_MS * round);
    try {
      const results = [...(await pushRefs(git, moves, { atomic: true })).values()];
      if (results.every((result) => result === 'moved')) return { kind: 'moved' };
      if (!results.includes('transient')) return { kind: 'lost' };
    } catch (error) {
      if (error instanceof Fault && error.consequence === 'person') return { kind: 'refused', fault: error };
      throw error;
    }
  }
  return { kind: 'lost' };
}

async function journalNow(git: Git, task: TaskId): Promise<string | null> {
  const { stdout } = await git.run(['ls-remote', '--refs', '--quiet', git.remote.url, taskRef(task)]);
  return stdout.toString('utf8').slice(0, 40) || null;
}
