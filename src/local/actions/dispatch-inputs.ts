// Owns reading from a workflow file what its dispatch takes, so that the local GitHub refuses what GitHub would.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { DispatchInput } from '../model/state.ts';

const Input = z.looseObject({ required: z.boolean().optional(), options: z.array(z.string()).optional() });

const File = z.looseObject({
  on: z.looseObject({
    workflow_dispatch: z.looseObject({ inputs: z.record(z.string(), Input).optional() }).nullish(),
  }),
});

/** Throws for a file without a `workflow_dispatch` trigger. */
export function dispatchInputsOf(file: string): ReadonlyMap<string, DispatchInput> {
  const trigger = File.parse(parse(readFileSync(file, 'utf8'))).on.workflow_dispatch;
  if (trigger === undefined) throw new Error(`${file} has no workflow_dispatch trigger`);
  const inputs = Object.entries(trigger?.inputs ?? {});
  return new Map(
    inputs.map(([name, { required, options }]) => [name, { required: required === true, options: options ?? null }]),
  );
}
