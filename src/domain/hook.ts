// Owns the words of hooks: the moments of a task that other workflows may ask to be told of.
import { z } from 'zod';

export const HookName = z.enum([
  'on_start',
  'on_end',
  'on_pr',
  'on_blocked',
  'on_failure',
  'on_done',
  'on_merged',
  'on_job',
]);
export type HookName = z.infer<typeof HookName>;

/** What docs/caller.yml wakes for: a hook of that name would wake a tick for every tick. */
export const WAKING_EVENTS: ReadonlySet<string> = new Set([
  'orch',
  'task.assigned',
  'task.plan.created',
  'pr.created',
  'pr.updated',
  'pr.changes.requested',
  'pr.merged',
  'deploy.requested',
  'deploy.completed',
  'verify.passed',
  'verify.failed',
  'audit.requested',
  'audit.completed',
]);
