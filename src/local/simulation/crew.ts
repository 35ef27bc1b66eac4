// Owns the spreading of seeds over cores; results are told in the order of their seeds, whoever was faster.
import { Worker } from 'node:worker_threads';
import type { SeedResult } from './run-seed.ts';
import type { Order } from './worker.ts';

export interface CrewAsk {
  readonly first: number;
  readonly count: number;
  readonly faults: Order['faults'];
  readonly workers: number;
}

export async function runCrew(ask: CrewAsk, told: (result: SeedResult) => void): Promise<void> {
  const last = ask.first + ask.count - 1;
  const results = new Map<number, SeedResult>();
  let next = ask.first;
  let due = ask.first;
  const take = (result: SeedResult): void => {
    results.set(result.seed, result);
    for (let found = results.get(due); found !== undefined; found = results.get(due)) {
      results.delete(due);
      due += 1;
      told(found);
    }
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      const order = (): void => {
        if (next > last) {
          void worker.terminate().then(() => resolve());
          return;
        }
        const { faults } = ask;
        const sent: Order = { seed: next, faults };
        next += 1;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port, not a window
        worker.postMessage(sent);
      };
      worker.on('message', (result: SeedResult) => {
        take(result);
        order();
      });
      worker.on('error', reject);
      order();
    });
  await Promise.all(Array.from({ length: Math.min(ask.workers, ask.count) }, work));
}
