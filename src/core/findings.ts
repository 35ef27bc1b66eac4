// Owns what Orch notices about itself: patterns across tasks that no single task shows, from journals alone.
import type { Finding } from '../domain/finding.ts';
import { FINDING_QUIET_DAYS, FINDING_WINDOW_DAYS, FINDINGS_MAX, findingKey } from '../domain/finding.ts';
import { isCharged } from '../domain/tries.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import { epochMs, isBefore, plusMinutes, startOfDay } from '../domain/instant.ts';
import type { Attempt, Settled, TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import type { Ending } from '../domain/snapshot.ts';
import type { Complexity } from '../domain/task.ts';
import { circuitOpenings } from './circuit.ts';
import { reached, spendOf } from './spend.ts';

/** Each has its least number of cases: below it nothing is said, since chance would say it as well. */
const FINDING_RULES = {
  /** Tries of the engine, and of the others together, at one complexity; shares of them that failed. */
  engine_fails: { tries_min: 8, share_min: 0.5, above_others_min: 0.3 },
  /** Tasks whose last proof by one command failed, and their share of those that ran it. */
  proof_fails: { tasks_min: 4, share_min: 0.4 },
  people_wait: { tasks_min: 3, days: 7 },
  time_runs_out: { ended_min: 4, share_min: 0.25 },
  circuit_opens: { times_min: 2 },
  /** Days out of the last seven that are over. */
  limit_met: { days_min: 5, of_days: 7 },
  budget_reached: { days_min: 3, of_days: 7 },
} as const;

const DAY_MINUTES = 24 * 60;
/** A run every week has its places again, although one tick comes a little earlier than the other. */
const WEEK_DAYS = 6;
const NAMED_MAX = 10;
const COMMAND_CHARS_MAX = 200;

export interface History {
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  readonly at: Instant;
  readonly policy: Policy;
}

/** What this run may file: the gravest of what stands out and was not said lately, and few in a week. */
export function findingsToFile(history: History, issues_max: number): readonly Finding[] {
  const since = (days: number): Instant => plusMinutes(history.at, -days * DAY_MINUTES);
  const filed = filedSince(history, since(FINDING_QUIET_DAYS));
  const said = new Set(filed.map(({ key }) => key));
  const lately = filed.filter(({ at }) => !isBefore(at, since(WEEK_DAYS))).length;
  const news = findingsIn(history).filter((finding) => !said.has(findingKey(finding)));
  return news.slice(0, Math.max(0, Math.min(issues_max, FINDINGS_MAX) - lately));
}

/** What was meant to be filed counts like what was: GitHub may have done it before the answer got lost. */
function filedSince({ journals }: History, from: Instant): readonly { readonly key: string; readonly at: Instant }[] {
  const all = [...journals.values()].flatMap(({ filing, filed }) => {
    const done = new Map(filed.map(({ key, at }) => [key, at]));
    const meant = filing?.findings.map((finding) => [findingKey(finding), filing.at] as const) ?? [];
    return [...new Map([...meant, ...done])].map(([key, at]) => ({ key, at }));
  });
  return all.filter(({ at }) => !isBefore(at, from));
}

/** The gravest first: by how many attempts, tasks or days it concerns. */
export function findingsIn(history: History): readonly Finding[] {
  const tries = triesOf(history);
  const found = [
    ...failingEngines(tries),
    ...failingProofs(tries),
    ...waitingForPeople(history),
    ...runningOutOfTime(tries),
    ...openingCircuit(tries, history.policy),
    ...meetingLimits(tries, history.at),
    ...reachingBudget(history),
  ];
  const order = (a: Finding, b: Finding): number =>
    weightOf(b) - weightOf(a) || (findingKey(a) < findingKey(b) ? -1 : 1);
  return found.toSorted(order);
}

function weightOf(finding: Finding): number {
  switch (finding.kind) {
    case 'engine_fails':
    case 'proof_fails':
      return finding.failed;
    case 'people_wait':
      return finding.tasks;
    case 'time_runs_out':
      return finding.ended;
    case 'circuit_opens':
      return finding.times;
    case 'limit_met':
    case 'budget_reached':
      return finding.days;
  }
}

interface Try {
  readonly task: TaskId;
  readonly complexity: Complexity;
  readonly attempt: Attempt;
  readonly settled: Settled;
}

/** Ended within the window, oldest first; a job's command is no engine's work. */
function triesOf({ journals, at }: History): readonly Try[] {
  const from = plusMinutes(at, -FINDING_WINDOW_DAYS * DAY_MINUTES);
  const tries = [...journals].flatMap(([task, { asked, attempts, route }]): readonly Try[] => {
    if (asked?.command !== undefined) return [];
    return attempts.flatMap((attempt): Try[] => {
      const { settled } = attempt;
      if (settled === null || isBefore(settled.at, from)) return [];
      return [{ task, complexity: route?.complexity ?? 'medium', attempt, settled }];
    });
  });
  return tries.toSorted((a, b) => epochMs(a.settled.at) - epochMs(b.settled.at));
}

/** What an engine is answerable for: not limits, not what people stopped, not a runner that never came. */
function judged(tries: readonly Try[]): readonly Try[] {
  return tries.filter(({ attempt, settled }) => isCharged(attempt) && settled.outcome !== 'cancelled');
}

function hasFailed({ settled: { outcome } }: Try): boolean {
  return outcome !== 'delivered' && outcome !== 'no_change';
}

function failingEngines(tries: readonly Try[]): readonly Finding[] {
  const { tries_min, share_min, above_others_min } = FINDING_RULES.engine_fails;
  const alike = Map.groupBy(judged(tries), ({ complexity }) => complexity);
  return [...alike].flatMap(([complexity, all]) => {
    const engines = Map.groupBy(all, ({ attempt }) => attempt.claim.engine);
    return [...engines].flatMap(([engine, own]): Finding[] => {
      const others = all.filter(({ attempt }) => attempt.claim.engine !== engine);
      if (own.length < tries_min || others.length < tries_min) return [];
      const failed = own.filter(hasFailed).length;
      const others_failed = others.filter(hasFailed).length;
      const share = failed / own.length;
      if (share < share_min || share - others_failed / others.length < above_others_min) return [];
      const figures = { failed, tries: own.length, others_failed, others_tries: others.length };
      return [{ kind: 'engine_fails', engine, complexity, ...figures }];
    });
  });
}

function failingProofs(tries: readonly Try[]): readonly Finding[] {
  const { tasks_min, share_min } = FINDING_RULES.proof_fails;
  const last = new Map<string, Map<TaskId, boolean>>();
  for (const { task, settled } of tries) {
    for (const { command, exit_code } of settled.proof) {
      const text = command.join(' ').slice(0, COMMAND_CHARS_MAX);
      last.set(text, (last.get(text) ?? new Map<TaskId, boolean>()).set(task, exit_code !== 0));
    }
  }
  return [...last].flatMap(([command, tasks]): Finding[] => {
    const failed = [...tasks.values()].filter((is_failed) => is_failed).length;
    const stands_out = failed >= tasks_min && failed / tasks.size >= share_min;
    return stands_out ? [{ kind: 'proof_fails', command, failed, tasks: tasks.size }] : [];
  });
}

/** Whom a person holds back is not forgotten. */
function waitingForPeople({ journals, at }: History): readonly Finding[] {
  const { tasks_min, days } = FINDING_RULES.people_wait;
  const until = plusMinutes(at, -days * DAY_MINUTES);
  const waiting = [...journals].flatMap(([task, { shown, hold, finished }]) => {
    const waits = shown?.state === 'needs_review' && hold === null && finished === null && isBefore(shown.at, until);
    return waits ? [{ task, since: shown.at }] : [];
  });
  if (waiting.length < tasks_min) return [];
  const longest = waiting.toSorted((a, b) => epochMs(a.since) - epochMs(b.since)).slice(0, NAMED_MAX);
  return [{ kind: 'people_wait', tasks: waiting.length, days, longest: longest.map(({ task }) => task) }];
}

function runningOutOfTime(tries: readonly Try[]): readonly Finding[] {
  const { ended_min, share_min } = FINDING_RULES.time_runs_out;
  const alike = Map.groupBy(judged(tries), ({ complexity }) => complexity);
  return [...alike].flatMap(([complexity, all]): Finding[] => {
    const ended = all.filter(({ settled }) => settled.outcome === 'timeout').length;
    const stands_out = ended >= ended_min && ended / all.length >= share_min;
    return stands_out ? [{ kind: 'time_runs_out', complexity, ended, tries: all.length }] : [];
  });
}

function openingCircuit(tries: readonly Try[], policy: Policy): readonly Finding[] {
  const endings = tries.map(({ task, attempt, settled: { outcome, at } }): Ending => ({
    task,
    attempt: attempt.number,
    outcome,
    at,
  }));
  const openings = Map.groupBy(circuitOpenings(endings, policy), ({ outcome }) => outcome);
  return [...openings].flatMap(([outcome, { length }]): Finding[] =>
    length < FINDING_RULES.circuit_opens.times_min ? [] : [{ kind: 'circuit_opens', times: length, outcome }],
  );
}

function meetingLimits(tries: readonly Try[], at: Instant): readonly Finding[] {
  const { days_min, of_days } = FINDING_RULES.limit_met;
  const [from, until] = [startOfDay(at, -of_days), startOfDay(at, 0)];
  const met = tries.filter(
    ({ settled }) => settled.outcome === 'rate_limit' && !isBefore(settled.at, from) && isBefore(settled.at, until),
  );
  const by_model = Map.groupBy(met, ({ attempt: { claim } }) => `${claim.engine} ${claim.model ?? ''}`);
  return [...by_model.values()].flatMap(([first, ...others]): Finding[] => {
    if (first === undefined) return [];
    const days = new Set([first, ...others].map(({ settled }) => startOfDay(settled.at, 0))).size;
    const { engine, model } = first.attempt.claim;
    return days < days_min ? [] : [{ kind: 'limit_met', engine, model, days, of_days }];
  });
}

function reachingBudget({ journals, at, policy }: History): readonly Finding[] {
  const { days_min, of_days } = FINDING_RULES.budget_reached;
  const limit = policy.budget.day;
  if (limit.usd === null && limit.tokens === null) return [];
  const days = Array.from({ length: of_days }, (_, index) => {
    const [from, until] = [startOfDay(at, index - of_days), startOfDay(at, index - of_days + 1)];
    const ended = [...journals.values()].flatMap(({ attempts }) =>
      attempts.filter(({ settled }) => settled !== null && !isBefore(settled.at, from) && isBefore(settled.at, until)),
    );
    return reached(spendOf(ended), limit);
  });
  const counted = Map.groupBy(days, (unit) => unit);
  return (['usd', 'tokens'] as const).flatMap((unit): Finding[] => {
    const times = counted.get(unit)?.length ?? 0;
    return times < days_min ? [] : [{ kind: 'budget_reached', unit, days: times, of_days }];
  });
}
