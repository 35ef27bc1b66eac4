// Owns filling free slots: who starts next, with which engine, on which branch, for how long.
import type { StartOrder } from '../../domain/decision.ts';
import { bugFault } from '../../domain/fault.ts';
import { lastAttempt, nextAttemptNumber } from '../../domain/fold-journal.ts';
import { AttemptNumber } from '../../domain/ids.ts';
import type { BranchName, CommitSha, Instant, TaskId } from '../../domain/ids.ts';
import { epochMs } from '../../domain/instant.ts';
import type { WaitReason } from '../../domain/plan.ts';
import type { Route } from '../../domain/route.ts';
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { Outset } from '../outset.ts';
import { choiceBeside, instancesOf, startsWanted } from '../instances.ts';
import { commandEngine, routeFor, wantsAnswer } from '../next-route.ts';
import type { OpenChoice } from '../next-route.ts';
import { compareTasks, milestoneRank, rankOf, wordOf } from '../queue-order.ts';
import type { Place } from '../queue-order.ts';
import { isWorkMerged, standingOf } from '../task-state.ts';
import { hasRoomBeside, isAlone, openTurn, take, waitIn, withRoom } from '../turn.ts';
import type { Turn } from '../turn.ts';
import { whatWaits } from '../what-waits.ts';
import type { Waiting } from '../what-waits.ts';
import type { World } from '../world.ts';

/** Hosted runners end a job after six hours. */
const JOB_MINUTES_MAX = 360;
/** Fetch, install, set-up, proof and hand-in besides the engine's own time. */
const JOB_OVERHEAD_MINUTES = 20;
/** A job that GitHub ends looks cancelled, which waits for a person; an attempt that ends itself is tried again. */
const ATTEMPT_MINUTES_MAX = JOB_MINUTES_MAX - JOB_OVERHEAD_MINUTES;

const HOUR_MS = 3_600_000;

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

export function dispatch(outset: Outset): readonly Draft[] {
  const { world, candidates } = outset;
  const { drafts } = outset.prepared;
  const wanting = candidates.map(({ draft }) => draft);
  const pending = startsWanted(wanting, world.policy);
  const turn = openTurn(outset, { pending, spare: 0 });
  const rotation = rotationOf(world);
  const decided = new Map<TaskId, Draft>();
  let place = 0;
  for (const candidate of candidates) {
    const wait = waitFor(candidate, turn);
    if (wait === null) {
      decided.set(candidate.draft.facts.id, start(candidate, { turn, rotation }));
    } else {
      place += 1;
      decided.set(candidate.draft.facts.id, { ...candidate.draft, wait, turn: place });
    }
  }
  return drafts.map((draft) => decided.get(draft.facts.id) ?? draft);
}

function waitFor(candidate: Candidate, turn: Turn): WaitReason | null {
  const { draft, choice } = candidate;
  const wait = waitIn(turn, candidate);
  if (wait !== null) return wait;
  if (!isReadForStart(draft)) return { kind: 'details_unread' };
  return wantsAnswer(choice, draft.facts, turn.world.policy) ? { kind: 'routing_budget' } : null;
}

/** What an internal task was asked stands in its journal; an issue's thread has to be read. */
export function isReadForStart({ facts }: Draft): boolean {
  return facts.details !== null || facts.issue === null;
}

interface Starting {
  readonly turn: Turn;
  readonly rotation: Map<string, number>;
}

function start(candidate: Candidate, starting: Starting): Draft {
  const { draft, choice, longer } = candidate;
  const { turn, rotation } = starting;
  const { world } = turn;
  const route = routeFor(draft, withRoom(turn, choice), { world, rotation });
  take(turn, candidate, route.engine);
  const is_new = !sameRoute(route, draft.journal.route);
  const routed = is_new ? withRoute(draft, route, world) : draft;
  if (is_new) count(rotation, route);
  const routes = [route, ...routesBeside(candidate, route, starting)];
  const starts = routes.map((each, index) =>
    startOrder(routed, { route: each, longer, index, side_by_side: routes.length > 1 }, world),
  );
  const did = starts.map(({ attempt, engine }) => ({ kind: 'starts' as const, attempt, engine: engine.id }));
  return { ...routed, starts, did: [...routed.did, ...did] };
}

