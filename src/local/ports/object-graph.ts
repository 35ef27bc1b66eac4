// Owns git as objects in memory: commits, trees and refs without a process, for the model and the typed ports.
import type { GitStore, PathChange } from '../model/world.ts';
import type { CommitSha } from '../../domain/ids.ts';

type Files = ReadonlyMap<string, string>;

interface Commit {
  readonly parents: readonly string[];
  readonly files: Files;
  readonly message: string;
}

const NO_FILES: Files = new Map();
const SHA_CHARS = 40;

/** Names are counted, not hashed: unlike git, the same commit made twice has two names. */
export class ObjectGraph implements GitStore {
  readonly #refs = new Map<string, string>();
  readonly #commits = new Map<string, Commit>();
  readonly #trees = new Map<string, Files>();
  #made = 0;

  name(): CommitSha {
    this.#made += 1;
    return this.#made.toString(16).padStart(SHA_CHARS, '0') as CommitSha;
  }

  commit(parents: readonly string[], files: Files, message: string): CommitSha {
    const sha = this.name();
    this.#commits.set(sha, { parents, files, message });
    return sha;
  }

  /** A commit whose meaning is kept elsewhere. */
  bare(): CommitSha {
    return this.name();
  }

  tree(files: Files): string {
    const sha = this.name();
    this.#trees.set(sha, files);
    return sha;
  }

  filesOfTree(sha: string): Files {
    return this.#trees.get(sha) ?? NO_FILES;
  }

  filesOf(revision: string): Files {
    return this.#commits.get(this.resolve(revision) ?? revision)?.files ?? NO_FILES;
  }

  resolve(ref: string): string | null {
    const name = ref === 'HEAD' ? 'refs/heads/main' : ref;
    return this.#refs.get(name) ?? (this.#commits.has(name) ? name : null);
  }

  isAncestor(ancestor: string, descendant: string): boolean {
    return this.#closure(descendant).has(ancestor);
  }

  #closure(tip: string): ReadonlySet<string> {
    const seen = new Set<string>();
    const left = [tip];
    for (let sha = left.pop(); sha !== undefined; sha = left.pop()) {
      if (seen.has(sha)) continue;
      seen.add(sha);
      left.push(...(this.#commits.get(sha)?.parents ?? []));
    }
    return seen;
  }

  commitsBetween(base: string, head: string): number {
    const known = this.#closure(base);
    return [...this.#closure(head)].filter((sha) => !known.has(sha)).length;
  }

  changes(base: string, head: string): readonly PathChange[] {
    const [before, after] = [this.filesOf(base), this.filesOf(head)];
    const paths = new Set([...before.keys(), ...after.keys()]);
    return [...paths]
      .filter((path) => before.get(path) !== after.get(path))
      .map((path) => ({ path, status: statusOf(before, after, path), additions: 1, deletions: 0 }));
  }

  changedFiles(base: string, head: string): number {
    return this.changes(base, head).length;
  }

  conflicts(): boolean {
    return false;
  }

  merge({ base, head, message }: Parameters<GitStore['merge']>[0]): string | null {
    return this.commit([base, head], new Map([...this.filesOf(base), ...this.filesOf(head)]), message);
  }

  setRef(ref: string, sha: string): void {
    this.#refs.set(ref, sha);
  }

  deleteRef(ref: string): void {
    this.#refs.delete(ref);
  }

  refs(prefix: string): readonly { readonly ref: string; readonly sha: string }[] {
    return [...this.#refs].filter(([ref]) => ref.startsWith(prefix)).map(([ref, sha]) => ({ ref, sha }));
  }

  readFile(revision: string, path: string): string | null {
    return this.filesOf(revision).get(path) ?? null;
  }

  commitFiles(branch: string, files: Readonly<Record<string, string | null>>, message: string): string {
    const ref = `refs/heads/${branch}`;
    const parent = this.resolve(ref) ?? this.resolve('HEAD');
    const changed = new Map(parent === null ? [] : this.filesOf(parent));
    for (const [path, text] of Object.entries(files)) {
      if (text === null) changed.delete(path);
      else changed.set(path, text);
    }
    const sha = this.commit(parent === null ? [] : [parent], changed, message);
    this.setRef(ref, sha);
    return sha;
  }

  history(): readonly string[] {
    return [];
  }
}

function statusOf(before: Files, after: Files, path: string): PathChange['status'] {
  if (!before.has(path)) return 'added';
  return after.has(path) ? 'modified' : 'removed';
}
