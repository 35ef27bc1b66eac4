// Owns the REST operations on artifacts: what a workflow run left, and where it can be downloaded.
import { renderArtifact, type Artifact } from '../artifacts.ts';
import { Refused } from '../model/state.ts';
import { paged, route } from './router.ts';
import type { RestAnswer, RestRequest, Route } from './router.ts';
import type { Place } from './shapes.ts';

function shape(artifact: Artifact, { world, api_url }: Place): unknown {
  const { owner, name: repo, default_branch: head_branch } = world.options;
  const head_sha = world.git.resolve(`refs/heads/${head_branch}`) ?? '0'.repeat(40);
  return renderArtifact(artifact, { api_url, owner, repo, repository_id: 1, head_branch, head_sha });
}

function listed(request: RestRequest, artifacts: readonly Artifact[]): RestAnswer {
  const name = request.query.get('name');
  const all = artifacts.filter((artifact) => name === null || artifact.name === name).toReversed();
  const { page, headers } = paged(request, all);
  const body = { total_count: all.length, artifacts: page.map((artifact) => shape(artifact, request.place)) };
  return { status: 200, headers, body };
}

function artifactOf({ params, place }: RestRequest): Artifact {
  const artifact = place.artifacts.find(Number(params['id']));
  if (!artifact) throw new Refused(404, 'Not Found');
  return artifact;
}

function listAll(request: RestRequest): RestAnswer {
  const { world, artifacts } = request.place;
  return listed(
    request,
    [...world.runs.keys()].flatMap((run) => artifacts.list(run)),
  );
}

function download(request: RestRequest): RestAnswer {
  const { artifacts, api_url } = request.place;
  const location = artifacts.downloadUrl(artifactOf(request).id, api_url);
  if (location === undefined) throw new Refused(410, 'Artifact has expired');
  return { status: 302, headers: { location } };
}

function remove(request: RestRequest): RestAnswer {
  // Answered at once, as GitHub does; the bytes go a moment later.
  void request.place.artifacts.remove(artifactOf(request).id);
  return { status: 204 };
}

export const ARTIFACT_ROUTES: readonly Route[] = [
  route('GET', ':/actions/artifacts', 'actions:read', listAll),
  route('GET', ':/actions/runs/{run}/artifacts', 'actions:read', (request) =>
    listed(request, request.place.artifacts.list(Number(request.params['run']))),
  ),
  route('GET', ':/actions/artifacts/{id}', 'actions:read', (request) => ({
    status: 200,
    body: shape(artifactOf(request), request.place),
  })),
  route('GET', ':/actions/artifacts/{id}/zip', 'actions:read', download),
  route('DELETE', ':/actions/artifacts/{id}', 'actions:write', remove),
];
