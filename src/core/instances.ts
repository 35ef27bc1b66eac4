// Owns attempts of one task side by side: how many start, which engines the others may get, what the first to deliver ends.
import { siblingsOf } from '../domain/fold-journal.ts';
import type { CommitSha } from '../domain/ids.ts';
import { endingAlone } from '../domain/journal.ts';
import type { Claimed, Settled, TaskJournal } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import type { EngineId } from '../domain/task.ts';
import type { Draft } from './draft.ts';
import type { OpenChoice } from './next-route.ts';
import { startsAffordable } from './spend.ts';
import { isWorkMerged } from './task-state.ts';

/** What the label `instances:3` asks for. Work that is there already is gone on with by one: two would undo each other. */
export function instancesOf(draft: Draft, policy: Policy): number {
  const { asks, facts, journal } = draft;
  const wanted = Math.min(asks?.instances ?? 1, policy.instances_max);
  const goes_on = facts.branch !== null && !isWorkMerged(draft);
  if (wanted === 1 || asks?.alone === true || goes_on) return 1;
  return Math.max(1, Math.min(wanted, startsAffordable(journal, policy)));
}

/** Starts that all of them would like. */
export function startsWanted(drafts: readonly Draft[], policy: Policy): number {
  return drafts.reduce((sum, draft) => sum + instancesOf(draft, policy), 0);
}

/** Other engines first: two of a kind are more alike in what they miss. An engine that was chosen stays chosen. */
export function choiceBeside(choice: OpenChoice, used: readonly EngineId[]): OpenChoice {
  if (choice.kind === 'decided') return choice;
  const among = choice.among.filter(({ id }) => !used.includes(id));
  return among.length === 0 ? choice : { kind: 'open', among };
}

interface Holder {
  readonly journal: TaskJournal;
  readonly claim: Claimed;
}

/**
 * Written in the same push as the work that came first: from then on nothing is live that could come second. What the
 * others have cost they tell when they have stopped, as every attempt does that is settled from outside.
 */
export function outrunBy({ outcome, at }: Settled, { journal, claim }: Holder): readonly Settled[] {
  if (outcome !== 'delivered') return [];
  const live = siblingsOf(journal, claim).filter(({ settled }) => settled === null);
  const detail = `attempt ${claim.attempt} delivered first`;
  const ending = { at, outcome: 'cancelled', engine_started: true, seconds: 0, detail, by: 'deliver' } as const;
  return live.map(({ number }) => endingAlone({ ...ending, attempt: number }));
}

/** Unfinished work that an attempt beside this one left on their branch: finished work takes its place. */
export function checkpointBeside(journal: TaskJournal, claim: Claimed): CommitSha | null {
  return siblingsOf(journal, claim).flatMap(({ settled }) => settled?.head ?? [])[0] ?? null;
}
