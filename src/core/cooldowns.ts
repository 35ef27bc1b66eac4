// Owns which engines rest for all tasks: a limit that one attempt met is met by the next one on the same key or model.
import type { Instant, ModelName, TaskId } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { Settled, TaskJournal } from '../domain/journal.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { EngineId } from '../domain/task.ts';
import { toldReset } from './told-reset.ts';

export interface Cooldown {
  /** Its own clock, in retry-policy.ts, is shorter: it is the one that finds out. */
  readonly task: TaskId;
  readonly since: Instant;
  readonly until: Instant;
}

/** By engine (its key's limit) and by engine and model (that model is not there). */
export type Cooldowns = ReadonlyMap<string, Cooldown>;

export function engineKey(engine: EngineId): string {
  return engine;
}

export function modelKey(engine: EngineId, model: ModelName | null): string {
  return `${engine} ${model ?? ''}`;
}

type Journals = ReadonlyMap<TaskId, TaskJournal>;

/**
 * The newest ending on a key that says something of it decides: another limit, or work that got through. `journals`:
 * with what this tick has taken in, where that is known; an ending counts in the very tick that learns of it.
 */
export function cooldownsOf({ tasks, at }: Snapshot, policy: Policy, journals?: Journals): Cooldowns {
  const newest = new Map<string, Ended>();
  for (const { id, journal } of tasks.values())
    for (const ended of endedOn(id, journals?.get(id) ?? journal)) {
      const known = newest.get(ended.key);
      if (known === undefined || isBefore(known.settled.at, ended.settled.at)) newest.set(ended.key, ended);
    }
  const limited = [...newest].flatMap(([key, ended]): [string, Cooldown][] => {
    const until = restsUntil(ended, policy);
    return until === null || !isBefore(at, until) ? [] : [[key, { task: ended.task, since: ended.settled.at, until }]];
  });
  return new Map(limited);
}

interface Ended {
  readonly task: TaskId;
  readonly key: string;
  readonly of: 'engine' | 'model';
  readonly settled: Settled;
}

const known = new WeakMap<TaskJournal, readonly Ended[]>();

/** Asked twice a tick of every task: before and after what the tick has taken in, which touches few of them. */
function endedOn(task: TaskId, journal: TaskJournal): readonly Ended[] {
  const before = known.get(journal);
  if (before !== undefined) return before;
  const ended = endedIn(task, journal);
  known.set(journal, ended);
  return ended;
}

function endedIn(task: TaskId, { attempts }: TaskJournal): readonly Ended[] {
  return attempts.flatMap(({ claim: { engine, model }, settled }): Ended[] => {
    if (settled === null || !settled.engine_started) return [];
    const ended: readonly Ended[] = [
      { task, key: engineKey(engine), of: 'engine', settled },
      { task, key: modelKey(engine, model), of: 'model', settled },
    ];
    return ended.filter((each) => isLimit(each) || GOT_THROUGH.has(settled.outcome));
  });
}

/** The model worked to the end. A cancel, a crash or a refused key comes about with a limit as well as without one. */
const GOT_THROUGH: ReadonlySet<OutcomeKind> = new Set(['delivered', 'no_change', 'proof_failed']);

function isLimit({ of, settled: { outcome } }: Ended): boolean {
  return of === 'engine' ? outcome === 'rate_limit' : outcome === 'model_unavailable';
}

function restsUntil(ended: Ended, policy: Policy): Instant | null {
  const minutes = policy.cooldown_minutes[ended.of];
  if (!isLimit(ended) || minutes === 0) return null;
  return toldReset(ended.settled) ?? plusMinutes(ended.settled.at, minutes);
}
