// Owns refs moved through the API: created once, moved forward or by force, deleted, several at once or none.
import { refsMoved } from './pulls.ts';
import type { Actor, RefMove } from './state.ts';
import { Refused } from './state.ts';
import type { World } from './world.ts';

export const NO_OBJECT = '0'.repeat(40);

function checkName(ref: string): void {
  if (!/^refs\/[^/]+\/.+$/.test(ref) || /[\s~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.lock$/.test(ref)) {
    throw new Refused(422, 'Reference name must start with "refs/" and have at least two slashes.');
  }
}

/** Exactly one of several creators succeeds. */
export function createRef(world: World, actor: Actor, ref: string, sha: string): void {
  checkName(ref);
  if (world.git.resolve(sha) === null) throw new Refused(422, 'Object does not exist');
  if (world.git.resolve(ref) !== null) throw new Refused(422, 'Reference already exists');
  refuseBeneath(world, ref);
  world.git.setRef(ref, sha);
  refsMoved(world, actor, [{ ref, from: null, to: sha }]);
}

/** Git keeps no `a/b` beside `a`. */
function refuseBeneath(world: World, ref: string): void {
  const parents = ref.split('/').map((_, i, parts) => parts.slice(0, i).join('/'));
  const clash =
    parents.slice(3).some((parent) => world.git.resolve(parent) !== null) || world.git.refs(`${ref}/`).length > 0;
  if (clash) throw new Refused(422, 'Reference cannot be created: another one is above or beneath it.');
}

export interface RefUpdate {
  readonly ref: string;
  readonly sha: string;
  readonly force: boolean;
}

/** A fast-forward unless forced; there is no expected value, so this is no compare-and-swap. */
export function updateRef(world: World, actor: Actor, { ref, sha, force }: RefUpdate): void {
  const from = world.git.resolve(ref);
  if (from === null) throw new Refused(422, 'Reference does not exist');
  if (world.git.resolve(sha) === null) throw new Refused(422, 'Object does not exist');
  if (!force && !world.git.isAncestor(from, sha)) throw new Refused(422, 'Update is not a fast forward');
  world.git.setRef(ref, sha);
  refsMoved(world, actor, [{ ref, from, to: sha }]);
}

export function deleteRef(world: World, actor: Actor, ref: string): void {
  const from = world.git.resolve(ref);
  if (from === null) throw new Refused(422, 'Reference does not exist');
  if (ref === `refs/heads/${world.options.default_branch}`) throw new Refused(422, 'Cannot delete the default branch');
  world.git.deleteRef(ref);
  refsMoved(world, actor, [{ ref, from, to: null }]);
}

export interface RefSwap {
  readonly name: string;
  /** `undefined` expects nothing; forty zeros expect that there is none. */
  readonly before: string | undefined;
  /** Forty zeros delete. */
  readonly after: string;
  readonly force: boolean;
}

/** All of them, or none: `updateRefs` is GitHub's compare-and-swap. */
export function swapRefs(world: World, actor: Actor, swaps: readonly RefSwap[]): void {
  const moves = swaps.map((swap) => moveOf(world, swap));
  for (const { ref, to } of moves) {
    if (to === null) world.git.deleteRef(ref);
    else world.git.setRef(ref, to);
  }
  refsMoved(world, actor, moves);
}

function moveOf(world: World, { name, before, after, force }: RefSwap): RefMove {
  checkName(name);
  const from = world.git.resolve(name);
  if (before !== undefined && (from ?? NO_OBJECT) !== before)
    throw new Refused(422, `Reference ${name} is not at ${before}`);
  if (after === NO_OBJECT) return { ref: name, from, to: null };
  if (world.git.resolve(after) === null) throw new Refused(422, `Object ${after} does not exist`);
  if (from !== null && !force && !world.git.isAncestor(from, after))
    throw new Refused(422, `Reference ${name} would not move forward`);
  return { ref: name, from, to: after };
}
