// Owns the decision of one tick: obey people → take in results → settle dead leases → retry → review and merge →
// unblock → dispatch → sweep. Pure, synchronous, total; prepare.ts holds the part that is each task's own.
import type { Decision, TaskDecision } from '../domain/decision.ts';
import type { Alarm } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { brakeAlarms } from './brakes.ts';
import { isTask } from './draft.ts';
import type { Draft } from './draft.ts';
import { outsetOf } from './outset.ts';
import { rankOf } from './queue-order.ts';
import { dispatch } from './steps/dispatch.ts';
import { rememberSweep } from './steps/sweep.ts';
import { priceAlarms } from './spend.ts';
import { deadlockAlarms } from './deadlock.ts';
import { standingOf, taskState, waitOf } from './task-state.ts';
import { readyEngines } from './world.ts';
import type { World } from './world.ts';

/** The share of fallbacks says nothing before this many routes. */
const ROUTES_JUDGED_MIN = 5;
const ROUTES_JUDGED_MAX = 20;

export function decide(snapshot: Snapshot, policy: Policy): Decision {
  const outset = outsetOf(snapshot, policy);
  const { prepared, journals, world, brakes } = outset;
  const tasks = dispatch(outset).map((draft) => conclude(draft, world));
  return {
    tasks,
    history: rememberSweep(world),
    room: prepared.room,
    inbox: prepared.inbox,
    told: prepared.told,
    proposals: prepared.proposals,
    epics: prepared.epics,
    alarms: [
      ...prepared.alarms,
      ...brakeAlarms(brakes),
      ...unreadAlarms(world),
      ...routerAlarms(world),
      ...engineAlarms(tasks, world),
      ...deadlockAlarms(tasks, world),
      ...priceAlarms(journals, world),
    ],
    more: prepared.more || prepared.epics.length > 0 || tasks.some(leavesMore),
  };
}

/** What our own token closes wakes nobody, though others may wait for it; asked for once, or a failing close would turn in circles. */
function leavesMore({ wait, close, facts, imports }: TaskDecision): boolean {
  if (imports?.kind === 'make' || (imports !== null && facts.journal.imports.length > 1)) return true;
  return wait?.kind === 'routing_budget' || (close !== null && facts.journal.finished === null);
}

function conclude(draft: Draft, world: World): TaskDecision {
  const {
    facts,
    journal,
    records,
    starts,
    answers,
    told,
    open_pull,
    close,
    delete_branch,
    publish,
    proposals,
    imports,
    did,
  } = draft;
  const standing = standingOf(draft, world);
  return {
    facts,
    is_task: isTask(draft),
    journal,
    records,
    starts,
    answers,
    told,
    open_pull,
    close,
    delete_branch,
    publish,
    proposals,
    imports,
    state: starts.length === 0 ? taskState(standing, draft) : 'in_progress',
    wait: starts.length === 0 ? (draft.wait ?? waitOf(standing, draft)) : null,
    priority: rankOf(draft),
    turn: draft.turn,
    did,
  };
}

function unreadAlarms({ snapshot }: World): readonly Alarm[] {
  return snapshot.unread.map(({ task, why }) => ({ kind: 'unread', task, why }));
}

/** A router that always falls through is broken, and nobody would notice: the queue goes on. */
function routerAlarms({ snapshot, policy: { router } }: World): readonly Alarm[] {
  const recent = snapshot.history.recent_routes.slice(-ROUTES_JUDGED_MAX);
  const judged = recent.filter(({ source }) => source === 'llm' || source === 'round_robin');
  const fallbacks = judged.filter(({ source }) => source === 'round_robin').length;
  if (router.mode !== 'llm' || judged.length < ROUTES_JUDGED_MIN) return [];
  const share_max = router.fallback_share_max;
  return fallbacks / judged.length > share_max
    ? [{ kind: 'router_fallback', fallbacks, routes: judged.length, share_max }]
    : [];
}

function engineAlarms(tasks: readonly TaskDecision[], world: World): readonly Alarm[] {
  const stuck = tasks.some(({ wait }) => wait?.kind === 'person' && wait.reason.kind === 'no_engine');
  if (!stuck || readyEngines(world).length > 0) return [];
  return [{ kind: 'no_engine_ready', configured: world.policy.engines.map(({ id }) => id) }];
}
