// Owns the REST operations on git itself: blobs, trees, commits, branches, comparisons and contents.
import { isObject, textAt } from '../contract/json.ts';
import type { GitCommit, GitObjects, GitPerson, TreeChange } from '../git-objects.ts';
import { Refused } from '../model/state.ts';
import { base64Lines, commitShape, contentShape, fileShape, gitCommitShape, treeShape } from './object-shapes.ts';
import { optionalText, paged, route, textIn, textsIn } from './router.ts';
import type { RestAnswer, RestRequest, Route } from './router.ts';
import { repoUrl } from './shapes.ts';

const commitsMax = 250;

function param({ params }: RestRequest, name: string): string {
  return params[name] ?? '';
}

function found<T>(value: T | null): T {
  if (value === null) throw new Refused(404, 'Not Found');
  return value;
}

function valid<T>(value: T | null, message: string): T {
  if (value === null) throw new Refused(422, message);
  return value;
}

/** A branch, a tag or a hash, as callers of the commits API may name it. */
function revision({ place }: RestRequest, name: string): string {
  const { git } = place.world;
  return found(git.resolve(`refs/heads/${name}`) ?? git.resolve(`refs/tags/${name}`) ?? git.resolve(name));
}

function createBlob(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const encoding = optionalText(request.body, 'encoding', 'utf-8') === 'base64' ? 'base64' : 'utf8';
  const sha = objects.writeBlob(Buffer.from(textIn(request.body, 'content'), encoding));
  return { status: 201, body: { sha, url: `${repoUrl(request.place)}/git/blobs/${sha}` } };
}

function readBlob(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const sha = param(request, 'sha');
  const bytes = found(objects.readBlob(sha));
  const url = `${repoUrl(request.place)}/git/blobs/${sha}`;
  const body = { sha, node_id: `B_${sha}`, url, size: bytes.length, encoding: 'base64', content: base64Lines(bytes) };
  return { status: 200, body };
}

function treeChange(objects: GitObjects, entry: unknown): TreeChange {
  const path = textAt(entry, 'path');
  const mode = textAt(entry, 'mode') || '100644';
  const content = isObject(entry) ? entry['content'] : undefined;
  if (typeof content === 'string') return { path, mode, sha: objects.writeBlob(Buffer.from(content)) };
  return { path, mode, sha: isObject(entry) && entry['sha'] === null ? null : textAt(entry, 'sha') };
}

function createTree(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const { tree } = request.body;
  if (!Array.isArray(tree)) throw new Refused(422, 'Invalid request. "tree" was not supplied.');
  const base = optionalText(request.body, 'base_tree', '') || null;
  const changes = tree.map((entry: unknown) => treeChange(objects, entry));
  const sha = valid(objects.writeTree(base, changes), 'tree.sha is not a valid git object');
  return { status: 201, body: treeShape(sha, objects.readTree(sha, false) ?? [], request.place) };
}

function readTree(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const sha = param(request, 'sha');
  const entries = found(objects.readTree(sha, request.query.has('recursive')));
  return { status: 200, body: treeShape(sha, entries, request.place) };
}

function person(request: RestRequest, given: unknown): GitPerson {
  const { login, id } = request.actor.person;
  return {
    name: textAt(given, 'name') || login,
    email: textAt(given, 'email') || `${id}+${login}@users.noreply.github.com`,
    date: textAt(given, 'date') || request.place.world.now(),
  };
}

function createCommit(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const author = person(request, request.body['author']);
  const committer = request.body['committer'] === undefined ? author : person(request, request.body['committer']);
  const message = textIn(request.body, 'message');
  const tree = textIn(request.body, 'tree');
  const parents = textsIn(request.body, 'parents');
  if (objects.readTree(tree, false) === null) throw new Refused(422, 'Tree SHA does not exist');
  if (parents.some((parent) => objects.readCommit(parent) === null)) {
    throw new Refused(422, 'Parent SHA does not exist or is not a commit object');
  }
  const sha = valid(objects.writeCommit({ tree, parents, author, committer, message }), 'Invalid commit');
  return { status: 201, body: gitCommitShape(found(objects.readCommit(sha)), request.place) };
}

function readCommit(request: RestRequest): RestAnswer {
  const commit = found(request.place.objects.readCommit(param(request, 'sha')));
  return { status: 200, body: gitCommitShape(commit, request.place) };
}

