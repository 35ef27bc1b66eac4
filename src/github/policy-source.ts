// Owns where the policy in force comes from: the newest file, else the newest of its last versions that is valid.
import type { Policy, PolicyOrigin, PolicyProblem } from '../domain/policy.ts';
import type { Client } from './client.ts';
import { PolicyHistory, PolicyOf } from './schema.ts';
import { POLICY_HISTORY, POLICY_OF } from './queries.ts';

/** Parsed and merged by input/; handed in by the mode, since an edge does not import another border. */
export type ReadPolicy = (
  text: string | null,
  organisation: string | null,
) =>
  | { readonly kind: 'policy'; readonly policy: Policy; readonly extends_from: string | null }
  | { readonly kind: 'invalid'; readonly problems: readonly PolicyProblem[] };

export interface PolicyInForce {
  readonly policy: Policy;
  readonly origin: PolicyOrigin;
}

/** An extra request only when the newest file is invalid, or names another repository to extend. */
export async function policyInForce(client: Client, read: ReadPolicy, text: string | null): Promise<PolicyInForce> {
  const newest = await readExtended(client, read, text);
  if (newest.kind === 'policy')
    return { policy: newest.policy, origin: { kind: text === null ? 'defaults' : 'newest' } };
  return lastGood(client, read, newest.problems);
}

async function readExtended(client: Client, read: ReadPolicy, text: string | null): Promise<ReturnType<ReadPolicy>> {
  const alone = read(text, null);
  if (alone.kind === 'invalid' || alone.extends_from === null) return alone;
  const [owner = '', name = ''] = alone.extends_from.split('/');
  const { data } = await client.query(POLICY_OF, { owner, name });
  const organisation = PolicyOf.parse(data).repository?.policy?.text ?? null;
  return organisation === null ? unreachableDefaults(alone.extends_from) : read(text, organisation);
}

function unreachableDefaults(repository: string): ReturnType<ReadPolicy> {
  return {
    kind: 'invalid',
    problems: [
      {
        line: null,
        key: 'extends',
        problem: `${repository} has no .github/orch.yml that this token can read`,
        remedy: 'Make the repository public, or write the settings into this one.',
      },
    ],
  };
}

async function lastGood(client: Client, read: ReadPolicy, problems: readonly PolicyProblem[]): Promise<PolicyInForce> {
  const { data } = await client.query(POLICY_HISTORY, { owner: client.owner, name: client.repo });
  const versions = PolicyHistory.parse(data).repository.defaultBranchRef?.target.history.nodes ?? [];
  for (const version of versions.filter((node) => node !== null)) {
    const text = version.file?.object?.text ?? null;
    const older = text === null ? null : read(text, null);
    if (older?.kind === 'policy')
      return { policy: older.policy, origin: { kind: 'last_good', commit: version.oid, problems } };
  }
  const defaults = read(null, null);
  if (defaults.kind === 'policy')
    return { policy: defaults.policy, origin: { kind: 'defaults_after_error', problems } };
  throw new Error('the defaults do not parse');
}
