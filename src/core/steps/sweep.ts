// Owns the sweep's own memory: when everything was last looked at.
import type { HistoryLine } from '../../domain/effect.ts';
import { isBefore, plusMinutes } from '../../domain/instant.ts';
import type { World } from '../world.ts';

/** A sweep asked for again soon writes nothing: a second run over a settled repository is silent. */
const SWEEP_MEMORY_SHARE = 0.5;

export function rememberSweep({ snapshot, policy }: World): readonly HistoryLine[] {
  const { last_sweep_at } = snapshot.history;
  if (snapshot.scope !== 'all') return [];
  const fresh_until =
    last_sweep_at === null ? snapshot.at : plusMinutes(last_sweep_at, policy.sweep_hours_max * 60 * SWEEP_MEMORY_SHARE);
  return isBefore(snapshot.at, fresh_until) ? [] : [{ kind: 'tick', at: snapshot.at, sweep: true }];
}
