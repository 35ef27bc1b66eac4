// Owns the room: what holds for the whole repository, and the records that change it.
import type { Instant, Login } from './ids.ts';
import type { Commanded } from './journal.ts';

/** A person's word: nothing new starts; what runs goes on. */
export interface Paused {
  readonly kind: 'paused';
  readonly at: Instant;
  readonly by: Login;
  readonly from: Commanded['from'];
}

export interface Resumed {
  readonly kind: 'resumed';
  readonly at: Instant;
  readonly by: Login;
  readonly from: Commanded['from'];
}

export type RoomRecord = Paused | Resumed;

/**
 * Unlike a task's journal, whose records are folded at each look, a commit of the room holds the whole state after it:
 * scheduled jobs move it for years, and only its tip is ever read.
 */
export interface Room {
  readonly paused: Omit<Paused, 'kind'> | null;
}

export const EMPTY_ROOM: Room = { paused: null };

export function withRoomRecords(room: Room, records: readonly RoomRecord[]): Room {
  return records.reduce(withRecord, room);
}

function withRecord(room: Room, record: RoomRecord): Room {
  switch (record.kind) {
    case 'paused': {
      const { at, by, from } = record;
      // The first word counts: who paused it, and since when, does not change by saying it again.
      return { ...room, paused: room.paused ?? { at, by, from } };
    }
    case 'resumed':
      return { ...room, paused: null };
  }
}
