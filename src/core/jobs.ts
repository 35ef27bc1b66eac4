// Owns scheduled jobs: which are due, what a lost run still needs, and which have failed too often to go on.
import { bugFault } from '../domain/fault.ts';
import { Login, TaskId } from '../domain/ids.ts';
import type { Instant } from '../domain/ids.ts';
import { isBefore, plusMinutes } from '../domain/instant.ts';
import type { Job, JobState } from '../domain/job.ts';
import type { Asked, Filing } from '../domain/journal.ts';
import type { Alarm } from '../domain/notice.ts';
import { jobState, withRoomRecords } from '../domain/room.ts';
import type { Room, RoomRecord } from '../domain/room.ts';
import { scheduleText } from '../domain/schedule.ts';
import { journalsNow } from './brakes.ts';
import type { Draft } from './draft.ts';
import { findingsToFile } from './findings.ts';
import { lastRunOf, runsOf } from './job-runs.ts';
import type { JobRun } from './job-runs.ts';
import type { World } from './world.ts';

/** What was missed longer ago than this is not made up for. */
const CATCH_UP_MINUTES = 24 * 60;
/** Who asks when nobody does: a name that no login can have. */
export const CONFIGURATION = Login.parse('orch.yml');

/** What a task of a job begins with. */
export type JobBeginning = readonly [asked: Asked, ...found: readonly Filing[]];

export interface JobTurn {
  readonly room: readonly RoomRecord[];
  /** Internal tasks to bring into being: the records of the room come first. */
  readonly asked: ReadonlyMap<TaskId, JobBeginning>;
  readonly alarms: readonly Alarm[];
}

const NOTHING: JobTurn = { room: [], asked: new Map(), alarms: [] };

/** Jobs that the room does not know yet, or not with this schedule. They never run for the time before. */
export function newJobs({ snapshot, policy }: World): readonly RoomRecord[] {
  return policy.jobs.flatMap((job): RoomRecord[] => {
    const schedule = scheduleText(job);
    return jobState(snapshot.room.state, job.name)?.schedule === schedule
      ? []
      : [{ kind: 'job_seen', at: snapshot.at, job: job.name, schedule }];
  });
}

/** `world` holds the room after this tick's words. */
export function runJobs(drafts: readonly Draft[], world: World): JobTurn {
  const { policy } = world;
  if (policy.jobs.length === 0) return NOTHING;
  const runs = runsOf(drafts, world);
  return policy.jobs.reduce((turn, job) => {
    const room = withRoomRecords(world.snapshot.room.state, turn.room);
    return joined(turn, turnOf(job, { room, runs: runs.get(job.name) ?? [], drafts, world }));
  }, NOTHING);
}

interface About {
  readonly room: Room;
  /** Newest first. */
  readonly runs: readonly JobRun[];
  readonly drafts: readonly Draft[];
  readonly world: World;
}

function turnOf(job: Job, about: About): JobTurn {
  const state = jobState(about.room, job.name);
  if (state === null) return NOTHING;
  const lost = lostRun(job, state, about);
  if (lost !== null) return lost;
  const last = lastRunOf(state, about);
  if (last === 'unread' || last?.ending.kind === 'active') return NOTHING;
  const failures = isOn(job, state) ? equalFailures(about.runs, state) : 0;
  if (failures >= job.failures_max) return switchOff(job, failures, about);
  const slot = slotToRun(job, state, about);
  return slot === null ? NOTHING : run(job, slot, about);
}

function joined(a: JobTurn, b: JobTurn): JobTurn {
  return {
    room: [...a.room, ...b.room],
    asked: new Map([...a.asked, ...b.asked]),
    alarms: [...a.alarms, ...b.alarms],
  };
}

/** A tick that died between the room and the journal: the task is made now, under the name it was given. */
function lostRun(job: Job, { ran, wanted }: JobState, about: About): JobTurn | null {
  const { snapshot } = about.world;
  if (ran === null || isThere(ran.task, snapshot)) return null;
  if (isBefore(ran.slot, plusMinutes(snapshot.at, -CATCH_UP_MINUTES))) return null;
  return { ...NOTHING, asked: new Map([[ran.task, beginningOf(job, { slot: ran.slot, wanted }, about)]]) };
}

