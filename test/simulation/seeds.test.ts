// Proves that a repository without faults comes to rest with every promise kept, and that a seed decides everything.
import { expect, test } from 'vitest';
import { runSeed } from '../../src/local/simulation/run-seed.ts';

test.each([1, 2, 3])('seed %i without faults: nothing is lost, doubled or stalled', async (seed) => {
  const { findings, states } = await runSeed(seed, { faults: 'none' });
  expect(findings).toEqual([]);
  expect(states['done']).toBeGreaterThan(0);
});

test('the same seed is the same history, step by step', async () => {
  const [first, again] = [await runSeed(7, { faults: 'swarm' }), await runSeed(7, { faults: 'swarm' })];
  expect(again.trace).toBe(first.trace);
  expect(again.faults).toEqual(first.faults);
  expect(again.findings).toEqual(first.findings);
});

test('another seed is another history', async () => {
  const [first, other] = [await runSeed(7, { faults: 'swarm' }), await runSeed(8, { faults: 'swarm' })];
  expect(other.trace).not.toBe(first.trace);
});
