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
import { titleOf } from './state-view.ts';

type Row = QueueView['rows'][number];

const OVER: ReadonlySet<string> = new Set(['done', 'archived']);

/** `of` null: all that is open, as far as this tick looked at it. A part is told whole, as far back as it is known. */
export function queueView({ tasks, room }: Decision, { snapshot, policy }: World, of: QueuePart | null): QueueView {
  const seen = new Set(tasks.map(({ facts }) => facts.id));
  const others = [...snapshot.tasks.values()].filter(({ id }) => !seen.has(id));
  const { paused } = withRoomRecords(snapshot.room.state, room);
  const decided = tasks
    .filter(({ is_task, facts, journal, state }) => is_task && isOf(of, { facts, journal, state }))
    .toSorted((a, b) => (a.turn ?? Infinity) - (b.turn ?? Infinity) || b.priority - a.priority)
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
  if (of === null) return !OVER.has(state);
  return of === state || (of === sourceOf(facts, journal) && !OVER.has(state));
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

/** Known by its journal alone, as it was last seen. */
function rowBefore(facts: TaskFacts, of: QueuePart): readonly Row[] {
  const { journal, id } = facts;
  if (journal.shown === null) return [];
  const state = journal.finished?.state ?? journal.shown.state;
  if (!isOf(of, { facts, journal, state })) return [];
  return [{ task: id, title: titleOf(facts, journal), labels: [], milestone: null, state, wait: null, turn: null }];
}
