// Owns which words change the room: saying it twice, or hearing it twice, is no change.
import { epochMs, isBefore } from '../domain/instant.ts';
import { jobState, withRoomRecords } from '../domain/room.ts';
import type { Room, RoomRecord } from '../domain/room.ts';
import type { Draft } from './draft.ts';
import type { World } from './world.ts';

/** In the order they were said. */
export function roomRecords(drafts: readonly Draft[], { snapshot }: World): readonly RoomRecord[] {
  const said = drafts.flatMap(({ room }) => room).sort((a, b) => epochMs(a.at) - epochMs(b.at));
  let { state } = snapshot.room;
  return said.filter((record) => {
    const changes = isNews(state, record);
    if (changes) state = withRoomRecords(state, [record]);
    return changes;
  });
}

/** A word that is older than what it would change has been heard before. */
function isNews(room: Room, record: RoomRecord): boolean {
  switch (record.kind) {
    case 'paused':
      return room.paused === null;
    case 'resumed':
      return room.paused !== null;
    case 'job_wanted': {
      const { wanted, ran } = jobState(room, record.job) ?? { wanted: null, ran: null };
      return [wanted?.at, ran?.slot].every((at) => at === undefined || isBefore(at, record.at));
    }
    case 'job_switched': {
      const switched = jobState(room, record.job)?.switched ?? null;
      if (switched === null) return !record.on;
      return switched.on !== record.on && isBefore(switched.at, record.at);
    }
    case 'job_seen':
    case 'job_ran':
      return true;
  }
}
