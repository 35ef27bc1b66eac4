// Owns waking the next tick: a dispatch of the caller's workflow, which is allowed for GITHUB_TOKEN.
import type { Client } from './client.ts';

export interface Wakeable {
  readonly client: Client;
  /** File name of the caller's workflow, such as `orch.yml`. */
  readonly workflow_file: string;
  readonly branch: string;
}

/** Carries nothing: what the next tick needs to know stands in the journal. */
export async function wakeNextTick({ client, workflow_file, branch }: Wakeable): Promise<void> {
  await client.send('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
    workflow_id: workflow_file,
    ref: branch,
  });
}
