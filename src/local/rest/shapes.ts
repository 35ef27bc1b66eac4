// Owns the shapes of REST answers: the required fields of GitHub's description, true where we know, plain where not.
import type { Comment, Job, Label, Person, Run } from '../model/state.ts';
import type { World } from '../model/world.ts';
import type { ArtifactService } from '../artifacts.ts';
import type { GitObjects } from '../git-objects.ts';
import type { Limits } from '../limits.ts';

export interface Place {
  readonly world: World;
  readonly api_url: string;
  readonly server_url: string;
  readonly limits: Limits;
  readonly artifacts: ArtifactService;
  readonly objects: GitObjects;
}

type Shape = Readonly<Record<string, unknown>>;

export function personShape({ login, id, type }: Person, { api_url, server_url }: Place): Shape {
  // A bot's login ends in `[bot]`, which a URL may hold only encoded.
  const page = `${server_url}/${encodeURIComponent(login)}`;
  const url = `${api_url}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${page}.png`,
    gravatar_id: '',
    url,
    html_url: page,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

export function repoUrl({ world, api_url }: Place): string {
  return `${api_url}/repos/${world.full_name}`;
}

export function labelShape(label: Label, place: Place): Shape {
  return {
    id: label.id,
    node_id: `LA_${label.id}`,
    url: `${repoUrl(place)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

export function association(world: World, person: Person): string {
  if (person.login.toLowerCase() === world.options.owner.toLowerCase()) return 'OWNER';
  return world.roleOf(person.login) === 'none' ? 'NONE' : 'COLLABORATOR';
}

export function commentShape(comment: Comment, place: Place): Shape {
  const { world, server_url } = place;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${repoUrl(place)}/issues/comments/${comment.id}`,
    html_url: `${server_url}/${world.full_name}/issues/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${repoUrl(place)}/issues/${comment.issue}`,
    body: comment.body,
    user: personShape(comment.author, place),
    created_at: comment.created_at,
    updated_at: comment.updated_at,
    author_association: association(world, comment.author),
    reactions: reactionRollup(comment, `${repoUrl(place)}/issues/comments/${comment.id}/reactions`),
  };
}

/** How many stand there of each kind, under the names REST has for them. */
export function reactionRollup({ reactions }: Pick<Comment, 'reactions'>, url = ''): Shape {
  const all = [...reactions.values()];
  const count = (content: string): number => all.filter((one) => one.content === content).length;
  return {
    url,
    total_count: all.length,
    '+1': count('+1'),
    '-1': count('-1'),
    laugh: count('laugh'),
    hooray: count('hooray'),
    confused: count('confused'),
    heart: count('heart'),
    rocket: count('rocket'),
    eyes: count('eyes'),
  };
}

export function runShape(run: Run, place: Place): Shape {
  const { world, server_url } = place;
  const url = `${repoUrl(place)}/actions/runs/${run.id}`;
  return {
    id: run.id,
    node_id: `WFR_${run.id}`,
    name: 'Orch',
    head_branch: world.options.default_branch,
    head_sha: world.git.resolve(`refs/heads/${world.options.default_branch}`) ?? '0'.repeat(40),
    path: '.github/workflows/orch.yml',
    display_title: run.title,
    run_number: 1,
    run_attempt: 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: 1,
    url,
    html_url: `${server_url}/${world.full_name}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: run.created_at,
    updated_at: run.updated_at,
    run_started_at: run.created_at,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repoUrl(place)}/check-suites/1`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    workflow_url: `${repoUrl(place)}/actions/workflows/1`,
    head_commit: null,
    head_repository_id: 1,
    repository: minimalRepository(place),
    head_repository: minimalRepository(place),
  };
}

export function jobShape(job: Job, place: Place): Shape {
  const { world, server_url } = place;
  return {
    id: job.id,
    run_id: job.run,
    run_url: `${repoUrl(place)}/actions/runs/${job.run}`,
    node_id: `CR_${job.id}`,
    head_sha: '0'.repeat(40),
    url: `${repoUrl(place)}/actions/jobs/${job.id}`,
    html_url: `${server_url}/${world.full_name}/actions/runs/${job.run}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.created_at,
    started_at: job.started_at ?? job.created_at,
    completed_at: job.completed_at,
    name: job.name,
    check_run_url: `${repoUrl(place)}/check-runs/${job.id}`,
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'local',
    runner_group_id: 1,
    runner_group_name: 'local',
    workflow_name: 'Orch',
    head_branch: world.options.default_branch,
  };
}

/** The many links of a repository follow one pattern; naming them here keeps the shape honest and short. */
const REPOSITORY_LINKS: readonly (readonly [string, string])[] =
  'archive:/{archive_format}{/ref} assignees:/assignees{/user} blobs:/git/blobs{/sha} branches:/branches{/branch} collaborators:/collaborators{/collaborator} comments:/comments{/number} commits:/commits{/sha} compare:/compare/{base}...{head} contents:/contents/{+path} contributors:/contributors deployments:/deployments downloads:/downloads events:/events forks:/forks git_commits:/git/commits{/sha} git_refs:/git/refs{/sha} git_tags:/git/tags{/sha} hooks:/hooks issue_comment:/issues/comments{/number} issue_events:/issues/events{/number} issues:/issues{/number} keys:/keys{/key_id} labels:/labels{/name} languages:/languages merges:/merges milestones:/milestones{/number} notifications:/notifications{?since,all,participating} pulls:/pulls{/number} releases:/releases{/id} stargazers:/stargazers statuses:/statuses/{sha} subscribers:/subscribers subscription:/subscription tags:/tags teams:/teams trees:/git/trees{/sha}'
    .split(' ')
    .map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)] as const);

export function minimalRepository(place: Place): Shape {
  const { world, server_url } = place;
  const links = REPOSITORY_LINKS.map(([name, suffix]): [string, string] => [
    `${name}_url`,
    `${repoUrl(place)}${suffix}`,
  ]);
  return {
    id: 1,
    node_id: 'R_1',
    name: world.options.name,
    full_name: world.full_name,
    private: world.private_repository,
    owner: personShape(world.person(world.options.owner), place),
    html_url: `${server_url}/${world.full_name}`,
    description: null,
    fork: false,
    url: repoUrl(place),
    ...Object.fromEntries(links),
  };
}

/** As `GET /repos/{owner}/{repo}` answers: two counts more than wherever else a repository stands. */
export function fullRepository(place: Place): Shape {
  return { ...repositoryShape(place), subscribers_count: 0, network_count: 0 };
}

export function repositoryShape(place: Place): Shape {
  const { world, server_url } = place;
  const at = '2026-01-01T00:00:00Z';
  return {
    ...minimalRepository(place),
    git_url: `git://local/${world.full_name}.git`,
    ssh_url: `git@local:${world.full_name}.git`,
    clone_url: `${server_url}/${world.full_name}.git`,
    svn_url: `${server_url}/${world.full_name}`,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    default_branch: world.options.default_branch,
    has_issues: true,
    has_projects: true,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: world.private_repository ? 'private' : 'public',
    pushed_at: at,
    created_at: at,
    updated_at: at,
  };
}
