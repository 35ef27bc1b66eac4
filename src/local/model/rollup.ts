// Owns what checks and statuses of one commit add up to.
import type { CheckRun, CommitStatus } from './state.ts';
import type { World } from './world.ts';

export type RollupState = 'SUCCESS' | 'PENDING' | 'FAILURE' | 'ERROR';

export interface Rollup {
  readonly state: RollupState;
  readonly checks: readonly CheckRun[];
  readonly statuses: readonly CommitStatus[];
}

const GREEN = ['success', 'neutral', 'skipped'];

function stateOf({ status, conclusion }: CheckRun): RollupState {
  if (status !== 'completed') return 'PENDING';
  return GREEN.includes(conclusion ?? '') ? 'SUCCESS' : 'FAILURE';
}

/** null where nobody said anything. Of each name only the newest counts. */
export function rollupOf(world: World, sha: string): Rollup | null {
  const runs = [...world.check_runs.values()].filter(({ head_sha }) => head_sha === sha);
  const checks = [...new Map(runs.map((check) => [check.name, check])).values()];
  const said = world.statuses.filter((status) => status.sha === sha);
  const statuses = [...new Map(said.map((status) => [status.context, status])).values()];
  if (checks.length + statuses.length === 0) return null;
  const states = [...checks.map(stateOf), ...statuses.map(({ state }) => state.toUpperCase())];
  const worst = (['FAILURE', 'ERROR', 'PENDING'] as const).find((state) => states.includes(state));
  return { state: worst ?? 'SUCCESS', checks, statuses };
}
