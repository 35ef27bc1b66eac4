// Owns the invariants of how many run at once: in all, beside a task that wants to be alone, of one engine.
import { liveAttempts } from '../../domain/fold-journal.ts';
import type { Attempt } from '../../domain/journal.ts';
import { POINTS_PER_ATTEMPT, STARTS_MAX } from '../capacity.ts';
import { claimsOf, journalsAfter } from './checked.ts';
import type { Checked, Violation } from './checked.ts';

/** What already runs over a lowered limit may end in peace; only a start is held to it. */
export function checkSlots(checked: Checked): readonly Violation[] {
  const claims = claimsOf(checked);
  if (claims.length === 0) return [];
  const running = [...journalsAfter(checked).values()].flatMap(liveAttempts);
  const engines = new Set(claims.map(({ claim }) => claim.engine));
  return [
    ...limitsOf(checked)
      .filter(({ max }) => running.length > max)
      .map(({ invariant, max }) => ({ invariant, task: null, detail: `${running.length} of ${max}` })),
    ...checkEngines(running, engines, checked),
    ...(running.length > 1 && running.some(({ claim }) => claim.alone === true)
      ? [{ invariant: 'nothing starts beside a task that runs alone', task: null, detail: `${running.length} run` }]
      : []),
    ...(claims.length <= STARTS_MAX
      ? []
      : [{ invariant: 'one matrix holds all starts', task: null, detail: `${claims.length} of ${STARTS_MAX}` }]),
  ];
}

interface Limit {
  readonly invariant: string;
  readonly max: number;
}

function limitsOf({ policy, snapshot: { points } }: Checked): readonly Limit[] {
  return [
    { invariant: 'never more than parallel_max', max: policy.parallel_max },
    // One runner decides.
    { invariant: 'never more than the plan has runners for', max: policy.runners_max - 1 },
    {
      invariant: 'never more than the API has points for',
      max: points === undefined ? Infinity : points / POINTS_PER_ATTEMPT,
    },
  ];
}

function checkEngines(
  running: readonly Attempt[],
  claimed: ReadonlySet<string>,
  { policy }: Checked,
): readonly Violation[] {
  return policy.engines.flatMap(({ id, parallel_max }) => {
    const live = running.filter(({ claim }) => claim.engine === id).length;
    if (parallel_max === null || !claimed.has(id) || live <= parallel_max) return [];
    return [
      { invariant: 'never more of an engine than it may run', task: null, detail: `${id}: ${live} of ${parallel_max}` },
    ];
  });
}
