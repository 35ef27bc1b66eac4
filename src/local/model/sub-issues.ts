// Owns sub-issues: each has one parent, and no issue is beneath itself.
import { touch } from './issues.ts';
import { Refused, type Issue } from './state.ts';
import type { World } from './world.ts';

const SUB_ISSUES_MAX = 100;
const DEPTH_MAX = 8;

function wrong(message: string): Refused {
  return new Refused(422, 'Validation Failed', [{ code: 'custom', message }]);
}

export function parentOf(world: World, child: Issue): Issue | null {
  const number = world.parents.get(child.number);
  return (number === undefined ? undefined : world.issues.get(number)) ?? null;
}

/** From the issue upwards, itself first. */
function lineOf(world: World, issue: Issue): readonly Issue[] {
  const line: Issue[] = [];
  for (let one: Issue | null = issue; one !== null && line.length <= DEPTH_MAX; one = parentOf(world, one))
    line.push(one);
  return line;
}

export interface Adoption {
  readonly parent: Issue;
  readonly child: Issue;
  /** Takes the child from the parent it has. */
  readonly replaces: boolean;
}

export function addSubIssue(world: World, { parent, child, replaces }: Adoption): void {
  const before = parentOf(world, child);
  const line = lineOf(world, parent);
  if (before !== null && !replaces) throw wrong('Sub issue may only have one parent');
  if (line.includes(child)) throw wrong('An issue cannot be its own parent');
  checkRoom(world, parent);
  if (before !== null) removeSubIssue(world, before, child);
  parent.sub_issues.push(child.number);
  world.parents.set(child.number, parent.number);
  touch(world, parent);
}

export function checkRoom(world: World, parent: Issue): void {
  if (parent.sub_issues.length >= SUB_ISSUES_MAX) throw wrong(`An issue has ${SUB_ISSUES_MAX} sub-issues at most`);
  if (lineOf(world, parent).length >= DEPTH_MAX) throw wrong(`Sub-issues go ${DEPTH_MAX} levels deep at most`);
}

export function removeSubIssue(world: World, parent: Issue, child: Issue): void {
  const at = parent.sub_issues.indexOf(child.number);
  if (at < 0) throw new Refused(404, 'Not Found');
  parent.sub_issues.splice(at, 1);
  world.parents.delete(child.number);
  touch(world, parent);
}
