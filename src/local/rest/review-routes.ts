// Owns the REST operations of reviews.
import { addReview, dismissReview, reviewBy, type Verdict } from '../model/reviews.ts';
import { Refused, type Issue, type Review } from '../model/state.ts';
import { pullOf } from './pull-routes.ts';
import { optionalText, paged, route, textIn, type RestAnswer, type RestRequest, type Route } from './router.ts';
import { association, personShape, repoUrl, type Place } from './shapes.ts';

export const REVIEW_ROUTES: readonly Route[] = [
  route('GET', ':/pulls/{number}/reviews', 'pull-requests:read', (request) => {
    const issue = pullOf(request);
    const { page, headers } = paged(request, issue.pull.reviews);
    return { status: 200, headers, body: page.map((review) => reviewShape(issue, review, request.place)) };
  }),
  route('POST', ':/pulls/{number}/reviews', 'pull-requests:write:read', (request) => {
    const { place, actor, body } = request;
    const issue = pullOf(request);
    const given = { verdict: verdictIn(request), body: optionalText(body, 'body', '') };
    return answer(request, issue, addReview(place.world, actor, issue, given));
  }),
  route('GET', ':/pulls/{number}/reviews/{review}', 'pull-requests:read', (request) => {
    const issue = pullOf(request);
    return answer(request, issue, reviewBy(issue, idIn(request)));
  }),
  route('PUT', ':/pulls/{number}/reviews/{review}/dismissals', 'pull-requests:write', (request) => {
    const { place, actor, body } = request;
    const issue = pullOf(request);
    textIn(body, 'message');
    return answer(request, issue, dismissReview(place.world, actor, issue, idIn(request)));
  }),
];

function idIn({ params }: RestRequest): number {
  return Number(params['review']);
}

const VERDICTS: readonly Verdict[] = ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'];

/** GitHub keeps a review without `event` as a draft that only its author sees; nothing here ever finishes one. */
function verdictIn({ body }: RestRequest): Verdict {
  const verdict = VERDICTS.find((one) => one === body['event']);
  if (verdict === undefined) throw new Refused(422, 'Unprocessable Entity', ['Event is not one of the verdicts']);
  return verdict;
}

/** 200 where other things that are made answer 201. */
function answer({ place }: RestRequest, issue: Issue, review: Review): RestAnswer {
  return { status: 200, body: reviewShape(issue, review, place) };
}

function reviewShape(issue: Issue, review: Review, place: Place): Readonly<Record<string, unknown>> {
  const { id, author, body, state, submitted_at, commit_sha } = review;
  const pull_request_url = `${repoUrl(place)}/pulls/${issue.number}`;
  const html_url = `${place.server_url}/${place.world.full_name}/pull/${issue.number}#pullrequestreview-${id}`;
  return {
    id,
    node_id: `PRR_${id}`,
    user: personShape(author, place),
    body,
    state,
    html_url,
    pull_request_url,
    _links: { html: { href: html_url }, pull_request: { href: pull_request_url } },
    submitted_at,
    commit_id: commit_sha,
    author_association: association(place.world, author),
  };
}
