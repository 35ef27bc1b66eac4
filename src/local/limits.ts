// Owns the hourly budgets of tokens, as GitHub's headers report them; all jobs of the repository share one.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
import type { Actor } from './model/state.ts';

export type Resource = 'core' | 'graphql';

export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  readonly used: number;
  /** Epoch seconds. */
  readonly reset: number;
}

export interface Limits {
  read(actor: Actor, resource: Resource): Budget;
  spend(actor: Actor, resource: Resource, cost: number): Budget;
}

const HOUR_MS = 3_600_000;
const REQUESTS_PER_HOUR = { job: 1000, other: 5000 };

interface Spent {
  until_ms: number;
  used: number;
}

function limitOf({ kind }: Actor): number {
  return kind === 'job' ? REQUESTS_PER_HOUR.job : REQUESTS_PER_HOUR.other;
}

export function createLimits(now_ms: () => number): Limits {
  const spent = new Map<string, Spent>();
  const entryOf = (actor: Actor, resource: Resource): Spent => {
    const key = `${actor.kind} ${actor.person.login} ${resource}`;
    const known = spent.get(key);
    if (known !== undefined && known.until_ms > now_ms()) return known;
    const fresh = { until_ms: now_ms() + HOUR_MS, used: 0 };
    spent.set(key, fresh);
    return fresh;
  };
  const read = (actor: Actor, resource: Resource): Budget => {
    const { until_ms, used } = entryOf(actor, resource);
    const limit = limitOf(actor);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(until_ms / 1000) };
  };
  return {
    read,
    spend: (actor, resource, cost) => {
      entryOf(actor, resource).used += cost;
      return read(actor, resource);
    },
  };
}

export function budgetHeaders(budget: Budget, resource: Resource): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit': String(budget.limit),
    'x-ratelimit-remaining': String(budget.remaining),
    'x-ratelimit-used': String(budget.used),
    'x-ratelimit-reset': String(budget.reset),
    'x-ratelimit-resource': resource,
  };
}
