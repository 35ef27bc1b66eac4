// Owns findings: which invariant broke, at which step, once per invariant and task.

export interface Finding {
  readonly step: number;
  readonly invariant: string;
  readonly detail: string;
}

const FINDINGS_MAX = 20;

export class Findings {
  readonly all: Finding[] = [];
  readonly #step: () => number;
  readonly #seen = new Set<string>();

  constructor(step: () => number) {
    this.#step = step;
  }

  broken(invariant: string, detail: string): void {
    const key = `${invariant} ${detail}`;
    if (this.#seen.has(key) || this.all.length >= FINDINGS_MAX) return;
    this.#seen.add(key);
    this.all.push({ step: this.#step(), invariant, detail });
  }

  insist(holds: boolean, invariant: string, detail: string): void {
    if (!holds) this.broken(invariant, detail);
  }
}
