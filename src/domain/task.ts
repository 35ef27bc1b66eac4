// Owns the words for a task, its states, and what an attempt is for.
import { z } from 'zod';

export const TASK_STATES = [
  'new',
  'routed',
  'in_progress',
  'in_review',
  'done',
  'blocked',
  'needs_review',
  'skipped',
  'archived',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** Nothing is waited for any more, unless somebody opens it again. */
export function isOver(state: TaskState): state is 'done' | 'archived' {
  return state === 'done' || state === 'archived';
}

/** What an attempt is for. */
export const Role = z.enum([
  'code',
  'plan',
  'review',
  'fix',
  'resolve-conflict',
  'deploy',
  'verify',
  'audit',
  'health',
]);
export type Role = z.infer<typeof Role>;

/** Roles with a prompt of their own: nobody may ask for another, or each attempt would end before it began. */
export const RunnableRole = Role.extract(['code']);
/** Of these a dispatch may name one; the router never chooses an audit by itself. */
export const AskableRole = Role.extract(['code', 'audit']);

export type AskableRole = z.infer<typeof AskableRole>;

export const Complexity = z.enum(['simple', 'medium', 'complex']);
export type Complexity = z.infer<typeof Complexity>;

export const EngineId = z.enum(['claude', 'codex', 'custom']);
export type EngineId = z.infer<typeof EngineId>;

/** Collaborator roles of GitHub, weakest first; custom roles are read as the base role they extend. */
export const ROLE_NAMES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export const RoleName = z.enum(ROLE_NAMES);
export type RoleName = z.infer<typeof RoleName>;

export function atLeast(held: RoleName, needed: RoleName): boolean {
  return ROLE_NAMES.indexOf(held) >= ROLE_NAMES.indexOf(needed);
}
