// Owns filling free slots: who starts next, with which engine, on which branch, for how long.
import type { StartOrder } from '../../domain/decision.ts';
import { bugFault } from '../../domain/fault.ts';
import { liveAttempt, lastAttempt, nextAttemptNumber } from '../../domain/fold-journal.ts';
import { AttemptNumber } from '../../domain/ids.ts';
import type { BranchName, CommitSha, TaskId } from '../../domain/ids.ts';
import { epochMs } from '../../domain/instant.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import type { WaitReason } from '../../domain/plan.ts';
import type { Route } from '../../domain/route.ts';
import { brakeOf, isBraked, journalsNow } from '../brakes.ts';
import type { Brake } from '../brakes.ts';
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { routeFor, wantsAnswer } from '../next-route.ts';
import type { OpenChoice, Rotation } from '../next-route.ts';
import { compareTasks, rankOf } from '../queue-order.ts';
import type { Place } from '../queue-order.ts';
import { standingOf } from '../task-state.ts';
import { whatWaits } from '../what-waits.ts';
import type { Waiting } from '../what-waits.ts';
import type { World } from '../world.ts';

/** GitHub runs at most this many jobs of one matrix. */
export const STARTS_MAX = 256;
/** Hosted runners end a job after six hours. */
const JOB_MINUTES_MAX = 360;
/** Fetch, install, set-up, proof and hand-in besides the engine's own time. */
const JOB_OVERHEAD_MINUTES = 20;

export interface Candidate {
  readonly draft: Draft;
  readonly choice: OpenChoice;
  readonly longer: boolean;
  readonly place: Place;
}

/** Everything that could start now, in order. */
export function candidatesOf(drafts: readonly Draft[], world: World): readonly Candidate[] {
  const waiting = whatWaits(drafts, world);
  const ready = drafts.flatMap((draft): Candidate[] => {
    const standing = standingOf(draft, world);
    if (standing.kind !== 'ready') return [];
    return [
      {
        draft,
        choice: standing.choice,
        longer: standing.longer,
        place: placeOf(draft, waiting(draft.facts.id), world),
      },
    ];
  });
  return ready.sort((a, b) => compareTasks(a.place, b.place));
}

/** Live attempts of all journals, tasks that were not read this tick included. */
export function runningCount(journals: ReadonlyMap<TaskId, TaskJournal>): number {
  return [...journals.values()].filter((journal) => liveAttempt(journal) !== null).length;
}

export function freeSlots(running: number, { policy }: World): number {
  return Math.max(0, Math.min(policy.parallel_max - running, STARTS_MAX));
}

export function dispatch(drafts: readonly Draft[], world: World): readonly Draft[] {
  const journals = journalsNow(drafts, world);
  const running = runningCount(journals);
  const brake = brakeOf(journals, world);
  const turn = {
    world,
    running,
    free: freeSlots(running, world),
    brake,
    unbraked: brake?.free ?? 0,
    rotation: rotationOf(world),
  };
  const decided = new Map<TaskId, Draft>();
  for (const candidate of candidatesOf(drafts, world)) {
    const wait = waitFor(candidate, turn);
    const next = wait === null ? start(candidate, turn) : { ...candidate.draft, wait };
    if (next.start !== null) turn.free -= 1;
    if (next.start !== null && isBraked(candidate.draft, brake)) turn.unbraked -= 1;
    if (next.did.some(({ kind }) => kind === 'routed')) count(turn.rotation, next.journal.route);
    decided.set(candidate.draft.facts.id, next);
  }
  return drafts.map((draft) => decided.get(draft.facts.id) ?? draft);
}

interface Turn {
  readonly world: World;
  readonly running: number;
  readonly free: number;
  readonly brake: Brake | null;
  /** Starts that the brake leaves. */
  readonly unbraked: number;
  readonly rotation: Rotation;
}

