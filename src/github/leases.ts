// Owns the question whether an attempt is alive: its job in its run says so, and nothing else.
import type { AttemptNumber, RunId, TaskId } from '../domain/ids.ts';
import type { LeaseStatus } from '../domain/snapshot.ts';
import { Fault } from '../domain/fault.ts';
import { parseJobName } from '../wire/leg-name.ts';
import type { Client } from './client.ts';
import { Jobs, Run } from './schema.ts';

export interface LeaseQuestion {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly run: RunId;
}

const JOB_PAGES_MAX = 6; // 100 each; a matrix has 256 legs of two jobs at most

/** One or two requests per run, however many leases it holds. */
export async function readLeases(
  client: Client,
  questions: readonly LeaseQuestion[],
): Promise<ReadonlyMap<TaskId, LeaseStatus>> {
  const by_run = Map.groupBy(questions, ({ run }) => run);
  const answers = new Map<TaskId, LeaseStatus>();
  for (const [run, held] of by_run) {
    const statuses = await readRun(client, run, held);
    for (const [task, status] of statuses) answers.set(task, status);
  }
  return answers;
}

type JobList = Jobs['jobs'];
type Jobs = ReturnType<typeof Jobs.parse>;

async function readRun(
  client: Client,
  run: RunId,
  held: readonly LeaseQuestion[],
): Promise<ReadonlyMap<TaskId, LeaseStatus>> {
  try {
    const jobs = await readJobs(client, run);
    const statuses = new Map(
      held.map((lease): [TaskId, LeaseStatus | null] => [lease.task, statusFromJobs(lease, jobs)]),
    );
    const open = [...statuses.values()].includes(null);
    const over = open && (await isRunOver(client, run));
    return new Map([...statuses].map(([task, status]): [TaskId, LeaseStatus] => [task, status ?? statusFromRun(over)]));
  } catch (error) {
    if (error instanceof Fault && isGone(error))
      return new Map(held.map(({ task }) => [task, { kind: 'dead', cause: 'run_gone' }]));
    throw error;
  }
}

/** null: the jobs alone do not say. */
function statusFromJobs({ task, attempt }: LeaseQuestion, jobs: JobList): LeaseStatus | null {
  const ours = jobs.filter(({ name }) => {
    const parsed = parseJobName(name);
    return parsed?.task === task && parsed.attempt === attempt;
  });
  const deliver = ours.find(({ name }) => name.endsWith('deliver'));
  if (deliver !== undefined && deliver.status === 'completed')
    return { kind: 'dead', cause: causeOf(deliver.conclusion) };
  if (ours.some(({ status }) => status !== 'completed')) return { kind: 'alive' };
  return null;
}

/** No job of the leg is open: either the next one is about to be created, or the run is over. */
function statusFromRun(over: boolean): LeaseStatus {
  return over ? { kind: 'dead', cause: 'never_started' } : { kind: 'alive' };
}

function causeOf(conclusion: string | null): 'cancelled' | 'failed' | 'finished_silent' {
  if (conclusion === 'cancelled') return 'cancelled';
  return conclusion === 'success' ? 'finished_silent' : 'failed';
}

async function readJobs(client: Client, run: RunId): Promise<JobList> {
  const all: JobList = [];
  for (let page = 1; page <= JOB_PAGES_MAX; page += 1) {
    const { data } = await client.get('GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs', {
      run_id: run,
      filter: 'latest',
      per_page: 100,
      page,
    });
    const { jobs } = Jobs.parse(data);
    all.push(...jobs);
    if (jobs.length < 100) break;
  }
  return all;
}

async function isRunOver(client: Client, run: RunId): Promise<boolean> {
  const { data } = await client.get('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: run });
  return Run.parse(data).status === 'completed';
}

function isGone(fault: Fault): boolean {
  return /HTTP 404/.test(fault.reason);
}
