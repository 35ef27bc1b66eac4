// Owns the table of moves: which cause may take a task from which state to which, and what is said when it may not.
// A tick stores no state and makes no move: task-state.ts derives the state from the facts. The table answers people's
// commands, and the scenarios hold every change of state to it.
import type { Refusal } from '../domain/command.ts';
import type { TaskState } from '../domain/task.ts';

/** People's words first, then what attempts and pull requests do, then the machine's own moves. */
export const CAUSES = [
  'retry',
  'reopen',
  'skip',
  'unskip',
  'cancel',
  'hold',
  'complete',
  'ask',
  'answer',
  'close',
  'discard',
  'block',
  'unblock',
  'route',
  'claim',
  'deliver',
  'fail',
  'give_up',
  'merge',
  'reject',
  'reconsider',
] as const;
export type Cause = (typeof CAUSES)[number];

export const CAUSE_MEANINGS: Readonly<Record<Cause, string>> = {
  retry: 'a person opens a new budget',
  reopen: 'a person opens a finished issue again',
  skip: 'a person (by command or label) takes it out',
  unskip: 'the label that kept it out is gone',
  cancel: 'a person stops it and holds it',
  hold: 'a person keeps it from starting; what runs goes on',
  complete: 'a person says that it is done',
  ask: 'a label nobody may set, or that nobody understands: a person is asked',
  answer: 'that label is right again',
  close: 'the issue was closed as completed',
  discard: 'the issue was closed as not planned, deleted or transferred',
  block: 'a dependency is open',
  unblock: 'all dependencies are closed',
  route: 'an engine and a model were chosen',
  claim: 'an attempt starts',
  deliver: "an attempt's work is on a branch",
  fail: 'an attempt ended otherwise, and may be tried again',
  give_up: 'an attempt ended in a way that needs a person',
  merge: 'the pull request was merged',
  reject: 'the pull request was closed by hand',
  reconsider: 'that pull request was reopened',
};

export type Move =
  | { readonly kind: 'to'; readonly state: TaskState }
  | { readonly kind: 'refused'; readonly why: Refusal | 'impossible' };

type Row = Readonly<Partial<Record<Cause, TaskState | Refusal>>>;

/** What a person may do to anything that is not over, and what closing does to everything. */
const OPEN: Row = { skip: 'skipped', complete: 'done', close: 'done', discard: 'archived', merge: 'done' };
/** In line: what keeps a task that could start from starting. */
const IN_LINE: Row = {
  ...OPEN,
  retry: 'new',
  cancel: 'needs_review',
  hold: 'needs_review',
  ask: 'needs_review',
  block: 'blocked',
  give_up: 'needs_review',
  deliver: 'in_review',
};
const OVER: Row = {
  retry: 'already_done',
  reopen: 'new',
  skip: 'already_done',
  cancel: 'already_done',
  hold: 'already_done',
  complete: 'already_done',
  close: 'done',
  discard: 'archived',
  merge: 'done',
};

/** A cell that names a state is a move; one that names a refusal is the answer; a missing one is impossible. */
export const TRANSITIONS: Readonly<Record<TaskState, Row>> = {
  new: { ...IN_LINE, route: 'routed', claim: 'in_progress' },
  routed: { ...IN_LINE, route: 'routed', claim: 'in_progress' },
  in_progress: {
    ...OPEN,
    retry: 'already_running',
    complete: 'already_running',
    hold: 'in_progress',
    cancel: 'needs_review',
    deliver: 'in_review',
    fail: 'routed',
    give_up: 'needs_review',
    block: 'blocked',
    ask: 'needs_review',
  },
  in_review: {
    ...OPEN,
    retry: 'new',
    hold: 'in_review',
    cancel: 'nothing_to_cancel',
    reject: 'needs_review',
    ask: 'needs_review',
  },
  blocked: { ...IN_LINE, unblock: 'new' },
  needs_review: {
    ...OPEN,
    retry: 'new',
    cancel: 'nothing_to_cancel',
    hold: 'needs_review',
    answer: 'new',
    block: 'blocked',
    reconsider: 'in_review',
    deliver: 'in_review',
  },
  skipped: {
    ...OPEN,
    retry: 'new',
    hold: 'needs_review',
    cancel: 'nothing_to_cancel',
    unskip: 'new',
    ask: 'needs_review',
    block: 'blocked',
  },
  done: OVER,
  archived: OVER,
};

const STATES = new Set<string>(Object.keys(TRANSITIONS));

export function move(state: TaskState, cause: Cause): Move {
  const cell = TRANSITIONS[state][cause];
  if (cell === undefined) return { kind: 'refused', why: 'impossible' };
  return isState(cell) ? { kind: 'to', state: cell } : { kind: 'refused', why: cell };
}

function isState(cell: TaskState | Refusal): cell is TaskState {
  return STATES.has(cell);
}
