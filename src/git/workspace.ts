// Owns the folder an agent works in and the work taken out of it: our git never runs on the agent's repository.
import { cp, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../domain/fault.ts';
import { CommitSha } from '../domain/ids.ts';
import type { BranchName, Instant } from '../domain/ids.ts';
import { importCommits } from './fast-import.ts';
import type { Git } from './git.ts';

/** Far above any gate; beyond them the work is not even packed. */
const WORK_FILES_MAX = 10_000;
const WORK_BYTES_MAX = 200_000_000;

/**
 * Two repositories share one folder of files.
 * - Ours is bare, lies elsewhere, has its own index, and is told its work tree by environment. Settings, hooks,
 *   filters and a swapped `.git` in the folder mean nothing to it (of 30 planted ones none fires).
 * - The agent's is a throwaway `.git` in the folder, with our objects borrowed read-only, so that `git status`,
 *   `diff` and `commit` work for it. Nothing of ours ever reads it; what it commits there is not the work, files are.
 */
export interface Workspace {
  readonly folder: string;
  /** What the files started as, and the parent of the work. */
  readonly start: CommitSha;
  /** Untracked files that lie there now are not work: what `setup:` or a proof left behind. */
  ignoreLeftovers(): Promise<void>;
  /** What the files are now, as a tree in our repository. */
  takeWork(): Promise<TakenWork>;
  /** Writes the bundle of one commit with that tree on top of `start`. */
  bundle(request: BundleRequest): Promise<CommitSha>;
}

export type TakenWork =
  | {
      readonly kind: 'taken';
      readonly tree: string;
      readonly changed: boolean;
      readonly files: number;
      readonly notes: readonly string[];
    }
  /** More than is ever handed in; the sentence says how much. */
  | { readonly kind: 'too_large'; readonly detail: string }
  | { readonly kind: 'unusable'; readonly detail: string };

export interface BundleRequest {
  readonly tree: string;
  readonly at: Instant;
  readonly message: string;
  readonly file: string;
}

export interface WorkspacePlace {
  readonly git: Git;
  /** Folder to create. */
  readonly folder: string;
  /** Our index: outside the folder, one per work tree, so that many can be made at once. */
  readonly index: string;
  readonly start: CommitSha;
  readonly branch: BranchName;
}

/** Depth 1 with every blob, no promisor remote: nothing is fetched later, when an agent could watch. */
export async function fetchStart(git: Git, start: CommitSha): Promise<void> {
  const flags = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--depth=1'];
  await git.run([...flags, git.remote.url, `${start}:refs/orch-start/${start}`]);
}

export async function openWorkspace(place: WorkspacePlace): Promise<Workspace> {
  const { git, folder, index, start } = place;
  await mkdir(folder, { recursive: true });
  const inFolder = { GIT_WORK_TREE: folder, GIT_INDEX_FILE: index };
  await git.run(['-c', 'checkout.workers=0', 'read-tree', '--reset', '-u', start], { env: inFolder });
  await layAgentRepository(place);
  return {
    folder,
    start,
    ignoreLeftovers: () => ignoreLeftovers(place, inFolder),
    takeWork: () => takeWork(place, inFolder),
    bundle: (request) => writeBundle(place, request),
  };
}

/** Plain files instead of `git init`: no process, no template, and no pointer back to our gitdir. */
async function layAgentRepository({ git, folder, index, start, branch }: WorkspacePlace): Promise<void> {
  const own = path.join(folder, '.git');
  const head = path.join(own, 'refs', 'heads', branch);
  for (const each of [path.dirname(head), path.join(own, 'objects', 'info'), path.join(own, 'info')])
    await mkdir(each, { recursive: true });
  await Promise.all([
    writeFile(path.join(own, 'HEAD'), `ref: refs/heads/${branch}\n`),
    writeFile(head, `${start}\n`),
    writeFile(path.join(own, 'config'), AGENT_CONFIG),
    writeFile(path.join(own, 'objects', 'info', 'alternates'), `${path.join(git.dir, 'objects')}\n`),
    cp(index, path.join(own, 'index')),
    copyIfThere(path.join(git.dir, 'shallow'), path.join(own, 'shallow')),
  ]);
}

const AGENT_CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
[user]
\tname = agent
\temail = agent@users.noreply.github.com
[gc]
\tauto = 0
`;

async function copyIfThere(from: string, to: string): Promise<void> {
  const content = await readFile(from).catch(() => null);
  if (content !== null) await writeFile(to, content);
}

type FolderEnv = Readonly<Record<string, string>>;

async function ignoreLeftovers({ git, folder }: WorkspacePlace, env: FolderEnv): Promise<void> {
  const { stdout } = await git.run(
    ['ls-files', '-z', '--others', '--exclude-standard', '--directory', '--no-empty-directory'],
    { env },
  );
  const names = stdout
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '' && !name.includes('\n'));
  if (names.length === 0) return;
  const lines = names.map((name) => `/${name.replaceAll(/[\\*?[\]!# ]/g, '\\$&')}\n`).join('');
  for (const gitdir of [git.dir, path.join(folder, '.git')]) {
    await mkdir(path.join(gitdir, 'info'), { recursive: true });
    await writeFile(path.join(gitdir, 'info', 'exclude'), lines, { flag: 'a' });
  }
}

async function takeWork(place: WorkspacePlace, env: FolderEnv): Promise<TakenWork> {
  const { git } = place;
  const names = await changedNames(git, env);
  const measured = await measure(place.folder, names, await submodules(git, env));
  if (measured.kind === 'too_large') return measured;
  try {
    await updateIndex(git, env, measured);
    const tree = (await git.run(['write-tree'], { env })).stdout.toString('utf8').trim();
    const before = (await git.run(['rev-parse', `${place.start}^{tree}`])).stdout.toString('utf8').trim();
    const files = measured.present.length + measured.gone.length;
    return { kind: 'taken', tree, changed: tree !== before, files, notes: measured.notes };
  } catch (error) {
    // Names git refuses, such as `.git` in disguise: nothing of such a tree is wanted.
    if (error instanceof Fault) return { kind: 'unusable', detail: error.reason };
    throw error;
  }
}

/** Not `git add -A`: that runs `git status` inside a submodule, with the settings the agent left there. */
async function changedNames(git: Git, env: FolderEnv): Promise<readonly string[]> {
  const flags = ['--modified', '--deleted', '--others', '--exclude-standard'];
  const { stdout } = await git.run(['ls-files', '-z', ...flags], { env });
  return [
    ...new Set(
      stdout
        .toString('utf8')
        .split('\0')
        .filter((name) => name !== ''),
    ),
  ];
}

/** Their folders are left alone: nothing in them is work, and the base's commit of each stays. */
async function submodules(git: Git, env: FolderEnv): Promise<ReadonlySet<string>> {
  const { stdout } = await git.run(['ls-files', '-z', '--stage'], { env });
  const entries = stdout
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry.startsWith('160000 '));
  return new Set(entries.map((entry) => entry.slice(entry.indexOf('\t') + 1)));
}

type Measured =
  | {
      readonly kind: 'measured';
      readonly present: readonly string[];
      readonly gone: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'too_large'; readonly detail: string };

async function measure(folder: string, names: readonly string[], submodule: ReadonlySet<string>): Promise<Measured> {
  if (names.length > WORK_FILES_MAX) return tooLarge(`${names.length} files`, `${WORK_FILES_MAX} files`);
  const present: string[] = [];
  const gone: string[] = [];
  const notes: string[] = [];
  let bytes = 0;
  for (const name of names) {
    // Listed with a slash: a repository of its own inside the folder.
    if (name.endsWith('/') || submodule.has(name)) {
      notes.push(`left out ${name}: a repository inside the repository`);
      continue;
    }
    const stat = await lstat(path.join(folder, name)).catch(() => null);
    if (stat === null || stat.isDirectory()) gone.push(name);
    else present.push(name);
    bytes += stat?.isFile() === true ? stat.size : 0;
  }
  if (bytes > WORK_BYTES_MAX) return tooLarge(`${Math.round(bytes / 1e6)} MB`, `${WORK_BYTES_MAX / 1e6} MB`);
  return { kind: 'measured', present, gone, notes };
}

function tooLarge(found: string, limit: string): Measured {
  return { kind: 'too_large', detail: `the work holds ${found}; Orch packs up to ${limit}` };
}

/** Links stay links and modes stay modes; `--replace` because a file may have become a folder. */
async function updateIndex(
  git: Git,
  env: FolderEnv,
  { present, gone }: Extract<Measured, { kind: 'measured' }>,
): Promise<void> {
  const feed = async (flags: readonly string[], names: readonly string[]): Promise<void> => {
    if (names.length === 0) return;
    const input = Buffer.from(names.map((name) => `${name}\0`).join(''));
    await git.run(['update-index', '-z', ...flags, '--stdin'], { env, input });
  };
  await feed(['--force-remove'], gone);
  await feed(['--add', '--replace'], present);
}

async function writeBundle(
  { git, start }: WorkspacePlace,
  { tree, at, message, file }: BundleRequest,
): Promise<CommitSha> {
  const [commit] = await importCommits(git, [{ parent: start, at, message, tree }]);
  const head = CommitSha.parse(commit);
  // Thin: deliver has the parent already. fast-import leaves its commit under this ref.
  await git.run(['bundle', 'create', '--quiet', file, 'refs/orch-new/1', `^${start}`]);
  return head;
}
