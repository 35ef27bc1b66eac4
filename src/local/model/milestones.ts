// Owns milestones: what issues are grouped under, and the day each group is due.
import { touch } from './issues.ts';
import type { Actor, Issue, Milestone } from './state.ts';
import { Refused } from './state.ts';
import type { World } from './world.ts';

/** `due_on`: an instant in ISO 8601; GitHub keeps its day. */
export function createMilestone(
  world: World,
  actor: Actor,
  { title, due_on = null }: { readonly title: string; readonly due_on?: string | null },
): Milestone {
  if ([...world.milestones.values()].some((one) => one.title === title))
    throw new Refused(422, 'Validation Failed', [{ resource: 'Milestone', code: 'already_exists', field: 'title' }]);
  const made: Milestone = {
    id: world.id(),
    number: world.milestones.size + 1,
    title,
    creator: actor.person,
    created_at: world.now(),
    due_on: due_on === null ? null : `${due_on.slice(0, 'yyyy-mm-dd'.length)}T00:00:00Z`,
    closed_at: null,
  };
  world.milestones.set(made.number, made);
  return made;
}

/** As the column beside an issue sets it; null takes it away. */
export function setMilestone(world: World, issue: Issue, milestone: Milestone | null): void {
  if (issue.milestone === milestone) return;
  issue.milestone = milestone;
  touch(world, issue);
}

export function issuesUnder(world: World, milestone: Milestone): readonly Issue[] {
  return [...world.issues.values()].filter((issue) => issue.milestone === milestone);
}
