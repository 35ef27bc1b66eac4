// Owns the shape of what `.github/orch.yml` says about failures: the table of what follows, and the circuit breaker.
import { z } from 'zod';
import { OutcomeKind } from '../domain/outcome.ts';
import { RetryFollow } from '../domain/retry-rule.ts';

const RetryCell = z.union([
  RetryFollow,
  z.strictObject({
    follow: RetryFollow.optional().describe('What comes next.'),
    times_max: z
      .number()
      .int()
      .positive()
      .max(20)
      .optional()
      .describe('Endings of this kind before a person is asked.'),
    equal_max: z
      .number()
      .int()
      .min(2)
      .max(20)
      .optional()
      .describe('The very same failure this often in a row asks a person sooner.'),
  }),
]);

export const Retry = z.partialRecord(OutcomeKind.exclude(['delivered', 'no_change', 'cancelled']), RetryCell);

export const Circuit = z.strictObject({
  tasks_max: z
    .number()
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('Tasks that fail in one way, with no success between, before nothing new starts; 0 switches it off.'),
  window_minutes: z.number().positive().max(1_440).optional().describe('How close together these failures are.'),
  cooldown_minutes: z
    .number()
    .positive()
    .max(1_440)
    .optional()
    .describe('Wait before one attempt probes whether it works again.'),
});

const Rest = z.number().min(0).max(1_440);

export const Cooldown = z.strictObject({
  engine: Rest.optional().describe("After a limit of the engine's key that names no end."),
  model: Rest.optional().describe('After the model was not to be had.'),
});
