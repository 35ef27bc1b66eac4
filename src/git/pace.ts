// Owns the pace of pushes: a few at once, then no more a minute than GitHub asks a repository to bear.
// https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits
import { epochMs } from '../domain/instant.ts';
import type { Clock } from '../reconcile/ports.ts';

/** GitHub recommends at most six a minute to one repository; deliver's jobs push beside us. */
const PUSHES_MAX = 5;
const WINDOW_MS = 60_000;

export interface Paced {
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
}

/** Awaited before each push of one process. */
export function createPushPace({ clock, pause }: Paced): () => Promise<void> {
  const pushed_ms: number[] = [];
  return async () => {
    const oldest_ms = pushed_ms.at(-PUSHES_MAX);
    const wait_ms = oldest_ms === undefined ? 0 : oldest_ms + WINDOW_MS - epochMs(clock.now());
    if (wait_ms > 0) await pause(wait_ms);
    pushed_ms.push(epochMs(clock.now()));
  };
}
