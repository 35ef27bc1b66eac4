// Owns pull requests: opened once per head, moved by pushes, merged by somebody, closing what they name.
import { checkText, checkTitle, closeIssue, emptyIssue, issuePayload, touch } from './issues.ts';
import { linksOf, relink } from './links.ts';
import { decisionOf } from './review-decision.ts';
import type { Actor, Issue, Pull, RefMove } from './state.ts';
import { Refused } from './state.ts';
import type { World } from './world.ts';

export interface NewPull {
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

export function createPull(world: World, actor: Actor, ask: NewPull): Issue {
  if (actor.kind === 'job' && !world.actions_may_create_pulls) {
    throw new Refused(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  }
  checkTitle(ask.title, 'PullRequest');
  checkText(ask.body, 'PullRequest');
  const head_ref = ask.head.replace(`${world.options.owner}:`, '');
  const { head, base } = endsOf(world, { ...ask, head: head_ref });
  const pull: Pull = {
    head_ref,
    base_ref: ask.base,
    head_sha: head,
    base_sha: base,
    draft: ask.draft,
    merged_at: null,
    merged_by: null,
    merge_commit_sha: null,
    requested: [],
    reviews: [],
    asked_of: null,
  };
  const issue = emptyIssue(world, actor, { title: ask.title, body: ask.body, pull });
  relink(world, issue);
  for (const linked of closedBy(world, issue)) touch(world, linked);
  emitPull(world, actor, issue, 'opened');
  return issue;
}

/** The commits of both branches, when a pull request may be opened between them. */
function endsOf(world: World, { head, base }: NewPull): { readonly head: string; readonly base: string } {
  const wrong = (detail: Readonly<Record<string, string>>): Refused =>
    new Refused(422, 'Validation Failed', [{ resource: 'PullRequest', ...detail }]);
  const head_sha = world.git.resolve(`refs/heads/${head}`);
  const base_sha = world.git.resolve(`refs/heads/${base}`);
  if (head_sha === null) throw wrong({ field: 'head', code: 'invalid' });
  if (base_sha === null) throw wrong({ field: 'base', code: 'invalid' });
  if (openPullsOf(world, head).some(({ pull }) => pull?.base_ref === base)) {
    throw wrong({ code: 'custom', message: `A pull request already exists for ${world.options.owner}:${head}.` });
  }
  if (world.git.commitsBetween(base_sha, head_sha) === 0) {
    throw wrong({ code: 'custom', message: `No commits between ${base} and ${head}` });
  }
  return { head: head_sha, base: base_sha };
}

export function openPullsOf(world: World, head_ref: string): readonly Issue[] {
  return pullsOf(world).filter(({ pull, state }) => pull?.head_ref === head_ref && state === 'open');
}

/** Oldest first. */
export function pullsOf(world: World): readonly Issue[] {
  return [...world.pulls.values()];
}

export function emitPull(world: World, actor: Actor, issue: Issue, action: string): void {
  if (issue.pull === null) return;
  const pull_request = pullPayload(world, issue, issue.pull);
  world.emit('pull_request', actor, { action, number: issue.number, pull_request, issue: issuePayload(world, issue) });
}

/** As events say it: `merged` is a way of being closed. */
export function pullPayload(world: World, issue: Issue, pull: Pull): Readonly<Record<string, unknown>> {
  const { author } = issue;
  const repo = { full_name: world.full_name };
  return {
    id: issue.id,
    node_id: `PR_${issue.number}`,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    merged: pull.merged_at !== null,
    merged_at: pull.merged_at,
    draft: pull.draft,
    user: { login: author.login, id: author.id, type: author.type },
    labels: issue.labels.map((name) => ({ name })),
    head: { ref: pull.head_ref, sha: pull.head_sha, repo },
    base: { ref: pull.base_ref, sha: pull.base_sha, repo },
  };
}

/** Issues that a merge into the default branch closes. */
export function closedBy(world: World, issue: Issue): readonly Issue[] {
  return linksOf(world, issue).flatMap((number) => world.issues.get(number) ?? []);
}

export function editPull(
  world: World,
  actor: Actor,
  issue: Issue,
  { title, body }: { readonly title: string; readonly body: string },
): void {
  checkTitle(title, 'PullRequest');
  checkText(body, 'PullRequest');
  if (title === issue.title && body === issue.body) return;
  issue.title = title;
  issue.body = body;
  relink(world, issue);
  touch(world, issue);
  emitPull(world, actor, issue, 'edited');
}

export interface Merge {
  readonly method: 'merge' | 'squash' | 'rebase';
  /** The head the merger looked at; 409 when it has moved since. */
  readonly sha?: string;
}

export function mergePull(world: World, actor: Actor, issue: Issue, { method, sha }: Merge): string {
  const { pull } = issue;
  if (pull === null) throw new Refused(404, 'Not Found');
  if (issue.state === 'closed' || pull.draft) throw new Refused(405, 'Pull Request is not mergeable');
  const decision = decisionOf(world, issue);
  if (decision !== null && decision !== 'APPROVED') {
    throw new Refused(
      405,
      `At least ${world.required_approvals} approving review is required by reviewers with write access.`,
    );
  }
  if (sha !== undefined && sha !== pull.head_sha) {
    throw new Refused(409, 'Head branch was modified. Review and try the merge again.');
  }
  const ref = `refs/heads/${pull.base_ref}`;
  const base = world.git.resolve(ref) ?? pull.base_sha;
  const message = messageOf(world, issue, pull, method);
  const merged = world.git.merge({ base, head: pull.head_sha, message, method });
  if (merged === null) throw new Refused(405, 'Pull Request has merge conflicts');
  world.git.setRef(ref, merged);
  markMerged(world, actor, issue, merged);
  refsMoved(world, actor, [{ ref, from: base, to: merged }]);
  return merged;
}

function messageOf(world: World, issue: Issue, pull: Pull, method: Merge['method']): string {
  return method === 'merge'
    ? `Merge pull request #${issue.number} from ${world.options.owner}/${pull.head_ref}\n\n${issue.title}`
    : `${issue.title} (#${issue.number})`;
}

function markMerged(world: World, actor: Actor, issue: Issue, merged: string): void {
  const { pull } = issue;
  if (pull === null) return;
  pull.merged_at = world.now();
  pull.merged_by = actor.person;
  pull.merge_commit_sha = merged;
  shut(world, actor, issue);
  for (const closed of closedBy(world, issue)) closeIssue(world, actor, closed, 'completed');
}

function shut(world: World, actor: Actor, issue: Issue): void {
  issue.state = 'closed';
  issue.closed_at = world.now();
  issue.events.push({ kind: 'closed', by: actor.person, at: issue.closed_at, label: null });
  touch(world, issue);
  for (const linked of closedBy(world, issue)) touch(world, linked);
  emitPull(world, actor, issue, 'closed');
}

export function closePull(world: World, actor: Actor, issue: Issue): void {
  if (issue.state === 'open') shut(world, actor, issue);
}

/** Not once it is merged, nor without its branch, nor beside another one of the same branch. */
export function reopenPull(world: World, actor: Actor, issue: Issue): void {
  const { pull } = issue;
  if (issue.state === 'open' || pull === null) return;
  const head = world.git.resolve(`refs/heads/${pull.head_ref}`);
  if (pull.merged_at !== null || head === null || openPullsOf(world, pull.head_ref).length > 0) {
    throw new Refused(422, 'Validation Failed', [
      { resource: 'PullRequest', code: 'custom', field: 'state', message: 'The pull request cannot be reopened.' },
    ]);
  }
  issue.state = 'open';
  issue.closed_at = null;
  pull.head_sha = head;
  issue.events.push({ kind: 'reopened', by: actor.person, at: world.now(), label: null });
  touch(world, issue);
  for (const linked of closedBy(world, issue)) touch(world, linked);
  emitPull(world, actor, issue, 'reopened');
}

export function readyForReview(world: World, actor: Actor, issue: Issue): void {
  if (issue.pull?.draft !== true) return;
  issue.pull.draft = false;
  touch(world, issue);
  emitPull(world, actor, issue, 'ready_for_review');
}

/** What a push means for pull requests: heads move, a gone branch closes them, and commits that arrived are merged. */
export function refsMoved(world: World, actor: Actor, moves: readonly RefMove[]): void {
  for (const { ref, to } of moves) {
    if (!ref.startsWith('refs/heads/')) continue;
    const branch = ref.slice('refs/heads/'.length);
    for (const issue of openPullsOf(world, branch)) headMoved(world, actor, issue, to);
    if (to !== null) baseMoved(world, actor, branch, to);
  }
}

function headMoved(world: World, actor: Actor, issue: Issue, to: string | null): void {
  const { pull } = issue;
  if (pull === null || pull.head_sha === to) return;
  if (to === null) {
    closePull(world, actor, issue);
    return;
  }
  pull.head_sha = to;
  touch(world, issue);
  emitPull(world, actor, issue, 'synchronize');
}

/** Somebody merged by hand and pushed: GitHub sees the commits arrive and calls the pull request merged. */
function baseMoved(world: World, actor: Actor, branch: string, to: string): void {
  for (const issue of pullsOf(world)) {
    const { pull, state } = issue;
    if (pull === null || state === 'closed' || pull.base_ref !== branch || pull.head_ref === branch) continue;
    if (world.git.isAncestor(pull.head_sha, to)) markMerged(world, actor, issue, to);
  }
}
