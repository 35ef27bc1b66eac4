// Owns how much of its weight an engine keeps after it met limits: each takes most of it away, and hours give it back.
import type { TaskId } from '../domain/ids.ts';
import { epochMs } from '../domain/instant.ts';
import type { Instant } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { EngineId } from '../domain/task.ts';

/** What one limit leaves of the weight, at once. */
const LEFT = 0.3;
/** An engine that met many is still asked now and then: otherwise nobody would learn that it works again. */
const SHARE_MIN = 0.05;
const RECOVERY_MS = 6 * 3_600_000;

/** From 0.05 to 1 per engine; one that is missing has all of its weight. */
export type Shares = ReadonlyMap<EngineId, number>;

export function sharesOf(journals: ReadonlyMap<TaskId, TaskJournal>, at: Instant): Shares {
  const now_ms = epochMs(at);
  const shares = new Map<EngineId, number>();
  for (const { attempts } of journals.values())
    for (const { claim, settled } of attempts) {
      if (settled === null || !settled.engine_started) continue;
      if (settled.outcome !== 'rate_limit' && settled.outcome !== 'model_unavailable') continue;
      const age_ms = now_ms - epochMs(settled.at);
      if (age_ms < RECOVERY_MS) shares.set(claim.engine, (shares.get(claim.engine) ?? 1) * leftAfter(age_ms));
    }
  return new Map([...shares].map(([engine, share]) => [engine, Math.max(share, SHARE_MIN)]));
}

function leftAfter(age_ms: number): number {
  return LEFT + (1 - LEFT) * (Math.max(0, age_ms) / RECOVERY_MS);
}