function waitFor({ draft, choice }: Candidate, { world, running, free, brake, unbraked }: Turn): WaitReason | null {
  const { parallel_max } = world.policy;
  const { paused } = world.snapshot.room.state;
  if (paused !== null) return { kind: 'paused', by: paused.by, since: paused.at };
  if (free === 0) return { kind: 'capacity', running: Math.max(running, parallel_max), parallel_max };
  if (brake !== null && unbraked <= 0 && isBraked(draft, brake)) return brake.wait;
  if (!isReadForStart(draft)) return { kind: 'details_unread' };
  return wantsAnswer(choice, draft.facts, world.policy) ? { kind: 'routing_budget' } : null;
}

/** What an internal task was asked stands in its journal; an issue's thread has to be read. */
export function isReadForStart({ facts }: Draft): boolean {
  return facts.details !== null || facts.issue === null;
}

function start({ draft, choice, longer }: Candidate, { world, rotation }: Turn): Draft {
  const route = routeFor(draft, choice, { world, rotation });
  const routed = sameRoute(route, draft.journal.route) ? draft : withRoute(draft, route, world);
  const order = startOrder(routed, { route, longer }, world);
  return {
    ...routed,
    start: order,
    did: [...routed.did, { kind: 'starts', attempt: order.attempt, engine: route.engine }],
  };
}

function withRoute(draft: Draft, route: Route, { snapshot }: World): Draft {
  return record(draft, [{ kind: 'routed', at: snapshot.at, route }], {
    kind: 'routed',
    engine: route.engine,
    source: route.source,
  });
}

function sameRoute(a: Route, b: Route | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function startOrder(
  draft: Draft,
  { route, longer }: { readonly route: Route; readonly longer: boolean },
  { snapshot, policy }: World,
): StartOrder {
  const engine = policy.engines.find(({ id }) => id === route.engine);
  if (engine === undefined)
    throw bugFault({
      title: 'A route names no engine',
      cause: `${route.engine} is not configured`,
      remedy: 'Please report this.',
    });
  const timeout_minutes = policy.timeout_minutes[route.complexity] * (longer ? policy.timeout_factor : 1);
  return {
    attempt: AttemptNumber.parse(nextAttemptNumber(draft.journal)),
    role: route.role,
    route,
    engine,
    model: route.model,
    base: snapshot.repository.base,
    ...workOf(draft),
    timeout_minutes,
    job_timeout_minutes: Math.min(Math.ceil(timeout_minutes) + JOB_OVERHEAD_MINUTES, JOB_MINUTES_MAX),
    runs_on: policy.runs_on.attempt,
  };
}

/** One branch per task, from its first claim to its merge; whatever stands on it is continued, never overwritten. */
function workOf({ facts, journal }: Draft): {
  readonly branch: BranchName | null;
  readonly continues: CommitSha | null;
} {
  if (facts.pull?.state === 'merged') return { branch: null, continues: null };
  const branch = lastAttempt(journal)?.claim.branch ?? facts.branch?.name ?? null;
  return { branch, continues: facts.branch !== null && facts.branch.name === branch ? facts.branch.head : null };
}

function placeOf(draft: Draft, waiting: Waiting, { snapshot }: World): Place {
  const { facts, journal } = draft;
  return {
    task: facts.id,
    rank: rankOf(draft),
    ...waiting,
    since_ms: epochMs(journal.admitted?.at ?? journal.asked?.at ?? facts.issue?.created_at ?? snapshot.at),
  };
}

function rotationOf({ snapshot }: World): Map<string, number> {
  const rotation = new Map<string, number>();
  for (const { engine } of snapshot.history.recent_routes) rotation.set(engine, (rotation.get(engine) ?? 0) + 1);
  return rotation;
}

function count(rotation: Map<string, number>, route: Route | null): void {
  if (route !== null) rotation.set(route.engine, (rotation.get(route.engine) ?? 0) + 1);
}
