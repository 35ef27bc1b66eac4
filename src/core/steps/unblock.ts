// Owns letting a task go on when the last issue it waited for is closed; `blocked` itself is derived, never stored.
import type { Draft } from '../draft.ts';
import { standingOf, taskState } from '../task-state.ts';
import type { World } from '../world.ts';

export function unblock(draft: Draft, world: World): Draft {
  if (draft.journal.shown?.state !== 'blocked' || taskState(standingOf(draft, world), draft) === 'blocked')
    return draft;
  return { ...draft, did: [...draft.did, { kind: 'unblocked' }] };
}
