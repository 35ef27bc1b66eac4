// Owns finishing: what a merged pull request, a closed issue or a delivered branch without pull request asks for.
import type { TaskDecision } from '../../domain/decision.ts';
import { unreachable } from '../../domain/fault.ts';
import type { Attempt } from '../../domain/journal.ts';
import type { PullFacts } from '../../domain/snapshot.ts';
import { record } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { standingOf } from '../task-state.ts';
import type { World } from '../world.ts';

/** Asked for again until it is known to be there. */
export function publish(draft: Draft): Draft {
  const { publish: asked, published } = draft.journal;
  return asked === null || published !== null || draft.facts.issue !== null
    ? draft
    : { ...draft, publish: asked, did: [...draft.did, { kind: 'publishes' }] };
}

export function review(draft: Draft, world: World): Draft {
  const standing = standingOf(draft, world);
  switch (standing.kind) {
    case 'gone':
      return finish(draft, { state: 'archived', pull: null }, world);
    case 'closed':
      return completed(tidy(finish(draft, { state: standing.as, pull: standing.pull }, world), standing.pull, world));
    case 'merged':
      return closeIssue(
        tidy(finish(draft, { state: 'done', pull: standing.pull }, world), standing.pull, world),
        world,
      );
    case 'review':
      return standing.pull === null && standing.attempt !== null ? openPull(draft, standing.attempt, world) : draft;
    case 'outside':
    case 'skipped':
    case 'running':
    case 'person':
    case 'blocked':
    case 'blocked_by_word':
    case 'unassigned':
    case 'waiting':
    case 'cooling':
    case 'ready':
      return draft;
    default:
      return unreachable(standing);
  }
}

interface End {
  readonly state: 'done' | 'archived';
  readonly pull: PullFacts | null;
}

function finish(draft: Draft, { state, pull }: End, { snapshot }: World): Draft {
  if (draft.journal.finished?.state === state) return draft;
  const pr = pull?.number ?? null;
  return record(draft, [{ kind: 'finished', at: snapshot.at, state, pr }], { kind: 'finished', state, pr });
}

/** A person's word that it is done closes the issue whatever `auto_close` says; asked again until it is closed. */
function completed(draft: Draft): Draft {
  if (draft.journal.completed === null || draft.facts.issue?.open !== true) return draft;
  return { ...draft, close: 'COMPLETED', did: [...draft.did, { kind: 'closes_issue', reason: 'COMPLETED' }] };
}

function closeIssue(draft: Draft, { policy }: World): Draft {
  if (!policy.auto_close || draft.facts.issue === null) return draft;
  return { ...draft, close: 'COMPLETED', did: [...draft.did, { kind: 'closes_issue', reason: 'COMPLETED' }] };
}

function tidy(draft: Draft, pull: PullFacts | null, { snapshot, policy }: World): Draft {
  const branch = policy.delete_branch ? mergedBranch(draft, pull) : null;
  if (branch === null || branch.name === snapshot.repository.default_branch) return draft;
  return { ...draft, delete_branch: branch, did: [...draft.did, { kind: 'deletes_branch', branch: branch.name }] };
}

/** Only a branch we claimed, and only while it holds nothing but what was merged. */
function mergedBranch({ facts: { branch }, journal }: Draft, pull: PullFacts | null): TaskDecision['delete_branch'] {
  if (branch === null || pull === null || branch.head !== pull.head) return null;
  const ours = journal.attempts.some(({ claim }) => claim.branch === branch.name);
  return ours ? { name: branch.name, expected: branch.head } : null;
}

/** Deliver may have died between its push and its request, or the request failed: whoever looks next opens it. */
function openPull(draft: Draft, attempt: Attempt, { snapshot, policy }: World): Draft {
  const { branch } = draft.facts;
  if (branch === null) return draft;
  const open_pull = {
    branch: branch.name,
    base: snapshot.repository.default_branch,
    attempt,
    draft: policy.pull_request.draft,
  };
  return { ...draft, open_pull, did: [...draft.did, { kind: 'opens_pull', branch: branch.name }] };
}
