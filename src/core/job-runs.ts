// Owns how the runs of scheduled jobs ended, read from the tasks they made.
import { lastTry } from '../domain/fold-journal.ts';
import type { Instant, TaskId } from '../domain/ids.ts';
import type { JobName, JobState } from '../domain/job.ts';
import { epochMs } from '../domain/instant.ts';
import type { HoldReason } from '../domain/plan.ts';
import type { Draft } from './draft.ts';
import { fingerprint } from './fingerprint.ts';
import { standingOf } from './task-state.ts';
import type { World } from './world.ts';

export type RunEnding =
  /** Not over: the next run waits for it. A pull request that nobody has merged or closed counts. */
  | { readonly kind: 'active' }
  | { readonly kind: 'good' }
  /** `print`: equal for equal failures. */
  | { readonly kind: 'failed'; readonly print: string }
  /** A person ended it; that says nothing about the job. */
  | { readonly kind: 'stopped' };

export interface JobRun {
  readonly task: TaskId;
  readonly slot: Instant;
  readonly ending: RunEnding;
}

/** Newest first. */
export function runsOf(drafts: readonly Draft[], world: World): ReadonlyMap<JobName, readonly JobRun[]> {
  const runs = new Map<JobName, JobRun[]>();
  for (const draft of drafts) {
    const job = draft.journal.asked?.job;
    if (job === undefined) continue;
    const run = { task: draft.facts.id, slot: job.slot, ending: endingOf(draft, world) };
    runs.set(job.name, [...(runs.get(job.name) ?? []), run]);
  }
  return new Map([...runs].map(([job, all]) => [job, all.toSorted((a, b) => epochMs(b.slot) - epochMs(a.slot))]));
}

/** `unread`: its newest run is known of, and nothing else is. null: none that anybody remembers. */
export function lastRunOf(
  { ran }: Pick<JobState, 'ran'>,
  { runs, world }: { readonly runs: readonly JobRun[]; readonly world: World },
): JobRun | 'unread' | null {
  if (ran === null) return null;
  const unread = world.snapshot.unread.some(({ task }) => task === ran.task);
  return runs.find(({ task }) => task === ran.task) ?? (unread || world.snapshot.tasks.has(ran.task) ? 'unread' : null);
}

export function endingOf(draft: Draft, world: World): RunEnding {
  const standing = standingOf(draft, world);
  switch (standing.kind) {
    case 'merged':
      return { kind: 'good' };
    case 'closed':
      return standing.as === 'done' ? { kind: 'good' } : lastEnding(draft);
    case 'person':
      return afterHold(draft, standing.reason);
    case 'gone':
    case 'outside':
    case 'skipped':
      return { kind: 'stopped' };
    case 'running':
    case 'review':
    case 'blocked':
    case 'blocked_by_word':
    case 'unassigned':
    case 'waiting':
    case 'cooling':
    case 'ready':
      return { kind: 'active' };
  }
}

function afterHold(draft: Draft, reason: HoldReason): RunEnding {
  if (reason.kind === 'held') return { kind: 'active' };
  if (reason.kind === 'cancelled' || reason.kind === 'pr_closed') return { kind: 'stopped' };
  const last = lastEnding(draft);
  return last.kind === 'failed' ? last : { kind: 'failed', print: reason.kind };
}

function lastEnding({ journal }: Draft): RunEnding {
  const ended = lastTry(journal)?.settled ?? null;
  if (ended === null) return { kind: 'failed', print: 'no attempt' };
  if (ended.outcome === 'cancelled') return { kind: 'stopped' };
  if (ended.outcome === 'delivered' || ended.outcome === 'no_change') return { kind: 'good' };
  return { kind: 'failed', print: fingerprint(ended) ?? ended.outcome };
}
