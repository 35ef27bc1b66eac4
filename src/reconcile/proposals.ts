// Owns changes of the configuration as effects: one file, whole, on a branch of its own, with its pull request.
import type { Decision, Proposal, TaskDecision } from '../domain/decision.ts';
import type { Effect, Patch } from '../domain/effect.ts';
import type { TaskId } from '../domain/ids.ts';
import { CONFIG_PATH } from '../domain/setting.ts';
import type { RepositoryFacts } from '../domain/snapshot.ts';
import { renderChangePull } from '../wire/config-change.ts';

export function proposalEffects({ facts, proposals }: TaskDecision, repository: RepositoryFacts): readonly Effect[] {
  return proposals.map((proposal): Effect => ({
    kind: 'propose_change',
    task: facts.id,
    from: proposal.from,
    proposal: patchOf(proposal, facts.id, repository),
  }));
}

export function dispatchedProposals({ proposals }: Decision, repository: RepositoryFacts): readonly Effect[] {
  return proposals.map((proposal): Effect => ({
    kind: 'propose_asked',
    entry: proposal.entry,
    proposal: patchOf(proposal, null, repository),
  }));
}

function patchOf({ change, by, branch, after }: Proposal, task: TaskId | null, repository: RepositoryFacts): Patch {
  const { default_branch, base } = repository;
  return {
    branch,
    base: default_branch,
    base_sha: base,
    path: CONFIG_PATH,
    text: after,
    ...renderChangePull(change, { by, task }),
  };
}
