// Owns the row about deciding: how long the pure decision takes for N tasks of every kind, and whether it grows in line.
import { decide } from '../../src/core/decide.ts';
import { IssueNumber } from '../../src/domain/ids.ts';
import type { TaskFacts } from '../../src/domain/snapshot.ts';
import * as build from '../core/facts.ts';
import { bareNodeMs } from './place.ts';
import { median, ms, times } from './row.ts';
import type { Row } from './row.ts';

const SAMPLES = 5;
/** 250 ms on a machine where bare Node takes 24. */
const DECIDE_MAX_RATIO = 10.4;
/** Ten times the tasks may cost this many times as much before it is called worse than linear. */
const GROWTH_MAX = 15;
const WAITS = { issue: IssueNumber.parse(1), title: 'What all wait for', open: true, source: 'native' } as const;

export function measureDecide(sizes: readonly number[]): Row {
  const bare_ms = median(Array.from({ length: SAMPLES }, bareNodeMs));
  const found = sizes.map((size) => ({ size, decide_ms: decideMs(size) }));
  const [before, last] = found.slice(-2);
  const growth =
    before === undefined || last === undefined
      ? 1
      : (last.decide_ms / before.decide_ms / (last.size / before.size)) * 10;
  return {
    what: `decide for ${(last ?? before)?.size.toLocaleString('en-US') ?? 0} tasks`,
    budget: '≤ 250 ms where `node -e 0` takes 24 ms: ≤ 10.4 ×; linear',
    measured: `${found.map(({ size, decide_ms }) => `N = ${size.toLocaleString('en-US')}: ${decide_ms < 10 ? `${decide_ms.toFixed(1)} ms` : ms(decide_ms)}`).join('; ')}; the last ${times(last?.decide_ms ?? 0, bare_ms)} \`node -e 0\` (${ms(bare_ms)}); ten times the tasks cost ${growth.toFixed(1)} ×`,
    met: (last?.decide_ms ?? 0) / bare_ms <= DECIDE_MAX_RATIO && growth <= GROWTH_MAX,
    figures: {
      ...Object.fromEntries(found.map(({ size, decide_ms }) => [`decide_${size}_ms`, decide_ms])),
      growth,
      bare_node_ms: bare_ms,
    },
  };
}

function decideMs(size: number): number {
  const policy = build.policy();
  const snapshot = build.snapshot(Array.from({ length: size }, (_, i) => taskOf(i + 2)));
  const samples = Array.from({ length: SAMPLES + 1 }, () => {
    const started_ms = performance.now();
    // A copy each time: what was asked of one snapshot is remembered.
    decide({ ...snapshot }, policy);
    return performance.now() - started_ms;
  });
  // The first one is Node's, which has not compiled it yet.
  return median(samples.slice(1));
}

/** In turn: new, waiting for another, tried and failed, in review, merged. */
function taskOf(number: number): TaskFacts {
  switch (number % 5) {
    case 0:
      return build.task(number);
    case 1:
      return build.task(number, { records: [build.admitted()], issue: build.issue(number, { dependencies: [WAITS] }) });
    case 2:
      return build.task(number, { records: build.history([['crashed']]) });
    case 3:
      return build.task(number, {
        records: build.history([['delivered']]),
        pull: build.pull(number + 1),
        branch: build.branch(),
      });
    default:
      return build.task(number, {
        records: build.history([['delivered']]),
        pull: build.pull(number + 1, { state: 'merged' }),
      });
  }
}