/** A task that could not be read is there all the same. */
function isThere(task: TaskId, { tasks, unread }: World['snapshot']): boolean {
  const facts = tasks.get(task);
  return (facts !== undefined && facts.journal_tip !== null) || unread.some((one) => one.task === task);
}

export function isOn(job: Job, { switched }: JobState): boolean {
  return job.enabled && (switched === null || switched.on);
}

/** How often in a row the newest run failed the same way, since somebody last switched it on. */
function equalFailures(runs: readonly JobRun[], { switched }: JobState): number {
  const since = runs.filter(({ slot }) => switched === null || isBefore(switched.at, slot));
  const newest = since[0]?.ending;
  if (newest?.kind !== 'failed') return 0;
  const different = since.findIndex(({ ending }) => ending.kind !== 'failed' || ending.print !== newest.print);
  return different < 0 ? since.length : different;
}

function switchOff(job: Job, failures: number, { world: { snapshot } }: About): JobTurn {
  return {
    ...NOTHING,
    room: [{ kind: 'job_switched', at: snapshot.at, job: job.name, on: false, by: null }],
    alarms: [{ kind: 'job_off', job: job.name, failures }],
  };
}

/** A person's word, else the newest time it fell due: however many were missed, one run makes up for them. */
function slotToRun(job: Job, state: JobState, { room, world: { snapshot } }: About): Instant | null {
  const { wanted, ran, since } = state;
  if (wanted !== null && (ran === null || isBefore(ran.slot, wanted.at))) return wanted.at;
  if (!isOn(job, state) || room.paused !== null) return null;
  const due = snapshot.calendar.get(job.name)?.last ?? null;
  if (due === null || isBefore(due, plusMinutes(snapshot.at, -CATCH_UP_MINUTES))) return null;
  const known_since = ran === null || isBefore(ran.slot, since) ? since : ran.slot;
  return isBefore(known_since, due) ? due : null;
}

function run(job: Job, slot: Instant, about: About): JobTurn {
  const { room, world } = about;
  const { snapshot } = world;
  const task = nameOf(slot, room, snapshot);
  const { wanted } = jobState(room, job.name) ?? { wanted: null };
  return {
    ...NOTHING,
    room: [{ kind: 'job_ran', at: snapshot.at, job: job.name, slot, task }],
    asked: new Map([[task, beginningOf(job, { slot, wanted }, about)]]),
  };
}

/** The minute, and which of its jobs: unlike any run's id, which is what other internal tasks are named after. */
function nameOf(slot: Instant, { jobs }: Room, snapshot: World['snapshot']): TaskId {
  const minute = slot.slice(0, 'YYYY-MM-DDTHH:MM'.length).replaceAll(/\D/g, '');
  const taken = new Set(jobs.map(({ ran }) => ran?.task));
  for (const number of NUMBERS_IN_A_MINUTE) {
    const name = TaskId.parse(`i${minute}${number}`);
    if (!taken.has(name) && !isThere(name, snapshot)) return name;
  }
  throw tooMany(minute);
}

const NUMBERS_IN_A_MINUTE = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));

function tooMany(minute: string): Error {
  return bugFault({
    title: 'A job has no name for its run',
    cause: `every name of the minute ${minute} is taken`,
    remedy: 'Please report this.',
  });
}

interface Occasion {
  readonly slot: Instant;
  readonly wanted: JobState['wanted'];
}

function beginningOf(job: Job, occasion: Occasion, { drafts, world }: About): JobBeginning {
  const { snapshot, policy } = world;
  const asked = askedBy(job, occasion, snapshot);
  if (job.issues_max === undefined) return [asked];
  const { at } = snapshot;
  const findings = findingsToFile({ journals: journalsNow(drafts, world), at, policy }, job.issues_max);
  return [asked, { kind: 'filing', at, findings }];
}

function askedBy(job: Job, { slot, wanted }: Occasion, { run: { run: in_run } }: World['snapshot']): Asked {
  return {
    kind: 'asked',
    at: slot,
    by: wanted?.at === slot ? wanted.by : CONFIGURATION,
    run: in_run,
    title: job.title,
    prompt: job.prompt,
    engine: job.engine,
    model: job.model,
    role: job.role,
    job: { name: job.name, slot },
    ...(job.command === null ? {} : { command: job.command }),
  };
}
