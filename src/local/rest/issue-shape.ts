// Owns what issues and milestones look like in REST.
import { dependenciesSummary } from '../model/issues.ts';
import { issuesUnder } from '../model/milestones.ts';
import type { Issue, Milestone } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { association, labelShape, personShape, repoUrl } from './shapes.ts';
import type { Place } from './shapes.ts';

type Shape = Readonly<Record<string, unknown>>;

export function issueShape(issue: Issue, place: Place): Shape {
  const { world, server_url } = place;
  const url = `${repoUrl(place)}/issues/${issue.number}`;
  const kind = issue.pull === null ? 'issues' : 'pull';
  return {
    id: issue.id,
    node_id: `${issue.pull === null ? 'I' : 'PR'}_${issue.number}`,
    url,
    repository_url: repoUrl(place),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `${server_url}/${world.full_name}/${kind}/${issue.number}`,
    number: issue.number,
    state: issue.state,
    state_reason: issue.state_reason,
    title: issue.title,
    body: issue.body,
    user: personShape(issue.author, place),
    labels: issue.labels.flatMap((name) => {
      const label = world.labels.get(name.toLowerCase());
      return label === undefined ? [] : [labelShape(label, place)];
    }),
    assignee: null,
    assignees: [],
    milestone: milestoneShape(issue.milestone, place),
    locked: false,
    comments: world.comments_by_issue.get(issue.number)?.size ?? 0,
    closed_at: issue.closed_at,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    author_association: association(world, issue.author),
    issue_dependencies_summary: dependenciesSummary(world, issue),
    sub_issues_summary: subIssuesSummary(world, issue),
    ...(issue.pull === null
      ? {}
      : {
          pull_request: {
            url: `${repoUrl(place)}/pulls/${issue.number}`,
            html_url: `${server_url}/${world.full_name}/pull/${issue.number}`,
            diff_url: null,
            patch_url: null,
          },
        }),
  };
}

function subIssuesSummary(world: World, { sub_issues }: Issue): Shape {
  const completed = sub_issues.filter((number) => world.issues.get(number)?.state === 'closed').length;
  const total = sub_issues.length;
  return { total, completed, percent_completed: total === 0 ? 0 : Math.floor((100 * completed) / total) };
}

export function milestoneShape(milestone: Milestone | null, place: Place): Shape | null {
  if (milestone === null) return null;
  const { id, number, title, creator, created_at, due_on, closed_at } = milestone;
  const url = `${repoUrl(place)}/milestones/${number}`;
  const issues = issuesUnder(place.world, milestone);
  const open = issues.filter(({ state }) => state === 'open').length;
  return {
    id,
    node_id: `MI_${id}`,
    url,
    html_url: `${place.server_url}/${place.world.full_name}/milestone/${number}`,
    labels_url: `${url}/labels`,
    number,
    state: closed_at === null ? 'open' : 'closed',
    title,
    description: null,
    creator: personShape(creator, place),
    open_issues: open,
    closed_issues: issues.length - open,
    created_at,
    updated_at: closed_at ?? created_at,
    closed_at,
    due_on,
  };
}
