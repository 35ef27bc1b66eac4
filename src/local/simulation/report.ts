// Owns the sum over many seeds: what was found, what struck, and where the tasks ended.
import type { Shrunk } from './shrink.ts';
import type { SeedResult } from './run-seed.ts';

export interface Violation {
  readonly seed: number;
  readonly step: number;
  readonly invariant: string;
  readonly detail: string;
}

export interface Report {
  seeds: number;
  steps: number;
  ticks: number;
  attempts: number;
  requests: number;
  readonly violations: Violation[];
  readonly faults: Record<string, number>;
  readonly states: Record<string, number>;
  readonly traces: Record<string, string>;
  readonly history: string[];
}

/** Traces are told for few seeds only. */
const TRACES_MAX = 10;

export function startReport(): Report {
  return {
    seeds: 0,
    steps: 0,
    ticks: 0,
    attempts: 0,
    requests: 0,
    violations: [],
    faults: {},
    states: {},
    traces: {},
    history: [],
  };
}

export function addUp(report: Report, result: SeedResult): void {
  const { seed, findings, faults, states, tally } = result;
  report.seeds += 1;
  report.steps += result.steps;
  report.ticks += tally.ticks;
  report.attempts += tally.attempts;
  report.requests += tally.requests;
  report.violations.push(...findings.map(({ step, invariant, detail }) => ({ seed, step, invariant, detail })));
  for (const key of faults) count(report.faults, key.slice(0, key.indexOf('#')), 1);
  for (const [state, times] of Object.entries(states)) count(report.states, state, times);
  if (report.seeds <= TRACES_MAX) report.traces[seed] = result.trace;
  report.history.push(...result.history);
}

function count(counts: Record<string, number>, key: string, by: number): void {
  counts[key] = (counts[key] ?? 0) + by;
}

export function renderReport(report: Report & { readonly seconds: number }, as_json: boolean): string {
  const { history, ...figures } = report;
  if (as_json) return `${JSON.stringify(figures)}\n`;
  return [...history, JSON.stringify(figures, null, 2), ''].join('\n');
}

export function renderShrunk(shrunk: Shrunk | null): string {
  if (shrunk === null) return 'It does not happen again.\n';
  const { needed, result, runs } = shrunk;
  const found = result.findings.map(({ step, invariant, detail }) => `step ${step}: ${invariant} (${detail})`);
  return [...result.history, '', `Shrunk in ${runs} runs to ${needed.length}: ${needed.join(' ')}`, ...found, ''].join(
    '\n',
  );
}
