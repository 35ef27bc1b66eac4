// Owns reviews: given and dismissed.
import { touch } from './issues.ts';
import { pullPayload } from './pulls.ts';
import { Refused, type Actor, type Issue, type Pull, type Review } from './state.ts';
import type { World } from './world.ts';

export type Verdict = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';

const STATES = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;

/** GitHub's reasons are plain texts here, not objects. */
function unprocessable(reason: string): Refused {
  return new Refused(422, 'Unprocessable Entity', [reason]);
}

export interface NewReview {
  readonly verdict: Verdict;
  readonly body: string;
}

export function addReview(world: World, actor: Actor, issue: Issue, { verdict, body }: NewReview): Review {
  const pull = pullOf(issue);
  if (actor.person === issue.author && verdict !== 'COMMENT') {
    throw unprocessable(`Can not ${verdict === 'APPROVE' ? 'approve' : 'request changes on'} your own pull request`);
  }
  if (actor.kind === 'job' && verdict === 'APPROVE' && !world.actions_may_create_pulls) {
    throw unprocessable('GitHub Actions is not permitted to approve pull requests.');
  }
  if (verdict !== 'APPROVE' && body.trim() === '') throw unprocessable('Body can not be blank');
  const at = world.now();
  const review: Review = {
    id: world.id(),
    author: actor.person,
    body,
    commit_sha: pull.head_sha,
    submitted_at: at,
    state: STATES[verdict],
  };
  pull.reviews.push(review);
  const asked = pull.requested.findIndex((login) => login.toLowerCase() === actor.person.login.toLowerCase());
  if (asked >= 0) pull.requested.splice(asked, 1);
  touch(world, issue);
  emitReview(world, actor, { issue, pull, review, action: 'submitted' });
  return review;
}

export function dismissReview(world: World, actor: Actor, issue: Issue, id: number): Review {
  const review = reviewBy(issue, id);
  if (review.state === 'COMMENTED' || review.state === 'DISMISSED') {
    throw unprocessable(`Can not dismiss a ${review.state.toLowerCase()} pull request review`);
  }
  review.state = 'DISMISSED';
  touch(world, issue);
  emitReview(world, actor, { issue, pull: pullOf(issue), review, action: 'dismissed' });
  return review;
}

interface Told {
  readonly issue: Issue;
  readonly pull: Pull;
  readonly review: Review;
  readonly action: 'submitted' | 'dismissed';
}

/** Webhooks write the state in lower case, where REST and GraphQL shout it. */
function emitReview(world: World, actor: Actor, { issue, pull, review, action }: Told): void {
  const { id, author, body, commit_sha, submitted_at, state } = review;
  const user = { login: author.login, id: author.id, type: author.type };
  world.emit('pull_request_review', actor, {
    action,
    review: { id, node_id: `PRR_${id}`, user, body, commit_id: commit_sha, submitted_at, state: state.toLowerCase() },
    pull_request: pullPayload(world, issue, pull),
  });
}

export function reviewBy(issue: Issue, id: number): Review {
  const review = pullOf(issue).reviews.find((one) => one.id === id);
  if (review === undefined) throw new Refused(404, 'Not Found');
  return review;
}

function pullOf({ pull }: Issue): Pull {
  if (pull === null) throw new Refused(404, 'Not Found');
  return pull;
}
