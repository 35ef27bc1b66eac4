// Owns what every question about a tick begins with: each task by itself, then what holds for all of them together.
import type { TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import { withRoomRecords } from '../domain/room.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { brakesOf, journalsNow } from './brakes.ts';
import type { Brake } from './brakes.ts';
import { cooldownsOf } from './cooldowns.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import { candidatesOf } from './steps/dispatch.ts';
import type { Candidate } from './steps/dispatch.ts';
import { tiesOf } from './ties.ts';
import { sharesOf } from './shares.ts';
import type { World } from './world.ts';

export interface Outset {
  readonly prepared: Prepared;
  /** Of all tasks, with what this tick has taken in. */
  readonly journals: ReadonlyMap<TaskId, TaskJournal>;
  /** After people's words of this tick: one that pauses the queue counts in the very tick that hears it. */
  readonly world: World;
  readonly brakes: readonly Brake[];
  /** Everything that could start now, in order. */
  readonly candidates: readonly Candidate[];
}

interface Known {
  readonly policy: Policy;
  readonly outset: Outset;
}

/** What is to be read, what is to be routed and what is to be done is asked of one snapshot in turn. */
const known = new WeakMap<Snapshot, Known>();

export function outsetOf(snapshot: Snapshot, policy: Policy): Outset {
  const before = known.get(snapshot);
  if (before?.policy === policy) return before.outset;
  const outset = begin(snapshot, policy);
  known.set(snapshot, { policy, outset });
  return outset;
}

function begin(snapshot: Snapshot, policy: Policy): Outset {
  const ties = tiesOf(snapshot);
  const before: World = { snapshot, policy, ties, cooldowns: cooldownsOf(snapshot, policy) };
  const prepared = prepare(before);
  const state = withRoomRecords(snapshot.room.state, prepared.room);
  const journals = journalsNow(prepared.drafts, before);
  const world = {
    policy,
    ties,
    snapshot: { ...snapshot, room: { ...snapshot.room, state } },
    cooldowns: cooldownsOf(snapshot, policy, journals),
    shares: sharesOf(journals, snapshot.at),
  };
  const candidates = candidatesOf(prepared.drafts, world);
  return { prepared, journals, world, brakes: brakesOf(journals, world), candidates };
}
