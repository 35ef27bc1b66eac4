// Owns virtual time: what happens next, in one order that a seed alone decides.
import type { Clock } from '../../reconcile/ports.ts';
import { instantFromMs } from '../../domain/instant.ts';

interface Due {
  readonly at_ms: number;
  readonly order: number;
  readonly run: () => void;
}

/** A job on a runner. A killed one is a coroutine that is never resumed. */
export interface Life {
  killed: boolean;
}

/** Steps of one seed; a world that never comes to rest is a finding, not a hang. */
const STEPS_MAX = 200_000;

export class Kernel {
  now_ms: number;
  steps = 0;
  readonly #heap: Due[] = [];
  #order = 0;
  /** Hash over what happened, in its order. */
  #trace = 0x81_1c_9d_c5;
  readonly history: string[] | null;

  constructor(start_ms: number, keep_history: boolean) {
    this.now_ms = start_ms;
    this.history = keep_history ? [] : null;
  }

  readonly clock: Clock = { now: () => instantFromMs(this.now_ms) };

  note(what: string): void {
    this.history?.push(`${new Date(this.now_ms).toISOString().slice(5, 19)} ${what}`);
    const line = `${this.now_ms} ${what}`;
    let hash = this.#trace;
    for (let i = 0; i < line.length; i += 1) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01_00_01_93);
    this.#trace = hash;
  }

  get trace(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, '0');
  }

  after(ms: number, run: () => void): void {
    this.#order += 1;
    push(this.#heap, { at_ms: this.now_ms + Math.max(0, Math.round(ms)), order: this.#order, run });
  }

  /** Time passes for this job; it never ends for one that was killed meanwhile. */
  pause(life: Life, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, () => {
        if (!life.killed) resolve();
      });
    });
  }

  /** Until nothing is due before `until_ms`, or `stop` says so. */
  async run(until_ms: number, stop: () => boolean = () => false): Promise<void> {
    // bounded by STEPS_MAX
    while (this.steps < STEPS_MAX && !stop()) {
      const next = this.#heap[0];
      if (next === undefined || next.at_ms > until_ms) break;
      pop(this.#heap);
      this.now_ms = Math.max(this.now_ms, next.at_ms);
      this.steps += 1;
      next.run();
      await settled();
    }
    if (!stop()) this.now_ms = Math.max(this.now_ms, until_ms);
  }

  get exhausted(): boolean {
    return this.steps >= STEPS_MAX;
  }
}

/**
 * Everything that follows from the last step without waiting has happened then: Node looks at its ticks again when no
 * promise is left to go on. A turn of the event loop would say the same, at many times the cost.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function before(a: Due, b: Due): boolean {
  return a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.order < b.order);
}

function push(heap: Due[], item: Due): void {
  let at = heap.length;
  heap.push(item);
  // bounded by the depth of the heap
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up];
    if (parent === undefined || !before(item, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = item;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  // bounded by the depth of the heap
  while (at * 2 + 1 < heap.length) {
    let child = at * 2 + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left !== undefined && right !== undefined && before(right, left)) child += 1;
    const lower = heap[child];
    if (lower === undefined || !before(lower, last)) break;
    heap[at] = lower;
    at = child;
  }
  heap[at] = last;
}
