// Owns the replay of every 500th seed as over the wire: through GitHub's schema, routes and JSON, with an equal trace.
import type { FaultKind } from './faults.ts';
import { runSeed } from './run-seed.ts';
import type { SeedOptions, SeedResult } from './run-seed.ts';

const EVERY = 500;

/** Lags of lists and cut batches are made inside the typed port: the wire's door knows nothing of them. */
const NOT_OVER_THE_WIRE: readonly FaultKind[] = [
  'list_behind',
  'list_far_behind',
  'comments_behind',
  'batch_cut_short',
];

export interface Replay {
  readonly typed: SeedResult;
  readonly wire: SeedResult;
}

export async function replay(seed: number, { faults }: Pick<SeedOptions, 'faults'>): Promise<Replay> {
  const skip = new Set<string>(NOT_OVER_THE_WIRE);
  return { typed: await runSeed(seed, { faults, skip }), wire: await runSeed(seed, { faults, skip, strict: true }) };
}

export async function runChecked(seed: number, options: SeedOptions): Promise<SeedResult> {
  const result = await runSeed(seed, options);
  if (seed % EVERY !== 0) return result;
  const { typed, wire } = await replay(seed, options);
  if (typed.trace === wire.trace) return result;
  const finding = {
    step: wire.steps,
    invariant: 'the wire tells the same history',
    detail: `${typed.trace} ${wire.trace}`,
  };
  return { ...result, findings: [...result.findings, finding] };
}
