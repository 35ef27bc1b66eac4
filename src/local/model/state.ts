// Owns the nouns of the local GitHub: what one repository holds. Operations on them are the files beside this one.

export type Role = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin';

export interface Person {
  readonly login: string;
  readonly id: number;
  readonly type: 'User' | 'Bot';
}

/** Who acts, and how far their token reaches. `permissions: null` is a person's own token: their role decides. */
export interface Actor {
  readonly person: Person;
  readonly job: { readonly run: number; readonly job: number } | null;
  readonly kind: 'job' | 'user' | 'app' | 'app_jwt';
  readonly permissions: Readonly<Record<string, string>> | null;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string;
}

export interface IssueEvent {
  readonly kind: 'labeled' | 'unlabeled' | 'closed' | 'reopened';
  readonly by: Person;
  readonly at: string;
  readonly label: string | null;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly author: Person;
  body: string;
  readonly created_at: string;
  updated_at: string;
  editor: Person | null;
  readonly reactions: Map<string, { readonly id: number; readonly by: Person; readonly content: string }>;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly author: Person;
  readonly created_at: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  state_reason: 'completed' | 'not_planned' | 'reopened' | null;
  updated_at: string;
  closed_at: string | null;
  readonly labels: string[];
  readonly events: IssueEvent[];
  readonly blocked_by: number[];
  readonly pull: Pull | null;
}

export interface Pull {
  readonly head_ref: string;
  readonly base_ref: string;
  head_sha: string;
  base_sha: string;
  draft: boolean;
  merged_at: string | null;
  merged_by: Person | null;
  merge_commit_sha: string | null;
  readonly requested: string[];
}

export type JobStatus = 'queued' | 'in_progress' | 'completed';

export interface Job {
  readonly id: number;
  readonly run: number;
  readonly name: string;
  status: JobStatus;
  conclusion: string | null;
  readonly created_at: string;
  started_at: string | null;
  completed_at: string | null;
}

export interface Run {
  readonly id: number;
  readonly event: string;
  readonly actor: Person;
  readonly title: string;
  status: JobStatus;
  conclusion: string | null;
  readonly created_at: string;
  updated_at: string;
}

export interface ProjectField {
  readonly id: string;
  readonly name: string;
  readonly type: 'TEXT' | 'NUMBER' | 'SINGLE_SELECT';
  readonly options: readonly { readonly id: string; readonly name: string }[];
}

export interface ProjectItem {
  readonly id: string;
  readonly issue: number;
  readonly values: Map<string, string | number>;
}

export interface Project {
  readonly id: string;
  readonly owner: string;
  readonly number: number;
  readonly title: string;
  readonly fields: ProjectField[];
  readonly items: ProjectItem[];
}

export interface Token {
  readonly actor: Actor;
  readonly expires_at_ms: number | null;
}

export interface WorldEvent {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actor: Person;
  readonly caused_by_job_token: boolean;
}

/** A refusal as GitHub words it. */
export class Refused extends Error {
  readonly status: number;
  readonly errors: readonly unknown[];

  constructor(status: number, message: string, errors: readonly unknown[] = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}
