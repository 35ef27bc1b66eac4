// Owns one tick: observe → decide → check → apply → report, on one screen.
import { checkPlan } from '../core/check-plan.ts';
import { decide } from '../core/decide.ts';
import type { Decision } from '../domain/decision.ts';
import type { Plan } from '../domain/plan.ts';
import type { Wake } from '../domain/wake.ts';
import { guarded } from './guard.ts';
import { startLegs } from './legs.ts';
import { look } from './look.ts';
import type { Seen } from './look.ts';
import type { TickPorts, TickResult } from './ports.ts';
import { queueNow } from './queue.ts';
import { planShowing } from './show.ts';
import { partsOf, rememberAnswers, showPeople, troubles, writeJournals, writeRoom } from './write.ts';

export interface TickOptions {
  /** Plan and check, and write nothing. */
  readonly dry_run: boolean;
}

/**
 * Claim first, then show. A journal somebody else moved costs that task its other effects and nobody else's; a killed
 * tick leaves nothing the next one does not repair.
 */
export async function runTick(ports: TickPorts, wake: Wake, { dry_run }: TickOptions): Promise<TickResult> {
  const seen = await look(ports, wake);
  const { decision, plan } = planFor(seen);
  const queue = () => queueNow(decision, seen.snapshot);
  if (dry_run) return { ...resultOf(seen, plan), ...NOTHING_DONE, queue };
  const parts = partsOf(plan);
  if ((await writeRoom(ports, parts)) === 'lost')
    return { ...resultOf(seen, { ...plan, more: true }), ...NOTHING_DONE, queue };
  const written = await writeJournals(ports, parts);
  const started = await startLegs(ports, parts.starts, written.won);
  const results = await showPeople(ports, parts, written);
  await rememberAnswers(ports, results, { won: written.won, snapshot: seen.snapshot });
  const again = plan.more || written.lost.size > 0 || started.given_back > 0;
  const told: Plan = { ...plan, alarms: [...plan.alarms, ...troubles(results, written)], more: again };
  return { ...resultOf(seen, told), legs: started.legs, results, lost: written.lost, queue };
}

/** Bounded work was left, and this tick moved something: without progress a tick that wakes itself would never end. */
export function leavesWork({ plan, legs, results }: Pick<TickResult, 'plan' | 'legs' | 'results'>): boolean {
  // Labels are made for what follows, and made again where it failed.
  const moves = results.some(({ effect, result }) => result === 'done' && effect.kind !== 'ensure_labels');
  return plan.more && (legs.length > 0 || moves);
}

const NOTHING_DONE = { legs: [], results: [], lost: new Map() } as const;

function planFor(seen: Seen): { readonly decision: Decision; readonly plan: Plan } {
  const decision = decide(seen.snapshot, seen.policy);
  const { snapshot, policy } = seen;
  const plan = guarded(planShowing({ decision, ...seen }), (part) => checkPlan({ plan: part, snapshot, policy }));
  return { decision, plan };
}

function resultOf(
  { snapshot, policy, origin }: Seen,
  plan: Plan,
): Pick<TickResult, 'snapshot' | 'policy' | 'origin' | 'plan' | 'runs'> {
  return { snapshot, policy, origin, plan, runs: [...snapshot.runs_read] };
}
