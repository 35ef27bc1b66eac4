// Owns a reconcile job of the simulation: the real tick over the typed ports, with what goes wrong around it.
import type { Client } from '../../github/client.ts';
import { createApply } from '../../github/apply.ts';
import { wakeNextTick } from '../../github/dispatch.ts';
import { createDocuments } from '../../github/documents.ts';
import { nothingKnown } from '../../github/known.ts';
import { createObserve } from '../../github/observe.ts';
import { Fault, retryFault } from '../../domain/fault.ts';
import { sha256 } from '../../domain/digest.ts';
import type { CommitSha, RunId, TaskId } from '../../domain/ids.ts';
import type { Leg } from '../../domain/brief.ts';
import type { AppendHistory } from '../../domain/effect.ts';
import type { Policy } from '../../domain/policy.ts';
import type { RouteAnswer } from '../../domain/route.ts';
import { CONFIG_PATH } from '../../domain/setting.ts';
import type { ConfigChange, ConfigEdit } from '../../domain/setting.ts';
import type { TaskFacts } from '../../domain/snapshot.ts';
import type { Wake } from '../../domain/wake.ts';
import type { Briefs, EffectResult, JournalProof, Journals, Router, TickPorts } from '../../reconcile/ports.ts';
import { leavesWork, runTick } from '../../reconcile/tick.ts';
import { renderBrief } from '../../wire/brief.ts';
import { HISTORY_REF, ROOM_REF, taskRef } from '../../wire/refs.ts';
import type { Move } from '../ports/journal-store.ts';
import { CALENDAR } from './calendar.ts';
import type { Lists } from './lists.ts';
import { between, logOf } from './stage.ts';
import type { Job, Stage } from './stage.ts';
import { openClient } from './wire.ts';

export interface TickEnd {
  readonly legs: readonly Leg[];
  readonly crashed: string | null;
  readonly written: number;
}

interface TickAsk {
  readonly job: Job;
  readonly wake: Wake;
  readonly lists: Lists;
  readonly policy: Policy;
}

export async function runTickJob(stage: Stage, ask: TickAsk): Promise<TickEnd> {
  const { job, wake, lists } = ask;
  const client = openClient(stage, job, lists);
  const before = stage.tally.writes;
  try {
    const wired = portsOf(stage, ask, client);
    const ports = stage.nets.tick?.(wired, stage) ?? wired;
    const result = await runTick(ports, wake, { dry_run: false });
    for (const alarm of result.plan.alarms)
      if (alarm.kind === 'withheld')
        stage.findings.broken('no tick breaks its own rules', `#${alarm.task} ${alarm.why}`);
    if (leavesWork(result)) await wakeNextTick({ client, workflow_file: 'orch.yml', branch: 'main' });
    return { legs: result.legs, crashed: null, written: stage.tally.writes - before };
  } catch (error) {
    const is_bug = !(error instanceof Fault) || error.consequence === 'bug';
    const why = error instanceof Error ? error.message : String(error);
    if (is_bug) stage.findings.broken('no tick breaks its own rules', why);
    return { legs: [], crashed: why, written: stage.tally.writes - before };
  }
}

function portsOf(stage: Stage, { job, policy }: TickAsk, client: Client): TickPorts {
  const { kernel, store } = stage;
  const known = nothingKnown();
  const log = logOf(stage, job);
  const run = { run: job.run as RunId, run_attempt: 1, url: `https://github.com/runs/${job.run}` };
  const observe = createObserve({
    client,
    clock: kernel.clock,
    log,
    run,
    engines_ready: new Set(['claude', 'codex']),
    read_policy: () => ({ kind: 'policy', policy, extends_from: null }),
    intake_label: policy.intake.label,
    known,
    journals: async () => {
      await reachGit(stage, job);
      const read = store.read();
      job.reads.paused = read.room.state.paused !== null;
      return read;
    },
  });
  return {
    observe,
    router: routerOf(stage),
    journals: journalsOf(stage, job),
    briefs: briefsOf(stage, job),
    apply: createApply({
      client,
      pulls: client,
      known,
      clock: kernel.clock,
      log,
      keep: async () => undefined,
      mirror: async () => undefined,
    }),
    clock: kernel.clock,
    calendar: async () => CALENDAR,
    documents: async () => ({ ...createDocuments({ client, known }), parseEpic: noEpics }),
    config: async () => ({ places: () => new Map(), edit: (_, change) => editOf(stage, change) }),
    log,
  };
}

/** Lines of JSON are what its people import. */
function noEpics(): never {
  throw new Error('nobody imports a document here');
}

