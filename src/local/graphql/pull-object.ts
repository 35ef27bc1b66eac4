// Owns what pull requests look like in GraphQL.
import { closedBy } from '../model/pulls.ts';
import type { Issue, Pull } from '../model/state.ts';
import { Refused } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { connection, none, type Args } from './connection.ts';
import type { Ctx } from './context.ts';
import { issueObject, personObject, shared } from './issue-objects.ts';

type Fields = Readonly<Record<string, unknown>>;

export function pullObject(issue: Issue, ctx: Ctx): Fields {
  const { world } = ctx;
  const { pull } = issue;
  if (pull === null) throw new Refused(404, 'Not Found');
  return {
    ...shared(issue, ctx),
    __typename: 'PullRequest',
    state: pull.merged_at !== null ? 'MERGED' : issue.state === 'open' ? 'OPEN' : 'CLOSED',
    isDraft: pull.draft,
    isCrossRepository: false,
    merged: pull.merged_at !== null,
    mergedAt: pull.merged_at,
    mergedBy: () => (pull.merged_by === null ? null : personObject(pull.merged_by, ctx)),
    mergeCommit: () => (pull.merge_commit_sha === null ? null : ctx.shapes.commit(ctx, pull.merge_commit_sha)),
    mergeable: () => mergeable(world, issue, pull),
    mergeStateStatus: () =>
      mergeable(world, issue, pull) === 'CONFLICTING' ? 'DIRTY' : issue.state === 'open' ? 'CLEAN' : 'UNKNOWN',
    headRefName: pull.head_ref,
    headRefOid: pull.head_sha,
    baseRefName: pull.base_ref,
    baseRefOid: pull.base_sha,
    headRef: () => ctx.shapes.ref(ctx, `refs/heads/${pull.head_ref}`),
    baseRef: () => ctx.shapes.ref(ctx, `refs/heads/${pull.base_ref}`),
    headRepository: () => ctx.shapes.repository(ctx),
    changedFiles: () => world.git.changedFiles(pull.base_sha, pull.head_sha),
    closingIssuesReferences: (args: Args) =>
      connection({ items: closedBy(world, issue), args, show: (linked) => issueObject(linked, ctx) }),
    reviewDecision: null,
    statusCheckRollup: null,
    reviews: none,
    reviewThreads: none,
    reviewRequests: (args: Args) =>
      connection({
        items: pull.requested,
        args,
        show: (login) => ({
          __typename: 'ReviewRequest',
          requestedReviewer: () => personObject(world.person(login), ctx),
        }),
      }),
  };
}

/** Known at once here; GitHub works it out in the background and says UNKNOWN meanwhile. */
export function mergeable(world: World, issue: Issue, pull: Pull): 'MERGEABLE' | 'CONFLICTING' | 'UNKNOWN' {
  const base = world.git.resolve(`refs/heads/${pull.base_ref}`);
  if (issue.state === 'closed' || base === null) return 'UNKNOWN';
  return world.git.conflicts(base, pull.head_sha) ? 'CONFLICTING' : 'MERGEABLE';
}
