// Owns the reading of the shipped workflow files as far as running them needs.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Values = z.record(z.string(), Scalar);

const Step = z.object({ id: z.string().optional(), uses: z.string(), with: Values.optional() });

const Job = z.object({
  name: z.string().optional(),
  needs: z.union([z.string().transform((need) => [need]), z.array(z.string())]).optional(),
  if: z.union([z.string(), z.boolean().transform(String)]).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write', 'none'])).optional(),
  concurrency: z.object({ group: z.string() }).loose().optional(),
  'timeout-minutes': Scalar.optional(),
  strategy: z
    .object({ matrix: z.object({ leg: z.string() }) })
    .loose()
    .optional(),
  uses: z.string().optional(),
  with: Values.optional(),
  secrets: z.record(z.string(), z.string()).optional(),
  outputs: z.record(z.string(), z.string()).optional(),
  steps: z.array(Step).optional(),
});
export type Job = z.infer<typeof Job>;
export type Step = z.infer<typeof Step>;

const Inputs = z.record(z.string(), z.object({ default: Scalar.optional() }).loose());

const Workflow = z.object({
  on: z.object({ workflow_call: z.object({ inputs: Inputs.optional() }).loose().optional() }).loose(),
  jobs: z.record(z.string(), Job),
});
export type Workflow = z.infer<typeof Workflow>;

const ActionFile = z.object({ inputs: Inputs });

/** The files of one checkout of Orch. */
export interface Shipped {
  readonly caller: Workflow;
  /** By file name: `orch.yml`, `orch-task.yml`. */
  readonly reusable: Readonly<Record<string, Workflow>>;
  /** Defaults of action.yml's inputs, unevaluated. */
  readonly defaults: Readonly<Record<string, string>>;
}

export function readShipped(root: string): Shipped {
  const read = (file: string): unknown => parse(readFileSync(path.join(root, file), 'utf8'));
  const { inputs } = ActionFile.parse(read('action.yml'));
  return {
    caller: Workflow.parse(read('docs/caller.yml')),
    reusable: {
      'orch.yml': Workflow.parse(read('.github/workflows/orch.yml')),
      'orch-task.yml': Workflow.parse(read('.github/workflows/orch-task.yml')),
    },
    defaults: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, String(input.default ?? '')])),
  };
}
