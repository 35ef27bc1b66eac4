// Owns what keeps a task that could start from starting: an untrusted or misspelt label, a dependency, nobody's word.
import { holdAt } from '../domain/fold-journal.ts';
import { isBefore } from '../domain/instant.ts';
import type { LabelName } from '../domain/ids.ts';
import type { HoldReason } from '../domain/plan.ts';
import type { Draft } from './draft.ts';
import { intakeEvent, mayAdmit } from './permissions.ts';
import { isGiven } from './queue-order.ts';
import { overTaskBudget } from './spend.ts';
import { person } from './standing.ts';
import { openChildren, openDependencies, openForeign } from './ties.ts';
import type { Standing } from './standing.ts';
import { readyIds, roleOf } from './world.ts';
import type { World } from './world.ts';

export function stopSign(draft: Draft, world: World): Standing | null {
  return (
    untrusted(draft, world) ??
    heldOf(draft, world) ??
    misread(draft, world) ??
    blockedOf(draft, world) ??
    overBudgetOf(draft, world) ??
    unassignedOf(draft, world)
  );
}

/** The label counts when somebody who may admit put it there; a later labelling is judged again. */
export function untrustedLabel({ facts, journal }: Draft, world: World): HoldReason | null {
  if (facts.issue === null) return null;
  const event = intakeEvent(world, facts.issue);
  const { admitted } = journal;
  const newer = admitted === null || (event !== null && isBefore(admitted.at, event.at));
  if (!newer || (event !== null && mayAdmit(world, roleOf(world, event.by)))) return null;
  const { label, permission } = world.policy.intake;
  return { kind: 'untrusted_label', by: event?.by ?? null, label, needed: permission };
}

/** Unlike a cancelled task, a held one keeps what runs and what it delivered. */
function heldOf({ journal }: Draft, { snapshot }: World): Standing | null {
  const hold = holdAt(journal, snapshot.at);
  return hold?.verb === 'hold' ? person({ kind: 'held', by: hold.by, until: hold.until }) : null;
}

function untrusted(draft: Draft, world: World): Standing | null {
  const reason = untrustedLabel(draft, world);
  return reason === null ? null : person(reason);
}

/** A person's label is a command; one we do not understand is asked about, never guessed. */
function misread({ asks }: Draft, world: World): Standing | null {
  if (asks === null) return null;
  const unknown = asks.unknown.find(({ family }) => family !== 'priority');
  if (unknown !== undefined)
    return person({
      kind: 'unknown_label',
      label: unknown.label,
      allowed: allowedHere(unknown.allowed, unknown.family, world),
    });
  const several = contradiction(asks);
  return several === null ? null : person({ kind: 'contradicting_labels', labels: several });
}

function allowedHere(allowed: readonly LabelName[], family: string, world: World): readonly LabelName[] {
  if (family !== 'engine') return allowed;
  const here = readyIds(world);
  return allowed.filter((label) => here.some((id) => label.endsWith(`:${id}`)));
}

function contradiction(asks: NonNullable<Draft['asks']>): readonly LabelName[] | null {
  const families = [asks.labels.engine, asks.labels.model, asks.labels.complexity, asks.labels.role];
  return families.find((labels) => labels.length > 1) ?? null;
}

/** `blocked` means one of two things: a person said so, or other issues have to be closed first. */
function blockedOf({ facts: { id, issue }, journal: { blocked } }: Draft, world: World): Standing | null {
  if (blocked !== null) return { kind: 'blocked_by_word', by: blocked.by, on: blocked.on };
  if (issue === null) return null;
  const circle = world.ties?.circles.get(id);
  if (circle !== undefined) return person({ kind: 'circle', circle, of: issue.number });
  const open = openDependencies(issue);
  if (open.length > 0) return { kind: 'blocked', wait: { kind: 'dependencies', open } };
  const children = openChildren(issue);
  if (children.length > 0) return { kind: 'blocked', wait: { kind: 'children', open: children } };
  const foreign = openForeign(issue);
  if (foreign.length > 0) return { kind: 'blocked', wait: { kind: 'foreign', open: foreign } };
  const earlier = world.ties?.earlier.get(id) ?? [];
  return earlier.length === 0 ? null : { kind: 'blocked', wait: { kind: 'phase', open: earlier } };
}

function overBudgetOf({ journal }: Draft, { policy }: World): Standing | null {
  const reason = overTaskBudget(journal, policy);
  return reason === null ? null : person(reason);
}

/** A dispatch is a person's word by itself, and a scheduled job is the configuration's. */
function unassignedOf({ asks, journal }: Draft, { policy }: World): Standing | null {
  if (policy.assignment !== 'manual' || journal.asked !== null) return null;
  return isGiven({ asks, journal }) ? null : { kind: 'unassigned' };
}
