// Owns what hangs on each task: how many open tasks wait for it, and the longest chain of work among them.
import type { TaskId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import { chainWeights } from './critical-path.ts';
import type { Draft } from './draft.ts';
import { countWaiting, dependantsOf } from './graph.ts';
import { NO_TIES } from './ties.ts';
import type { World } from './world.ts';

/** More waiting tasks than this count as this many: the count of all for each would not be linear. */
export const WAITING_COUNTED_MAX = 100;

export interface Waiting {
  /** Open tasks that wait for this one, through others too; at most `WAITING_COUNTED_MAX`. */
  readonly unblocks: number;
  /** The time limits of the longest chain that can only follow this task, its own not counted. */
  readonly chain_minutes: number;
}

const NOTHING_WAITS: Waiting = { unblocks: 0, chain_minutes: 0 };

/** Only what was read this tick is known to wait. */
export function whatWaits(drafts: readonly Draft[], { policy, ties }: World): (task: TaskId) => Waiting {
  const minutesOf = workMinutes(drafts, policy);
  const { graph } = ties ?? NO_TIES;
  const dependants = dependantsOf(graph);
  const chains = chainWeights(graph, minutesOf);
  return (task) => {
    const chain = chains.get(task);
    if (chain === undefined) return NOTHING_WAITS;
    return {
      unblocks: countWaiting<string>(task, dependants, WAITING_COUNTED_MAX),
      chain_minutes: Math.max(0, chain - minutesOf(task)),
    };
  };
}

/** How long a task may take, by its complexity; 0 for what was not read. */
export function workMinutes(drafts: readonly Draft[], policy: Policy): (task: string) => number {
  const byId = new Map<string, Draft>(drafts.map((draft) => [draft.facts.id, draft]));
  return (task) => {
    const draft = byId.get(task);
    return draft === undefined ? 0 : policy.timeout_minutes[complexityOf(draft)];
  };
}

function complexityOf({ asks, journal }: Draft): keyof Policy['timeout_minutes'] {
  return asks?.complexities[0] ?? journal.complexity ?? journal.route?.complexity ?? 'medium';
}
