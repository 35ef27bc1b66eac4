// Owns tokens of a GitHub App: one installation token for one repository, given back when the job ends.
import { Fault, personFault } from '../domain/fault.ts';

export interface AppAsk {
  readonly app: { readonly id: string; readonly private_key: string };
  readonly api_url: string;
  readonly owner: string;
  readonly repo: string;
}

export interface AppToken {
  readonly token: string;
  /** Best effort: an unrevoked token dies within the hour. */
  revoke(): Promise<void>;
}

/** Two requests: which installation, and its token. Loaded only when an App is configured. */
export async function mintAppToken({ app, api_url, owner, repo }: AppAsk): Promise<AppToken> {
  const [{ createAppAuth }, { getOctokit }] = await Promise.all([import('@octokit/auth-app'), import('@actions/github')]);
  const plain = getOctokit('none', { baseUrl: api_url });
  try {
    const auth = createAppAuth({ appId: app.id, privateKey: app.private_key, request: plain.request });
    const { token: jwt } = await auth({ type: 'app' });
    const { data } = await plain.request('GET /repos/{owner}/{repo}/installation', { owner, repo, headers: { authorization: `bearer ${jwt}` } });
    const { token } = await auth({ type: 'installation', installationId: data.id, repositoryNames: [repo] });
    return { token, revoke: () => revoke(api_url, token) };
  } catch (error) {
    throw error instanceof Fault ? error : notInstalled(error);
  }
}

async function revoke(api_url: string, token: string): Promise<void> {
  const { getOctokit } = await import('@actions/github');
  await getOctokit(token, { baseUrl: api_url })
    .request('DELETE /installation/token')
    .catch(() => undefined);
}

function notInstalled(error: unknown): Fault {
  return personFault(
    {
      title: 'The GitHub App gives no token',
      cause: error instanceof Error ? error.message : String(error),
      remedy: 'Check that `app-id` and `app-private-key` belong together and that the App is installed on this repository; or remove both: GITHUB_TOKEN is enough to reach a pull request.',
    },
    error,
  );
}
