// Owns what a check is given and what it gives back.
import type { AppendJournal, Effect } from '../../domain/effect.ts';
import { withRecords } from '../../domain/fold-journal.ts';
import { EMPTY_JOURNAL } from '../../domain/journal.ts';
import type { Claimed, JournalRecord, TaskJournal } from '../../domain/journal.ts';
import type { TaskId } from '../../domain/ids.ts';
import type { Plan } from '../../domain/plan.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Snapshot } from '../../domain/snapshot.ts';

export interface Violation {
  readonly invariant: string;
  readonly task: TaskId | null;
  readonly detail: string;
}

export interface Checked {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly policy: Policy;
}

export function effectsOf<Kind extends Effect['kind']>(
  { effects }: Plan,
  kind: Kind,
): readonly (Effect & { readonly kind: Kind })[] {
  return effects.filter((effect): effect is Effect & { readonly kind: Kind } => effect.kind === kind);
}

/** Of one task, with what this plan writes down; null: it was not seen. */
export function journalAfter(task: TaskId, { plan, snapshot }: Pick<Checked, 'plan' | 'snapshot'>): TaskJournal | null {
  const before = snapshot.tasks.get(task)?.journal;
  const append = effectsOf(plan, 'append_journal').find((each) => each.task === task);
  return before === undefined ? null : withRecords(before, append?.records ?? []);
}

export function claimsIn(records: readonly JournalRecord[]): readonly Claimed[] {
  return records.filter((record) => record.kind === 'claimed');
}

export interface ClaimChecked {
  readonly task: TaskId;
  readonly claim: Claimed;
  /** The journal as it is once all that goes before the first claim is written down. */
  readonly before: TaskJournal;
  /** Its place among the claims of the same append, from 0. */
  readonly index: number;
}

/** Several of one append are side by side, and held to what holds for the first; whether they may be is a check of its own. */
export function claimsOf({ plan, snapshot }: Checked): readonly ClaimChecked[] {
  return effectsOf(plan, 'append_journal').flatMap(({ task, records }) => {
    const claims = claimsIn(records);
    const [first] = claims;
    if (first === undefined) return [];
    const so_far = snapshot.tasks.get(task)?.journal ?? EMPTY_JOURNAL;
    const before = withRecords(so_far, records.slice(0, records.indexOf(first)));
    return claims.map((claim, index) => ({ task, claim, before, index }));
  });
}

/** What people are shown makes old news of an ending; left out, each journal still tells what this tick learnt. */
export function journalsAfter({ plan, snapshot }: Checked): ReadonlyMap<TaskId, TaskJournal> {
  const after = new Map([...snapshot.tasks].map(([id, { journal }]) => [id, journal]));
  for (const { task, records } of effectsOf(plan, 'append_journal')) {
    after.set(task, withRecords(after.get(task) ?? EMPTY_JOURNAL, records.filter(isNotShown)));
  }
  return after;
}

function isNotShown({ kind }: AppendJournal['records'][number]): boolean {
  return kind !== 'shown';
}
