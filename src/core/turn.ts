// Owns one tick's giving out of slots: who may start beside what runs already, and the first reason why another may not.
import { liveAttempts } from '../domain/fold-journal.ts';
import type { TaskId } from '../domain/ids.ts';
import type { WaitReason } from '../domain/plan.ts';
import type { EnginePolicy } from '../domain/policy.ts';
import type { EngineId } from '../domain/task.ts';
import { isBraked } from './brakes.ts';
import type { Brake } from './brakes.ts';
import { slotsFor, STARTS_MAX } from './capacity.ts';
import type { Slots } from './capacity.ts';
import type { Draft } from './draft.ts';
import { usable } from './next-route.ts';
import type { OpenChoice } from './next-route.ts';
import { filesHinted, overlapWith, takenFiles } from './overlap.ts';
import type { Outset } from './outset.ts';
import type { Place } from './queue-order.ts';
import type { World } from './world.ts';

export interface Turn {
  readonly world: World;
  readonly slots: Slots;
  /** With the starts that each leaves. */
  readonly brakes: readonly Braking[];
  readonly by_engine: Map<EngineId, number>;
  readonly taken: Map<TaskId, readonly string[]>;
  /** What tasks that go first wait for; nobody behind them takes it in the meantime. */
  readonly kept: Map<TaskId, Kept>;
  running: number;
  /** Starts that are left. */
  free: number;
  /** A task that runs, or is next to run, with nothing beside it. */
  alone: TaskId | null;
}

interface Braking {
  readonly brake: Brake;
  free: number;
}

interface Kept {
  readonly files: readonly string[];
  readonly engines: readonly EngineId[];
}

export interface Starter {
  readonly draft: Draft;
  readonly choice: OpenChoice;
  readonly place: Pick<Place, 'word' | 'overdue'>;
}

/** `spare`: more than may start, for those that turn out not to. */
export function openTurn(
  { journals, world, brakes }: Outset,
  { pending, spare }: { readonly pending: number; readonly spare: number },
): Turn {
  const live = [...journals].flatMap(([task, journal]) => liveAttempts(journal).map(({ claim }) => ({ task, claim })));
  const running = live.length;
  const slots = slotsFor({ running, pending }, world.policy, world.snapshot);
  const by_engine = new Map<EngineId, number>();
  for (const { claim } of live) add(by_engine, claim.engine);
  const free = Math.max(0, Math.min(slots.slots - running, STARTS_MAX));
  return {
    world,
    slots,
    brakes: brakes.map((brake) => ({ brake, free: brake.free === 0 ? 0 : brake.free + spare })),
    by_engine,
    running,
    taken: new Map(takenFiles(journals, world.policy, world.snapshot.at)),
    free: free === 0 ? 0 : free + spare,
    kept: new Map(),
    alone: live.find(({ claim }) => claim.alone === true)?.task ?? null,
  };
}

/** null: it may start. A task that has to run alone keeps those behind it back, or its turn would never come. */
export function waitIn(turn: Turn, starter: Starter): WaitReason | null {
  const { draft } = starter;
  const { world, slots, running } = turn;
  const { paused } = world.snapshot.room.state;
  if (paused !== null) return { kind: 'paused', by: paused.by, since: paused.at };
  if (turn.free === 0)
    return { kind: 'capacity', running: Math.max(running, slots.slots), parallel_max: slots.slots, by: slots.by };
  const braked = turn.brakes.find(({ brake, free }) => free <= 0 && isBraked(draft, brake));
  if (braked !== undefined) return braked.brake.wait;
  if (turn.alone !== null) return { kind: 'behind', task: turn.alone };
  if (isAlone(draft) && running > 0) {
    turn.alone = draft.facts.id;
    return { kind: 'alone', running };
  }
  const wait = collision(turn, draft) ?? fullEngine(turn, starter);
  if (wait !== null && goesFirst(starter)) keep(turn, starter);
  return wait;
}

/** Another attempt of a task that has just started: it takes what is free and keeps nothing. */
export function hasRoomBeside(turn: Turn, draft: Draft, id: EngineId): boolean {
  const engine = turn.world.policy.engines.find((each) => each.id === id);
  const braked = turn.brakes.some(({ brake, free }) => free <= 0 && isBraked(draft, brake));
  return turn.free > 0 && !braked && engine !== undefined && hasRoom(turn, engine);
}

