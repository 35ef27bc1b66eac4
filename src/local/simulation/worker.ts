// Owns a worker of the simulation: takes one seed after the other, and says what came of each.
import { parentPort } from 'node:worker_threads';
import { runChecked } from './replay.ts';

export interface Order {
  readonly seed: number;
  readonly faults: 'none' | 'swarm';
}

const port = parentPort;
port?.on('message', ({ seed, faults }: Order) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port, not a window
  void runChecked(seed, { faults }).then((result) => port.postMessage(result));
});
