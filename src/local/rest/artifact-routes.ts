// Owns the REST operations on artifacts: what a workflow run left, and where it can be downloaded.
import { renderArtifact, type Artifact, type ArtifactService } from '../artifacts.ts';
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

export function artifactRoutes(artifacts: ArtifactService): readonly Route[] {
  const artifactOf = ({ params }: RestRequest): Artifact => {
    const artifact = artifacts.find(Number(params['id']));
    if (!artifact) throw new Refused(404, 'Not Found');
    return artifact;
  };
  return [
    route('GET', ':/actions/artifacts', 'actions:read', (request) => {
      const runs = [...request.place.world.runs.keys()];
      return listed(
        request,
        runs.flatMap((run) => artifacts.list(run)),
      );
    }),
    route('GET', ':/actions/runs/{run}/artifacts', 'actions:read', (request) =>
      listed(request, artifacts.list(Number(request.params['run']))),
    ),
    route('GET', ':/actions/artifacts/{id}', 'actions:read', (request) => ({
      status: 200,
      body: shape(artifactOf(request), request.place),
    })),
    route('GET', ':/actions/artifacts/{id}/zip', 'actions:read', (request) => {
      const location = artifacts.downloadUrl(artifactOf(request).id, request.place.api_url);
      if (location === undefined) throw new Refused(410, 'Artifact has expired');
      return { status: 302, headers: { location } };
    }),
    route('DELETE', ':/actions/artifacts/{id}', 'actions:write', (request) => {
      // Answered at once, as GitHub does; the bytes go a moment later.
      void artifacts.remove(artifactOf(request).id);
      return { status: 204 };
    }),
  ];
}
