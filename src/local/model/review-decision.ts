// Owns what the reviews of people who may write add up to.
import { ROLES, type Issue } from './state.ts';
import type { World } from './world.ts';

export type ReviewDecision = 'APPROVED' | 'CHANGES_REQUESTED' | 'REVIEW_REQUIRED';

/**
 * null where the branch asks for no approval, whatever was said: GitHub has no opinion then, and a client that waits
 * for one waits for ever. Only the newest verdict of whoever may write counts.
 */
export function decisionOf(world: World, { pull }: Issue): ReviewDecision | null {
  if (pull === null || world.required_approvals === 0) return null;
  const latest = new Map(
    pull.reviews.filter(({ state }) => state !== 'COMMENTED').map(({ author, state }) => [author.login, state]),
  );
  const states = [...latest].filter(([login]) => mayWrite(world, login)).map(([, state]) => state);
  if (states.includes('CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
  const approvals = states.filter((state) => state === 'APPROVED').length;
  return approvals >= world.required_approvals ? 'APPROVED' : 'REVIEW_REQUIRED';
}

function mayWrite(world: World, login: string): boolean {
  return ROLES.indexOf(world.roleOf(login)) >= ROLES.indexOf('write');
}