function readBranch(request: RestRequest): RestAnswer {
  const { place } = request;
  const { objects } = place;
  const name = param(request, 'branch');
  const commit = found(objects.readCommit(`refs/heads/${name}`));
  const url = `${repoUrl(place)}/branches/${name}`;
  const body = {
    name,
    commit: commitShape(commit, place),
    _links: { self: url, html: `${place.server_url}/${place.world.full_name}/tree/${name}` },
    protected: false,
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${url}/protection`,
  };
  return { status: 200, body };
}

function listCommits(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const from = revision(request, request.query.get('sha') ?? request.place.world.options.default_branch);
  const { page, headers } = paged(request, objects.log(from, commitsMax));
  return { status: 200, headers, body: page.map((commit) => commitShape(commit, request.place)) };
}

/** A root commit is compared with nothing, and lists no files here. */
function readOneCommit(request: RestRequest): RestAnswer {
  const { place } = request;
  const sha = revision(request, param(request, 'ref'));
  const commit = found(place.objects.readCommit(sha));
  const [parent] = commit.parents;
  const changes = parent === undefined ? [] : place.objects.changes(parent, sha);
  const additions = changes.reduce((sum, change) => sum + change.additions, 0);
  const deletions = changes.reduce((sum, change) => sum + change.deletions, 0);
  const stats = { additions, deletions, total: additions + deletions };
  const files = changes.map((change) => fileShape(change, sha, place));
  return { status: 200, body: { ...commitShape(commit, place), stats, files } };
}

function compareStatus(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return 'diverged';
  if (ahead > 0) return 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}

function compare(request: RestRequest): RestAnswer {
  const { place } = request;
  const { objects } = place;
  const [base_name = '', head_name = ''] = param(request, 'basehead').split('...');
  const [base, head] = [revision(request, base_name), revision(request, head_name)];
  const fork = objects.mergeBase(base, head);
  if (fork === null) throw new Refused(404, `No common ancestor between ${base_name} and ${head_name}.`);
  const commits: readonly GitCommit[] = objects.log(`${base}..${head}`, commitsMax).toReversed();
  const [ahead_by, behind_by] = [objects.count(`${base}..${head}`), objects.count(`${head}..${base}`)];
  const html_url = `${place.server_url}/${place.world.full_name}/compare/${base_name}...${head_name}`;
  const body = {
    url: `${repoUrl(place)}/compare/${base_name}...${head_name}`,
    html_url,
    permalink_url: `${place.server_url}/${place.world.full_name}/compare/${base}...${head}`,
    diff_url: `${html_url}.diff`,
    patch_url: `${html_url}.patch`,
    base_commit: commitShape(found(objects.readCommit(base)), place),
    merge_base_commit: commitShape(found(objects.readCommit(fork)), place),
    status: compareStatus(ahead_by, behind_by),
    ahead_by,
    behind_by,
    total_commits: ahead_by,
    commits: commits.map((commit) => commitShape(commit, place)),
    files: objects.changes(fork, head).map((change) => fileShape(change, head, place)),
  };
  return { status: 200, body };
}

function readContent(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const ref = request.query.get('ref') ?? request.place.world.options.default_branch;
  const path = param(request, 'path').replace(/\/$/, '');
  const at = revision(request, ref);
  const entry = found(objects.readTree(at, true)?.find((one) => one.path === path) ?? null);
  if (entry.type === 'tree') {
    const inside = objects.readTree(entry.sha, false) ?? [];
    const body = inside.map((one) => contentShape({ ...one, path: `${path}/${one.path}` }, ref, request.place));
    return { status: 200, body };
  }
  const content = base64Lines(found(objects.readBlob(entry.sha)));
  return { status: 200, body: { ...contentShape(entry, ref, request.place), encoding: 'base64', content } };
}

function listFiles(request: RestRequest): RestAnswer {
  const { objects } = request.place;
  const { pull } = request.place.world.issue(Number(param(request, 'number')));
  if (pull === null) throw new Refused(404, 'Not Found');
  const fork = objects.mergeBase(pull.base_sha, pull.head_sha) ?? pull.base_sha;
  const { page, headers } = paged(request, objects.changes(fork, pull.head_sha));
  return { status: 200, headers, body: page.map((change) => fileShape(change, pull.head_sha, request.place)) };
}

export const OBJECT_ROUTES: readonly Route[] = [
  route('POST', ':/git/blobs', 'contents:write', createBlob),
  route('GET', ':/git/blobs/{sha}', 'contents:read', readBlob),
  route('POST', ':/git/trees', 'contents:write', createTree),
  route('GET', ':/git/trees/{sha}', 'contents:read', readTree),
  route('POST', ':/git/commits', 'contents:write', createCommit),
  route('GET', ':/git/commits/{sha}', 'contents:read', readCommit),
  route('GET', ':/branches/{+branch}', 'contents:read', readBranch),
  route('GET', ':/commits', 'contents:read', listCommits),
  route('GET', ':/commits/{+ref}', 'contents:read', readOneCommit),
  route('GET', ':/compare/{+basehead}', 'contents:read', compare),
  route('GET', ':/contents/{+path}', 'contents:read', readContent),
  route('GET', ':/pulls/{number}/files', 'pull-requests:read', listFiles),
];
