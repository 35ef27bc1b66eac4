// Owns the repository on disk: a real bare one, asked by git's own commands; what cannot change is asked once.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mergeCommits, type Author } from './git-merge.ts';
import { createResolver } from './git-refs.ts';
import type { GitStore, PathChange } from './model/world.ts';

export interface BareRepository extends GitStore {
  readonly directory: string;
  git(...args: readonly string[]): string;
}

export interface RepositoryPlace {
  /** Folder of all repositories; this one is `owner/name.git` beneath. */
  readonly root: string;
  readonly full_name: string;
  readonly default_branch: string;
  /** Dates commits that GitHub makes. */
  readonly now_ms: () => number;
}

type Git = (...args: readonly string[]) => string;
/** null where git fails, which for a question means no. */
type Quiet = (...args: readonly string[]) => string | null;

/** Nothing of the machine's own configuration reaches these repositories. */
export function gitEnvironment(): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    HOME: '/nonexistent',
    LC_ALL: 'C.UTF-8',
  };
}

const SETTINGS: Readonly<Record<string, string>> = {
  'http.receivepack': 'true',
  'uploadpack.allowAnySHA1InWant': 'true',
  'uploadpack.allowFilter': 'true',
  'receive.advertiseAtomic': 'true',
  'gc.auto': '0',
  'receive.autogc': 'false',
};

export function createBareRepository(place: RepositoryPlace): BareRepository {
  const directory = path.join(place.root, `${place.full_name}.git`);
  mkdirSync(directory, { recursive: true });
  const raw: Git = (...args) => run({ directory, args, now_ms: place.now_ms() });
  const git: Git = (...args) => raw(...args).replace(/\n$/, '');
  const quiet = unlessFailed(git);
  git('init', '--quiet', '--bare', `--initial-branch=${place.default_branch}`, '--template=', '.');
  for (const [key, value] of Object.entries(SETTINGS)) git('config', key, value);
  installGuard(directory);
  const resolve = createResolver(directory, (revision) =>
    quiet('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`),
  );
  return {
    directory,
    git,
    resolve,
    ...comparisons(quiet),
    ...files({ quiet, resolve, raw: unlessFailed(raw) }),
    merge: (ask) =>
      mergeCommits(
        {
          git,
          quiet,
          commitFor: (author, { tree, parent, message }) =>
            run({
              directory,
              args: ['commit-tree', tree, '-p', parent],
              now_ms: place.now_ms(),
              input: message,
              author,
            }).trim(),
        },
        ask,
      ),
    setRef: (ref, sha) => void git('update-ref', ref, sha),
    deleteRef: (ref) => void git('update-ref', '-d', ref),
    refs: (prefix) => refsOf(git, prefix),
    commitFiles: (branch, changes, message) => {
      const tip = (name: string): string | null => resolve(`refs/heads/${name}`);
      const parent = tip(branch) ?? tip(place.default_branch);
      const input = importOf({ branch, changes, message, parent, now_ms: place.now_ms() });
      run({ directory, args: ['fast-import', '--quiet', '--force'], now_ms: place.now_ms(), input });
      return git('rev-parse', `refs/heads/${branch}`);
    },
  };
}

function unlessFailed(git: Git): Quiet {
  return (...args) => {
    try {
      return git(...args);
    } catch {
      return null;
    }
  };
}

interface Running {
  readonly directory: string;
  readonly args: readonly string[];
  readonly now_ms: number;
  readonly input?: string;
  /** GitHub itself when absent. */
  readonly author?: Author;
}

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** Gives back all of the output: a file's last newline is part of it. */
function run({ directory, args, now_ms, input, author }: Running): string {
  const github: Author = { name: 'GitHub', email: 'noreply@github.com', date: `${Math.floor(now_ms / 1000)} +0000` };
  const person = (role: string, { name, email, date }: Author) => ({
    [`GIT_${role}_NAME`]: name,
    [`GIT_${role}_EMAIL`]: email,
    [`GIT_${role}_DATE`]: date,
  });
  const output = execFileSync('git', args, {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...gitEnvironment(), ...person('AUTHOR', author ?? github), ...person('COMMITTER', github) },
    maxBuffer: OUTPUT_BYTES_MAX,
    input: input ?? '',
  });
  return output;
}

/** Answers about two commits never change, and a tick asks them for every pull request. */
function comparisons(
  quiet: Quiet,
): Pick<GitStore, 'isAncestor' | 'commitsBetween' | 'changes' | 'changedFiles' | 'conflicts'> {
  const isAncestor = remembered(
    (ancestor, descendant) => quiet('merge-base', '--is-ancestor', ancestor, descendant) !== null,
  );
  const commitsBetween = remembered((base, head) => Number(quiet('rev-list', '--count', `${base}..${head}`) ?? '0'));
  const changes = remembered((base, head) =>
    changesIn(quiet('diff', '-z', '--no-renames', '--raw', '--no-abbrev', '--numstat', `${base}...${head}`) ?? ''),
  );
  const changedFiles = (base: string, head: string): number => changes(base, head).length;
  const conflicts = remembered(
    (base, head) => quiet('merge-tree', '--write-tree', '--no-messages', base, head) === null,
  );
  return { isAncestor, commitsBetween, changes, changedFiles, conflicts };
}

