// Owns the REST operations of the repository itself: its settings, its people, its labels, its variables.
import { createLabel, deleteLabel } from '../model/issues.ts';
import { Refused, type Label, type Role } from '../model/state.ts';
import { optionalText, paged, route, textIn, type RestAnswer, type RestRequest, type Route } from './router.ts';
import { fullRepository, labelShape, personShape } from './shapes.ts';

export const REPOSITORY_ROUTES: readonly Route[] = [
  route('GET', ':', 'metadata:read', ({ place }) => ({ status: 200, body: fullRepository(place) })),
  route('GET', '/user', null, currentUser),
  route('GET', '/users/{username}', null, ({ params, place }) => {
    const known = place.world.people.get((params['username'] ?? '').toLowerCase());
    if (known === undefined) throw new Refused(404, 'Not Found');
    return { status: 200, body: profile(personShape(known, place)) };
  }),
  route('GET', ':/collaborators/{username}/permission', 'metadata:read', permission),
  route('GET', ':/collaborators/{username}', 'metadata:read', ({ params, place }) => {
    if (place.world.roleOf(params['username'] ?? '') === 'none') throw new Refused(404, 'Not Found');
    return { status: 204 };
  }),
  route('GET', ':/actions/permissions/workflow', 'administration:read', ({ place: { world } }) => ({
    status: 200,
    body: { default_workflow_permissions: 'read', can_approve_pull_request_reviews: world.actions_may_create_pulls },
  })),
  route('GET', ':/labels', 'issues|pull-requests:read', (request) => {
    const { page, headers } = paged(request, [...request.place.world.labels.values()]);
    return { status: 200, headers, body: page.map((label) => labelShape(label, request.place)) };
  }),
  route('POST', ':/labels', 'issues|pull-requests:write', ({ place, body }) => {
    const label = createLabel(place.world, {
      name: textIn(body, 'name'),
      color: optionalText(body, 'color', 'ededed'),
      description: optionalText(body, 'description', ''),
    });
    return { status: 201, body: labelShape(label, place) };
  }),
  route('GET', ':/labels/{name}', 'issues|pull-requests:read', (request) => ({
    status: 200,
    body: labelShape(labelOf(request), request.place),
  })),
  route('DELETE', ':/labels/{name}', 'issues|pull-requests:write', (request) => {
    deleteLabel(request.place.world, request.actor, labelOf(request).name);
    return { status: 204 };
  }),
];

function labelOf({ params, place }: RestRequest): Label {
  const label = place.world.labels.get((params['name'] ?? '').toLowerCase());
  if (label === undefined) throw new Refused(404, 'Not Found');
  return label;
}

/** A job's or an App's token is nobody's, so it has no user. */
function currentUser({ actor, place }: RestRequest): RestAnswer {
  if (actor.permissions !== null) throw new Refused(403, 'Resource not accessible by integration');
  return { status: 200, body: profile(personShape(actor.person, place)) };
}

function profile(person: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const at = '2026-01-01T00:00:00Z';
  const texts = { name: null, company: null, blog: '', location: null, email: null, hireable: null, bio: null };
  return {
    ...person,
    ...texts,
    public_repos: 1,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: at,
    updated_at: at,
  };
}

const COARSE: Readonly<Record<Role, string>> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
};

/** Whoever is unknown to a public repository reads it; a login that nobody has is 404. */
function permission({ params, place }: RestRequest): RestAnswer {
  const { world } = place;
  const login = params['username'] ?? '';
  const known = world.people.get(login.toLowerCase());
  if (known === undefined) throw new Refused(404, `${login} is not a user`);
  const role = world.effectiveRole(login);
  const user = { ...personShape(known, place), permissions: rightsOf(role), role_name: role };
  return { status: 200, body: { permission: COARSE[role], role_name: role, user } };
}

function rightsOf(role: Role): Readonly<Record<string, boolean>> {
  const push = role === 'write' || role === 'maintain' || role === 'admin';
  return {
    pull: role !== 'none',
    triage: push || role === 'triage',
    push,
    maintain: role === 'maintain' || role === 'admin',
    admin: role === 'admin',
  };
}
