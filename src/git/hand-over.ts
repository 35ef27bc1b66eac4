// Owns deliver's git: the tree out of the bundle, what it changes, and one atomic push. Checks nothing out.
import type { ChangedEntry, ChangeSet, EntryKind } from '../domain/change.ts';
import { Fault, personFault } from '../domain/fault.ts';
import { CommitSha } from '../domain/ids.ts';
import type { BranchName, Instant, TaskId } from '../domain/ids.ts';
import type { JournalRecord } from '../domain/journal.ts';
import { renderJournalMessage } from '../wire/journal-record.ts';
import { taskRef } from '../wire/refs.ts';
import type { Git } from './git.ts';
import { readObjects } from './objects.ts';
import type { GitObject } from './objects.ts';
import { lsRemote, pushRefs } from './push.ts';
import type { RefMove } from './push.ts';
import { EMPTY_TREE, writeCommit } from './write-commit.ts';

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
  readonly pause: (ms: number) => Promise<void>;
}

export type HandOverResult =
  | { readonly kind: 'pushed'; readonly head: CommitSha | null }
  | { readonly kind: 'journal_moved' }
  /** Both stand where they stood: GitHub took no push, or it never came back with an answer. That passes. */
  | { readonly kind: 'not_taken' }
  | { readonly kind: 'branch_moved'; readonly detail: string };

export interface ReadChange {
  readonly change: ChangeSet;
  /** Text of what was added or changed, one file after the other. */
  readonly contents: Iterable<{ readonly path: string; readonly text: string }>;
}

/** Objects are checked on their way in; a bundle that does not hold together is refused by git itself. */
export async function readChange(git: Git, bundle: string, parent: CommitSha): Promise<ReadChange> {
  const head = await unbundle(git, bundle);
  const { stdout } = await git.run(['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', parent, head]);
  const raw = parseRaw(stdout.toString('utf8'));
  const kept = raw.slice(0, ENTRIES_MAX);
  const blobs = kept.flatMap(({ blob }) => (blob === null ? [] : [blob]));
  const objects = await readObjects(git, [`${head}^{tree}`, ...new Set(blobs)], SEARCH_BYTES_MAX);
  const [tree] = [...objects].find(([, { type }]) => type === 'tree') ?? [];
  if (tree === undefined) throw unreadable('its commit has no tree');
  const entries = kept.map((entry): ChangedEntry => {
    const object = objects.get(entry.blob ?? '');
    const target = entry.kind === 'symlink' ? (object?.content?.toString('utf8') ?? '') : null;
    return { ...entry, bytes: object?.bytes ?? 0, target };
  });
  return { change: { parent, tree, entries, cut: raw.length > kept.length }, contents: contentsOf(entries, objects) };
}

function* contentsOf(
  entries: readonly ChangedEntry[],
  objects: ReadonlyMap<string, GitObject>,
): Generator<{ readonly path: string; readonly text: string }> {
  for (const { path, blob } of entries) {
    const content = objects.get(blob ?? '')?.content ?? null;
    if (content !== null && content.length > 0) yield { path, text: content.toString('utf8') };
  }
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

/** Branch and journal move together or not at all: no valid lease, no push. */
export async function pushHandOver(
  git: Git,
  { task, at, journal, work, writer, pause }: HandOverPush,
): Promise<HandOverResult> {
  const head = work === null ? null : await writeCommit(git, work.commit);
  const message = renderJournalMessage(journal.records(head), writer);
  const tip = await writeCommit(git, { tree: EMPTY_TREE, parent: journal.expected, at, message });
  const ours = { ref: taskRef(task), expected: journal.expected, to: tip };
  const branch = work === null ? null : { ref: `refs/heads/${work.branch}`, expected: work.expected, to: head };
  const pushed = await pushTogether(git, branch === null ? [ours] : [ours, branch], pause);
  if (pushed.kind === 'moved') return { kind: 'pushed', head };
  if (pushed.kind !== 'refused') return whyNotMoved(git, ours, branch);
  if (branch === null) throw pushed.fault;
  return { kind: 'branch_moved', detail: pushed.fault.reason };
}

type Pushed =
  | { readonly kind: 'moved' | 'not_moved' }
  /** By the token's reach or the repository's rules. */
  | { readonly kind: 'refused'; readonly fault: Fault };

/** Another push to the repository at the same moment makes GitHub refuse ours: that passes. */
async function pushTogether(
  git: Git,
  moves: readonly RefMove[],
  pause: (ms: number) => Promise<void>,
): Promise<Pushed> {
  for (let round = 1; round <= PUSH_TRIES_MAX; round += 1) {
    if (round > 1) await pause(PUSH_PAUSE_MS * round);
    try {
      const results = [...(await pushRefs(git, moves, { atomic: true })).values()];
      if (results.every((result) => result === 'moved')) return { kind: 'moved' };
      if (!results.includes('transient')) break;
    } catch (error) {
      if (error instanceof Fault && error.consequence === 'person') return { kind: 'refused', fault: error };
      throw error;
    }
  }
  return { kind: 'not_moved' };
}

/** Of two refs that move together git blames the wrong one at times: where they stand now is the truth. */
async function whyNotMoved(git: Git, journal: RefMove, branch: RefMove | null): Promise<HandOverResult> {
  const asked = branch === null ? [journal.ref] : [journal.ref, branch.ref];
  const now = await lsRemote(git, [git.remote.url, ...asked]);
  if (now.get(journal.ref) !== journal.expected) return { kind: 'journal_moved' };
  if (branch === null || (now.get(branch.ref) ?? null) === branch.expected) return { kind: 'not_taken' };
  const name = branch.ref.slice('refs/heads/'.length);
  return { kind: 'branch_moved', detail: `somebody pushed to ${name} while the attempt ran; theirs stays` };
}
