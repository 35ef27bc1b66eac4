// Owns what the local runner needs of the local GitHub: events in, runs, jobs and tokens out.
import type { Json } from './expression.ts';

export interface ActionsEvent {
  /** `issues`, `issue_comment`, `workflow_dispatch` … */
  readonly name: string;
  readonly payload: { readonly [key: string]: Json };
  readonly actor: string;
  /** GitHub starts no run for what a job's own token did, dispatches excepted. */
  readonly caused_by_job_token: boolean;
}

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface ActionsHost {
  readonly repository: string;
  readonly api_url: string;
  readonly graphql_url: string;
  readonly server_url: string;
  readonly default_branch: string;
  onEvent(listener: (event: ActionsEvent) => void): () => void;
  /** Somebody cancelled a run, in the browser or by the API. */
  onCancel(listener: (run: number) => void): () => void;
  /** A new workflow run; returns its id. */
  openRun(run: { readonly event: string; readonly actor: string; readonly title: string }): number;
  closeRun(run: number, conclusion: Conclusion): void;
  /** A new job of a run, queued; returns its id. */
  openJob(job: { readonly run: number; readonly name: string }): number;
  startJob(job: number): void;
  closeJob(job: number, conclusion: Conclusion): void;
  /** A `GITHUB_TOKEN` with exactly these permissions, dead once the job ends. */
  issueJobToken(job: {
    readonly run: number;
    readonly job: number;
    readonly permissions: Readonly<Record<string, string>>;
  }): string;
  revokeToken(token: string): void;
  /** ACTIONS_RUNTIME_TOKEN, ACTIONS_RESULTS_URL and what else a job's artifacts need. */
  runtimeEnvironment(job: { readonly run: number; readonly job: number }): Readonly<Record<string, string>>;
}
