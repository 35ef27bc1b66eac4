// Owns who may do what: roles come from GitHub, the floor of each verb from the policy.
import type { Verb } from '../domain/command.ts';
import type { Login } from '../domain/ids.ts';
import { sameLabel } from '../domain/label.ts';
import type { IssueFacts, LabelEvent } from '../domain/snapshot.ts';
import { atLeast } from '../domain/task.ts';
import type { RoleName } from '../domain/task.ts';
import { roleOf } from './world.ts';
import type { World } from './world.ts';

/** GitHub itself lets only people with write access start a dispatch, apps included, whose role it does not tell. */
const DISPATCH_ROLE: RoleName = 'write';

/** A stranger who speaks on an issue outside the queue talks to nobody: answering would let anybody write refs. */
export const OUTSIDE_ROLE: RoleName = 'triage';

export function mayCommand({ policy }: World, verb: Verb, held: RoleName): boolean {
  return atLeast(held, policy.commands[verb]);
}

export function mayAdmit({ policy }: World, held: RoleName): boolean {
  return atLeast(held, policy.intake.permission);
}

export function dispatchRole(world: World, by: Login): RoleName {
  const held = roleOf(world, by);
  return atLeast(held, DISPATCH_ROLE) ? held : DISPATCH_ROLE;
}

/** Newest event that put the intake label where it is now; null when GitHub no longer tells. */
export function intakeEvent({ policy }: World, issue: IssueFacts): LabelEvent | null {
  return issue.label_events.find(({ label }) => sameLabel(label, policy.intake.label)) ?? null;
}
