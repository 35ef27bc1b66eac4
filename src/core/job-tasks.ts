// Owns when a task without an issue is over: it became one, or its job has nothing more to ask of it. Nobody can close it.
import { lastTry, liveAttempt } from '../domain/fold-journal.ts';
import { isBefore } from '../domain/instant.ts';
import { jobState } from '../domain/room.ts';
import type { Draft } from './draft.ts';
import type { Standing } from './standing.ts';
import type { World } from './world.ts';

export function endedInternalOf({ facts, journal }: Draft, { snapshot }: World): Standing | null {
  if (liveAttempt(journal) !== null) return null;
  // Nobody reads its pull request any more, and a branch that somebody pushed to is not one that lacks a pull request.
  if (facts.issue_read === 'internal' && journal.finished !== null)
    return { kind: 'closed', as: journal.finished.state, pull: null };
  // Nothing runs for it: what it found is written down, and filed beside.
  if (journal.filing !== null) return { kind: 'closed', as: 'done', pull: null };
  if (journal.publish !== null) return { kind: 'closed', as: 'archived', pull: null };
  const job = journal.asked?.job;
  if (job === undefined) return null;
  const outcome = lastTry(journal)?.settled?.outcome ?? null;
  if (outcome === 'no_change') return { kind: 'closed', as: 'done', pull: null };
  const newest = jobState(snapshot.room.state, job.name)?.ran?.slot ?? job.slot;
  const reviewed = facts.pull === null ? outcome === 'delivered' : facts.pull.state === 'open';
  return !isBefore(job.slot, newest) || reviewed ? null : { kind: 'closed', as: 'archived', pull: null };
}
