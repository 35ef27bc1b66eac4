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
  readonly secondary: Secondary;
}

/** What GitHub refuses to whoever writes too fast; off until a test asks for it. */
export interface Secondary {
  enforced: boolean;
  /** Counts writes of content, when they are no more than allowed; else gives the seconds to wait. */
  admit(actor: Actor, content_writes: number): { readonly retry_after_seconds: number } | null;
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
    secondary: createSecondary(now_ms),
    spend: (actor, resource, cost) => {
      entryOf(actor, resource).used += cost;
      return read(actor, resource);
    },
  };
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
const CONTENT_MAX = [
  { within_ms: 60_000, writes: 80 },
  { within_ms: HOUR_MS, writes: 500 },
] as const;

function createSecondary(now_ms: () => number): Secondary {
  const written = new Map<string, readonly number[]>();
  const secondary: Secondary = {
    enforced: false,
    admit: ({ kind, person }, content_writes) => {
      if (!secondary.enforced || content_writes === 0) return null;
      const key = `${kind} ${person.login}`;
      const at = (written.get(key) ?? []).filter((instant) => instant > now_ms() - HOUR_MS);
      for (const { within_ms, writes } of CONTENT_MAX) {
        const recent = at.filter((instant) => instant > now_ms() - within_ms);
        const [oldest] = recent;
        if (oldest === undefined || recent.length + content_writes <= writes) continue;
        return { retry_after_seconds: Math.ceil((oldest + within_ms - now_ms()) / 1000) };
      }
      written.set(key, [...at, ...Array.from({ length: content_writes }, now_ms)]);
      return null;
    },
  };
  return secondary;
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
