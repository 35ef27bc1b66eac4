// Owns the REST operations of refs: read, created once, moved, deleted.
import { createRef, deleteRef, updateRef } from '../model/refs.ts';
import { Refused } from '../model/state.ts';
import { route, textIn, type RestRequest, type Route } from './router.ts';
import { repoUrl } from './shapes.ts';

export const REF_ROUTES: readonly Route[] = [
  route('GET', ':/git/ref/{+ref}', 'contents:read', (request) => ({
    status: 200,
    body: refShape(request, refOf(request)),
  })),
  route('GET', ':/git/matching-refs/{+ref}', 'contents:read', (request) => ({
    status: 200,
    body: request.place.world.git.refs(refOf(request)).map(({ ref }) => refShape(request, ref)),
  })),
  route('POST', ':/git/refs', 'contents:write', (request) => {
    const ref = textIn(request.body, 'ref');
    createRef(request.place.world, request.actor, ref, textIn(request.body, 'sha'));
    return { status: 201, body: refShape(request, ref) };
  }),
  route('PATCH', ':/git/refs/{+ref}', 'contents:write', (request) => {
    const { body, actor, place } = request;
    const ref = refOf(request);
    updateRef(place.world, actor, { ref, sha: textIn(body, 'sha'), force: body['force'] === true });
    return { status: 200, body: refShape(request, ref) };
  }),
  route('DELETE', ':/git/refs/{+ref}', 'contents:write', (request) => {
    deleteRef(request.place.world, request.actor, refOf(request));
    return { status: 204 };
  }),
];

function refOf({ params }: RestRequest): string {
  return `refs/${params['ref']}`;
}

function refShape({ place }: RestRequest, ref: string): Readonly<Record<string, unknown>> {
  const sha = place.world.git.resolve(ref);
  if (sha === null) throw new Refused(404, 'Not Found');
  const object = { type: 'commit', sha, url: `${repoUrl(place)}/git/commits/${sha}` };
  return { ref, node_id: `REF_${ref}`, url: `${repoUrl(place)}/git/${ref}`, object };
}
