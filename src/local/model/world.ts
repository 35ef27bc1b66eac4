// Owns the world of the local GitHub: one repository in memory, its people, tokens and events. No network in here.
import { Refused } from './state.ts';
import type { Actor, Comment, Issue, Job, Label, Person, Project, Role, Run, Token, WorldEvent } from './state.ts';

export interface WorldOptions {
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  /** Epoch milliseconds. */
  readonly now_ms: () => number;
}

/** What the model asks of git; the wire answers from a bare repository, a simulation from objects in memory. */
export interface GitStore {
  resolve(ref: string): string | null;
  isAncestor(ancestor: string, descendant: string): boolean;
  commitsBetween(base: string, head: string): number;
  changedFiles(base: string, head: string): number;
  /** Merge commit of head into base; null when they conflict. */
  merge(ask: { readonly base: string; readonly head: string; readonly message: string; readonly squash: boolean }): string | null;
  setRef(ref: string, sha: string): void;
  deleteRef(ref: string): void;
  refs(prefix: string): readonly { readonly ref: string; readonly sha: string }[];
  readFile(revision: string, path: string): string | null;
  history(revision: string, path: string, first: number): readonly string[];
}

export const COMMENT_CHARS_MAX = 65_536;
export const BOT: Person = { login: 'github-actions[bot]', id: 41_898_282, type: 'Bot' };

export class World {
  readonly options: WorldOptions;
  readonly git: GitStore;
  readonly people = new Map<string, Person>();
  readonly roles = new Map<string, Role>();
  readonly tokens = new Map<string, Token>();
  readonly issues = new Map<number, Issue>();
  readonly comments = new Map<number, Comment>();
  readonly labels = new Map<string, Label>();
  readonly runs = new Map<number, Run>();
  readonly jobs = new Map<number, Job>();
  readonly projects: Project[] = [];
  readonly variables = new Map<string, string>();
  actions_may_create_pulls = true;
  app: { readonly id: number; readonly public_key: string; readonly login: string } | null = null;
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  #next = 100;
  #number = 0;

  constructor(options: WorldOptions, git: GitStore) {
    this.options = options;
    this.git = git;
    this.people.set(BOT.login, BOT);
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
    if (issue === undefined) throw new Refused(404, 'Not Found');
    return issue;
  }

  pull(number: number): Issue & { readonly pull: NonNullable<Issue['pull']> } {
    const issue = this.issue(number);
    if (issue.pull === null) throw new Refused(404, 'Not Found');
    return { ...issue, pull: issue.pull };
  }

  onEvent(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(name: string, actor: Actor, payload: Readonly<Record<string, unknown>>): void {
    const repository = { full_name: this.full_name, default_branch: this.options.default_branch };
    const sender = { login: actor.person.login, type: actor.person.type };
    const event: WorldEvent = { name, actor: actor.person, caused_by_job_token: actor.kind === 'job', payload: { ...payload, repository, sender } };
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

  /** 403 when the token's permissions, or the person's role, do not reach. */
  require(actor: Actor, scope: string, level: 'read' | 'write'): void {
    const held = actor.permissions === null ? this.#byRole(actor, level) : (actor.permissions[scope] ?? 'none');
    const enough = held === 'write' || held === level || (held === 'admin' && level !== undefined);
    if (!enough) throw new Refused(403, 'Resource not accessible by integration');
  }

  #byRole(actor: Actor, level: 'read' | 'write'): string {
    const role = this.roleOf(actor.person.login);
    if (role === 'none') return 'none';
    return level === 'read' || role !== 'read' ? 'write' : 'read';
  }
}
