// Owns what every decision may look at: one snapshot, one policy, and the questions asked of them most.
import type { Login } from '../domain/ids.ts';
import { readLabels } from '../domain/label.ts';
import type { LabelAsks } from '../domain/label.ts';
import type { EnginePolicy, Policy } from '../domain/policy.ts';
import { withRoomRecords } from '../domain/room.ts';
import type { RoomRecord } from '../domain/room.ts';
import type { Attempt } from '../domain/journal.ts';
import type { IssueFacts, LeaseStatus, Snapshot, TaskFacts } from '../domain/snapshot.ts';
import type { EngineId, RoleName } from '../domain/task.ts';
import type { Cooldowns } from './cooldowns.ts';
import type { Shares } from './shares.ts';
import type { Ties } from './ties.ts';

export interface World {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** Absent: none. */
  readonly cooldowns?: Cooldowns;
  /** Absent: each engine has all of its weight. */
  readonly shares?: Shares;
  /** Absent: nothing waits for anything else. */
  readonly ties?: Ties;
}

const UNREAD: LeaseStatus = { kind: 'unread' };

/** Nobody known, or nobody at all, may nothing. */
export function roleOf({ snapshot }: World, login: Login | null): RoleName {
  return login === null ? 'none' : (snapshot.roles.get(login) ?? 'none');
}

/** Engines the policy names and this repository can run, in the policy's order. */
export function readyEngines({ snapshot, policy }: World): readonly EnginePolicy[] {
  return policy.engines.filter(({ id }) => snapshot.engines_ready.has(id));
}

export function readyIds(world: World): readonly EngineId[] {
  return readyEngines(world).map(({ id }) => id);
}

/** What was not asked for is not known. */
export function leaseOf({ leases }: TaskFacts, { number }: Attempt): LeaseStatus {
  return leases.get(number) ?? UNREAD;
}

export function asksOf({ policy }: World, issue: IssueFacts): LabelAsks {
  return readLabels(issue.labels, policy.intake.label);
}

/** The same world, with the room as these records leave it. */
export function withRoom(world: World, records: readonly RoomRecord[]): World {
  if (records.length === 0) return world;
  const { snapshot } = world;
  const state = withRoomRecords(snapshot.room.state, records);
  return { ...world, snapshot: { ...snapshot, room: { ...snapshot.room, state } } };
}
