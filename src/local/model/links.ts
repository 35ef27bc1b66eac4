// Owns which issues a pull request closes: the closing words in its text, kept in both directions.
import type { Issue } from './state.ts';
import type { World } from './world.ts';

/** https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue */
const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)/gi;

/** Numbers of issues, for a base that is the default branch; GitHub ignores the words on any other. */
export function linksOf(world: World, { pull, body }: Issue): readonly number[] {
  if (pull?.base_ref !== world.options.default_branch) return [];
  const named = [...body.matchAll(CLOSING)].map((word) => Number(word[1]));
  return [...new Set(named)].filter((number) => world.issues.get(number)?.pull === null);
}

/** Called whenever a pull request's text changed. */
export function relink(world: World, pull: Issue): void {
  for (const pulls of world.closers.values()) pulls.delete(pull.number);
  for (const number of linksOf(world, pull)) {
    const pulls = world.closers.get(number) ?? new Set();
    world.closers.set(number, pulls.add(pull.number));
  }
  world.pulls.set(pull.number, pull);
}

/** Pull requests whose merge would close the issue, oldest first. */
export function closersOf(world: World, issue: Issue): readonly Issue[] {
  return [...(world.closers.get(issue.number) ?? [])].flatMap((number) => world.pulls.get(number) ?? []);
}
