// Owns the invariants of a claim: its number and its start, what is left of its budgets, what the last attempt asks for.
import type { AppendJournal, StartAttempt } from '../../domain/effect.ts';
import { chargedAttempts, epochTries, infraAttempts, nextAttemptNumber } from '../../domain/fold-journal.ts';
import { readLabels } from '../../domain/label.ts';
import { isBefore, plusMinutes } from '../../domain/instant.ts';
import type { Claimed, TaskJournal } from '../../domain/journal.ts';
import { periodSpend, periodsAt, reached, taskSpend } from '../spend.ts';
import { claimsIn, claimsOf, effectsOf } from './checked.ts';
import type { Checked, ClaimChecked, Violation } from './checked.ts';

export function checkClaims(checked: Checked): readonly Violation[] {
  const appends = effectsOf(checked.plan, 'append_journal');
  const starts = effectsOf(checked.plan, 'start_attempt');
  return [
    ...claimsOf(checked).flatMap((claim) => checkClaim(claim, starts, checked)),
    ...checkUnclaimed(starts, appends),
    ...appends.flatMap((append) => checkGroup(append, checked)),
  ];
}

function checkClaim(
  { task, claim, before, index }: ClaimChecked,
  starts: readonly StartAttempt[],
  checked: Checked,
): readonly Violation[] {
  const broken = (invariant: string, detail: string): Violation => ({ invariant, task, detail });
  const started = starts.filter((start) => start.task === task && start.brief.attempt === claim.attempt);
  const number = nextAttemptNumber(before) + index;
  return [
    ...(started.length === 1 ? [] : [broken('every claim is started exactly once', `${started.length} starts`)]),
    ...(claim.attempt === number
      ? []
      : [broken('attempts are numbered in order', `${claim.attempt} instead of ${number}`)]),
    ...started
      .filter((start) => !isSame(start, claim))
      .map(() => broken("the brief is the claim's", 'attempt, engine, base, branch or limit differ')),
    ...overBudget(before, checked).map((detail) => broken('attempts stay within the budget', detail)),
    ...overspent(before, checked).map((detail) => broken('no start when the money is spent', detail)),
    ...tooEarly(before, checked).map((detail) => broken('no start before the back-off is over', detail)),
    ...lastEnding(before, checked).map((detail) => broken('no start over what the last attempt asks for', detail)),
  ];
}

function isSame({ brief }: StartAttempt, claim: Claimed): boolean {
  return (
    brief.attempt === claim.attempt &&
    brief.engine.id === claim.engine &&
    brief.model === claim.model &&
    brief.run === claim.run &&
    brief.base === claim.base &&
    brief.branch === claim.branch &&
    brief.continues === claim.continues &&
    brief.timeout_minutes === claim.timeout_minutes
  );
}

/** A person who told this task to go on after the last ending was told what is spent. */
function overspent(journal: TaskJournal, { snapshot, policy: { budget } }: Checked): readonly string[] {
  const own = taskSpend(journal);
  const journals = new Map([...snapshot.tasks].map(([id, { journal: each }]) => [id, each]));
  const limited = periodsAt(snapshot.at).filter(({ of }) => budget[of].usd !== null || budget[of].tokens !== null);
  const periods = limited.flatMap((period) => {
    const spend = periodSpend(journals, period);
    const told =
      journal.epoch.since !== null && spend.last_at !== null && !isBefore(journal.epoch.since, spend.last_at);
    const unit = told ? null : reached(spend, budget[period.of]);
    return unit === null ? [] : [`${spend[unit]} ${unit} are spent this ${period.of}`];
  });
  const unit = reached(own, budget.task);
  return [...(unit === null ? [] : [`${own[unit]} ${unit} are spent on it`]), ...periods];
}

function overBudget(journal: TaskJournal, { policy }: Checked): readonly string[] {
  const charged = chargedAttempts(journal);
  const uncharged = infraAttempts(journal);
  return [
    ...(charged < policy.attempts_max ? [] : [`${charged} of ${policy.attempts_max} attempts are spent`]),
    ...(uncharged < policy.infra_attempts_max
      ? []
      : [`${uncharged} of ${policy.infra_attempts_max} uncharged attempts are spent`]),
  ];
}

/** Delivered work waits for its review, and what only a person can help waits for one; taken out and put back goes on. */
function lastEnding(journal: TaskJournal, { policy }: Checked): readonly string[] {
  const last = epochTries(journal).at(-1)?.settled ?? null;
  if (last === null || last.taken_out === true) return [];
  const { follow } = policy.retry[last.outcome];
  return follow === 'review' || follow === 'person' ? [`${last.outcome}: ${follow}`] : [];
}

/** A limit has its own clock, and another engine need not wait for it. */
function tooEarly(journal: TaskJournal, { snapshot, policy }: Checked): readonly string[] {
  const attempts = epochTries(journal);
  const last = attempts.at(-1)?.settled ?? null;
  if (last === null || last.taken_out === true || policy.retry[last.outcome].follow === 'later') return [];
  const steps = policy.backoff_minutes;
  const minutes = steps[Math.min(attempts.length, steps.length) - 1] ?? 0;
  const until = plusMinutes(last.at, minutes);
  return isBefore(snapshot.at, until) ? [`not before ${until}`] : [];
}

/** Several at once only where the label asks for them: from one start, on one branch, up to the policy's limit. */
function checkGroup({ task, records }: AppendJournal, { snapshot, policy }: Checked): readonly Violation[] {
  const claims = claimsIn(records);
  const [first] = claims;
  if (first === undefined || (claims.length === 1 && first.group === undefined)) return [];
  const issue = snapshot.tasks.get(task)?.issue ?? null;
  const asks = issue === null ? null : readLabels(issue.labels, policy.intake.label);
  const max = asks === null || asks.alone ? 1 : Math.min(asks.instances, policy.instances_max);
  const alike = claims.every(
    ({ group, branch, continues }) => group === first.attempt && branch === first.branch && continues === null,
  );
  return [
    ...(claims.length <= max
      ? []
      : [{ invariant: 'at most one claim per task', task, detail: `${claims.length} of ${max}` }]),
    ...(alike ? [] : [{ invariant: 'attempts side by side have one start', task, detail: `group ${first.group}` }]),
  ];
}

function checkUnclaimed(starts: readonly StartAttempt[], appends: readonly AppendJournal[]): readonly Violation[] {
  const claimed = new Set(appends.filter(({ records }) => claimsIn(records).length > 0).map(({ task }) => task));
  return starts
    .filter(({ task }) => !claimed.has(task))
    .map(({ task }) => ({ invariant: 'no start without a claim', task, detail: 'nothing would fence it' }));
}
