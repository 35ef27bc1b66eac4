// Owns the invariants of starting work: who may start, how often, under which number, how many at once.
import {
  holdAt,
  chargedAttempts,
  infraAttempts,
  liveAttempt,
  nextAttemptNumber,
  withRecords,
} from '../../domain/fold-journal.ts';
import type { AppendJournal, StartAttempt } from '../../domain/effect.ts';
import type { Claimed, JournalRecord, TaskJournal } from '../../domain/journal.ts';
import { EMPTY_JOURNAL } from '../../domain/journal.ts';
import { isBefore } from '../../domain/instant.ts';
import { readLabels } from '../../domain/label.ts';
import { effectsOf } from './checked.ts';
import type { Checked, Violation } from './checked.ts';
import { STARTS_MAX } from '../capacity.ts';
import { periodSpend, periodsAt, reached, taskSpend } from '../spend.ts';
import { openChildren, openDependencies } from '../ties.ts';

export function checkClaims(checked: Checked): readonly Violation[] {
  const appends = effectsOf(checked.plan, 'append_journal');
  const starts = effectsOf(checked.plan, 'start_attempt');
  return [
    ...appends.flatMap((append) => checkClaim(append, starts, checked)),
    ...checkUnclaimed(starts, appends),
    ...checkCapacity(appends, checked),
  ];
}

function claimsIn(records: readonly JournalRecord[]): readonly Claimed[] {
  return records.filter((record) => record.kind === 'claimed');
}

function checkClaim(
  { task, records }: AppendJournal,
  starts: readonly StartAttempt[],
  checked: Checked,
): readonly Violation[] {
  const claims = claimsIn(records);
  const [claim] = claims;
  if (claim === undefined) return [];
  const broken = (invariant: string, detail: string): Violation => ({ invariant, task, detail });
  const index = records.indexOf(claim);
  const before = withRecords(checked.snapshot.tasks.get(task)?.journal ?? EMPTY_JOURNAL, records.slice(0, index));
  const started = starts.filter((start) => start.task === task);
  return [
    ...(claims.length === 1 ? [] : [broken('at most one claim per task', `${claims.length} claims`)]),
    ...(started.length === 1 ? [] : [broken('every claim is started exactly once', `${started.length} starts`)]),
    ...(claim.attempt === nextAttemptNumber(before)
      ? []
      : [broken('attempts are numbered in order', `${claim.attempt} instead of ${nextAttemptNumber(before)}`)]),
    ...started
      .filter((start) => !isSame(start, claim))
      .map(() => broken("the brief is the claim's", 'attempt, engine, base, branch or limit differ')),
    ...overBudget(before, checked).map((detail) => broken('attempts stay within the budget', detail)),
    ...overspent(before, checked).map((detail) => broken('no start when the money is spent', detail)),
    ...stopSigns({ task, before }, checked).map((detail) =>
      broken("no start against a person's word or an open dependency", detail),
    ),
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

function stopSigns(
  { task, before }: { readonly task: AppendJournal['task']; readonly before: TaskJournal },
  { snapshot, policy }: Checked,
): readonly string[] {
  const facts = snapshot.tasks.get(task);
  const holding = holdAt(before, snapshot.at);
  const hold = holding === null ? [] : [`held by ${holding.by}`];
  const issue = facts?.issue ?? null;
  if (issue === null)
    return [
      ...hold,
      ...(facts?.issue_read === 'missing' ? ['the issue is gone'] : []),
      ...(before.asked === null ? ['nobody asked for it'] : []),
    ];
  const asks = readLabels(issue.labels, policy.intake.label);
  return [
    ...hold,
    ...(issue.open ? [] : ['the issue is closed']),
    ...(asks.intake ? [] : ['the intake label is not there']),
    ...(asks.stop === null ? [] : [`the label ${asks.stop} says no`]),
    ...(before.admitted === null ? ['nobody let it in'] : []),
    ...(openDependencies(issue).length > 0 ? ['a dependency is open'] : []),
    ...(openChildren(issue).length > 0 ? ['a sub-issue is open'] : []),
  ];
}

function checkUnclaimed(starts: readonly StartAttempt[], appends: readonly AppendJournal[]): readonly Violation[] {
  const claimed = new Set(appends.filter(({ records }) => claimsIn(records).length > 0).map(({ task }) => task));
  return starts
    .filter(({ task }) => !claimed.has(task))
    .map(({ task }) => ({ invariant: 'no start without a claim', task, detail: 'nothing would fence it' }));
}

/** Never more than the policy allows; what already runs over a lowered limit may end in peace. */
function checkCapacity(appends: readonly AppendJournal[], { snapshot, policy }: Checked): readonly Violation[] {
  const after = new Map([...snapshot.tasks].map(([id, { journal }]) => [id, journal]));
  const running_before = [...after.values()].filter((journal) => liveAttempt(journal) !== null).length;
  for (const { task, records } of appends) after.set(task, withRecords(after.get(task) ?? EMPTY_JOURNAL, records));
  const running = [...after.values()].filter((journal) => liveAttempt(journal) !== null).length;
  const starts = appends.filter(({ records }) => claimsIn(records).length > 0).length;
  const claimed = new Set(appends.flatMap(({ records }) => claimsIn(records).map(({ engine }) => engine)));
  const crowded = policy.engines.flatMap(({ id, parallel_max }) => {
    const live = [...after.values()].filter((journal) => liveAttempt(journal)?.claim.engine === id).length;
    if (parallel_max === null || !claimed.has(id) || live <= parallel_max) return [];
    return [
      { invariant: 'never more of an engine than it may run', task: null, detail: `${id}: ${live} of ${parallel_max}` },
    ];
  });
  return [
    ...crowded,
    ...(running <= Math.max(policy.parallel_max, running_before)
      ? []
      : [{ invariant: 'never more than parallel_max', task: null, detail: `${running} of ${policy.parallel_max}` }]),
    ...(starts <= STARTS_MAX
      ? []
      : [{ invariant: 'one matrix holds all starts', task: null, detail: `${starts} of ${STARTS_MAX}` }]),
  ];
}
