// Owns dispatches, the only events that start a run though GITHUB_TOKEN sent them: the next tick, and hooks.
import type { SendHook } from '../domain/effect.ts';
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

/** Workflows of the repository that listen to `event_type` start. */
export async function sendHook(client: Client, { event_type, payload }: SendHook): Promise<void> {
  await client.send('POST /repos/{owner}/{repo}/dispatches', { event_type, client_payload: { ...payload } });
}