const STATUSES: Readonly<Record<string, PathChange['status']>> = { A: 'added', D: 'removed', M: 'modified' };

/** `:modes hashes M` NUL path NUL for each file, then `2 TAB 1 TAB path` NUL for each. */
function changesIn(output: string): readonly PathChange[] {
  const parts = output.split('\0').filter((part) => part !== '');
  const raw = parts.filter((part) => part.startsWith(':')).length;
  return parts.slice(raw * 2).map((counts, i): PathChange => {
    const [additions = '', deletions = '', path = ''] = counts.split('\t');
    const letter = parts[i * 2]?.at(-1) ?? '';
    return {
      path,
      status: STATUSES[letter] ?? 'changed',
      additions: Number(additions) || 0,
      deletions: Number(deletions) || 0,
    };
  });
}

const ANSWERS_MAX = 50_000;

function remembered<T>(ask: (one: string, other: string) => T): (one: string, other: string) => T {
  const known = new Map<string, T>();
  return (one, other) => {
    const key = `${one} ${other}`;
    const held = known.get(key);
    if (held !== undefined) return held;
    const answer = ask(one, other);
    // Names move, hashes do not.
    if (isHash(one) && isHash(other) && known.size < ANSWERS_MAX) known.set(key, answer);
    return answer;
  };
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

function linesOf(output: string | null): readonly string[] {
  return (output ?? '').split('\n').filter((line) => line !== '');
}

interface FileAsk {
  readonly quiet: Quiet;
  /** With its last newline: a file is what it is. */
  readonly raw: Quiet;
  readonly resolve: (ref: string) => string | null;
}

function files({ quiet, raw, resolve }: FileAsk): Pick<GitStore, 'readFile' | 'history'> {
  const known = new Map<string, string | null>();
  return {
    readFile: (revision, file) => {
      const sha = isHash(revision) ? revision : resolve(revision);
      if (sha === null) return null;
      const key = `${sha}:${file}`;
      const held = known.get(key);
      if (held !== undefined) return held;
      const text = raw('cat-file', 'blob', key);
      if (known.size < ANSWERS_MAX) known.set(key, text);
      return text;
    },
    history: (revision, file, first) =>
      linesOf(
        quiet('log', `-${first}`, '--format=%H', '--end-of-options', revision, '--', ...(file === '' ? [] : [file])),
      ),
  };
}

function refsOf(git: Git, prefix: string): readonly { readonly ref: string; readonly sha: string }[] {
  return linesOf(git('for-each-ref', '--format=%(objectname) %(refname)'))
    .map((line) => ({ sha: line.slice(0, 40), ref: line.slice(41) }))
    .filter(({ ref }) => ref.startsWith(prefix));
}

interface FileCommit {
  readonly branch: string;
  readonly changes: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly parent: string | null;
  readonly now_ms: number;
}

function importOf({ branch, changes, message, parent, now_ms }: FileCommit): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const each = Object.entries(changes).map(([file, text]) =>
    text === null ? `D ${file}\n` : `M 100644 inline ${file}\n${data(text)}`,
  );
  return [
    `commit refs/heads/${branch}\n`,
    `committer GitHub <noreply@github.com> ${Math.floor(now_ms / 1000)} +0000\n`,
    data(message),
    parent === null ? '' : `from ${parent}\n`,
    ...each,
    'done\n',
  ].join('');
}

/** Set for a push whose token may not touch workflow files; the hook below then looks at each ref. */
export const GUARD_VARIABLE = 'LOCAL_GITHUB_GUARDS_WORKFLOWS';

/** As GitHub refuses an App, which a job's own token is: no `workflows` permission exists for it. */
function installGuard(directory: string): void {
  const hooks = path.join(directory, 'hooks');
  mkdirSync(hooks, { recursive: true });
  const script = `#!/bin/sh
[ -n "$${GUARD_VARIABLE}" ] || exit 0
case "$3" in *[!0]*) ;; *) exit 0 ;; esac
touched=$(git log --format= --name-only "$3" --not --all -- .github/workflows | head -n 1)
[ -z "$touched" ] && exit 0
echo "refusing to allow a GitHub App to create or update workflow \\\`$touched\\\` without \\\`workflows\\\` permission" >&2
exit 1
`;
  const hook = path.join(hooks, 'update');
  writeFileSync(hook, script);
  chmodSync(hook, 0o755);
}
