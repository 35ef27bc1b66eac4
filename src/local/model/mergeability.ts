// Owns whether a pull request could be merged, as GitHub knows it: worked out in the background, unknown meanwhile.
import type { Issue, Pull } from './state.ts';
import type { World } from './world.ts';

export type Mergeability = 'unknown' | 'mergeable' | 'conflicting';

/**
 * Whoever asks first after either side moved starts the work and hears that it is unknown; the next one hears the
 * answer. https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
 */
export function mergeabilityOf(world: World, { state }: Issue, pull: Pull): Mergeability {
  const base = world.git.resolve(`refs/heads/${pull.base_ref}`);
  if (state === 'closed' || base === null) return 'unknown';
  const sides = `${base} ${pull.head_sha}`;
  if (pull.asked_of !== sides) {
    pull.asked_of = sides;
    return 'unknown';
  }
  return world.git.conflicts(base, pull.head_sha) ? 'conflicting' : 'mergeable';
}
