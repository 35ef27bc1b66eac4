// Owns the shape of `hooks:`: which moment of a task sends which event to workflows of the repository.
import { z } from 'zod';
import { WAKING_EVENTS } from '../domain/hook.ts';

const EventType = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, 'must be 1 to 100 letters, digits, dots, dashes and underscores')
  .refine((name) => !WAKING_EVENTS.has(name), 'is an event that wakes Orch itself; choose another name');

/** Each is told once, in the tick that writes it down. */
export const Hooks = z.strictObject({
  on_start: EventType.optional().describe('An attempt was claimed.'),
  on_end: EventType.optional().describe('An attempt ended, however it did.'),
  on_pr: EventType.optional().describe('The task is in review: its pull request is open.'),
  on_blocked: EventType.optional().describe('The task waits for another issue, or for a word.'),
  on_failure: EventType.optional().describe('The task needs a person.'),
  on_done: EventType.optional().describe('The task is done.'),
  on_merged: EventType.optional().describe('The task is done since its pull request was merged.'),
  on_job: EventType.optional().describe('A scheduled job made the task.'),
});
