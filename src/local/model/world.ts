// Owns the world of the local GitHub: one repository in memory, its people, tokens and events. No network in here.
import { Refused, ROLES } from './state.ts';
import type {
  Actor,
  App,
  CheckRun,
  Comment,
  CommitStatus,
  DispatchInput,
  Issue,
  Job,
  Label,
  Milestone,
  Person,
  Project,
  Role,
  Run,
  Token,
  Transferred,
  WorldEvent,
} from './state.ts';

export interface WorldOptions {
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  /** Epoch milliseconds. */
  readonly now_ms: () => number;
  /** So many bytes, as hex. */
  readonly random_hex: (bytes: number) => string;
}

export interface PathChange {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified' | 'changed';
  /** Lines; none for a binary file. */
  readonly additions: number;
  readonly deletions: number;
}

/** What the model asks of git; the wire answers from a bare repository, a simulation from objects in memory. */
export interface GitStore {
  resolve(ref: string): string | null;
  isAncestor(ancestor: string, descendant: string): boolean;
  commitsBetween(base: string, head: string): number;
  /** Since the two parted, as a pull request counts. */
  changes(base: string, head: string): readonly PathChange[];
  /** How many of them. */
  changedFiles(base: string, head: string): number;
  conflicts(base: string, head: string): boolean;
  /** The commit that base should move to; null when they conflict. `message` is not asked for by a rebase. */
  merge(ask: {
    readonly base: string;
    readonly head: string;
    readonly message: string;
    readonly method: 'merge' | 'squash' | 'rebase';
  }): string | null;
  setRef(ref: string, sha: string): void;
  deleteRef(ref: string): void;
  refs(prefix: string): readonly { readonly ref: string; readonly sha: string }[];
  readFile(revision: string, path: string): string | null;
  /** Commits files on top of a branch, which starts at the default one when absent; null removes a file. Gives back the commit. */
  commitFiles(branch: string, files: Readonly<Record<string, string | null>>, message: string): string;
  history(revision: string, path: string, first: number): readonly string[];
}

