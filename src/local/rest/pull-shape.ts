// Owns the shape of a pull request in REST answers.
import { milestoneShape } from './issue-shape.ts';
import { mergeabilityOf } from '../model/mergeability.ts';
import type { Issue } from '../model/state.ts';
import { association, labelShape, personShape, repositoryShape, repoUrl } from './shapes.ts';
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
    labels: issue.labels.flatMap((name) => {
      const label = world.labels.get(name.toLowerCase());
      return label === undefined ? [] : [labelShape(label, place)];
    }),
    milestone: milestoneShape(issue.milestone, place),
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

const MERGEABLE = {
  unknown: { mergeable: null, rebaseable: null, mergeable_state: 'unknown' },
  conflicting: { mergeable: false, rebaseable: false, mergeable_state: 'dirty' },
  mergeable: { mergeable: true, rebaseable: true, mergeable_state: 'clean' },
} as const;

export function pullShape(issue: Issue, place: Place): Shape {
  const { world } = place;
  const { pull } = issue;
  if (pull === null) return {};
  const changes = world.git.changes(pull.base_sha, pull.head_sha);
  return {
    ...pullSimple(issue, place),
    ...MERGEABLE[mergeabilityOf(world, issue, pull)],
    merged: pull.merged_at !== null,
    merged_by: pull.merged_by === null ? null : personShape(pull.merged_by, place),
    comments: world.comments_by_issue.get(issue.number)?.size ?? 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: world.git.commitsBetween(pull.base_sha, pull.head_sha),
    additions: changes.reduce((sum, { additions }) => sum + additions, 0),
    deletions: changes.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: changes.length,
  };
}
