// Owns what people are shown of scheduled jobs: when each runs next, how it last went, who switched it off.
import type { World } from '../core/world.ts';
import type { Decision } from '../domain/decision.ts';
import type { Job, JobState } from '../domain/job.ts';
import type { JobRow } from '../domain/notice.ts';
import { jobState, withRoomRecords } from '../domain/room.ts';
import { scheduleText } from '../domain/schedule.ts';

/** For whoever asks for it. */
export function jobsOf({ tasks, room, told }: Decision, { snapshot, policy }: World): readonly JobRow[] {
  const says = [...told, ...tasks.flatMap(({ answers }) => answers)];
  const is_asked = says.some(({ say }) => say?.kind === 'jobs');
  if (!is_asked) return [];
  const after = withRoomRecords(snapshot.room.state, room);
  const states = new Map(tasks.map(({ facts, state }) => [facts.id, state]));
  return policy.jobs.map((job): JobRow => {
    const { ran, switched } = jobState(after, job.name) ?? { ran: null, switched: null };
    const off = offOf(job, switched);
    return {
      job: job.name,
      schedule: scheduleText(job),
      off,
      next: off === null ? (snapshot.calendar.get(job.name)?.next ?? null) : null,
      last: ran === null ? null : { ...ran, state: states.get(ran.task) ?? null },
    };
  });
}

function offOf({ enabled }: Job, switched: JobState['switched']): JobRow['off'] {
  if (!enabled) return { by: null, at: null };
  return switched === null || switched.on ? null : { by: switched.by, at: switched.at };
}
