// Owns looking: the snapshot, then the fresh facts of what is about to start, then the router's word on some of it.
import { needsDetails, needsEdits, needsPlaces, needsRouting, needsRuns } from '../core/needs.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import type { Policy, PolicyOrigin, PolicyTexts } from '../domain/policy.ts';
import type { RouteAnswer } from '../domain/route.ts';
import { scheduleText } from '../domain/schedule.ts';
import type { Calendar, Schedule } from '../domain/schedule.ts';
import { changeKey } from '../domain/setting.ts';
import type { ConfigEdit, SettingPlaces } from '../domain/setting.ts';
import type { Snapshot, TaskFacts } from '../domain/snapshot.ts';
import type { Wake } from '../domain/wake.ts';
import { withImports } from './imports.ts';
import type { TickPorts } from './ports.ts';

export interface Seen {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly origin: PolicyOrigin;
  readonly texts?: PolicyTexts | undefined;
  /** Where settings come from, where somebody asks. */
  readonly places?: (() => SettingPlaces) | undefined;
}

export async function look(ports: TickPorts, wake: Wake): Promise<Seen> {
  const seen = await withConfig(ports, await withCalendar(ports, await ports.observe.snapshot(wake)));
  const read = { ...seen, snapshot: await withImports(ports, seen) };
  const detailed = { ...read, snapshot: await withDetails(ports, read) };
  return { ...detailed, snapshot: await withAnswers(ports, detailed) };
}

async function withCalendar(ports: TickPorts, seen: Seen): Promise<Seen> {
  const { snapshot, policy } = seen;
  const asked = needsRuns(snapshot);
  if (policy.jobs.length === 0 && asked.length === 0) return seen;
  const { lastDue, nextDue } = await ports.calendar();
  const calendar = new Map(
    policy.jobs.map((job) => [job.name, { last: lastDue(job, snapshot.at), next: nextDue(job, snapshot.at) }]),
  );
  const asked_runs = new Map(asked.map((schedule) => [scheduleText(schedule), runsOf(schedule, snapshot.at, nextDue)]));
  return { ...seen, snapshot: { ...snapshot, calendar, asked_runs } };
}

/** What people want of the configuration, tried on the file as it is. */
async function withConfig(ports: TickPorts, seen: Seen): Promise<Seen> {
  const changes = needsEdits(seen.snapshot);
  if (changes.length === 0 && !needsPlaces(seen.snapshot)) return seen;
  const config = await ports.config();
  const texts = seen.texts ?? { repository: null, organisation: null };
  const edits = changes.map((change): [string, ConfigEdit] => [
    changeKey(change),
    brokenFile(seen.origin) ?? config.edit(texts, change),
  ]);
  const places = () => config.places(texts);
  return { ...seen, places, snapshot: { ...seen.snapshot, config_edits: new Map(edits) } };
}

/** Until somebody mends it, nothing is built on it. */
function brokenFile(origin: PolicyOrigin): ConfigEdit | null {
  const [problem] = 'problems' in origin ? origin.problems : [];
  return problem === undefined ? null : { kind: 'refused', problem };
}

const RUNS_TOLD = 5;

export function runsOf(schedule: Schedule, after: Instant, nextDue: Calendar['nextDue']): readonly Instant[] {
  const runs: Instant[] = [];
  for (let next = nextDue(schedule, after); next !== null && runs.length < RUNS_TOLD; next = nextDue(schedule, next))
    runs.push(next);
  return runs;
}

/** Closed, relabelled or blocked a minute ago counts: whoever is about to start is read once more. */
async function withDetails({ observe, log }: TickPorts, { snapshot, policy }: Seen): Promise<Snapshot> {
  const asked = needsDetails(snapshot, policy);
  if (asked.length === 0) return snapshot;
  try {
    const read = await observe.details(asked);
    const fresh = [...read].map(([id, { facts, details }]): [TaskId, TaskFacts] => {
      // Whether an attempt is alive was asked once, and is no detail: forgetting it would leave a dead one unsettled.
      const leases = snapshot.tasks.get(id)?.leases ?? facts.leases;
      return [id, { ...facts, leases, details }];
    });
    return replaced(snapshot, new Map(fresh));
  } catch (error) {
    // Nothing starts without its details; everything else of this tick goes on.
    log.warning(
      `The threads of ${asked.length} tasks cannot be read now: ${error instanceof Error ? error.message : String(error)}`,
    );
    return snapshot;
  }
}

async function withAnswers({ router }: TickPorts, { snapshot, policy }: Seen): Promise<Snapshot> {
  const asked = needsRouting(snapshot, policy);
  if (asked.length === 0) return snapshot;
  const answers = await router.route(asked, policy);
  return replaced(
    snapshot,
    new Map(asked.map((facts) => [facts.id, { ...facts, answer: answers.get(facts.id) ?? NO_ANSWER }])),
  );
}

const NO_ANSWER: RouteAnswer = { kind: 'unanswered', why: 'error', detail: 'the router said nothing about this task' };

/** Tasks that a dispatch has just brought into being are new to the snapshot too. */
function replaced(snapshot: Snapshot, fresh: ReadonlyMap<TaskId, TaskFacts>): Snapshot {
  return { ...snapshot, tasks: new Map([...snapshot.tasks, ...fresh]) };
}
