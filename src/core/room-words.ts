// Owns which words change the room: saying it twice, or hearing it twice, is no change.
import type { InboxEntry } from '../domain/command.ts';
import { epochMs, isBefore } from '../domain/instant.ts';
import { jobState, withRoomRecords } from '../domain/room.ts';
import type { Room, RoomRecord } from '../domain/room.ts';
import type { Draft } from './draft.ts';
import { judgeJob } from './judge-job.ts';
import { dispatchRole, mayCommand } from './permissions.ts';
import { roomRecordOf } from './steps/obey-commands.ts';
import type { World } from './world.ts';

/** In the order they were said. */
export function roomRecords(drafts: readonly Draft[], world: World): readonly RoomRecord[] {
  const dispatched = world.snapshot.inbox.flatMap((entry) => roomWord(entry, world) ?? []);
  const said = [...drafts.flatMap(({ room }) => room), ...dispatched].sort((a, b) => epochMs(a.at) - epochMs(b.at));
  let { state } = world.snapshot.room;
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
    case 'mention_read':
    case 'job_seen':
    case 'job_ran':
      return true;
  }
}

/** What a dispatch to the whole repository says; null: nothing, or not by somebody who may. */
export function roomWord({ ask, by, at, run }: InboxEntry, world: World): readonly RoomRecord[] | null {
  if (ask.kind !== 'word' || ask.task !== null) return null;
  const { command } = ask;
  if (!mayCommand(world, command.verb, dispatchRole(world, by))) return null;
  if (command.verb === 'job' && judgeJob(command, at, world) !== null) return null;
  return roomRecordOf({ at, by, from: { run } }, command);
}
