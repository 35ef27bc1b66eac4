// Owns the shortest history of a violation: faults and acts are left out, as many as can be, while it still happens.
import { FAULT_KINDS } from './faults.ts';
import { runSeed } from './run-seed.ts';
import type { SeedOptions, SeedResult } from './run-seed.ts';

export interface Shrunk {
  /** What has to happen, by key. */
  readonly needed: readonly string[];
  readonly result: SeedResult;
  readonly runs: number;
}

const RUNS_MAX = 600;

/** Whole kinds of faults, then halves, quarters, eighths … of all that is left are left out in turn; a repetition of a smaller history decides, never a guess. */
export async function shrink(seed: number, invariant: string, options: SeedOptions): Promise<Shrunk | null> {
  const spent = { runs: 0 };
  const run = (skip: ReadonlySet<string>): Promise<SeedResult> => {
    spent.runs += 1;
    return runSeed(seed, { ...options, skip, keep_history: true });
  };
  const breaks = ({ findings }: SeedResult): boolean => findings.some((finding) => finding.invariant === invariant);
  let skip: ReadonlySet<string> = options.skip ?? new Set();
  let best = await run(skip);
  if (!breaks(best)) return null;
  for (const kind of FAULT_KINDS) {
    const without = new Set([...skip, kind]);
    const result = await run(without);
    if (!breaks(result)) continue;
    skip = without;
    best = result;
  }
  for (let parts = 2, size = Infinity, before = Infinity; spent.runs < RUNS_MAX; parts *= 2) {
    const needed = keysOf(best);
    // What could not be left out while the rest was there, may be without it.
    if (size <= 1 && needed.length === before) break;
    if (size <= 1) [parts, before] = [2, needed.length];
    size = Math.ceil(needed.length / parts);
    for (const some of inParts(needed, size).slice(0, RUNS_MAX - spent.runs)) {
      const without = new Set([...skip, ...some]);
      const result = await run(without);
      if (!breaks(result)) continue;
      skip = without;
      best = result;
    }
  }
  return { needed: keysOf(best), result: best, runs: spent.runs };
}

function inParts(keys: readonly string[], size: number): readonly (readonly string[])[] {
  return size === 0
    ? []
    : Array.from({ length: Math.ceil(keys.length / size) }, (_, i) => keys.slice(i * size, (i + 1) * size));
}

function keysOf({ faults, acts }: SeedResult): readonly string[] {
  return [...acts, ...faults];
}