/** Its policy is no file: what people want of it is noted in one, a line each. */
function editOf({ world }: Stage, change: ConfigChange): ConfigEdit {
  const before = world.git.readFile('refs/heads/main', CONFIG_PATH);
  const line = `# ${JSON.stringify(change)}\n`;
  return before?.includes(line) === true
    ? { kind: 'same' }
    : { kind: 'edited', before, after: `${before ?? ''}${line}` };
}

async function reachGit(stage: Stage, job: Job): Promise<void> {
  await between(stage, job);
  if (stage.faults.strikes('push_failed')) throw unreachableGit();
}

function unreachableGit(): Fault {
  return retryFault({ title: 'git did not answer', cause: 'the remote hung up', remedy: 'The next tick looks again.' });
}

/** What a push of several refs did. An answer that never came is settled by reading, unless that fails too. */
export async function pushMoves(
  stage: Stage,
  job: Job,
  ask: { readonly moves: readonly Move[]; readonly atomic: boolean },
): Promise<ReadonlySet<string>> {
  const { faults, store, watch, tally } = stage;
  await reachGit(stage, job);
  if (ask.moves.some(({ ref }) => ref !== HISTORY_REF)) tally.writes += 1;
  watch.writer = job;
  const moved = store.move(ask.moves, ask);
  watch.writer = null;
  stage.kernel.note(
    `${job.name} pushes ${[...moved].join(' ')}${moved.size < ask.moves.length ? ' and loses some' : ''}`,
  );
  await between(stage, job);
  if (faults.strikes('push_answer_lost') && faults.size('push_answer_lost') < 0.5) throw unreachableGit();
  return moved;
}

export function journalsOf(stage: Stage, job: Job): Journals {
  const { store } = stage;
  return {
    appendRoom: async ({ expected, room }) => {
      const moved = await pushMoves(stage, job, {
        moves: [{ ref: ROOM_REF, expected, to: store.addRoom(room) }],
        atomic: false,
      });
      if (!moved.has(ROOM_REF)) return 'lost';
      job.reads.paused = room.paused !== null;
      return 'won';
    },
    append: async (appends, { history, branches }) => {
      const tips = new Map<string, CommitSha>();
      const moves = appends.map(({ task, expected, records }): Move => {
        const to = store.addRecords(expected, records);
        tips.set(task, to);
        return { ref: taskRef(task), expected, to };
      });
      const deletes = branches.map(({ branch, expected }): Move => ({
        ref: `refs/heads/${branch}`,
        expected,
        to: null,
      }));
      moves.push(...historyMove(stage, history), ...deletes);
      const moved = await pushMoves(stage, job, { moves, atomic: false });
      for (const { ref, expected } of deletes) if (moved.has(ref)) stage.moved(ref, expected, null);
      const won = new Map<TaskId, JournalProof>();
      const lost = new Map<TaskId, string>();
      for (const { task } of appends) {
        const tip = tips.get(task);
        if (tip !== undefined && moved.has(taskRef(task))) won.set(task, { task, tip });
        else lost.set(task, 'its journal moved meanwhile');
      }
      const deleted = branches.map((effect): EffectResult =>
        moved.has(`refs/heads/${effect.branch}`)
          ? { effect, result: 'done', why: null }
          : { effect, result: 'failed', why: 'the branch moved meanwhile' },
      );
      return { won, lost, deleted };
    },
  };
}

/** The history is a record, never a fence: it is put under whatever stands there. */
function historyMove({ store }: Stage, history: readonly AppendHistory[]): readonly Move[] {
  if (history.length === 0) return [];
  const { tip } = store.history();
  const to = store.addHistory(
    tip,
    history.map(({ line }) => line),
  );
  return [{ ref: HISTORY_REF, expected: tip, to }];
}

function briefsOf(stage: Stage, job: Job): Briefs {
  return {
    freeze: async (brief) => {
      await between(stage, job);
      if (stage.faults.strikes('brief_lost')) throw new Error('the artifact service is away');
      const text = renderBrief(brief);
      const artifact_id = stage.world.id();
      stage.artifacts.set(artifact_id, text);
      return { artifact_id, sha256: sha256(text) };
    },
  };
}

const ROUTED_SHARE = 0.8;

function routerOf(stage: Stage): Router {
  const dice = stage.dice('router');
  const answer = (): RouteAnswer => {
    if (dice.next() > ROUTED_SHARE) return { kind: 'unanswered', why: 'timeout', detail: '' };
    return {
      kind: 'answered',
      engine: dice.pick(['claude', 'codex'] as const),
      complexity: dice.pick(['simple', 'medium', 'complex'] as const),
      role: 'code',
      profile: { skills: [], tools: [], constraints: [] },
      confidence: 0.9,
      likely_files: [],
      reason: '',
    };
  };
  return {
    route: async (tasks: readonly TaskFacts[]) => new Map(tasks.map(({ id }) => [id, answer()])),
  };
}
