// Owns Wake: why a run started. It names a task and who spoke; it carries no truth.
import type { IssueNumber, Login, RunId } from './ids.ts';

export type WakeCause = 'issues' | 'issue_comment' | 'schedule' | 'workflow_dispatch' | 'repository_dispatch' | 'other';

export interface Wake {
  readonly cause: WakeCause;
  readonly issue: IssueNumber | null;
  readonly actor: Login | null;
  /** Somebody asked for a full sweep; without that, a tick sweeps when the last one is `sweep_hours_max` old. */
  readonly sweep: boolean;
}

/** The run this process is part of: what a claim writes down as its holder. */
export interface RunRef {
  readonly run: RunId;
  readonly run_attempt: number;
  readonly url: string;
}
