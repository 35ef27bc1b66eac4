// Owns what a job of the local runner is told about where it runs: the `github` context and the GITHUB_* variables.
import type { Json } from './expression.ts';
import type { ActionsEvent, ActionsHost } from './ports.ts';

interface Machine {
  readonly host: ActionsHost;
}

export function githubContext({ host }: Machine, event: ActionsEvent, run: number): Json {
  return {
    event_name: event.name,
    event: event.payload,
    actor: event.actor,
    repository: host.repository,
    run_id: String(run),
    run_attempt: '1',
    ref: `refs/heads/${host.default_branch}`,
    token: '',
  };
}

export function runnerEnvironment(
  { host }: Machine,
  run: { readonly id: number; readonly event: ActionsEvent },
): Readonly<Record<string, string>> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: host.api_url,
    GITHUB_GRAPHQL_URL: host.graphql_url,
    GITHUB_SERVER_URL: host.server_url,
    GITHUB_REPOSITORY: host.repository,
    GITHUB_REPOSITORY_OWNER: host.repository.split('/')[0] ?? '',
    GITHUB_RUN_ID: String(run.id),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_EVENT_NAME: run.event.name,
    GITHUB_ACTOR: run.event.actor,
    GITHUB_REF: `refs/heads/${host.default_branch}`,
    GITHUB_WORKFLOW_REF: `${host.repository}/.github/workflows/orch.yml@refs/heads/${host.default_branch}`,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
  };
}
