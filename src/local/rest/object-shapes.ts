// Owns the shapes of git's objects in REST answers: commits, trees, changed files, contents.
import type { FileChange, GitCommit, TreeEntry } from '../git-objects.ts';
import { repoUrl, type Place } from './shapes.ts';

type Shape = Readonly<Record<string, unknown>>;

const unsigned: Shape = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

function htmlUrl({ world, server_url }: Place): string {
  return `${server_url}/${world.full_name}`;
}

function parentShapes({ parents }: GitCommit, place: Place, commits: string): readonly Shape[] {
  return parents.map((sha) => ({
    sha,
    url: `${repoUrl(place)}/${commits}/${sha}`,
    html_url: `${htmlUrl(place)}/commit/${sha}`,
  }));
}

/** As the git database answers: the object and nothing around it. */
export function gitCommitShape(commit: GitCommit, place: Place): Shape {
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${repoUrl(place)}/git/commits/${commit.sha}`,
    html_url: `${htmlUrl(place)}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${repoUrl(place)}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: parentShapes(commit, place, 'git/commits'),
    verification: unsigned,
  };
}

/** As the commits of a repository answer: with the people GitHub knows, here nobody. */
export function commitShape(commit: GitCommit, place: Place): Shape {
  const url = `${repoUrl(place)}/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url,
    html_url: `${htmlUrl(place)}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${repoUrl(place)}/git/trees/${commit.tree}` },
      url: `${repoUrl(place)}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    author: null,
    committer: null,
    parents: parentShapes(commit, place, 'commits'),
  };
}

export function treeShape(sha: string, entries: readonly TreeEntry[], place: Place): Shape {
  const tree = entries.map(({ path, mode, type, sha: object, bytes }) => ({
    path,
    mode,
    type,
    sha: object,
    ...(bytes === null ? {} : { size: bytes }),
    ...(type === 'commit' ? {} : { url: `${repoUrl(place)}/git/${type}s/${object}` }),
  }));
  return { sha, url: `${repoUrl(place)}/git/trees/${sha}`, tree, truncated: false };
}

export function fileShape(change: FileChange, head: string, place: Place): Shape {
  const path = encodeURI(change.path);
  return {
    sha: change.sha,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${htmlUrl(place)}/blob/${head}/${path}`,
    raw_url: `${htmlUrl(place)}/raw/${head}/${path}`,
    contents_url: `${repoUrl(place)}/contents/${path}?ref=${head}`,
  };
}

/** GitHub breaks base64 into lines of 60 characters and ends with one. */
export function base64Lines(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,60}/g) ?? [];
  return lines.map((line) => `${line}\n`).join('');
}

export function contentShape(entry: TreeEntry, ref: string, place: Place): Shape {
  const path = encodeURI(entry.path);
  const type = entry.type === 'tree' ? 'dir' : entry.type === 'commit' ? 'submodule' : 'file';
  const url = `${repoUrl(place)}/contents/${path}?ref=${ref}`;
  const git_url = `${repoUrl(place)}/git/${entry.type}s/${entry.sha}`;
  const html_url = `${htmlUrl(place)}/${entry.type}/${ref}/${path}`;
  return {
    type,
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.bytes ?? 0,
    url,
    git_url,
    html_url,
    download_url: type === 'file' ? `${htmlUrl(place)}/raw/${ref}/${path}` : null,
    _links: { self: url, git: git_url, html: html_url },
  };
}
