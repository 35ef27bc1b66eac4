// Owns TaskLine: one task as a line of JSON tells of it, to other programs and from them.
import type { PRIORITY_NAMES } from './command.ts';

/** The words of this shape are a promise to other programs: fields are added, and none is taken away or renamed. */
export interface TaskLine {
  /** Ours are `owner/name#12`. */
  readonly id: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  /** A state of ours, or whatever another program calls it; null: it does not say. */
  readonly state: string | null;
  readonly priority: (typeof PRIORITY_NAMES)[number] | null;
  readonly phase: number | null;
  readonly labels: readonly string[];
  /** Ids of what has to end before. */
  readonly dependencies: readonly string[];
  readonly files: readonly string[];
  /** What has come of it; absent: another program wrote the line. */
  readonly done_so_far?: DoneSoFar | undefined;
}

export interface DoneSoFar {
  readonly engine: string | null;
  readonly attempts: number;
  readonly pull_request: number | null;
  /** null: no engine said what it cost. */
  readonly cost_usd: number | null;
  /** null: no engine said how many. */
  readonly tokens: number | null;
  readonly parent: string | null;
  readonly as_of: string;
}
