// Owns the shape of what `.github/orch.yml` says about hearing people: the label that lets an issue in, and our name.
import { z } from 'zod';
import { LabelName } from '../domain/ids.ts';
import { RoleName } from '../domain/task.ts';

/** The caller's workflow is asked before any file is read, so that what cannot concern Orch starts no runner. */
export const Intake = z.strictObject({
  label: LabelName.optional().describe(
    'The label that puts an issue into the queue. Another one than `agent-todo`, named only here, wakes no run: it is seen when the next one looks (every half an hour, by the schedule of the caller). The repository variable `ORCH_LABEL` names it to both, and wakes at once.',
  ),
  permission: RoleName.exclude(['none']).optional().describe('The weakest role whose label counts.'),
});

export const Mention = z
  .string()
  .regex(/^@[A-Za-z0-9-]+$/, 'must be a mention such as @orchestrator')
  .describe(
    'Said at the start of a line, it works like `/orch`. Another one than `@orchestrator` wakes no run by itself: it is heard when the next one looks, unless it also takes the place of `@orchestrator` in the `if:` of the caller (`docs/caller.yml`).',
  );