/** As many as the task asks for and there is room for; the first one does not wait for the others. */
function routesBeside(candidate: Candidate, first: Route, { turn, rotation }: Starting): readonly Route[] {
  const { draft, choice } = candidate;
  const routes: Route[] = [];
  for (let more = instancesOf(draft, turn.world.policy) - 1; more > 0; more -= 1) {
    const used = [first, ...routes].map(({ engine }) => engine);
    const others = choiceBeside(withRoom(turn, choice), used);
    const route = routeFor(draft, others, { world: turn.world, rotation });
    if (!hasRoomBeside(turn, draft, route.engine)) break;
    take(turn, candidate, route.engine);
    routes.push(route);
  }
  return routes;
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

interface Ordered {
  readonly route: Route;
  readonly longer: boolean;
  /** Its place among those that start side by side, from 0. */
  readonly index: number;
  readonly side_by_side: boolean;
}

function startOrder(
  draft: Draft,
  { route, longer, index, side_by_side }: Ordered,
  { snapshot, policy }: World,
): StartOrder {
  const first = nextAttemptNumber(draft.journal);
  const engine = commandEngine(draft.journal) ?? policy.engines.find(({ id }) => id === route.engine);
  if (engine === undefined)
    throw bugFault({
      title: 'A route names no engine',
      cause: `${route.engine} is not configured`,
      remedy: 'Please report this.',
    });
  const wanted_minutes = policy.timeout_minutes[route.complexity] * (longer ? policy.timeout_factor : 1);
  const timeout_minutes = Math.min(wanted_minutes, ATTEMPT_MINUTES_MAX);
  return {
    attempt: AttemptNumber.parse(first + index),
    group: side_by_side ? AttemptNumber.parse(first) : null,
    role: route.role,
    route,
    engine,
    model: route.model,
    base: snapshot.repository.base,
    ...workOf(draft),
    timeout_minutes,
    job_timeout_minutes: Math.ceil(timeout_minutes) + JOB_OVERHEAD_MINUTES,
    runs_on: policy.runs_on.attempt,
    alone: isAlone(draft),
  };
}

/** One branch per task, from its first claim to its merge; whatever stands on it is continued, never overwritten. */
function workOf(draft: Draft): {
  readonly branch: BranchName | null;
  readonly continues: CommitSha | null;
} {
  const { facts, journal } = draft;
  if (isWorkMerged(draft)) return { branch: null, continues: null };
  const branch = lastAttempt(journal)?.claim.branch ?? facts.branch?.name ?? null;
  return { branch, continues: facts.branch !== null && facts.branch.name === branch ? facts.branch.head : null };
}

function placeOf(draft: Draft, waiting: Waiting, { snapshot, policy }: World): Place {
  const { facts } = draft;
  const since_ms = Math.max(...joinedAt(draft, snapshot.at).map(epochMs));
  return {
    task: facts.id,
    word: wordOf(draft, policy),
    overdue: epochMs(snapshot.at) - since_ms >= policy.patience_hours * HOUR_MS,
    rank: rankOf(draft),
    ...waiting,
    milestone: milestoneRank(facts.issue?.milestone ?? null),
    since_ms,
  };
}

/** Whose issue was opened again, or who was told to try anew, has not waited while it was done or under way. */
function joinedAt({ facts: { issue }, journal }: Draft, now: Instant): readonly Instant[] {
  const first = journal.admitted?.at ?? journal.asked?.at ?? issue?.created_at ?? now;
  const anew = journal.attempts.length === 0 ? null : journal.epoch.since;
  return [first, issue?.reopened?.at, anew].flatMap((at) => at ?? []);
}

function rotationOf({ snapshot }: World): Map<string, number> {
  const rotation = new Map<string, number>();
  for (const { engine } of snapshot.history.recent_routes) rotation.set(engine, (rotation.get(engine) ?? 0) + 1);
  return rotation;
}

function count(rotation: Map<string, number>, route: Route | null): void {
  if (route !== null) rotation.set(route.engine, (rotation.get(route.engine) ?? 0) + 1);
}