export const TEXT_CHARS_MAX = 65_536;
export const BOT: Person = { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' };

export class World {
  readonly options: WorldOptions;
  readonly git: GitStore;
  readonly people = new Map<string, Person>();
  readonly roles = new Map<string, Role>();
  readonly tokens = new Map<string, Token>();
  readonly issues = new Map<number, Issue>();
  readonly pulls = new Map<number, Issue>();
  readonly comments = new Map<number, Comment>();
  readonly comments_by_issue = new Map<number, Set<Comment>>();
  /** Issue number to those it blocks. */
  readonly waiting = new Map<number, Set<number>>();
  /** Sub-issue to its parent. */
  readonly parents = new Map<number, number>();
  /** Issue number to the pull requests whose merge would close it. */
  readonly closers = new Map<number, Set<number>>();
  readonly labels = new Map<string, Label>();
  /** By number. */
  readonly milestones = new Map<number, Milestone>();
  readonly runs = new Map<number, Run>();
  readonly jobs = new Map<number, Job>();
  readonly projects: Project[] = [];
  readonly check_runs = new Map<number, CheckRun>();
  readonly statuses: CommitStatus[] = [];
  readonly variables = new Map<string, string>();
  /** Files that can be dispatched, `orch.yml`, with their inputs by name. */
  readonly workflows = new Map<string, ReadonlyMap<string, DispatchInput>>();
  /** Files at the tip of other public repositories: `acme/.github` to path to text. */
  readonly neighbours = new Map<string, ReadonlyMap<string, string>>();
  /** Numbers of issues that were deleted. */
  readonly deleted = new Set<number>();
  /** Issues that moved to another repository, by the number they had here. */
  readonly transferred = new Map<number, Transferred>();
  private_repository = false;
  actions_may_create_pulls = true;
  /** Approvals that the default branch asks for; `reviewDecision` is null where it asks for none. */
  required_approvals = 0;
  app: App | null = null;
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  readonly #cancels = new Set<(run: number) => void>();
  #next = 100;
  #number = 0;

  constructor(options: WorldOptions, git: GitStore) {
    this.options = options;
    this.git = git;
    this.people.set(BOT.login, BOT);
    this.grant(options.owner, 'admin');
  }

  get full_name(): string {
    return `${this.options.owner}/${this.options.name}`;
  }

  now(): string {
    return `${new Date(this.options.now_ms()).toISOString().slice(0, 19)}Z`;
  }

  id(): number {
    this.#next += 1;
    return this.#next;
  }

  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  person(login: string): Person {
    const known = this.people.get(login.toLowerCase());
    if (known !== undefined) return known;
    const made: Person = { login, id: this.id(), type: login.endsWith('[bot]') ? 'Bot' : 'User' };
    this.people.set(login.toLowerCase(), made);
    return made;
  }

  grant(login: string, role: Role): Person {
    this.roles.set(login.toLowerCase(), role);
    return this.person(login);
  }

  roleOf(login: string): Role {
    return this.roles.get(login.toLowerCase()) ?? 'none';
  }

  /** A person acting in the browser. */
  as(login: string): Actor {
    return { person: this.person(login), job: null, kind: 'user', permissions: null };
  }

  issue(number: number): Issue {
    const issue = this.issues.get(number);
    if (issue !== undefined) return issue;
    if (this.transferred.has(number)) throw new Refused(301, 'Moved Permanently');
    throw this.deleted.has(number) ? new Refused(410, 'This issue was deleted') : new Refused(404, 'Not Found');
  }

  onEvent(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told when somebody cancels a run; whoever executes it then ends it. */
  onCancel(listener: (run: number) => void): () => void {
    this.#cancels.add(listener);
    return () => this.#cancels.delete(listener);
  }

  cancel(run: number): void {
    for (const listener of this.#cancels) listener(run);
  }

  /** GitHub loses what happens in here: no workflow hears of it. */
  unheard(act: () => void): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    try {
      act();
    } finally {
      for (const listener of listeners) this.#listeners.add(listener);
    }
  }

  emit(name: string, actor: Actor, payload: Readonly<Record<string, unknown>>): void {
    const { owner, name: repository_name, default_branch } = this.options;
    const repository = {
      id: 1,
      node_id: 'R_1',
      name: repository_name,
      full_name: this.full_name,
      owner: { login: owner },
      default_branch,
      private: this.private_repository,
    };
    const sender = { login: actor.person.login, id: actor.person.id, type: actor.person.type };
    const event: WorldEvent = {
      name,
      actor: actor.person,
      caused_by_job_token: actor.kind === 'job',
      payload: { ...payload, repository, sender },
    };
    for (const listener of this.#listeners) listener(event);
  }

  addToken(token: string, given: Token): string {
    this.tokens.set(token, given);
    return token;
  }

  /** 401 for a token that is unknown or dead. */
  actorOf(token: string): Actor {
    const held = this.tokens.get(token);
    const dead = held?.expires_at_ms != null && held.expires_at_ms <= this.options.now_ms();
    if (held === undefined || dead) throw new Refused(401, 'Bad credentials');
    return held.actor;
  }

  /**
   * 403 when the token's permissions, or the person's role, do not reach. Several scopes: any of them does.
   * `least_role` is what a person's own token needs; a public repository is read by everybody.
   */
  require(actor: Actor, scopes: string | readonly string[], level: 'read' | 'write', least_role?: Role): void {
    if (actor.permissions === null) {
      const least = least_role ?? (level === 'read' ? 'read' : 'write');
      const role = this.effectiveRole(actor.person.login);
      // Whoever may not see a repository is told that there is none.
      if (role === 'none') throw new Refused(404, 'Not Found');
      if (ROLES.indexOf(role) >= ROLES.indexOf(least)) return;
      throw new Refused(403, 'Resource not accessible by personal access token');
    }
    const held = actor.permissions;
    const reaches = (scope: string): boolean => held[scope] === 'write' || (level === 'read' && held[scope] === 'read');
    if ([scopes].flat().some(reaches)) return;
    throw new Refused(403, 'Resource not accessible by integration');
  }

  /** Whoever is nobody to a public repository reads it. */
  effectiveRole(login: string): Role {
    const role = this.roleOf(login);
    return role === 'none' && !this.private_repository ? 'read' : role;
  }
}
