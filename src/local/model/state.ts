// Owns the nouns of the local GitHub: what one repository holds. Operations on them are the files beside this one.

/** From least to most. */
export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

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

export interface Reaction {
  readonly id: number;
  readonly by: Person;
  readonly content: string;
  readonly at: string;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly author: Person;
  body: string;
  readonly created_at: string;
  updated_at: string;
  editor: Person | null;
  edited_at: string | null;
  /** One per person and content, so the key is both. */
  readonly reactions: Map<string, Reaction>;
}

/** Where a transferred issue is. */
export interface Elsewhere {
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
}

export interface Transferred {
  readonly issue: Issue;
  readonly to: Elsewhere;
}

export interface Milestone {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly creator: Person;
  readonly created_at: string;
  readonly due_on: string | null;
  closed_at: string | null;
}

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly author: Person;
  readonly created_at: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  state_reason: 'completed' | 'not_planned' | 'duplicate' | 'reopened' | null;
  updated_at: string;
  closed_at: string | null;
  readonly labels: string[];
  readonly events: IssueEvent[];
  /** Numbers, in the order they were added. */
  readonly blocked_by: number[];
  readonly sub_issues: number[];
  milestone: Milestone | null;
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
  /** In the order they were given. */
  readonly reviews: Review[];
  /** The two commits whose mergeability was last asked for; see `mergeabilityOf`. */
  asked_of: string | null;
}

export interface Review {
  readonly id: number;
  readonly author: Person;
  readonly body: string;
  /** The head that was looked at. */
  readonly commit_sha: string;
  readonly submitted_at: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
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
  readonly type: 'TITLE' | 'TEXT' | 'NUMBER' | 'SINGLE_SELECT';
  readonly options: readonly { readonly id: string; readonly name: string }[];
}

export interface Draft {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly by: Person;
  readonly at: string;
}

export interface ProjectItem {
  readonly id: string;
  /** Number of an issue or pull request, or a draft that lives on the board alone. */
  readonly content: number | Draft;
  readonly values: Map<string, string | number>;
}

export interface Project {
  readonly id: string;
  readonly owner: string;
  /** Apps reach the boards of organizations only. */
  readonly owner_kind: 'Organization' | 'User';
  readonly number: number;
  readonly title: string;
  readonly fields: ProjectField[];
  readonly items: ProjectItem[];
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  title: string | null;
  summary: string | null;
  readonly started_at: string;
  completed_at: string | null;
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly context: string;
  readonly description: string | null;
  readonly target_url: string | null;
  readonly by: Person;
  readonly at: string;
}

/** An App installed on the repository. */
export interface App {
  readonly id: number;
  /** PEM. */
  readonly public_key: string;
  /** `orch-app[bot]`: whom its tokens act as. */
  readonly login: string;
  /** What the installation was granted: `{ issues: 'write' }`, named as in a workflow file. */
  readonly permissions: Readonly<Record<string, string>>;
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

/** Of a ref, by whatever way: null is where it was not, or is not any more. */
export interface RefMove {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** What a workflow file says of one input of its dispatch. */
export interface DispatchInput {
  readonly required: boolean;
  /** Of a choice; null takes anything. */
  readonly options: readonly string[] | null;
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
