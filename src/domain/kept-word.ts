// Owns the words of people that a task keeps until another word takes them back.
import type { Instant, IssueNumber, Login } from './ids.ts';

/** A person's word that stops the machine until another word, or until its day. `hold` lets a running attempt end. */
export interface Hold {
  readonly verb: 'cancel' | 'skip' | 'hold';
  readonly by: Login;
  readonly at: Instant;
  readonly until: Instant | null;
}

/** A person's word that something comes first. */
export interface Blocked {
  readonly by: Login;
  readonly at: Instant;
  /** What for, as far as it was said. */
  readonly on: readonly IssueNumber[];
  /** It was also said without naming an issue: then no issue's name takes it back. */
  readonly bare: boolean;
}

/** Guidance for the next attempt. Others' text, by somebody who was allowed to say it. */
export interface Note {
  readonly by: Login;
  readonly at: Instant;
  readonly text: string;
}
