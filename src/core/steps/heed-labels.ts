// Owns what a status label typed by hand means: the label is ours to set, and the wish behind it is a command.
import type { Command } from '../../domain/command.ts';
import { isStatusLabel, sameLabel, statusLabel } from '../../domain/label.ts';
import type { LabelEvent } from '../../domain/snapshot.ts';
import { TASK_STATES } from '../../domain/task.ts';
import type { TaskState } from '../../domain/task.ts';
import type { Draft } from '../draft.ts';
import { standingOf, taskState } from '../task-state.ts';
import { roleOf } from '../world.ts';
import type { World } from '../world.ts';
import { obey } from './obey-commands.ts';
import { isTask } from '../draft.ts';

/** The other states follow from what happens; nobody can bring them about by saying so. */
const WISHES: Readonly<Partial<Record<TaskState, Command>>> = {
  new: { verb: 'retry', engine: null, model: null },
  blocked: { verb: 'block', on: [] },
  needs_review: { verb: 'hold', until: null },
  skipped: { verb: 'skip', until: null },
  done: { verb: 'complete' },
};

/** The comment then says who wanted what. A wish that is refused, or two at once, change nothing: the label is set right. */
export function heedLabels(draft: Draft, world: World): Draft {
  if (!isTask(draft)) return draft;
  const [wish, ...others] = typed(draft, world);
  const command = wish === undefined ? undefined : WISHES[wish.state];
  if (wish === undefined || command === undefined || others.length > 0 || wish.event.by === null) return draft;
  const { by, at, label } = wish.event;
  const said = {
    by,
    at,
    from: { label },
    to: null,
    answered: true,
    parsed: { kind: 'command', command },
    role: roleOf(world, by),
    heard_at: at,
  } as const;
  return obey(draft, [said], world);
}

interface Wish {
  readonly state: TaskState;
  readonly event: LabelEvent;
}

/**
 * What people typed, still stands there, and nobody has heeded yet; the label of the state it is in anyway says nothing
 * new. One that is gone was taken back, or was once the state's own.
 */
function typed(draft: Draft, world: World): readonly Wish[] {
  const { facts, journal } = draft;
  const stands = facts.issue?.labels ?? [];
  const events =
    facts.issue?.label_events.filter(
      ({ by_bot, label }) => !by_bot && isStatusLabel(label) && stands.some((there) => sameLabel(there, label)),
    ) ?? [];
  if (events.length === 0) return [];
  const candidates = TASK_STATES.flatMap((state): Wish[] => {
    const event = events.find(({ label }) => sameLabel(label, statusLabel(state)));
    return event === undefined || journal.handled_labels.has(`${event.label} ${event.at}`) ? [] : [{ state, event }];
  });
  if (candidates.length === 0) return [];
  const now = taskState(standingOf(draft, world), draft);
  return candidates.filter(({ state }) => state !== now && state !== journal.shown?.state);
}
