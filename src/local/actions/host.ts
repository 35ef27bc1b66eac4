// Owns the bridge between the local GitHub and the local runner: events out, runs, jobs and tokens in.
import { closeJob, closeRun, issueJobToken, openJob, openRun, startJob } from '../model/actions.ts';
import type { LocalGitHub } from '../server.ts';
import type { Json } from './expression.ts';
import type { ActionsHost } from './ports.ts';

export function hostOf(github: LocalGitHub): ActionsHost {
  const { world, artifacts, api_url, graphql_url, server_url } = github;
  return {
    repository: world.full_name,
    api_url,
    graphql_url,
    server_url,
    default_branch: world.options.default_branch,
    onEvent: (listener) =>
      world.onEvent(({ name, payload, actor, caused_by_job_token }) => {
        listener({ name, payload: asJson(payload), actor: actor.login, caused_by_job_token });
      }),
    onCancel: (listener) => world.onCancel(listener),
    openRun: (run) => openRun(world, run).id,
    closeRun: (run, conclusion) => closeRun(world, run, conclusion),
    openJob: (job) => openJob(world, job).id,
    startJob: (job) => startJob(world, job),
    closeJob: (job, conclusion) => closeJob(world, job, conclusion),
    issueJobToken: (job) => issueJobToken(world, job),
    revokeToken: (token) => void world.tokens.delete(token),
    runtimeEnvironment: ({ run, job }) =>
      artifacts.runtimeEnvironment({ results_url: api_url, run_id: run, job: String(job) }),
  };
}

function asJson(payload: unknown): { readonly [key: string]: Json } {
  const plain: unknown = JSON.parse(JSON.stringify(payload));
  return plain as { readonly [key: string]: Json };
}
