// Owns reading and writing git's objects in the bare repository, one plumbing command at a time.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GitPerson {
  readonly name: string;
  readonly email: string;
  /** ISO 8601. */
  readonly date: string;
}

export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly path: string;
  /** Of a blob; null for trees and submodules. */
  readonly bytes: number | null;
}

/** `sha: null` takes the path away. */
export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  readonly sha: string | null;
}

export interface FileChange {
  readonly path: string;
  readonly sha: string;
  readonly status: 'added' | 'removed' | 'modified' | 'changed';
  readonly additions: number;
  readonly deletions: number;
}

export interface GitObjects {
  writeBlob(bytes: Buffer): string;
  readBlob(sha: string): Buffer | null;
  writeTree(base: string | null, changes: readonly TreeChange[]): string | null;
  readTree(tree_ish: string, recursive: boolean): readonly TreeEntry[] | null;
  writeCommit(commit: Omit<GitCommit, 'sha'>): string | null;
  readCommit(commit_ish: string): GitCommit | null;
  /** Newest first. */
  log(range: string, commits_max: number): readonly GitCommit[];
  changes(base: string, head: string): readonly FileChange[];
  mergeBase(one: string, other: string): string | null;
  count(range: string): number;
}

type Run = (args: readonly string[], input?: string | Buffer) => Buffer;

const outputBytesMax = 64 * 1024 * 1024;
const zeroOid = '0'.repeat(40);
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function runnerIn(directory: string, env: Readonly<Record<string, string>> = {}): Run {
  const clean = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const path = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
  return (args, input) =>
    execFileSync('git', args, {
      cwd: directory,
      env: { ...path, ...clean, ...env },
      input: input ?? '',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: outputBytesMax,
    });
}

/** What git refuses (a hash it does not have, a path it does not take) is null, for the caller to name. */
function orNull<T>(attempt: () => T): T | null {
  try {
    return attempt();
  } catch {
    return null;
  }
}

function text(output: Buffer): string {
  return output.toString('utf8').replace(/\n$/, '');
}

function parsePerson(line: string): GitPerson {
  const [, name = '', email = '', seconds = '0'] = /^(.*?) ?<([^>]*)> (\d+)/.exec(line) ?? [];
  return { name, email, date: `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z` };
}

function renderPerson({ name, email, date }: GitPerson): string {
  return `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`;
}

function parseCommit(sha: string, raw: string): GitCommit {
  const end = raw.indexOf('\n\n');
  const headers = raw.slice(0, end).split('\n');
  const all = (name: string): readonly string[] =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    sha,
    tree: all('tree')[0] ?? emptyTree,
    parents: all('parent'),
    author: parsePerson(all('author')[0] ?? ''),
    committer: parsePerson(all('committer')[0] ?? ''),
    message: raw.slice(end + 2),
  };
}

function renderCommit({ tree, parents, author, committer, message }: Omit<GitCommit, 'sha'>): string {
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)];
  return [...lines, `author ${renderPerson(author)}`, `committer ${renderPerson(committer)}`, '', message].join('\n');
}

function parseTreeLine(line: string): TreeEntry {
  const [fields = '', path = ''] = line.split('\t');
  const [mode = '', type = '', sha = '', bytes = '-'] = fields.split(/ +/);
  return { mode, type, sha, path, bytes: bytes === '-' ? null : Number(bytes) };
}

function writeTree(directory: string, base: string | null, changes: readonly TreeChange[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'orch-index-'));
  try {
    const run = runnerIn(directory, { GIT_INDEX_FILE: join(folder, 'index') });
    run(base === null ? ['read-tree', '--empty'] : ['read-tree', base]);
    const lines = changes.map(({ path, mode, sha }) => `${sha === null ? '0' : mode} ${sha ?? zeroOid}\t${path}\0`);
    run(['update-index', '-z', '--index-info'], lines.join(''));
    return text(run(['write-tree']));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const statusOfLetter: Readonly<Record<string, FileChange['status']>> = { A: 'added', D: 'removed', M: 'modified' };

function changes(run: Run, base: string, head: string): readonly FileChange[] {
  const raw = text(run(['diff-tree', '-r', '--no-renames', '--raw', '--no-abbrev', base, head]));
  const counts = text(run(['diff-tree', '-r', '--no-renames', '--numstat', base, head])).split('\n');
  const lines = raw.split('\n').filter((line) => line !== '');
  return lines.map((line, index): FileChange => {
    const [fields = '', path = ''] = line.split('\t');
    const [, , before = '', after = '', letter = ''] = fields.split(' ');
    const [additions = '0', deletions = '0'] = (counts[index] ?? '').split('\t');
    const status = statusOfLetter[letter] ?? 'changed';
    const sha = status === 'removed' ? before : after;
    return { path, sha, status, additions: Number(additions) || 0, deletions: Number(deletions) || 0 };
  });
}

/** Synchronous, because the model is: one request is answered before the next one changes the world. */
export function createGitObjects(directory: string): GitObjects {
  const run = runnerIn(directory);
  const readCommit = (commit_ish: string): GitCommit | null =>
    orNull(() => {
      const sha = text(run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit_ish}^{commit}`]));
      return parseCommit(sha, run(['cat-file', 'commit', sha]).toString('utf8'));
    });
  return {
    writeBlob: (bytes) => text(run(['hash-object', '-w', '--stdin'], bytes)),
    readBlob: (sha) => orNull(() => run(['cat-file', 'blob', sha])),
    writeTree: (base, entries) => orNull(() => writeTree(directory, base, entries)),
    readTree: (tree_ish, recursive) =>
      orNull(() => {
        const listed = text(run(['ls-tree', '-l', ...(recursive ? ['-r', '-t'] : []), `${tree_ish}^{tree}`]));
        const lines = listed.split('\n').filter((line) => line !== '');
        return lines.map(parseTreeLine);
      }),
    writeCommit: (commit) =>
      orNull(() => text(run(['hash-object', '-t', 'commit', '-w', '--stdin'], renderCommit(commit)))),
    readCommit,
    log: (range, commits_max) => {
      const shas = orNull(() => text(run(['rev-list', `--max-count=${commits_max}`, '--end-of-options', range]))) ?? '';
      const lines = shas.split('\n').filter((line) => line !== '');
      return lines.map(readCommit).filter((commit) => commit !== null);
    },
    changes: (base, head) => orNull(() => changes(run, base, head)) ?? [],
    mergeBase: (one, other) => orNull(() => text(run(['merge-base', one, other]))),
    count: (range) => Number(orNull(() => text(run(['rev-list', '--count', '--end-of-options', range]))) ?? '0'),
  };
}
