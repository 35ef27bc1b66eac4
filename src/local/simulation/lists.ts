// Owns how far GitHub's lists are behind the truth: what a list shows of an issue, and which comments it knows of.
import type { Issue } from '../model/state.ts';
import type { Faults } from './faults.ts';
import { chance } from './random.ts';
import type { Kernel } from './kernel.ts';

const LAG_SECONDS_MAX = 120;
const FAR_MINUTES_MAX = 90;

interface Shown {
  readonly updated_at: string;
  readonly shape: unknown;
}

export class Lists {
  readonly #kernel: Kernel;
  readonly #faults: Faults;
  readonly #seed: number;
  /** What was shown of an issue when it had been quiet for long enough. */
  readonly #settled = new Map<number, Shown>();

  constructor(kernel: Kernel, faults: Faults, seed: number) {
    this.#kernel = kernel;
    this.#faults = faults;
    this.#seed = seed;
  }

  #lagMs(of: number): number {
    const size = chance(this.#seed, 'lag', of);
    if (this.#faults.isOn('list_far_behind')) return size * FAR_MINUTES_MAX * 60_000;
    return this.#faults.isOn('list_behind') ? size * LAG_SECONDS_MAX * 1_000 : 0;
  }

  /** The old state, or nothing at all, of an issue that changed a moment ago. */
  view(issue: Issue, show: (issue: Issue) => unknown): unknown {
    const lag_ms = this.#lagMs(issue.number);
    if (lag_ms === 0) return show(issue);
    const age_ms = this.#kernel.now_ms - Date.parse(issue.updated_at);
    const known = this.#settled.get(issue.number);
    if (age_ms < lag_ms) return known?.shape ?? null;
    const shape = show(issue);
    this.#settled.set(issue.number, { updated_at: issue.updated_at, shape });
    return shape;
  }

  commentsUntil(): number {
    const { now_ms } = this.#kernel;
    if (!this.#faults.isOn('comments_behind')) return now_ms;
    return now_ms - chance(this.#seed, 'comments lag', 0) * LAG_SECONDS_MAX * 1_000;
  }
}
