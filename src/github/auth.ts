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
  const [{ createAppAuth }, { getOctokit }] = await Promise.all([
    import('@octokit/auth-app'),
    import('@actions/github'),
  ]);
  try {
    // The App's own installation strategy asks through a client it is given, and such a client's hook would put its own
    // token over the JWT. So the JWT gets a client of its own, and the strategy only makes the JWT.
    const { token: jwt } = await createAppAuth({ appId: app.id, privateKey: app.private_key })({ type: 'app' });
    const client = getOctokit(jwt, { baseUrl: api_url });
    const { data: installation } = await client.request('GET /repos/{owner}/{repo}/installation', { owner, repo });
    const { data } = await client.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: installation.id,
      repositories: [repo],
    });
    return { token: data.token, revoke: () => revoke(api_url, data.token) };
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
      remedy:
        'Check that `app-id` and `app-private-key` belong together and that the App is installed on this repository; or remove both: GITHUB_TOKEN is enough to reach a pull request.',
    },
    error,
  );
}
