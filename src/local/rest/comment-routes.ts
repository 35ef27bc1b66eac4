// Owns the REST operations of comments and reactions.
import { addComment, commentsOf, deleteComment, editComment, react } from '../model/comments.ts';
import { Refused, type Comment, type Reaction } from '../model/state.ts';
import { issueOf } from './issue-routes.ts';
import { paged, route, textIn, type RestAnswer, type RestRequest, type Route } from './router.ts';
import { commentShape, personShape, type Place } from './shapes.ts';

export const COMMENT_ROUTES: readonly Route[] = [
  route('GET', ':/issues/comments', 'issues|pull-requests:read', (request) => list(request, commentsOfAll(request))),
  route('GET', ':/issues/comments/{id}', 'issues|pull-requests:read', (request) => answer(request, commentOf(request))),
  route('PATCH', ':/issues/comments/{id}', 'issues|pull-requests:write:read', (request) => {
    const comment = own(request);
    editComment(request.place.world, request.actor, comment, textIn(request.body, 'body'));
    return answer(request, comment);
  }),
  route('DELETE', ':/issues/comments/{id}', 'issues|pull-requests:write:read', (request) => {
    deleteComment(request.place.world, request.actor, own(request));
    return { status: 204 };
  }),
  route('GET', ':/issues/comments/{id}/reactions', 'issues|pull-requests:read', (request) => {
    const { page, headers } = paged(request, [...commentOf(request).reactions.values()]);
    return { status: 200, headers, body: page.map((reaction) => reactionShape(reaction, request.place)) };
  }),
  route('POST', ':/issues/comments/{id}/reactions', 'issues|pull-requests:write:read', addReaction),
  route('DELETE', ':/issues/comments/{id}/reactions/{reaction}', 'issues|pull-requests:write:read', removeReaction),
  route('GET', ':/issues/{number}/comments', 'issues|pull-requests:read', (request) => {
    const since = Date.parse(request.query.get('since') ?? '') || 0;
    const all = commentsOf(request.place.world, issueOf(request).number);
    return list(
      request,
      all.filter(({ updated_at }) => Date.parse(updated_at) >= since),
    );
  }),
  route('POST', ':/issues/{number}/comments', 'issues|pull-requests:write:read', (request) =>
    answer(
      request,
      addComment(request.place.world, request.actor, issueOf(request), textIn(request.body, 'body')),
      201,
    ),
  ),
];

function commentOf({ params, place }: RestRequest): Comment {
  const comment = place.world.comments.get(Number(params['id']));
  if (comment === undefined) throw new Refused(404, 'Not Found');
  return comment;
}

/** One's own, or anybody's for those who may write to the repository; a token's scopes were checked before. */
function own(request: RestRequest): Comment {
  const comment = commentOf(request);
  const { actor, place } = request;
  if (actor.permissions === null && actor.person !== comment.author)
    place.world.require(actor, 'issues', 'write', 'write');
  return comment;
}

function answer({ place }: RestRequest, comment: Comment, status = 200): RestAnswer {
  return { status, body: commentShape(comment, place) };
}

function list(request: RestRequest, all: readonly Comment[]): RestAnswer {
  const { page, headers } = paged(request, all);
  return { status: 200, headers, body: page.map((comment) => commentShape(comment, request.place)) };
}

/** Ascending by id, unless `sort` is given; only then `direction` counts. */
function commentsOfAll({ query, place }: RestRequest): readonly Comment[] {
  const since = Date.parse(query.get('since') ?? '') || 0;
  const sort = query.get('sort');
  const key = sort === 'updated' ? 'updated_at' : 'created_at';
  const found = [...place.world.comments.values()].filter(({ updated_at }) => Date.parse(updated_at) >= since);
  if (sort === null) return found;
  const sorted = found.toSorted((one, other) => Date.parse(one[key]) - Date.parse(other[key]) || one.id - other.id);
  return query.get('direction') === 'asc' ? sorted : sorted.toReversed();
}

const CONTENTS = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'];

/** 201 when it is new, 200 when it was there: a test-and-set for one identity. */
function addReaction(request: RestRequest): RestAnswer {
  const content = textIn(request.body, 'content');
  if (!CONTENTS.includes(content))
    throw new Refused(422, 'Validation Failed', [{ resource: 'Reaction', field: 'content', code: 'invalid' }]);
  const { reaction, created } = react(request.place.world, request.actor, commentOf(request), content);
  return { status: created ? 201 : 200, body: reactionShape(reaction, request.place) };
}

function removeReaction(request: RestRequest): RestAnswer {
  const { reactions } = commentOf(request);
  const found = [...reactions].find(([, { id }]) => id === Number(request.params['reaction']));
  if (found === undefined) throw new Refused(404, 'Not Found');
  reactions.delete(found[0]);
  return { status: 204 };
}

function reactionShape({ id, by, content, at }: Reaction, place: Place): Readonly<Record<string, unknown>> {
  return { id, node_id: `REA_${id}`, user: personShape(by, place), content, created_at: at };
}
