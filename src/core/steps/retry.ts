// Owns the retry without words: somebody who may retry opened a finished issue again.
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { mayCommand } from '../permissions.ts';
import { reopening } from '../task-state.ts';
import { roleOf } from '../world.ts';
import type { World } from '../world.ts';

/** A new budget with their name on it; attempts go on counting. */
export function reopen(draft: Draft, world: World): Draft {
  const reopened = reopening(draft);
  if (reopened === null || reopened.by === null) return draft;
  const { by, at } = reopened;
  if (!mayCommand(world, 'retry', roleOf(world, by))) return draft;
  return record(
    draft,
    [
      {
        kind: 'commanded',
        at,
        by,
        from: { event: 'reopened' },
        verb: 'retry',
        engine: null,
        model: null,
        refused: null,
      },
    ],
    { kind: 'reopened', by },
  );
}
