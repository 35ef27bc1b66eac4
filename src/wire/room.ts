// Owns the text form of the room: a commit message that names what changed and holds the whole state after it.
import { z } from 'zod';
import { CommentId, Instant, Login } from '../domain/ids.ts';
import { JobState } from '../domain/job.ts';
import type { Room, RoomRecord } from '../domain/room.ts';
import { From } from './journal-record.ts';
import { parseRecords, renderRecords, unreadableRecords } from './record-lines.ts';

const State = z.looseObject({
  kind: z.literal('room'),
  paused: z.object({ at: Instant, by: Login, from: From }).nullable(),
  /** Rooms written before there were any have none. */
  jobs: z.array(JobState).default([]),
  mentions: z.array(z.object({ comment: CommentId, as: z.enum(['say', 'ask']) })).default([]),
});

/** `records`: what changed, for people who read `git log`. */
export function renderRoom(room: Room, records: readonly RoomRecord[], writer: string): string {
  const { others, ...known } = room;
  return renderRecords(
    [{ ...others, kind: 'room', ...known }],
    `${records.map(({ kind }) => kind).join(', ')}; ${writer}`,
  );
}

/** Throws a Fault for a person: whether the queue is paused is never guessed at. */
export function parseRoom(message: string): Room {
  const [state, ...more] = parseRecords(message, State);
  if (state === undefined || more.length > 0) throw unreadableRecords('a room without its one state');
  const { kind: _kind, v: _version, paused, jobs, mentions, ...others } = state;
  return { paused, jobs, mentions, others };
}
