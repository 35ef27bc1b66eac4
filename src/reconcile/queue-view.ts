// Owns the queue as people are told of it: what is open, in order, or the tasks of one state or of one source.
import type { World } from '../core/world.ts';
import type { QueuePart } from '../domain/command.ts';
import type { Decision, TaskDecision } from '../domain/decision.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { ownLabels } from '../domain/label.ts';
import type { QueueView } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import { withRoomRecords } from '../domain/room.ts';
import type { TaskFacts } from '../domain/snapshot.ts';
import { isOver } from '../domain/task.ts';
import { byTurn, lastState, unread } from './queue.ts';
import { titleOf } from './state-view.ts';

type Row = QueueView['rows'][number];

/** `of` null: all that is open, as far as this tick looked at it. A part is told whole, as far back as it is known. */
export function queueView({ tasks, room }: Decision, { snapshot, policy }: World, of: QueuePart | null): QueueView {
  const others = unread(tasks, snapshot);
  const { paused } = withRoomRecords(snapshot.room.state, room);
  const decided = tasks
    .filter(({ is_task, facts, journal, state }) => is_task && isOf(of, { facts, journal, state }))
    .toSorted(byTurn)
    .map((decision) => rowOf(decision, policy));
  if (of === null) {
    return { of, paused, rows: decided, unread: others.filter(({ journal }) => journal.finished === null).length };
  }
  return { of, paused, rows: [...decided, ...others.flatMap((facts) => rowBefore(facts, of))], unread: 0 };
}

interface Sorted {
  readonly facts: TaskFacts;
  readonly journal: TaskJournal;
  readonly state: Row['state'];
}

function isOf(of: QueuePart | null, { facts, journal, state }: Sorted): boolean {
  if (of === null) return !isOver(state);
  return of === state || (of === sourceOf(facts, journal) && !isOver(state));
}

function sourceOf({ id }: TaskFacts, { asked }: TaskJournal): QueuePart {
  if (!id.startsWith('i')) return 'issues';
  return asked?.job === undefined ? 'prompts' : 'jobs';
}

function rowOf({ facts, journal, state, wait, turn }: TaskDecision, policy: Policy): Row {
  return {
    task: facts.id,
    title: titleOf(facts, journal),
    labels: ownLabels(facts.issue?.labels ?? [], policy.intake.label),
    milestone: facts.issue?.milestone?.open === true ? facts.issue.milestone.title : null,
    state,
    wait,
    turn,
  };
}

function rowBefore(facts: TaskFacts, of: QueuePart): readonly Row[] {
  const { journal, id } = facts;
  const state = lastState(journal);
  if (state === null || !isOf(of, { facts, journal, state })) return [];
  return [{ task: id, title: titleOf(facts, journal), labels: [], milestone: null, state, wait: null, turn: null }];
}
