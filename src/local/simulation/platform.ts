// Owns what GitHub Actions does with events: the caller's filter, the concurrency group, runs, jobs and the cron.
import type { Leg } from '../../domain/brief.ts';
import { IssueNumber } from '../../domain/ids.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Wake } from '../../domain/wake.ts';
import { renderLegName } from '../../wire/leg-name.ts';
import type { Job as ModelJob, WorldEvent } from '../model/state.ts';
import { runAttemptJob } from './attempt-job.ts';
import type { AttemptEnd } from './attempt-job.ts';
import { runDeliverJob } from './deliver-job.ts';
import type { Lists } from './lists.ts';
import { newJob } from './stage.ts';
import type { Job, Stage } from './stage.ts';
import { runTickJob } from './tick-job.ts';

const CRON_MINUTES = 30;
const EVENT_SECONDS = 3;
const JOB_SECONDS = 8;
const DELAY_MINUTES_MAX = 60;
const CRON_LATE_HOURS_MAX = 4;
const LOST_MINUTES = 5;

export class Platform {
  readonly #stage: Stage;
  readonly #lists: Lists;
  readonly #policy: Policy;
  #running = 0;
  #pending: Wake | null = null;
  /** Legs that are under way. */
  legs = 0;
  /** What the last tick that ended wrote. */
  last_written = 0;

  constructor(stage: Stage, lists: Lists, policy: Policy) {
    this.#stage = stage;
    this.#lists = lists;
    this.#policy = policy;
  }

  get idle(): boolean {
    return this.#running === 0 && this.#pending === null && this.legs === 0;
  }

  /** Later on the sweeps of the end take its place. */
  startCron(until_ms: number): void {
    const { kernel, faults } = this.#stage;
    if (kernel.now_ms >= until_ms) return;
    kernel.after(CRON_MINUTES * 60_000, () => {
      this.startCron(until_ms);
      if (faults.strikes('cron_dropped')) return;
      const late_ms = faults.strikes('cron_late') ? faults.size('cron_late') * CRON_LATE_HOURS_MAX * 3_600_000 : 0;
      kernel.after(late_ms, () => this.trigger({ cause: 'schedule', issue: null, actor: null, sweep: false }));
    });
  }

