// Owns the invariants of what stops a whole repository: a pause, too many starts an hour, an open circuit, a failure.
import { chargedAttempts, epochTries, infraAttempts, liveAttempts } from '../../domain/fold-journal.ts';
import type { Instant, LabelName, TaskId } from '../../domain/ids.ts';
import { epochMs, isBefore, plusMinutes } from '../../domain/instant.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import { sameLabel, STOP_LABELS } from '../../domain/label.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { Policy } from '../../domain/policy.ts';
import { withRoomRecords } from '../../domain/room.ts';
import type { Ending, IssueFacts, Snapshot } from '../../domain/snapshot.ts';
import { claimsOf, effectsOf, journalsAfter } from './checked.ts';
import type { Checked, ClaimChecked, Violation } from './checked.ts';

type Journals = ReadonlyMap<TaskId, TaskJournal>;

export function checkBrakes(checked: Checked): readonly Violation[] {
  const claims = claimsOf(checked);
  if (claims.length === 0) return [];
  const journals = journalsAfter(checked);
  return [
    ...checkPause(checked),
    ...checkHour(journals, checked),
    ...checkCircuit({ claims, journals }, checked),
    ...checkFailure({ claims, journals }, checked),
  ];
}

function broken(invariant: string, detail: string): readonly Violation[] {
  return [{ invariant, task: null, detail }];
}

function checkPause({ plan, snapshot }: Checked): readonly Violation[] {
  const records = effectsOf(plan, 'append_room').flatMap((append) => append.records);
  const { paused } = withRoomRecords(snapshot.room.state, records);
  return paused === null ? [] : broken('nothing starts while the queue is paused', `paused by ${paused.by}`);
}

function checkHour(journals: Journals, { snapshot: { at }, policy }: Checked): readonly Violation[] {
  const { attempts_per_hour_max: max } = policy;
  if (max === null) return [];
  const from = plusMinutes(at, -60);
  const starts = [...journals.values()].flatMap(({ attempts }) =>
    attempts.filter(({ claim }) => isBefore(from, claim.at)),
  ).length;
  return starts <= max ? [] : broken('never more starts an hour than the policy allows', `${starts} of ${max}`);
}

interface Started {
  readonly claims: readonly ClaimChecked[];
  readonly journals: Journals;
}

/** Whom a person told to go on since goes on. */
function unspoken(claims: readonly ClaimChecked[], since: Instant): readonly ClaimChecked[] {
  return claims.filter(({ before: { epoch } }) => epoch.since === null || isBefore(epoch.since, since));
}

function checkCircuit({ claims, journals }: Started, { snapshot, policy }: Checked): readonly Violation[] {
  const last = tripped(endingsOf(journals, snapshot), policy);
  const against = last === null ? [] : unspoken(claims, last);
  if (last === null || against.length === 0) return [];
  const until = plusMinutes(last, policy.circuit.cooldown_minutes);
  if (isBefore(snapshot.at, until)) return broken('nothing starts while the circuit is open', `until ${until}`);
  const live = [...journals.values()].flatMap(liveAttempts);
  const probes = live.filter(({ claim }) => !isBefore(claim.at, until)).length;
  const spoken = claims.length - against.length;
  return probes - spoken <= 1 ? [] : broken('one attempt at a time probes the circuit', `${probes} probe`);
}

/** What says nothing of the next task: stopped by a person, refused by the gate, or a limit of the model. */
const NEITHER: ReadonlySet<OutcomeKind> = new Set(['cancelled', 'refused']);
const SUCCESS: ReadonlySet<OutcomeKind> = new Set(['delivered', 'no_change']);
/** A circuit that more failures than this do not show is not looked for. */
const FAILURES_MAX = 200;

/** The newest failure, when enough tasks have failed in one way since the last success; null: the circuit is closed. */
function tripped(endings: readonly Ending[], { circuit, retry }: Policy): Instant | null {
  if (circuit.tasks_max === 0) return null;
  const success_ms = Math.max(-Infinity, ...ends(endings.filter(({ outcome }) => SUCCESS.has(outcome))));
  const failures = endings
    .filter(({ outcome, at }) => {
      const fails = !SUCCESS.has(outcome) && !NEITHER.has(outcome) && retry[outcome].follow !== 'later';
      return fails && epochMs(at) > success_ms;
    })
    .toSorted((a, b) => epochMs(a.at) - epochMs(b.at))
    .slice(-FAILURES_MAX);
  const trips = failures.some(({ outcome, at }) => {
    const from = plusMinutes(at, -circuit.window_minutes);
    const alike = failures.filter(
      (other) => other.outcome === outcome && !isBefore(other.at, from) && !isBefore(at, other.at),
    );
    return new Set(alike.map(({ task }) => task)).size >= circuit.tasks_max;
  });
  return trips ? (failures.at(-1)?.at ?? null) : null;
}

function ends(endings: readonly Ending[]): readonly number[] {
  return endings.map(({ at }) => epochMs(at));
}

/** The history has those that people were shown, the journals the rest. */
function endingsOf(journals: Journals, { history }: Snapshot): readonly Ending[] {
  const known = new Map(history.recent_endings.map((ending) => [`${ending.task} ${ending.attempt}`, ending]));
  for (const [task, { news, attempts }] of journals)
    for (const { number, settled } of attempts)
      if (settled !== null && news.includes(number))
        known.set(`${task} ${number}`, { task, attempt: number, outcome: settled.outcome, at: settled.at });
  return [...known.values()];
}

function checkFailure({ claims, journals }: Started, { snapshot, policy }: Checked): readonly Violation[] {
  if (!policy.stop_on_failure) return [];
  const failed = [...journals].flatMap(([task, journal]) => {
    const issue = snapshot.tasks.get(task)?.issue ?? null;
    const at = isLeftAlone(issue, journal, policy) ? null : failedAt(journal, policy);
    return at === null ? [] : [{ task, at }];
  });
  const [first] = failed.toSorted((a, b) => epochMs(a.at) - epochMs(b.at));
  return first === undefined || unspoken(claims, first.at).length === 0
    ? []
    : broken('nothing starts beside a failure that nobody has seen to', `task ${first.task}`);
}

/** By who closed it, or by a label; where the issue was not read, the label that people were shown is the last word. */
function isLeftAlone(issue: IssueFacts | null, journal: TaskJournal, policy: Policy): boolean {
  if (issue === null) return journal.shown?.state === 'skipped';
  const has = (name: LabelName): boolean => issue.labels.some((label) => sameLabel(label, name));
  return !issue.open || STOP_LABELS.some(has) || !has(policy.intake.label);
}

/** When it failed for good: nothing is left of its budget, or only a person can help; null: it did not. */
function failedAt(journal: TaskJournal, policy: Policy): Instant | null {
  const last = epochTries(journal).at(-1)?.settled ?? null;
  if (last === null || journal.finished !== null || journal.hold !== null || last.taken_out === true) return null;
  if (SUCCESS.has(last.outcome) || last.outcome === 'cancelled') return null;
  const spent = chargedAttempts(journal) >= policy.attempts_max || infraAttempts(journal) >= policy.infra_attempts_max;
  return spent || policy.retry[last.outcome].follow === 'person' ? last.at : null;
}
