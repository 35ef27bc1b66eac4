// Owns what attempts have cost, and whether a budget leaves room for one more: per task, per day and per month (UTC).
import { liveAttempts } from '../domain/fold-journal.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import { isBefore, startOfDay, startOfMonth } from '../domain/instant.ts';
import type { Attempt, Settled, TaskJournal } from '../domain/journal.ts';
import type { Alarm } from '../domain/notice.ts';
import { isTold } from '../domain/outcome.ts';
import type { HoldReason } from '../domain/plan.ts';
import type { Policy, SpendLimit, SpendUnit } from '../domain/policy.ts';
import type { Brake } from './brakes.ts';
import type { World } from './world.ts';

type Journals = ReadonlyMap<TaskId, TaskJournal>;

export interface Spend {
  readonly usd: number;
  readonly tokens: number;
  /** Settled attempts that an engine worked on, and those among them whose price nobody told. */
  readonly attempts: number;
  readonly unpriced: number;
  /** The dearest one: what a running attempt may still cost, as far as anybody can know. */
  readonly dearest: Readonly<Record<SpendUnit, number>>;
  readonly last_at: Instant | null;
}

export const SPEND_UNITS: readonly SpendUnit[] = ['usd', 'tokens'];

/** What was not told counts as nothing: it is never guessed, and `unpriced` says how much of that there is. */
export function spendOf(attempts: readonly Attempt[]): Spend {
  const settled = attempts.flatMap(({ settled: each }) => (each !== null && hasCost(each) ? [each] : []));
  const usd = settled.map(({ usage }) => usage.cost_usd ?? 0);
  const tokens = settled.map(({ usage }) => (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0));
  const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);
  const most = (figures: readonly number[]): number => figures.reduce((high, figure) => Math.max(high, figure), 0);
  return {
    usd: sum(usd),
    tokens: sum(tokens),
    attempts: settled.length,
    unpriced: settled.filter(({ usage }) => usage.cost_usd === null).length,
    dearest: { usd: most(usd), tokens: most(tokens) },
    last_at: settled.reduce<Instant | null>((last, { at }) => (last === null || isBefore(last, at) ? at : last), null),
  };
}

/** A runner that was given up as dead may still have told what its engine cost. */
function hasCost({ engine_started, usage }: Settled): boolean {
  return engine_started || isTold(usage);
}

/** What this round of a task has cost: a person's `retry` opens the next one. */
export function taskSpend({ attempts, epoch }: TaskJournal): Spend {
  return spendOf(attempts.filter((attempt) => attempt.epoch === epoch.number));
}

/** The first limit that is reached. */
export function reached(spend: Spend, limit: SpendLimit): SpendUnit | null {
  return SPEND_UNITS.find((unit) => limit[unit] !== null && spend[unit] >= limit[unit]) ?? null;
}

/** Attempts side by side that the task's own budget bears, reckoned like those of a period; Infinity without a budget. */
export function startsAffordable(journal: TaskJournal, { budget }: Policy): number {
  const spend = taskSpend(journal);
  const rooms = SPEND_UNITS.map((unit) => {
    const limit = budget.task[unit];
    if (limit === null) return Infinity;
    const left = Math.max(0, limit - spend[unit]);
    return roomFor({ left, each: spend.dearest[unit], running: 0, known: spend.attempts }) ?? Infinity;
  });
  return Math.min(...rooms);
}

export function overTaskBudget(journal: TaskJournal, { budget }: Policy): HoldReason | null {
  if (SPEND_UNITS.every((unit) => budget.task[unit] === null)) return null;
  const spend = taskSpend(journal);
  const unit = reached(spend, budget.task);
  const limit = unit === null ? null : budget.task[unit];
  return unit === null || limit === null ? null : { kind: 'over_budget', unit, spent: spend[unit], limit };
}

export interface Period {
  readonly of: 'day' | 'month';
  readonly from: Instant;
  readonly until: Instant;
}

export function periodsAt(at: Instant): readonly Period[] {
  return [
    { of: 'day', from: startOfDay(at, 0), until: startOfDay(at, 1) },
    { of: 'month', from: startOfMonth(at, 0), until: startOfMonth(at, 1) },
  ];
}

export function periodSpend(journals: Journals, { from }: Period): Spend {
  return spendOf(
    [...journals.values()].flatMap(({ attempts }) =>
      attempts.filter(({ settled }) => settled !== null && !isBefore(settled.at, from)),
    ),
  );
}

/**
 * What runs is reckoned as dear as the dearest attempt of the period, so that a budget is overdrawn by one attempt at
 * most while prices keep their size; before the first one has told its price, one runs at a time. null: no budget is
 * set, or there is room for any number.
 */
export function budgetBrake(journals: Journals, { snapshot, policy }: World): Brake | null {
  const brakes = periodsAt(snapshot.at).flatMap((period) => {
    const limit = policy.budget[period.of];
    if (limit.usd === null && limit.tokens === null) return [];
    const spend = periodSpend(journals, period);
    const running = [...journals.values()].flatMap(liveAttempts).length;
    return SPEND_UNITS.flatMap((unit) => brakeOn(unit, { period, limit, spend, running }) ?? []);
  });
  return brakes.toSorted((a, b) => a.free - b.free)[0] ?? null;
}

interface Account {
  readonly period: Period;
  readonly limit: SpendLimit;
  readonly spend: Spend;
  readonly running: number;
}

function brakeOn(unit: SpendUnit, { period, limit, spend, running }: Account): Brake | null {
  const max = limit[unit];
  if (max === null) return null;
  const spent = spend[unit];
  const free =
    spent >= max ? 0 : roomFor({ left: max - spent, each: spend.dearest[unit], running, known: spend.attempts });
  if (free === null) return null;
  const until = spent >= max ? period.until : null;
  return {
    wait: { kind: 'budget', period: period.of, unit, spent, limit: max, until },
    since: until === null ? null : spend.last_at,
    free,
  };
}

/** null: any number. */
function roomFor(account: {
  readonly left: number;
  readonly each: number;
  readonly running: number;
  readonly known: number;
}): number | null {
  const { left, each, running, known } = account;
  if (known === 0) return Math.max(0, 1 - running);
  return each === 0 ? null : Math.max(0, Math.ceil(left / each) - running);
}

/** Said once a tick, for the longest period with a limit in dollars. */
export function priceAlarms(journals: Journals, { snapshot, policy }: World): readonly Alarm[] {
  const period = periodsAt(snapshot.at).findLast(({ of }) => policy.budget[of].usd !== null);
  if (period === undefined) return [];
  const { unpriced } = periodSpend(journals, period);
  return unpriced === 0 ? [] : [{ kind: 'unpriced', attempts: unpriced, period: period.of }];
}
