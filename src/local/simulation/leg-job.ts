// Owns a leg of the simulation: an attempt whose engine is scripted, then the real deliver over the typed ports.
import { deliver } from '../../deliver/deliver.ts';
import type { DeliverAsk, DeliverPorts, Work } from '../../deliver/ports.ts';
import type { ChangeSet } from '../../domain/change.ts';
import { Fault } from '../../domain/fault.ts';
import { liveWith, siblingsOf } from '../../domain/fold-journal.ts';
import { EMPTY_JOURNAL } from '../../domain/journal.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import type { ArtifactId, AttemptNumber, CommitSha, Digest, RunId } from '../../domain/ids.ts';
import type { Leg } from '../../domain/brief.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import { UNKNOWN_USAGE } from '../../domain/outcome.ts';
import { wakeNextTick } from '../../github/dispatch.ts';
import { openPull } from '../../github/pulls.ts';
import { parseBrief } from '../../wire/brief.ts';
import { renderHandIn } from '../../wire/hand-in.ts';
import { taskRef } from '../../wire/refs.ts';
import type { Lists } from './lists.ts';
import { WRITER } from './people.ts';
import type { Dice } from './random.ts';
import { between, logOf } from './stage.ts';
import type { Job, Stage } from './stage.ts';
import { pushMoves } from './tick-job.ts';
import { openClient } from './wire.ts';

/** What the attempt job leaves to the deliver job of the same run. */
export interface AttemptEnd {
  readonly result: 'success' | 'failure' | 'cancelled';
  readonly started: boolean;
  readonly hand_in: number | null;
}

const ENDINGS: readonly OutcomeKind[] = [
  ...Array<OutcomeKind>(12).fill('delivered'),
  'no_change',
  'timeout',
  'stalled',
  'proof_failed',
  'rate_limit',
  'auth',
  'model_unavailable',
  'no_evidence',
  'failed',
  'crashed',
  'infra',
];

const LOOK_MINUTES = 2;
const PREPARE_SECONDS = 20;

/** `null`: the runner is gone in the middle of it, and nothing is handed in. */
export async function runAttemptJob(stage: Stage, job: Job, leg: Leg): Promise<AttemptEnd> {
  const { kernel, faults, store, watch, tally } = stage;
  const dice = stage.dice(`attempt ${leg.task} ${leg.attempt} ${job.run}`);
  await kernel.pause(job, PREPARE_SECONDS * 1_000);
  const isOurs = (): boolean => {
    const journal = store.journal(leg.task)?.journal;
    return journal !== undefined && liveWith(journal, leg.attempt)?.claim.run === job.run;
  };
  if (!isOurs()) return { result: 'success', started: false, hand_in: null };
  const outcome = dice.pick(ENDINGS);
  if (outcome === 'infra') return handedIn(stage, leg, { outcome, started: false, seconds: 0 });
  const key = `${leg.task} ${leg.attempt}`;
  watch.running.set(key, { task: leg.task, attempt: leg.attempt });
  tally.attempts += 1;
  kernel.note(`attempt ${key} runs`);
  if (faults.strikes('branch_pushed')) pushMeanwhile(stage, leg, faults.size('branch_pushed'));
  const hangs = faults.strikes('engine_hangs');
  const is_lost = faults.strikes('runner_lost');
  const minutes = hangs ? leg.timeout_minutes : dice.between(1, Math.min(leg.timeout_minutes, 30));
  const lost_at = is_lost ? dice.next() * minutes : Infinity;
  let cancelled = false;
  for (let spent = 0; spent < minutes && spent < lost_at && !cancelled; spent += LOOK_MINUTES) {
    await kernel.pause(job, Math.min(LOOK_MINUTES, minutes - spent) * 60_000);
    cancelled = !isOurs();
  }
  watch.running.delete(key);
  if (is_lost) return { result: 'failure', started: true, hand_in: null };
  const ended = cancelled ? 'cancelled' : hangs ? 'timeout' : outcome;
  return handedIn(stage, leg, { outcome: ended, started: true, seconds: minutes * 60 });
}

/** Somebody mends the very branch that an attempt goes on from. */
function pushMeanwhile({ kernel, graph, world }: Stage, { task }: Leg, size: number): void {
  kernel.after(size * 10 * 60_000, () => {
    const [branch] = graph.refs(`refs/heads/orch/${task}-`);
    if (branch === undefined) return;
    kernel.note(`a person pushes to the branch of #${task}`);
    world.push(WRITER, branch.ref.slice('refs/heads/'.length), { 'mine.txt': `${kernel.now_ms}` });
  });
}

interface Ending {
  readonly outcome: OutcomeKind;
  readonly started: boolean;
  readonly seconds: number;
}

function handedIn(
  { world, artifacts, graph, dice }: Stage,
  leg: Leg,
  { outcome, started, seconds }: Ending,
): AttemptEnd {
  const brief = parseBrief(artifacts.get(leg.brief_artifact) ?? '');
  const worked = outcome === 'delivered' || outcome === 'timeout' || outcome === 'cancelled';
  const result = renderHandIn({
    version: 1,
    task: leg.task,
    attempt: leg.attempt,
    engine: leg.engine,
    engine_version: null,
    model: brief.model,
    outcome,
    engine_started: started,
    isolated: true,
    seconds,
    usage: started ? { ...UNKNOWN_USAGE, cost_usd: costOf(dice(`cost ${leg.task} ${leg.attempt}`)) } : UNKNOWN_USAGE,
    exit_code: 0,
    session: null,
    bundle_head: null,
    detail: '',
    title: null,
    summary: 'Done.',
    remaining: '',
    proof: [],
    proof_rounds: 0,
    not_before: null,
    brief_sha256: leg.brief_sha256,
    prompt_sha256: null,
    denials: [],
  });
  const files = new Map(graph.filesOf(brief.continues ?? brief.base));
  files.set(`src/task-${leg.task}.ts`, `attempt ${leg.attempt}`);
  const hand_in = world.id();
  artifacts.set(hand_in, JSON.stringify({ result, bundle: worked ? graph.tree(files) : null }));
  return { result: 'success', started, hand_in };
}

