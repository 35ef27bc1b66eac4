// Owns where the policy in force comes from: the newest file, else the newest of its last versions that is valid.
import type { Policy, PolicyOrigin, PolicyProblem, PolicyTexts } from '../domain/policy.ts';
import { bugFault } from '../domain/fault.ts';
import type { Client } from './client.ts';
import { readAs } from './faults.ts';
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
  readonly texts: PolicyTexts;
}

/** As GraphQL tells of the file: null when there is none, without text when it is no text. */
export type PolicyFile = { readonly text?: string | null | undefined } | null;

/** An extra request only when the newest file is invalid, or names another repository to extend. */
export async function policyInForce(client: Client, read: ReadPolicy, file: PolicyFile): Promise<PolicyInForce> {
  if (file === null) return inForce(await readExtended(client, read, null), 'defaults');
  if (typeof file.text !== 'string') return lastGood(client, read, [NO_TEXT]);
  const newest = await readExtended(client, read, file.text);
  return newest.kind === 'policy' ? inForce(newest, 'newest') : lastGood(client, read, newest.problems);
}

const NO_TEXT: PolicyProblem = {
  line: null,
  key: '',
  problem: '.github/orch.yml is not a text file',
  remedy: 'Save it as UTF-8 text.',
};

function inForce(read: ReadPolicyFile, kind: 'defaults' | 'newest'): PolicyInForce {
  if (read.kind === 'policy') return { policy: read.policy, origin: { kind }, texts: read.texts };
  throw bugFault({
    title: 'The defaults do not hold together',
    cause: read.problems.map(({ problem }) => problem).join('; '),
    remedy: 'Please report this.',
  });
}

type ReadPolicyFile = ReturnType<ReadPolicy> & { readonly texts: PolicyTexts };

async function readExtended(client: Client, read: ReadPolicy, text: string | null): Promise<ReadPolicyFile> {
  const alone = read(text, null);
  const texts = { repository: text, organisation: null };
  if (alone.kind === 'invalid' || alone.extends_from === null) return { ...alone, texts };
  const [owner = '', name = ''] = alone.extends_from.split('/');
  const { data } = await client.query(POLICY_OF, { owner, name });
  const organisation = readAs(PolicyOf, data, { what: 'PolicyOf' }).repository?.policy?.text ?? null;
  return organisation === null
    ? { ...unreachableDefaults(alone.extends_from), texts }
    : { ...read(text, organisation), texts: { ...texts, organisation } };
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
  const { data, errors } = await client.query(POLICY_HISTORY, { owner: client.owner, name: client.repo });
  const { repository } = readAs(PolicyHistory, data, { what: 'PolicyHistory', errors });
  const versions = repository.defaultBranchRef?.target.history.nodes ?? [];
  for (const version of versions) {
    const text = version?.file?.object?.text ?? null;
    const older = text === null ? null : await readExtended(client, read, text);
    if (version !== null && older?.kind === 'policy') {
      const { policy, texts } = older;
      return { policy, texts, origin: { kind: 'last_good', commit: version.oid, problems } };
    }
  }
  const texts = { repository: null, organisation: null };
  const { policy } = inForce({ ...read(null, null), texts }, 'defaults');
  return { policy, texts, origin: { kind: 'defaults_after_error', problems } };
}