function goesFirst({ place }: Starter): boolean {
  return place.word > 0 || place.overdue;
}

/**
 * Whoever goes first and waits keeps both its files and a place at every engine it may use: with the one free and the
 * other taken in turn by those behind it, it would never start. No more keep than could start at once.
 */
function keep(turn: Turn, { draft, choice }: Starter): void {
  if (turn.kept.size >= turn.slots.slots) return;
  const engines = enginesOf(draft, choice, turn.world).map(({ id }) => id);
  turn.kept.set(draft.facts.id, { files: filesOf(draft, turn.world), engines });
}

function collision({ world, taken, kept }: Turn, draft: Draft): WaitReason | null {
  if (world.policy.overlap === 'off') return null;
  const files = filesOf(draft, world);
  const now = overlapWith(draft.facts.id, files, taken);
  if (now !== null) return { kind: 'overlap', ...now, under_way: true };
  const next = overlapWith(
    draft.facts.id,
    files,
    new Map([...kept].map(([task, { files: theirs }]) => [task, theirs])),
  );
  return next === null ? null : { kind: 'overlap', ...next, under_way: false };
}

/** Counts it among what runs; `engine`: as far as it is chosen. */
export function take(turn: Turn, { draft }: Pick<Starter, 'draft'>, engine: EngineId | null): void {
  turn.free -= 1;
  turn.running += 1;
  for (const braking of turn.brakes) if (isBraked(draft, braking.brake)) braking.free -= 1;
  if (engine !== null) add(turn.by_engine, engine);
  if (turn.world.policy.overlap !== 'off') turn.taken.set(draft.facts.id, filesOf(draft, turn.world));
  if (isAlone(draft)) turn.alone = draft.facts.id;
}

/** What is chosen leaves no other way; of an open choice, the engines that have room. */
export function withRoom(turn: Turn, choice: OpenChoice): OpenChoice {
  if (choice.kind === 'decided') return choice;
  const among = choice.among.filter((engine) => hasRoom(turn, engine));
  return among.length === 0 ? choice : { kind: 'open', among };
}

export function isAlone({ asks }: Draft): boolean {
  return asks?.alone === true;
}

function fullEngine(turn: Turn, { draft, choice }: Starter): WaitReason | null {
  const [first, ...others] = enginesOf(draft, choice, turn.world);
  if (first === undefined || [first, ...others].some((engine) => hasRoom(turn, engine))) return null;
  const running = turn.by_engine.get(first.id) ?? 0;
  const parallel_max = first.parallel_max ?? 0;
  const [kept_for = null] = running < parallel_max ? keepersOf(turn, first.id) : [];
  return { kind: 'engine_capacity', engine: first.id, running, parallel_max, kept_for };
}

/** An answer of the router is not overruled by who is busy. */
function enginesOf({ facts }: Draft, choice: OpenChoice, { policy }: World): readonly EnginePolicy[] {
  if (choice.kind === 'decided') return [choice.engine];
  const answer = usable(facts.answer, policy);
  const named = choice.among.filter(({ id }) => id === answer?.engine);
  return named.length > 0 ? named : choice.among;
}

function hasRoom(turn: Turn, { id, parallel_max }: EnginePolicy): boolean {
  if (parallel_max === null) return true;
  return (turn.by_engine.get(id) ?? 0) + keepersOf(turn, id).length < parallel_max;
}

function keepersOf({ kept }: Turn, engine: EngineId): readonly TaskId[] {
  return [...kept].flatMap(([task, { engines }]) => (engines.includes(engine) ? [task] : []));
}

/** What the router, an earlier route and the text itself expect. */
function filesOf({ facts, journal }: Draft, { policy }: World): readonly string[] {
  const answer = usable(facts.answer, policy);
  const hinted = filesHinted(facts.issue?.body ?? journal.asked?.prompt ?? '');
  return [...new Set([...(answer?.likely_files ?? []), ...(journal.route?.likely_files ?? []), ...hinted])];
}

function add(counts: Map<EngineId, number>, engine: EngineId | undefined): void {
  if (engine !== undefined) counts.set(engine, (counts.get(engine) ?? 0) + 1);
}
