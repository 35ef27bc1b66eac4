// Owns what goes wrong: which kinds a seed switches on, and each single time one strikes. Any one of them can be left out.
import { chance } from './random.ts';

/** Chance of each strike while its kind is switched on; per request, event, job or push. */
export const FAULTS = {
  trouble_before_commit: 0.06,
  response_lost: 0.06,
  batch_cut_short: 0.1,
  limit_with_wait: 0.01,
  limit_without_wait: 0.01,
  graphql_error: 0.02,
  graphql_hole: 0.03,
  list_behind: 1,
  list_far_behind: 1,
  comments_behind: 1,
  event_lost: 0.3,
  event_doubled: 0.3,
  event_delayed: 0.3,
  cron_late: 0.3,
  cron_dropped: 0.3,
  two_reconcilers: 0.4,
  tick_killed: 0.01,
  runner_lost: 0.08,
  never_started: 0.05,
  deliver_killed: 0.03,
  job_paused: 0.03,
  pending_cancelled: 0.05,
  token_expired: 0.01,
  push_failed: 0.04,
  push_answer_lost: 0.04,
  brief_lost: 0.04,
  engine_hangs: 0.06,
  branch_pushed: 0.25,
  slow: 0.05,
} as const;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

export interface FaultPlan {
  readonly seed: number;
  /** No fault after this. */
  readonly until_ms: number;
  readonly now_ms: () => number;
  /** Strikes that are left out, by key, and whole kinds. */
  readonly skip: ReadonlySet<string>;
  readonly on: 'none' | 'swarm';
}

export class Faults {
  readonly #plan: FaultPlan;
  readonly #on: ReadonlySet<FaultKind>;
  readonly #asked = new Map<FaultKind, Asked>();
  /** Every strike, in order, by key. */
  readonly struck: string[] = [];

  constructor(plan: FaultPlan) {
    this.#plan = plan;
    const { seed, on } = plan;
    this.#on = new Set(
      on === 'none' ? [] : FAULT_KINDS.filter((kind) => chance(seed, `swarm ${kind}`, 0) < shareOf(kind)),
    );
  }

  isOn(kind: FaultKind): boolean {
    return this.#on.has(kind) && this.#plan.now_ms() < this.#plan.until_ms && !this.#plan.skip.has(kind);
  }

  strikes(kind: FaultKind): boolean {
    if (!this.isOn(kind)) return false;
    const { minute, count } = this.#ask(kind);
    const key = `${kind}#${minute}.${count}`;
    if (chance(this.#plan.seed, `${kind} ${minute}`, count) >= FAULTS[kind] || this.#plan.skip.has(key)) return false;
    this.struck.push(key);
    return true;
  }

  /** 0 … 1, for the size of a fault that has struck. */
  size(kind: FaultKind): number {
    const { minute, count } = this.#asked.get(kind) ?? NEVER;
    return chance(this.#plan.seed, `size ${kind} ${minute}`, count);
  }

  /** By the minute, not by how many came before: what is left out at one time moves nothing at another. */
  #ask(kind: FaultKind): Asked {
    const minute = Math.floor(this.#plan.now_ms() / 60_000);
    const before = this.#asked.get(kind) ?? NEVER;
    const asked = { minute, count: before.minute === minute ? before.count + 1 : 1 };
    this.#asked.set(kind, asked);
    return asked;
  }
}

/** The newest question, and how many were asked in its minute. */
interface Asked {
  readonly minute: number;
  readonly count: number;
}

const NEVER: Asked = { minute: 0, count: 0 };

/** A list that lags for hours is rare; everything else is on in half of the seeds. */
function shareOf(kind: FaultKind): number {
  return kind === 'list_far_behind' ? 0.12 : 0.5;
}
