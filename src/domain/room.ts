// Owns the room: what holds for the whole repository, and the records that change it.
import type { CommentId, Instant, Login, TaskId } from './ids.ts';
import type { JobName, JobState } from './job.ts';
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

/** A job of the configuration that is new, or whose schedule is. */
export interface JobSeen {
  readonly kind: 'job_seen';
  readonly at: Instant;
  readonly job: JobName;
  readonly schedule: string;
}

/** A person asks for a run now. */
export interface JobWanted {
  readonly kind: 'job_wanted';
  readonly at: Instant;
  readonly by: Login;
  readonly job: JobName;
}

/** Written before its task is: whoever finds no such task makes it, and nobody makes two. */
export interface JobRan {
  readonly kind: 'job_ran';
  readonly at: Instant;
  readonly job: JobName;
  readonly slot: Instant;
  readonly task: TaskId;
}

export interface JobSwitched {
  readonly kind: 'job_switched';
  readonly at: Instant;
  readonly job: JobName;
  readonly on: boolean;
  /** null: it failed too often in the same way. */
  readonly by: Login | null;
}

/** What a mention in plain words was taken for; the first to say so decides. */
export interface MentionRead {
  readonly kind: 'mention_read';
  readonly at: Instant;
  readonly comment: CommentId;
  readonly as: 'say' | 'ask';
}

type JobRecord = JobSeen | JobWanted | JobRan | JobSwitched;

export type RoomRecord = Paused | Resumed | JobRecord | MentionRead;

/** Jobs that left the configuration are remembered too, as long as there is room. */
const JOBS_KEPT_MAX = 200;
/** A tick looks back a few hours; a journal remembers for good. */
const MENTIONS_KEPT_MAX = 100;

/**
 * Unlike a task's journal, whose records are folded at each look, a commit of the room holds the whole state after it:
 * scheduled jobs move it for years, and only its tip is ever read.
 */
export interface Room {
  readonly paused: Omit<Paused, 'kind'> | null;
  /** The one that changed last comes last. */
  readonly jobs: readonly JobState[];
  /** Newest last. */
  readonly mentions: readonly Pick<MentionRead, 'comment' | 'as'>[];
  /** What a newer version wrote and this one does not know: handed on as it is. */
  readonly others: Readonly<Record<string, unknown>>;
}

export const EMPTY_ROOM: Room = { paused: null, jobs: [], mentions: [], others: {} };

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
    case 'mention_read': {
      const { comment, as } = record;
      return { ...room, mentions: [...room.mentions, { comment, as }].slice(-MENTIONS_KEPT_MAX) };
    }
    case 'job_seen':
    case 'job_wanted':
    case 'job_ran':
    case 'job_switched':
      return withJob(room, record);
  }
}

export function jobState(room: Room, job: JobName): JobState | null {
  return room.jobs.find((state) => state.job === job) ?? null;
}

function withJob(room: Room, record: JobRecord): Room {
  const before = jobState(room, record.job);
  const after = before === null ? firstSeen(record) : jobAfter(before, record);
  const others = room.jobs.filter(({ job }) => job !== record.job);
  return { ...room, jobs: [...others, after].slice(-JOBS_KEPT_MAX) };
}

function firstSeen(record: JobRecord): JobState {
  const unknown: JobState = {
    job: record.job,
    schedule: '',
    since: record.at,
    ran: null,
    wanted: null,
    switched: null,
  };
  return jobAfter(unknown, record);
}

function jobAfter(state: JobState, record: JobRecord): JobState {
  const { at } = record;
  switch (record.kind) {
    case 'job_seen':
      return { ...state, schedule: record.schedule, since: at };
    case 'job_wanted':
      return { ...state, wanted: { at, by: record.by } };
    case 'job_ran':
      return { ...state, ran: { slot: record.slot, task: record.task } };
    case 'job_switched':
      return { ...state, since: record.on ? at : state.since, switched: { on: record.on, at, by: record.by } };
  }
}
