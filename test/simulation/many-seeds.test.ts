// Proves that every promise holds in many repositories with faults, each of twenty tasks and a day and a half.
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { runCrew } from '../../src/local/simulation/crew.ts';
import { addUp, startReport } from '../../src/local/simulation/report.ts';

/** As many as fit into CI; every 500th goes over the wire as well. `npm run simulate` runs any number. */
const SEEDS = 5_000;
const LIMIT_MS = 50 * 60_000;

test(`${SEEDS} seeds with faults: nothing is lost, doubled or stalled`, { timeout: LIMIT_MS }, async () => {
  const report = startReport();
  const ask = { first: 1, count: SEEDS, faults: 'swarm', workers: availableParallelism() } as const;
  await runCrew(ask, (result) => addUp(report, result));
  expect(report.violations).toEqual([]);
  expect(report.seeds).toBe(SEEDS);
});
