// Owns what the `post` step of an attempt does: ends the processes that are left and removes the attempt's folder.
import { rm } from 'node:fs/promises';
import { parseEvent, textAt } from '../agent/event.ts';
import { endMarked } from '../agent/process-tree.ts';

export interface Left {
  readonly folder: string;
  /** Process and start time; an id alone may name another process by now. */
  readonly engine: string | null;
}

/** Kept by the runner between the main step and the `post` step. */
export function renderLeft(left: Left): string {
  return JSON.stringify(left);
}

/** Never fails the job: whatever stays behind goes with the runner, or is found by the next attempt. */
export async function cleanUpAttempt(state: string): Promise<void> {
  const left = parseLeft(state);
  if (left === null) return;
  if (left.engine !== null) endMarked(left.engine);
  await rm(left.folder, { recursive: true, force: true }).catch(() => undefined);
}

function parseLeft(state: string): Left | null {
  const kept = parseEvent(state);
  const folder = kept === null ? null : textAt(kept, 'folder');
  if (kept === null || folder === null || folder === '') return null;
  return { folder, engine: textAt(kept, 'engine') };
}
