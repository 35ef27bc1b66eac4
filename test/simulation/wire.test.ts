// Proves that the typed port answers as the wire does: a seed through GitHub's own schema and routes is the same history.
import { expect, test } from 'vitest';
import { replay } from '../../src/local/simulation/replay.ts';

test.each([500, 1000])('[MOD-13] seed %i over the wire is the same history', async (seed) => {
  const { typed, wire } = await replay(seed, { faults: 'swarm' });
  expect(wire.trace).toBe(typed.trace);
  expect(wire.states).toEqual(typed.states);
});
