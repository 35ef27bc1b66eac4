// Owns pull requests: opened once per head, moved by pushes, merged by somebody, closing what they name.
import { Refused } from './state.ts';
import type { Actor, Issue, Pull } from './state.ts';
import { closeIssue, issuePayload, touch } from './issues.ts';
import type { World } from './world.ts';

export interface NewPull {
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

export function createPull(world: World, actor: Actor, ask: NewPull): Issue {
  if (actor.kind === 'job' && !world.actions_may_create_pulls) throw new Refused(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  const head_ref = ask.head.replace(`${world.options.owner}:`, '');
  const head = world.git.resolve(`refs/heads/${head_ref}`);
  const base = world.git.resolve(`refs/heads/${ask.base}`);
  if (head === null) throw invalid('head');
  if (base === null) throw invalid('base');
  if (openPullOf(world, head_ref) !== null) throw new Refused(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message: `A pull request already exists for ${world.options.owner}:${head_ref}.` }]);
  if (world.git.commitsBetween(base, head) === 0) throw new Refused(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message: `No commits between ${ask.base} and ${head_ref}` }]);
  const at = world.now();
  const pull: Pull = { head_ref, base_ref: ask.base, head_sha: head, base_sha: base, draft: ask.draft, merged_at: null, merged_by: null, merge_commit_sha: null, requested: [] };
  const issue: Issue = {
    id: world.id(),
    number: world.nextNumber(),
    author: actor.person,
    created_at: at,
    updated_at: at,
    title: ask.title,
    body: ask.body,
    state: 'open',
    state_reason: null,
    closed_at: null,
    labels: [],
    events: [],
    blocked_by: [],
    pull,
  };
  world.issues.set(issue.number, issue);
  for (const linked of closedBy(world, issue)) touch(world, linked);
  emitPull(world, actor, issue, 'opened');
  return issue;
}

function invalid(field: string): Refused {
  return new Refused(422, 'Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }]);
}

export function openPullOf(world: World, head_ref: string): Issue | null {
  return [...world.issues.values()].find(({ pull, state }) => pull?.head_ref === head_ref && state === 'open') ?? null;
}

function emitPull(world: World, actor: Actor, issue: Issue, action: string): void {
  const { pull } = issue;
  if (pull === null) return;
  const head = { ref: pull.head_ref, sha: pull.head_sha, repo: { full_name: world.full_name } };
  const payload = { number: issue.number, state: issue.state, merged: pull.merged_at !== null, draft: pull.draft, head, base: { ref: pull.base_ref } };
  world.emit('pull_request', actor, { action, number: issue.number, pull_request: payload, issue: issuePayload(world, issue) });
}

/** Issues that a merge into the default branch closes. */
export function closedBy(world: World, issue: Issue): readonly Issue[] {
  if (issue.pull?.base_ref !== world.options.default_branch) return [];
  const words = issue.body.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)/gi);
  return [...words].map((word) => world.issues.get(Number(word[1]))).filter((found) => found !== undefined && found.pull === null) as Issue[];
}

export interface Merge {
  readonly method: 'merge' | 'squash' | 'rebase';
  readonly sha?: string;
}

export function mergePull(world: World, actor: Actor, issue: Issue, { method, sha }: Merge): string {
  const { pull } = issue;
  if (pull === null) throw new Refused(404, 'Not Found');
  if (issue.state === 'closed' || pull.draft) throw new Refused(405, 'Pull Request is not mergeable');
  if (sha !== undefined && sha !== pull.head_sha) throw new Refused(409, 'Head branch was modified. Review and try the merge again.');
  const base = world.git.resolve(`refs/heads/${pull.base_ref}`) ?? pull.base_sha;
  const message = `Merge pull request #${issue.number} from ${pull.head_ref}\n\n${issue.title}`;
  const merged = world.git.merge({ base, head: pull.head_sha, message, squash: method !== 'merge' });
  if (merged === null) throw new Refused(405, 'Pull Request has merge conflicts');
  world.git.setRef(`refs/heads/${pull.base_ref}`, merged);
  pull.merged_at = world.now();
  pull.merged_by = actor.person;
  pull.merge_commit_sha = merged;
  shut(world, issue);
  emitPull(world, actor, issue, 'closed');
  for (const closed of closedBy(world, issue)) closeIssue(world, actor, closed, 'completed');
  return merged;
}

function shut(world: World, issue: Issue): void {
  issue.state = 'closed';
  issue.closed_at = world.now();
  touch(world, issue);
  for (const linked of closedBy(world, issue)) touch(world, linked);
}

export function closePull(world: World, actor: Actor, issue: Issue): void {
  if (issue.state === 'closed') return;
  shut(world, issue);
  emitPull(world, actor, issue, 'closed');
}

/** What a push means for pull requests: heads move, and a branch that is gone closes what came from it. */
export function refsMoved(world: World, actor: Actor, moves: readonly { readonly ref: string; readonly from: string | null; readonly to: string | null }[]): void {
  for (const { ref, to } of moves) {
    const issue = ref.startsWith('refs/heads/') ? openPullOf(world, ref.slice('refs/heads/'.length)) : null;
    if (issue?.pull == null) continue;
    if (to === null) closePull(world, actor, issue);
    else issue.pull.head_sha = to;
    touch(world, issue);
  }
}
