// Owns what a check is given and what it gives back.
import type { Effect } from '../../domain/effect.ts';
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
