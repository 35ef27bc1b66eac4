// Owns telling other workflows: what became of a task, as an event whose name the repository chose.
import type { TaskDecision } from '../domain/decision.ts';
import type { HookPayload, SendHook } from '../domain/effect.ts';
import type { HookName } from '../domain/hook.ts';
import type { Attempt, JournalRecord, TaskJournal } from '../domain/journal.ts';
import type { TaskState } from '../domain/task.ts';
import { comesToStand, isOwnDoing } from './calls.ts';
import type { Around } from './state-view.ts';

export interface Happened {
  /** As it will be, but for what is shown. */
  readonly journal: TaskJournal;
  /** All that this tick appends: what is not written down is not told. */
  readonly records: readonly JournalRecord[];
}

interface Moment {
  readonly hook: HookName;
  /** null: it is of the task as a whole. */
  readonly attempt: Attempt | null;
}

/**
 * Each moment is told once, in the tick that writes it down. One that dies in between tells nobody: whoever must not
 * miss a moment reads the labels, which the next tick sets right.
 */
export function planHooks(decision: TaskDecision, happened: Happened, around: Around): readonly SendHook[] {
  const { hooks } = around.policy;
  if (!decision.is_task || happened.records.length === 0) return [];
  return momentsOf(decision, happened).flatMap((moment) => {
    const event_type = hooks[moment.hook];
    if (event_type === undefined) return [];
    const payload = payloadOf(moment, decision, happened.journal);
    return [{ kind: 'send_hook', task: decision.facts.id, event_type, payload }];
  });
}

/** In the order in which they came about. */
function momentsOf(decision: TaskDecision, { journal, records }: Happened): readonly Moment[] {
  const attemptOf = (number: number): Attempt | null =>
    journal.attempts.find((attempt) => attempt.number === number) ?? null;
  const ends = journal.news.map((number): Moment => ({ hook: 'on_end', attempt: attemptOf(number) }));
  const others = records.flatMap((record): Moment[] => {
    if (record.kind === 'asked' && record.job !== undefined) return [{ hook: 'on_job', attempt: null }];
    return record.kind === 'claimed' ? [{ hook: 'on_start', attempt: attemptOf(record.attempt) }] : [];
  });
  return [...ends, ...newState(decision), ...others];
}

const HOOK_OF: Readonly<Partial<Record<TaskState, HookName>>> = {
  in_review: 'on_pr',
  blocked: 'on_blocked',
  needs_review: 'on_failure',
  done: 'on_done',
};

function newState(decision: TaskDecision): readonly Moment[] {
  const { facts, state, wait } = decision;
  const hook = HOOK_OF[state];
  if (!comesToStand(decision) || hook === undefined || isOwnDoing(wait)) return [];
  const merged: readonly Moment[] =
    state === 'done' && facts.pull?.state === 'merged' ? [{ hook: 'on_merged', attempt: null }] : [];
  return [...merged, { hook, attempt: null }];
}

/** Figures and words of ours, never what somebody wrote: whoever receives it may put it into a command. */
function payloadOf({ hook, attempt }: Moment, { facts, state, wait }: TaskDecision, journal: TaskJournal): HookPayload {
  const of_attempt = attempt ?? journal.attempts.at(-1) ?? null;
  return {
    hook,
    task: facts.id,
    issue: facts.issue?.number ?? null,
    state,
    attempt: of_attempt?.number ?? null,
    engine: of_attempt?.claim.engine ?? null,
    outcome: of_attempt?.settled?.outcome ?? null,
    pr: journal.pr,
    branch: of_attempt?.claim.branch ?? null,
    reason: wait?.kind === 'person' ? wait.reason.kind : null,
  };
}
