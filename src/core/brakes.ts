// Owns what keeps the whole repository from starting more: the circuit breaker, the cap per hour, `stop_on_failure`.
import { lastTry, liveAttempts } from '../domain/fold-journal.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { readLabels } from '../domain/label.ts';
import type { Alarm } from '../domain/notice.ts';
import type { WaitReason } from '../domain/plan.ts';
import type { Ending, IssueFacts } from '../domain/snapshot.ts';
import { openCircuit } from './circuit.ts';
import type { Draft } from './draft.ts';
import { verdictOf } from './retry-policy.ts';
import { budgetBrake } from './spend.ts';
import type { World } from './world.ts';

export interface Brake {
  readonly wait: WaitReason & { readonly kind: 'circuit' | 'hourly' | 'stopped' | 'budget' };
  /** A task that a person told to go on after this starts all the same; null: none does. */
  readonly since: Instant | null;
  /** Starts that are free in spite of it: the probe of a half-open circuit. */
  readonly free: number;
}

type Journals = ReadonlyMap<TaskId, TaskJournal>;

/** Journals of all tasks as they are now, those that were not read this tick included. */
export function journalsNow(drafts: readonly Draft[], { snapshot }: World): Journals {
  const all = new Map([...snapshot.tasks.values()].map(({ id, journal }) => [id, journal]));
  for (const { facts, journal } of drafts) all.set(facts.id, journal);
  return all;
}

/** All that hold, the one that leaves the fewest starts first: what a person's word lets past one may meet the next. */
export function brakesOf(journals: Journals, world: World): readonly Brake[] {
  const brakes = [stoppedBrake, circuitBrake, budgetBrake, hourlyBrake].flatMap((look) => look(journals, world) ?? []);
  return brakes.toSorted((a, b) => a.free - b.free);
}

/** One word about the strictest. */
export function brakeAlarms([brake]: readonly Brake[]): readonly Alarm[] {
  const silent =
    brake === undefined || ((brake.wait.kind === 'hourly' || brake.wait.kind === 'budget') && brake.free > 0);
  return silent ? [] : [{ kind: 'brake', wait: brake.wait }];
}

/** A person's word since is stronger than the brake. */
export function isBraked({ journal }: Pick<Draft, 'journal'>, brake: Brake): boolean {
  const { since } = journal.epoch;
  return brake.since === null || since === null || isBefore(since, brake.since);
}

function circuitBrake(journals: Journals, world: World): Brake | null {
  const circuit = openCircuit(endingsNow(journals, world), world.policy);
  if (circuit === null) return null;
  const probing = !isBefore(world.snapshot.at, circuit.until);
  const live = [...journals.values()].flatMap(liveAttempts);
  const probes = live.filter(({ claim }) => !isBefore(claim.at, circuit.until)).length;
  const { outcome, tasks, until, since } = circuit;
  return {
    wait: { kind: 'circuit', outcome, tasks, until, probing },
    since,
    free: probing ? Math.max(0, 1 - probes) : 0,
  };
}

/** The history learns of an ending when people do: what is news to them stands in the journals only. */
function endingsNow(journals: Journals, { snapshot }: World): readonly Ending[] {
  const known = new Map(snapshot.history.recent_endings.map((ending) => [`${ending.task} ${ending.attempt}`, ending]));
  for (const [task, { news, attempts }] of journals) {
    for (const number of news) {
      const attempt = attempts.findLast((each) => each.number === number);
      if (attempt === undefined || attempt.settled === null) continue;
      const { at, outcome } = attempt.settled;
      known.set(`${task} ${number}`, { task, attempt: number, outcome, at });
    }
  }
  return [...known.values()];
}

function hourlyBrake(
  journals: Journals,
  { snapshot: { at }, policy: { attempts_per_hour_max: limit } }: World,
): Brake | null {
  if (limit === null) return null;
  const from = plusMinutes(at, -60);
  const starts = [...journals.values()]
    .flatMap(({ attempts }) => attempts.map(({ claim }) => claim.at))
    .filter((started) => isBefore(from, started))
    .toSorted();
  const free = Math.max(0, limit - starts.length);
  const first = starts[Math.max(0, starts.length - limit)] ?? at;
  return {
    wait: { kind: 'hourly', starts: Math.max(starts.length, limit), limit, until: plusMinutes(first, 60) },
    since: null,
    free,
  };
}

/** The oldest failed task that no person has seen to. */
function stoppedBrake(journals: Journals, { snapshot, policy }: World): Brake | null {
  if (!policy.stop_on_failure) return null;
  for (const [task, journal] of journals) {
    const failed = failedAt(journal, policy);
    if (failed === null || isSeenTo(snapshot.tasks.get(task)?.issue ?? null, journal, policy)) continue;
    return { wait: { kind: 'stopped', task }, since: failed, free: 0 };
  }
  return null;
}

/** Closed, or taken out by a label; of an issue that was not read, what people were last shown. */
function isSeenTo(issue: IssueFacts | null, { shown }: TaskJournal, { intake }: World['policy']): boolean {
  if (issue === null) return shown?.state === 'skipped';
  const { stop, intake: is_in } = readLabels(issue.labels, intake.label);
  return !issue.open || stop !== null || !is_in;
}

function failedAt(journal: TaskJournal, policy: World['policy']): Instant | null {
  if (journal.finished !== null || journal.hold !== null) return null;
  const verdict = verdictOf(journal, policy);
  if (verdict.kind !== 'person' || verdict.reason.kind === 'cancelled') return null;
  const { outcome, at } = lastTry(journal)?.settled ?? { outcome: 'no_change', at: null };
  return outcome === 'no_change' ? null : at;
}