/** Some engines do not tell. */
function costOf(dice: Dice): number | null {
  return dice.next() < 0.2 ? null : Math.round(dice.next() * 100) / 100;
}

export interface DeliverJob {
  readonly job: Job;
  readonly leg: Leg;
  readonly ended: AttemptEnd;
  readonly lists: Lists;
}

/** A fault ends the job as it would on a runner: the next tick looks what came of it. */
export async function runDeliverJob(
  stage: Stage,
  { job, leg, ended, lists }: DeliverJob,
): Promise<'success' | 'failure'> {
  const ask: DeliverAsk = {
    task: leg.task,
    attempt: leg.attempt,
    run: job.run as RunId,
    run_url: `https://github.com/runs/${job.run}`,
    brief: { artifact: leg.brief_artifact as ArtifactId, sha256: leg.brief_sha256 as Digest },
    hand_in: ended.hand_in === null ? null : { artifact: ended.hand_in as ArtifactId, sha256: '' as Digest },
    attempt_result: ended.result,
    attempt_started: ended.started,
  };
  try {
    const wired = deliverPorts(stage, { job, leg, ended, lists });
    await deliver(stage.nets.deliver?.(wired, stage) ?? wired, ask);
    return 'success';
  } catch (error) {
    if (!(error instanceof Fault) || error.consequence === 'bug')
      stage.findings.broken('deliver never breaks', String(error));
    return 'failure';
  }
}

function deliverPorts(stage: Stage, { job, leg, ended, lists }: DeliverJob): DeliverPorts {
  const { artifacts, kernel, faults } = stage;
  const client = openClient(stage, job, lists);
  return {
    artifacts: {
      brief: async () => {
        await between(stage, job);
        if (faults.strikes('brief_lost')) throw new Error('the artifact is gone');
        return artifacts.get(leg.brief_artifact) ?? '';
      },
      handIn: async () => {
        await between(stage, job);
        const text = ended.hand_in === null ? undefined : artifacts.get(ended.hand_in);
        return text === undefined ? { missing: 'none was uploaded' } : { files: JSON.parse(text) };
      },
    },
    work: workOf(stage, job, leg),
    pulls: { open: (pull) => openPull(client, pull) },
    wake: async () => {
      await wakeNextTick({ client, workflow_file: 'orch.yml', branch: 'main' }).catch((error: unknown) => {
        if (!(error instanceof Fault)) throw error;
      });
    },
    findSecrets: () => [],
    redact: (text) => text,
    clock: kernel.clock,
    log: logOf(stage, job),
  };
}

function workOf(stage: Stage, job: Job, { task, attempt }: Leg): Work {
  const { graph, store, watch } = stage;
  return {
    fetch: async () => {
      await between(stage, job);
      return { records: store.records(task), tip: store.journal(task)?.tip ?? null };
    },
    // Nothing in here is a secret, so there is nothing to search.
    change: async (tree, parent) => ({ change: changeOf(stage, tree, parent), contents: [] }),
    push: async ({ journal, work }) => {
      const head =
        work === null
          ? null
          : graph.commit([work.commit.parent], graph.filesOfTree(work.commit.tree), work.commit.message);
      const to = store.addRecords(journal.expected, journal.records(head));
      const ref = taskRef(task);
      const branch = work === null ? null : `refs/heads/${work.branch}`;
      const from = branch === null ? null : graph.resolve(branch);
      const moves = [
        { ref, expected: journal.expected, to },
        ...(work === null || branch === null ? [] : [{ ref: branch, expected: work.expected, to: head }]),
      ];
      const moved = await pushMoves(stage, job, { moves, atomic: true });
      if (moved.size === moves.length) {
        if (branch !== null) {
          watch.pushed(branch, from, headsBefore(store.journal(task)?.journal ?? EMPTY_JOURNAL, attempt));
          stage.moved(branch, from, head);
        }
        return { kind: 'pushed', head };
      }
      if (store.journal(task)?.tip !== journal.expected) return { kind: 'journal_moved' };
      return { kind: 'branch_moved', detail: 'somebody pushed to the branch' };
    },
  };
}

/** Where the branch may have stood: as the claim saw it, or with a sibling's checkpoint. */
function headsBefore(journal: TaskJournal, attempt: AttemptNumber): readonly (CommitSha | null)[] {
  const claim = journal.attempts.find(({ number }) => number === attempt)?.claim;
  if (claim === undefined) return [];
  const heads = siblingsOf(journal, claim).flatMap(({ settled }) => settled?.head ?? []);
  return heads.length === 0 ? [claim.continues] : heads;
}

function changeOf({ graph }: Stage, tree: string, parent: CommitSha): ChangeSet {
  const before = graph.filesOf(parent);
  const entries = [...graph.filesOfTree(tree)]
    .filter(([path, text]) => before.get(path) !== text)
    .map(([path, text]) => ({
      path,
      change: before.has(path) ? ('modified' as const) : ('added' as const),
      kind: 'file' as const,
      blob: tree,
      bytes: text.length,
      target: null,
    }));
  return { parent, tree, entries, cut: false };
}
