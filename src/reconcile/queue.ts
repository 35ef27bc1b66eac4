// Owns the queue as a tick leaves it, for other programs: those it read as they are now, the others as they were last seen.
import type { Decision, TaskDecision } from '../domain/decision.ts';
import { lastAttempt, workerBeside } from '../domain/fold-journal.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';
import { withRoomRecords } from '../domain/room.ts';
import type { Snapshot, TaskFacts } from '../domain/snapshot.ts';
import { isOver } from '../domain/task.ts';
import type { TaskState } from '../domain/task.ts';
import { titleOf } from './state-view.ts';

/** In the order of `/orch queue`: the line first, then the others by priority. */
export function queueNow({ tasks, room }: Decision, snapshot: Snapshot): Queue {
  const decided = tasks.filter(({ is_task }) => is_task).map((decision) => itemNow(decision, snapshot));
  const others = unread(tasks, snapshot).flatMap(itemBefore);
  const all = [...decided, ...others];
  const items = all.filter(({ state }) => !isOver(state)).sort(byTurn);
  return {
    items,
    counts: {
      open: items.length,
      ready: items.filter(({ ready }) => ready).length,
      paused: withRoomRecords(snapshot.room.state, room).paused !== null,
      states: countStates(all),
    },
  };
}

/** Tasks that are known by their journal alone. */
export function unread(tasks: readonly TaskDecision[], snapshot: Snapshot): readonly TaskFacts[] {
  const seen = new Set(tasks.map(({ facts }) => facts.id));
  return [...snapshot.tasks.values()].filter(({ id }) => !seen.has(id));
}

type Turned = Pick<QueueItem, 'turn' | 'priority'>;

export function byTurn(a: Turned, b: Turned): number {
  return (a.turn ?? Infinity) - (b.turn ?? Infinity) || b.priority - a.priority || 0;
}

/** As it was last seen; null: nobody was ever shown it, so that it is no task yet. */
export function lastState({ shown, finished }: TaskJournal): TaskState | null {
  return shown === null ? null : (finished?.state ?? shown.state);
}

function itemNow({ facts, journal, starts, state, wait, priority, turn }: TaskDecision, snapshot: Snapshot): QueueItem {
  const { at, run } = snapshot;
  const start = starts.at(-1);
  return {
    ...lasting(facts, journal),
    turn,
    state,
    ready: turn !== null && start === undefined,
    waits_for: start === undefined ? wait : { kind: 'running', attempt: start.attempt, run: run.run },
    ...(start === undefined ? {} : { engine: start.route.engine, model: start.model, attempts: start.attempt }),
    priority,
    as_of: at,
  };
}

function itemBefore(facts: TaskFacts): readonly QueueItem[] {
  const { shown, finished } = facts.journal;
  const state = lastState(facts.journal);
  if (shown === null || state === null) return [];
  return [
    {
      ...lasting(facts, facts.journal),
      turn: null,
      state,
      ready: false,
      waits_for: null,
      priority: shown.priority,
      as_of: finished?.at ?? shown.at,
    },
  ];
}

function lasting(
  facts: TaskFacts,
  journal: TaskJournal,
): Pick<QueueItem, 'task' | 'title' | 'engine' | 'model' | 'attempts' | 'pull_request'> {
  const last = lastAttempt(journal);
  const chosen = workerBeside(journal) ?? journal.route;
  return {
    task: facts.id,
    title: titleOf(facts, journal) || null,
    engine: chosen?.engine ?? last?.claim.engine ?? null,
    model: (chosen ?? last?.claim)?.model ?? null,
    attempts: last?.number ?? journal.attempts_before,
    pull_request: journal.pr,
  };
}

function countStates(items: readonly QueueItem[]): Queue['counts']['states'] {
  const counted = { ...NONE };
  for (const { state } of items) counted[state] += 1;
  return counted;
}

const NONE: Queue['counts']['states'] = {
  new: 0,
  routed: 0,
  in_progress: 0,
  in_review: 0,
  done: 0,
  blocked: 0,
  needs_review: 0,
  skipped: 0,
  archived: 0,
};
