// Owns whether a word about a scheduled job is obeyed.
import type { Command } from '../domain/command.ts';
import type { Instant } from '../domain/ids.ts';
import { isBefore } from '../domain/instant.ts';
import type { RefusalNotice } from '../domain/notice.ts';
import { jobState } from '../domain/room.ts';
import { scheduleProblem } from '../domain/schedule.ts';
import type { Schedule } from '../domain/schedule.ts';
import { changeOf } from '../domain/setting.ts';
import { openDraft } from './draft.ts';
import { endingOf } from './job-runs.ts';
import { judgeChange } from './proposals.ts';
import type { World } from './world.ts';

/** null: obeyed. A word that was heard before, and brought its run about, is obeyed again: that changes nothing. */
export function judgeJob(command: Command & { readonly verb: 'job' }, at: Instant, world: World): RefusalNotice | null {
  if (command.action === 'list') return null;
  if (command.action === 'check') return judgeSchedule(command);
  const change = changeOf(command);
  if (command.action === 'add') return judgeSchedule(command) ?? (change === null ? null : judgeChange(change, world));
  const { action, name } = command;
  const { jobs } = world.policy;
  const job = jobs.find((each) => each.name === name);
  if (job === undefined) return { kind: 'unknown_job', name, jobs: jobs.map((each) => each.name) };
  if (change !== null) return judgeChange(change, world);
  if (action === 'enable' && !job.enabled) return { kind: 'job_off', job: name };
  const ran = jobState(world.snapshot.room.state, name)?.ran ?? null;
  if (action !== 'run' || ran === null || !isBefore(ran.slot, at)) return null;
  const facts = world.snapshot.tasks.get(ran.task);
  const is_active = facts !== undefined && endingOf(openDraft(facts, world), world).kind === 'active';
  return is_active ? { kind: 'job_running', job: name, task: ran.task } : null;
}

export function judgeSchedule({ cron, timezone }: Schedule): RefusalNotice | null {
  const wrong = scheduleProblem({ cron, timezone });
  return wrong === null ? null : { kind: 'wrong_schedule', schedule: { cron, timezone }, wrong };
}
