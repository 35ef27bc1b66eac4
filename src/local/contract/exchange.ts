// Owns Exchange: one request and its answer as the contract sees them, and Violation: what it may say about them.

/**
 * - `rest`: checked against GitHub's OpenAPI description.
 * - `graphql`: checked against GitHub's published schema and our marked extension.
 * - `git`, `results`, `other`: git over HTTP, artifacts and caches, our own doors. GitHub publishes no description of
 *   these, so the contract lets them pass; real clients are their check.
 */
export type Surface = 'rest' | 'graphql' | 'git' | 'results' | 'other';

export interface Exchange {
  readonly surface: Surface;
  /** Upper case. */
  readonly method: string;
  /** As sent, below the API's root: `/repos/o/r/issues?per_page=100`, or `/graphql`. */
  readonly path: string;
  /** 0 when a fault cut the connection before an answer. */
  readonly status: number;
  /** Parsed JSON; `undefined` when there was no body. */
  readonly request_body: unknown;
  /** Parsed JSON; `undefined` when there was no body or it is not JSON (a diff, a zip, a redirect). */
  readonly response_body: unknown;
}

export type ViolationKind =
  | 'unknown_operation'
  | 'undocumented_status'
  | 'query'
  | 'request_body'
  | 'response_body'
  | 'undocumented_field'
  | 'document'
  | 'variables'
  | 'result';

export interface Violation {
  readonly kind: ViolationKind;
  /** `GET /repos/{owner}/{repo}/issues/{issue_number} 200`, or `graphql TasksByNumber`. */
  readonly where: string;
  /** Where in the body, then what is wrong with it: `/user/login must be string`. */
  readonly message: string;
}
