// Owns the deliver job of the simulation: the real deliver over the typed ports.
import { deliver } from '../../deliver/deliver.ts';
import type { DeliverAsk, DeliverPorts, Work } from '../../deliver/ports.ts';
import type { ChangeSet } from '../../domain/change.ts';
import { Fault } from '../../domain/fault.ts';
import { siblingsOf } from '../../domain/fold-journal.ts';
import { EMPTY_JOURNAL } from '../../domain/journal.ts';
import type { TaskJournal } from '../../domain/journal.ts';
import type { ArtifactId, AttemptNumber, CommitSha, Digest, RunId } from '../../domain/ids.ts';
import type { Leg } from '../../domain/brief.ts';
import { wakeNextTick } from '../../github/dispatch.ts';
import { openPull } from '../../github/pulls.ts';
import { taskRef } from '../../wire/refs.ts';
import type { AttemptEnd } from './attempt-job.ts';
import type { Lists } from './lists.ts';
import { between, logOf } from './stage.ts';
import type { Job, Stage } from './stage.ts';
import { pushMoves } from './tick-job.ts';
import { openClient } from './wire.ts';

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
      // As it stood when the push was made: who is paused after it must not be judged by what came later.
      const seen = headsBefore(store.journal(task)?.journal ?? EMPTY_JOURNAL, attempt);
      const moved = await pushMoves(stage, job, { moves, atomic: true });
      if (moved.size === moves.length) {
        if (branch !== null) {
          watch.pushed(branch, from, seen);
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
