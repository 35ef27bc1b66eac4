// Owns the shape of what `.github/orch.yml` says about how much runs at the same time, and in which order.
import { z } from 'zod';

/** Keys of the file itself. */
export const CAPACITY = {
  parallel_max: z.number().int().positive().max(256).optional().describe('Attempts running at the same time.'),
  parallel_min: z
    .number()
    .int()
    .positive()
    .max(256)
    .optional()
    .describe(
      'With it the pool is not fixed: beyond this many, up to `parallel_max`, attempts start only while more tasks wait than run.',
    ),
  instances_max: z
    .number()
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe(
      'Most attempts of one task side by side. A label such as `instances:2` asks for them: the first to deliver wins, the others are stopped. Each is paid for.',
    ),
  runners_max: z
    .number()
    .int()
    .min(2)
    .max(1_000)
    .optional()
    .describe("Jobs that your GitHub plan or runner pool runs at the same time. One is kept for Orch's own."),
  overlap: z
    .enum(['off', 'running', 'merged'])
    .optional()
    .describe(
      'Tasks that will probably touch the same files run one after the other: while one runs, or until it is merged (a day at most).',
    ),
  patience_hours: z
    .number()
    .positive()
    .max(8_760)
    .optional()
    .describe('A task that has waited this long goes before all others but those put forward by a command.'),
};
