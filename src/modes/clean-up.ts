// Owns what the `post` step of an attempt does: ends the processes that are left and removes the attempt's folder.
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { endMarked } from '../agent/process-tree.ts';

const Left = z.object({
  folder: z.string().min(1),
  /** Process and start time; an id alone may name another process by now. */
  engine: z.string().nullable(),
});
export type Left = z.infer<typeof Left>;

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
  try {
    return Left.parse(JSON.parse(state));
  } catch {
    return null;
  }
}
