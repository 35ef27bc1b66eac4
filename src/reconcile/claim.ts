// Owns turning a start order into a claim: the branch gets its name, the brief its text, the claim the brief's digest.
import { buildBrief } from '../core/brief.ts';
import type { World } from '../core/world.ts';
import type { Brief } from '../domain/brief.ts';
import type { StartOrder, TaskDecision } from '../domain/decision.ts';
import { sha256 } from '../domain/digest.ts';
import type { StartAttempt } from '../domain/effect.ts';
import { BranchName } from '../domain/ids.ts';
import type { Claimed } from '../domain/journal.ts';
import { branchFor } from '../wire/branch-name.ts';
import { renderBrief } from '../wire/brief.ts';
import { titleOf } from './state-view.ts';

export interface Claim {
  readonly record: Claimed;
  readonly start: StartAttempt;
}

export function planClaim(decision: TaskDecision, order: StartOrder, world: World): Claim {
  const branch = order.branch ?? newBranch(decision, order);
  const brief = buildBrief({ facts: decision.facts, journal: decision.journal, order, branch }, world);
  const { job_timeout_minutes, runs_on } = order;
  return {
    record: claimRecord(brief, order, world),
    start: { kind: 'start_attempt', task: decision.facts.id, brief, runs_on, job_timeout_minutes },
  };
}

function claimRecord(brief: Brief, order: StartOrder, { snapshot }: World): Claimed {
  return {
    kind: 'claimed',
    at: snapshot.at,
    attempt: order.attempt,
    role: order.role,
    engine: order.engine.id,
    model: order.model,
    run: snapshot.run.run,
    run_attempt: snapshot.run.run_attempt,
    base: order.base,
    branch: brief.branch,
    continues: order.continues,
    brief_sha256: sha256(renderBrief(brief)),
    timeout_minutes: order.timeout_minutes,
    ...(order.group === null ? {} : { group: order.group }),
    ...(order.alone ? { alone: true } : {}),
  };
}

/** One branch for a whole group. A name that still stands for other work is not reused: the push may not find anything there. */
function newBranch({ facts, journal }: TaskDecision, { attempt, group }: StartOrder): BranchName {
  const name = branchFor(facts.id, titleOf(facts, journal));
  const taken: ReadonlySet<BranchName> = new Set([
    ...(facts.branch_names ?? []),
    ...(facts.branch === null ? [] : [facts.branch.name]),
  ]);
  if (!taken.has(name)) return name;
  const first = group ?? attempt;
  // one more than there are names: one of them is free
  const free = Array.from({ length: taken.size + 1 }, (_, i) => BranchName.parse(`${name}-${first + i}`));
  return free.find((other) => !taken.has(other)) ?? name;
}
