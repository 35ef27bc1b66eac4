// Owns what pull requests look like in GraphQL.
import { mergeabilityOf, type Mergeability } from '../model/mergeability.ts';
import { closedBy } from '../model/pulls.ts';
import { decisionOf } from '../model/review-decision.ts';
import { Refused, type Issue, type Pull, type Review } from '../model/state.ts';
import type { PathChange } from '../model/world.ts';
import { rollupObject } from './check-objects.ts';
import { association } from '../rest/shapes.ts';
import { connection, none, type Args } from './connection.ts';
import type { Ctx } from './context.ts';
import { issueObject, personObject, shared } from './issue-objects.ts';

type Fields = Readonly<Record<string, unknown>>;

export function pullObject(issue: Issue, ctx: Ctx): Fields {
  const { world } = ctx;
  const { pull } = issue;
  if (pull === null) throw new Refused(404, 'Not Found');
  // Asked once for both fields: the second answer may differ from the first.
  let known: Mergeability | undefined;
  const merging = (): Mergeability => (known ??= mergeabilityOf(world, issue, pull));
  const changes = (): readonly PathChange[] => world.git.changes(pull.base_sha, pull.head_sha);
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
    mergeable: () => MERGEABLE[merging()].mergeable,
    mergeStateStatus: () => (pull.draft ? 'DRAFT' : MERGEABLE[merging()].mergeStateStatus),
    headRefName: pull.head_ref,
    headRefOid: pull.head_sha,
    baseRefName: pull.base_ref,
    baseRefOid: pull.base_sha,
    headRef: () => ctx.shapes.ref(ctx, `refs/heads/${pull.head_ref}`),
    baseRef: () => ctx.shapes.ref(ctx, `refs/heads/${pull.base_ref}`),
    headRepository: () => ctx.shapes.repository(ctx),
    changedFiles: () => changes().length,
    additions: () => changes().reduce((sum, { additions }) => sum + additions, 0),
    deletions: () => changes().reduce((sum, { deletions }) => sum + deletions, 0),
    files: (args: Args) => connection({ items: changes(), args, show: fileObject }),
    commits: (args: Args) =>
      connection({
        items: world.git.history(`${pull.base_sha}..${pull.head_sha}`, '', COMMITS_MAX).toReversed(),
        args,
        show: (oid) => ({
          __typename: 'PullRequestCommit',
          id: `PRC_${oid}`,
          commit: () => ctx.shapes.commit(ctx, oid),
        }),
      }),
    closingIssuesReferences: (args: Args) =>
      connection({ items: closedBy(world, issue), args, show: (linked) => issueObject(linked, ctx) }),
    reviewDecision: () => decisionOf(world, issue),
    statusCheckRollup: () => rollupObject(ctx, pull.head_sha),
    reviews: (args: Args) =>
      connection({ items: reviewsFound(pull, args), args, show: (one) => reviewObject(ctx, one) }),
    latestReviews: (args: Args) => connection({ items: latest(pull), args, show: (one) => reviewObject(ctx, one) }),
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

const MERGEABLE = {
  unknown: { mergeable: 'UNKNOWN', mergeStateStatus: 'UNKNOWN' },
  conflicting: { mergeable: 'CONFLICTING', mergeStateStatus: 'DIRTY' },
  mergeable: { mergeable: 'MERGEABLE', mergeStateStatus: 'CLEAN' },
} as const;

/** GitHub lists no more of a pull request's commits. */
const COMMITS_MAX = 250;

const CHANGES = { added: 'ADDED', removed: 'DELETED', modified: 'MODIFIED', changed: 'CHANGED' } as const;

function fileObject({ path, status, additions, deletions }: PathChange): Fields {
  return {
    __typename: 'PullRequestChangedFile',
    path,
    additions,
    deletions,
    changeType: CHANGES[status],
    viewerViewedState: 'UNVIEWED',
  };
}

function reviewsFound({ reviews }: Pull, { states, author }: Args): readonly Review[] {
  const wanted: readonly unknown[] | null = Array.isArray(states) ? states : null;
  return reviews.filter(
    (review) =>
      (wanted === null || wanted.includes(review.state)) &&
      (typeof author !== 'string' || review.author.login === author),
  );
}

/** One of each reviewer. */
function latest({ reviews }: Pull): readonly Review[] {
  return [...new Map(reviews.map((review) => [review.author.login, review])).values()];
}

function reviewObject(ctx: Ctx, { id, author, body, state, submitted_at, commit_sha }: Review): Fields {
  return {
    __typename: 'PullRequestReview',
    id: `PRR_${id}`,
    databaseId: id,
    author: () => personObject(author, ctx),
    authorAssociation: () => association(ctx.world, author),
    body,
    bodyText: body,
    state,
    submittedAt: submitted_at,
    createdAt: submitted_at,
    updatedAt: submitted_at,
    commit: () => ctx.shapes.commit(ctx, commit_sha),
  };
}
