// Owns the question whether an attempt is alive: its job in its run says so, and nothing else.
import type { AttemptNumber, RunId, TaskId } from '../domain/ids.ts';
import type { LeaseStatus } from '../domain/snapshot.ts';
import { Fault } from '../domain/fault.ts';
import type { Log } from '../reconcile/ports.ts';
import { parseJobName } from '../wire/leg-name.ts';
import type { JobName } from '../wire/leg-name.ts';
import type { z } from 'zod';
import type { Client } from './client.ts';
import { readAs, statusOf } from './faults.ts';
import { Jobs, Run } from './schema.ts';

export interface LeaseQuestion {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly run: RunId;
}

const JOB_PAGES_MAX = 6; // 100 each; a matrix has 256 legs of two jobs at most

/** Of one task: by its attempt. */
export type Leases = ReadonlyMap<AttemptNumber, LeaseStatus>;

export interface LeaseAnswers {
  readonly leases: ReadonlyMap<TaskId, Leases>;
  readonly runs: ReadonlySet<RunId>;
}

/** One or two requests per run, however many leases it holds. A run that cannot be read now leaves its leases unread. */
export async function readLeases(
  { client, log }: { readonly client: Client; readonly log: Log },
  questions: readonly LeaseQuestion[],
): Promise<LeaseAnswers> {
  const leases = new Map<TaskId, Map<AttemptNumber, LeaseStatus>>();
  const runs = new Set<RunId>();
  for (const [run, held] of Map.groupBy(questions, (question) => question.run)) {
    try {
      for (const { task, attempt, status } of await readRun(client, run, held))
        leases.set(task, new Map([...(leases.get(task) ?? []), [attempt, status]]));
      runs.add(run);
    } catch (error) {
      if (!(error instanceof Fault) || error.consequence === 'person' || error.consequence === 'bug') throw error;
      log.warning(`Whether run ${run} is alive is not known: ${error.reason}`);
    }
  }
  return { leases, runs };
}

type Jobs = z.infer<typeof Jobs>;
type Job = Jobs['jobs'][number];

async function readRun(client: Client, run: RunId, held: readonly LeaseQuestion[]): Promise<readonly LeaseRead[]> {
  try {
    const jobs = await readJobs(client, run);
    const known = held.map((lease) => ({ ...lease, jobs: jobsOf(lease, jobs) }));
    const open = known.some((leg) => statusFromJobs(leg.jobs) === null);
    const is_over = open && (await isRunOver(client, run));
    return known.map((leg) => ({
      ...leg,
      status: statusFromJobs(leg.jobs) ?? (is_over ? abandoned(leg.jobs) : { kind: 'alive' }),
    }));
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return held.map((lease) => ({ ...lease, status: { kind: 'dead', cause: 'run_gone' } }));
  }
}

interface LeaseRead extends LeaseQuestion {
  readonly status: LeaseStatus;
}

interface LegJobs {
  readonly attempt: Job | null;
  readonly deliver: Job | null;
}

function jobsOf({ task, attempt }: LeaseQuestion, jobs: readonly Job[]): LegJobs {
  const part = (wanted: JobName['part']): Job | null =>
    jobs.find(({ name }) => {
      const parsed = parseJobName(name);
      return parsed?.task === task && parsed.attempt === attempt && parsed.part === wanted;
    }) ?? null;
  return { attempt: part('attempt'), deliver: part('deliver') };
}

/** null: the jobs alone do not say; either the next one is about to be created, or the run is over. */
function statusFromJobs({ attempt, deliver }: LegJobs): LeaseStatus | null {
  if (deliver?.status === 'completed') return { kind: 'dead', cause: causeOf(deliver.conclusion) };
  const is_open = [attempt, deliver].some((job) => job !== null && job.status !== 'completed');
  return is_open ? { kind: 'alive' } : null;
}

/** The run is over and its deliver job never came. */
function abandoned({ attempt }: LegJobs): LeaseStatus {
  return { kind: 'dead', cause: attempt === null ? 'never_started' : causeOf(attempt.conclusion) };
}

function causeOf(conclusion: string | null): 'cancelled' | 'failed' | 'finished_silent' {
  if (conclusion === 'cancelled') return 'cancelled';
  return conclusion === 'success' ? 'finished_silent' : 'failed';
}

async function readJobs(client: Client, run: RunId): Promise<readonly Job[]> {
  const all: Job[] = [];
  for (let page = 1; page <= JOB_PAGES_MAX; page += 1) {
    const { data } = await client.get('GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs', {
      run_id: run,
      filter: 'latest',
      per_page: 100,
      page,
    });
    const { jobs } = readAs(Jobs, data, { what: 'GET jobs' });
    all.push(...jobs);
    if (jobs.length < 100) break;
  }
  return all;
}

async function isRunOver(client: Client, run: RunId): Promise<boolean> {
  const { data } = await client.get('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: run });
  return readAs(Run, data, { what: 'GET run' }).status === 'completed';
}