  /** As the caller's workflow file hears it; one event may be lost, late, or come twice. */
  hear(event: WorldEvent): void {
    const wake = wakeOf(event, this.#policy);
    if (wake === null) return;
    const { kernel, faults } = this.#stage;
    if (faults.strikes('event_lost')) return;
    for (let times = faults.strikes('event_doubled') ? 2 : 1; times > 0; times -= 1) {
      const late_ms = faults.strikes('event_delayed') ? faults.size('event_delayed') * DELAY_MINUTES_MAX * 60_000 : 0;
      kernel.after(EVENT_SECONDS * 1_000 + late_ms, () => this.trigger(wake));
    }
  }

  /** One runs and one waits; the newest waiting one replaces the other. */
  trigger(wake: Wake): void {
    const { faults, kernel } = this.#stage;
    const alone = this.#running === 0 || (this.#running < 2 && faults.strikes('two_reconcilers'));
    if (alone) return this.#startTick(wake);
    this.#pending = wake;
    if (!faults.strikes('pending_cancelled')) return;
    kernel.note('a waiting run is cancelled');
    this.#pending = null;
  }

  #startTick(wake: Wake): void {
    const { world, kernel, tally } = this.#stage;
    this.#running += 1;
    tally.ticks += 1;
    const run = world.addRun({ event: wake.cause });
    let given_up = false;
    const release = (): void => {
      if (given_up) return;
      given_up = true;
      this.#running -= 1;
      const next = this.#pending;
      this.#pending = null;
      if (next !== null) this.#startTick(next);
    };
    const lost = (): void =>
      kernel.after(LOST_MINUTES * 60_000, () => {
        if (!given_up) world.closeRun(run.id, 'failure');
        release();
      });
    const job = newJob(this.#stage, { name: `tick ${tally.ticks}`, run: run.id, lost, killed_by: 'tick_killed' });
    kernel.note(`${job.name} (${wake.cause}${wake.issue === null ? '' : ` #${wake.issue}`})`);
    kernel.after(JOB_SECONDS * 1_000, () => void this.#tick({ job, wake, release, isGivenUp: () => given_up }));
  }

  async #tick({ job, wake, release, isGivenUp }: Ticking): Promise<void> {
    const stage = this.#stage;
    const { world, tally, kernel } = stage;
    const end = await runTickJob(stage, { job, wake, lists: this.#lists, policy: this.#policy });
    if (end.crashed !== null) {
      tally.crashed += 1;
      kernel.note(`${job.name} ends: ${end.crashed}`);
    }
    this.last_written = end.written;
    // GitHub has given the job up: whatever the process still finds out starts nothing.
    if (isGivenUp()) return;
    release();
    if (end.legs.length === 0) return world.closeRun(job.run, end.crashed === null ? 'success' : 'failure');
    let open = end.legs.length;
    for (const leg of end.legs) {
      this.legs += 1;
      void this.#runLeg(job.run, leg, () => {
        this.legs -= 1;
        open -= 1;
        if (open === 0) world.closeRun(job.run, 'success');
      });
    }
  }

  async #runLeg(run: number, leg: Leg, done: () => void): Promise<void> {
    const stage = this.#stage;
    const { world, faults, kernel } = stage;
    const name = `orch / ${renderLegName(leg)}`;
    const attempt = stage.open(run, `${name} / attempt`);
    const never = (): void => undefined;
    const job = newJob(stage, {
      name: `attempt ${leg.task}.${leg.attempt}`,
      run,
      lost: never,
      killed_by: 'runner_lost',
    });
    await kernel.pause(job, JOB_SECONDS * 1_000);
    let ended: AttemptEnd = { result: 'failure', started: false, hand_in: null };
    if (!faults.strikes('never_started')) {
      world.updateJob(attempt.id, { status: 'in_progress' });
      ended = await runAttemptJob(stage, job, leg);
    }
    if (ended.result === 'failure') await kernel.pause(job, LOST_MINUTES * 60_000);
    world.updateJob(attempt.id, { conclusion: ended.result });
    await kernel.pause(job, JOB_SECONDS * 1_000);
    this.#deliver({ run, leg, name, ended, done });
  }

  #deliver({ run, leg, name, ended, done }: Delivering): void {
    const stage = this.#stage;
    const { world, kernel } = stage;
    const record: ModelJob = stage.open(run, `${name} / deliver`);
    world.updateJob(record.id, { status: 'in_progress' });
    let over = false;
    const end = (conclusion: string): void => {
      if (over) return;
      over = true;
      world.updateJob(record.id, { conclusion });
      done();
    };
    const lost = (): void => kernel.after(LOST_MINUTES * 60_000, () => end('failure'));
    const job: Job = newJob(stage, {
      name: `deliver ${leg.task}.${leg.attempt}`,
      run,
      lost,
      killed_by: 'deliver_killed',
    });
    void runDeliverJob(stage, { job, leg, ended, lists: this.#lists }).then(end);
  }
}

interface Ticking {
  readonly job: Job;
  readonly wake: Wake;
  readonly release: () => void;
  readonly isGivenUp: () => boolean;
}

interface Delivering {
  readonly run: number;
  readonly leg: Leg;
  readonly name: string;
  readonly ended: AttemptEnd;
  readonly done: () => void;
}

const FAMILIES = [
  'agent:',
  'model:',
  'complexity:',
  'role:',
  'priority:',
  'status:',
  'phase:',
  'parallel:',
  'instances:',
];

/** docs/caller.yml: null is what starts no runner. What a job's own token does starts nothing but a dispatch. */
function wakeOf({ name, payload, caused_by_job_token }: WorldEvent, { intake }: Policy): Wake | null {
  if (caused_by_job_token && name !== 'workflow_dispatch') return null;
  const { action, label, issue, comment, sender } = payload as unknown as Payload;
  const number = issue === undefined ? null : IssueNumber.parse(issue.number);
  const wake = (cause: Wake['cause']): Wake => ({ cause, issue: number, actor: null, sweep: false });
  if (name === 'workflow_dispatch') return { ...wake(name), issue: null };
  // The nudge is a job of its own that dispatches.
  if (name === 'pull_request') return action === 'closed' ? { ...wake('workflow_dispatch'), issue: null } : null;
  if (name === 'issue_comment') {
    const speaks = action === 'created' && sender.type !== 'Bot' && /\/orch|@orchestrator/.test(comment?.body ?? '');
    return speaks ? wake(name) : null;
  }
  if (name !== 'issues' || issue === undefined) return null;
  const said = label?.name ?? '';
  if (action === 'labeled' || action === 'unlabeled') {
    const ours = said === intake.label || said === 'agent-skipped' || said === 'no-agent';
    const is_task = issue.labels.some((one) => one.name === intake.label);
    return ours || (is_task && FAMILIES.some((family) => said.startsWith(family))) ? wake(name) : null;
  }
  const moved = action === 'closed' || action === 'reopened';
  const is_task = issue.labels.some((one) => one.name === intake.label);
  return moved && (is_task || issue.issue_dependencies_summary.blocking > 0) ? wake(name) : null;
}

interface Payload {
  readonly action?: string;
  readonly label?: { readonly name: string };
  readonly issue?: {
    readonly number: number;
    readonly labels: readonly { readonly name: string }[];
    readonly issue_dependencies_summary: { readonly blocking: number };
  };
  readonly comment?: { readonly body: string };
  readonly sender: { readonly type: string };
}
