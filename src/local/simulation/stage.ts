// Owns what all parts of one simulated repository share: its world, its clock, its chances and its findings.
import type { TaskId } from '../../domain/ids.ts';
import type { Log } from '../../reconcile/ports.ts';
import type { TickPorts } from '../../reconcile/ports.ts';
import type { DeliverPorts } from '../../deliver/ports.ts';
import type { LocalWorld } from '../model/local-world.ts';
import type { Actor, Job as ModelJob } from '../model/state.ts';
import { BOT } from '../model/world.ts';
import type { JournalStore } from '../ports/journal-store.ts';
import type { strictRequests } from '../ports/strict-requests.ts';
import type { ObjectGraph } from '../ports/object-graph.ts';
import type { FaultKind, Faults } from './faults.ts';
import type { Findings } from './findings.ts';
import type { Kernel, Life } from './kernel.ts';
import type { Dice } from './random.ts';
import type { Watch } from './watch.ts';

/** Safety nets that can be taken away, to show that the simulation notices. Each wraps a port; none is in the product. */
export interface Nets {
  readonly tick?: (ports: TickPorts, stage: Stage) => TickPorts;
  readonly deliver?: (ports: DeliverPorts, stage: Stage) => DeliverPorts;
}

export interface Stage {
  readonly seed: number;
  readonly kernel: Kernel;
  readonly world: LocalWorld;
  readonly graph: ObjectGraph;
  readonly store: JournalStore;
  readonly faults: Faults;
  readonly findings: Findings;
  readonly watch: Watch;
  readonly nets: Nets;
  /** Answers requests as the wire does; null: the typed port answers them. */
  readonly wire: ReturnType<typeof strictRequests> | null;
  /** Text of each artifact by id. */
  readonly artifacts: Map<number, string>;
  readonly dice: (name: string) => Dice;
  /** A branch moved by a push: pull requests hear of it. */
  readonly moved: (ref: string, from: string | null, to: string | null) => void;
  readonly open: (run: number, name: string) => ModelJob;
  readonly tally: { ticks: number; crashed: number; requests: number; attempts: number; writes: number };
}

/** One job on a runner, and what it has read so far. */
export interface Job extends Life {
  readonly name: string;
  readonly run: number;
  readonly actor: Actor;
  token_dead: boolean;
  limited_until_ms: number;
  readonly reads: Reads;
  /** GitHub gives it up; the process may go on for all that. */
  readonly lost: () => void;
  readonly killed_by: FaultKind;
}

/** What this job has read with its own eyes. */
export interface Reads {
  /** Whether a start was allowed when the task was read by id for the last time. */
  readonly startable: Map<TaskId, boolean>;
  /** Whether the room said that nothing new may start; null: not read. */
  paused: boolean | null;
  /** Comments written before this were in the list; null: not read. */
  comments_until_ms: number | null;
}

export function newJob(stage: Stage, about: Pick<Job, 'name' | 'run' | 'lost' | 'killed_by'>): Job {
  return {
    ...about,
    killed: false,
    actor: { person: BOT, job: { run: about.run, job: stage.world.id() }, kind: 'job', permissions: null },
    token_dead: false,
    limited_until_ms: 0,
    reads: { startable: new Map(), paused: null, comments_until_ms: null },
  };
}

const REQUEST_MS = 150;
const PAUSE_MINUTES = 120;
const SLOWER = 40;

/** The moment between two effects: time passes, and the runner may be gone after it. */
export async function between({ kernel, faults }: Stage, job: Job): Promise<void> {
  if (faults.strikes(job.killed_by)) {
    kernel.note(`${job.name} is killed`);
    job.killed = true;
    job.lost();
    return new Promise(() => undefined);
  }
  if (faults.strikes('job_paused')) {
    kernel.note(`${job.name} is paused`);
    const size = faults.size('job_paused');
    if (size > 0.5) job.lost();
    await kernel.pause(job, size * PAUSE_MINUTES * 60_000);
  }
  await kernel.pause(job, faults.strikes('slow') ? REQUEST_MS * SLOWER : REQUEST_MS);
}

export function logOf({ kernel }: Stage, job: Pick<Job, 'name'>): Log {
  const note = (line: string): void => {
    kernel.history?.push(`    ${job.name}: ${line}`);
  };
  return { info: note, warning: note, error: note };
}
