// Owns the shape of a pull request in REST answers.
import type { Issue } from '../model/state.ts';
import { association, personShape, repositoryShape, repoUrl } from './shapes.ts';
import type { Place } from './shapes.ts';

type Shape = Readonly<Record<string, unknown>>;

/** As it stands in lists; `pullShape` adds what only the single answer has. */
export function pullSimple(issue: Issue, place: Place): Shape {
  const { world, server_url } = place;
  const { pull } = issue;
  if (pull === null) return {};
  const url = `${repoUrl(place)}/pulls/${issue.number}`;
  const issue_url = `${repoUrl(place)}/issues/${issue.number}`;
  const html_url = `${server_url}/${world.full_name}/pull/${issue.number}`;
  const owner = personShape(world.person(world.options.owner), place);
  const side = (ref: string, sha: string): Shape => ({
    label: `${world.options.owner}:${ref}`,
    ref,
    sha,
    repo: repositoryShape(place),
    user: owner,
  });
  return {
    id: issue.id,
    node_id: `PR_${issue.number}`,
    url,
    html_url,
    diff_url: `${html_url}.diff`,
    patch_url: `${html_url}.patch`,
    issue_url,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repoUrl(place)}/pulls/comments{/number}`,
    comments_url: `${issue_url}/comments`,
    statuses_url: `${repoUrl(place)}/statuses/${pull.head_sha}`,
    number: issue.number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: personShape(issue.author, place),
    body: issue.body,
    labels: [],
    milestone: null,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    closed_at: issue.closed_at,
    merged_at: pull.merged_at,
    merge_commit_sha: pull.merge_commit_sha,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.requested.map((login) => personShape(world.person(login), place)),
    requested_teams: [],
    head: side(pull.head_ref, pull.head_sha),
    base: side(pull.base_ref, pull.base_sha),
    _links: Object.fromEntries(
      Object.entries({
        self: url,
        html: html_url,
        issue: issue_url,
        comments: `${issue_url}/comments`,
        review_comments: `${url}/comments`,
        review_comment: `${repoUrl(place)}/pulls/comments{/number}`,
        commits: `${url}/commits`,
        statuses: `${repoUrl(place)}/statuses/${pull.head_sha}`,
      }).map(([name, href]) => [name, { href }]),
    ),
    author_association: association(world, issue.author),
    auto_merge: null,
    draft: pull.draft,
  };
}

export function pullShape(issue: Issue, place: Place): Shape {
  const { pull } = issue;
  if (pull === null) return {};
  return {
    ...pullSimple(issue, place),
    merged: pull.merged_at !== null,
    mergeable: issue.state === 'open' ? true : null,
    rebaseable: issue.state === 'open' ? true : null,
    mergeable_state: issue.state === 'open' ? 'clean' : 'unknown',
    merged_by: pull.merged_by === null ? null : personShape(pull.merged_by, place),
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: place.world.git.commitsBetween(pull.base_sha, pull.head_sha),
    additions: 0,
    deletions: 0,
    changed_files: place.world.git.changedFiles(pull.base_sha, pull.head_sha),
  };
}
