// Owns the rows about ticks over many tasks at rest: what one costs that changes nothing, a full sweep, a cold start.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Stage } from '../../src/local/demo/stage.ts';
import { BOT } from '../../src/local/model/world.ts';
import { gatherCrowd } from './crowd.ts';
import { bareNodeMs, openPlace } from './place.ts';
import { mb, median, mib, ms, times } from './row.ts';
import type { Row } from './row.ts';
import { runTick } from './tick.ts';
import type { TickTold } from './tick.ts';

const TICK_REQUESTS_MAX = 2;
const SWEPT_MIN = 100;
const SWEEP_REQUESTS_PER_100_MAX = 1;
/** Where the pages are few, the first look and the comments of every tick stand beside them. */
const SWEEP_REQUESTS_MIN = 3;
const SWEEP_POINTS_PER_100_MAX = 7;
/** Three looks at up to a hundred tasks: the changed, the restless, and the one page. */
const SWEEP_POINTS_MIN = 21;
/** 150 ms on a machine where bare Node takes 24. */
const FIRST_API_MAX_RATIO = 6.25;
const RSS_MAX_MIB = { ten: 90, many: 130 };
const LOADED_MAX_BYTES = 1_000_000;
/** Names that only the code of these packages holds. */
const FOREIGN = {
  ai: 'AI_APICallError',
  cache: 'CreateCacheEntry',
  artifact: 'CreateArtifact',
  sandbox: 'apply-seccomp',
};

export interface TicksAsk {
  /** Ascending; the first is the small repository that starts are measured in. */
  readonly sizes: readonly number[];
  readonly starts: number;
}

interface AtSize {
  readonly size: number;
  readonly quiet: TickTold;
  readonly sweep: TickTold;
}

export async function measureTicks({ sizes, starts }: TicksAsk): Promise<readonly Row[]> {
  const stage = await openPlace();
  try {
    const crowd = await gatherCrowd(stage);
    const found: AtSize[] = [];
    const cold: TickTold[] = [];
    const bare_ms: number[] = [];
    for (const size of sizes) {
      crowd.growTo(size);
      startHour(stage);
      found.push({
        size,
        sweep: await runTick(stage, { sweep: true, watch: true }),
        quiet: await runTick(stage, { watch: true }),
      });
      for (let i = 0; i < starts && size === sizes[0]; i += 1) {
        cold.push(await runTick(stage));
        bare_ms.push(bareNodeMs());
      }
    }
    return [
      quietRow(found),
      ...found.filter(({ size }) => size >= SWEPT_MIN).map(sweepRow),
      coldRow(cold, median(bare_ms)),
      memoryRow(found),
      loadedRow(found),
    ];
  } finally {
    await stage.close();
  }
}

/** A sweep waits when half of the hour's points are gone: each size has an hour of its own. */
function startHour({ github: { limits } }: Stage): void {
  const actor = { person: BOT, job: null, kind: 'job', permissions: null } as const;
  limits.spend(actor, 'graphql', -limits.read(actor, 'graphql').used);
}

const writesOf = ({ count }: TickTold): number => count.mutating + count.pushes;

function quietRow(found: readonly AtSize[]): Row {
  const figures = found.flatMap(({ size, quiet }) => [
    [`requests_at_${size}`, quiet.count.requests],
    [`writes_at_${size}`, writesOf(quiet)],
    [`points_at_${size}`, quiet.count.points],
    [`wall_at_${size}_ms`, quiet.wall_ms],
  ]);
  const measured = found.map(
    ({ size, quiet }) =>
      `N = ${size.toLocaleString('en-US')}: ${quiet.count.requests} requests, ${writesOf(quiet)} writes, ${quiet.count.points} points`,
  );
  return {
    what: 'a tick that changes nothing',
    budget: '≤ 2 requests, 0 writes, whatever N',
    measured: measured.join('; '),
    met: found.every(({ quiet }) => quiet.count.requests <= TICK_REQUESTS_MAX && writesOf(quiet) === 0),
    figures: Object.fromEntries(figures) as Record<string, number>,
  };
}

function sweepRow({ size, sweep }: AtSize): Row {
  const { count, wall_ms, rss_kib } = sweep;
  const hundreds = size / 100;
  const points_per_100 = count.points / hundreds;
  const requests_max = Math.max(SWEEP_REQUESTS_MIN, hundreds * SWEEP_REQUESTS_PER_100_MAX);
  const points_max = Math.max(SWEEP_POINTS_PER_100_MAX * hundreds, SWEEP_POINTS_MIN);
  return {
    what: `a full sweep of ${size.toLocaleString('en-US')} tasks`,
    budget: `≤ ${requests_max} requests, ≤ ${points_max} points, 0 writes`,
    measured: `${count.requests} requests, ${count.points} points (${points_per_100.toFixed(1)} per 100), ${writesOf(sweep)} writes; ${ms(wall_ms)}, ${mib(rss_kib)}`,
    // Two hundred tasks a request at most: with fewer requests it was no sweep.
    met:
      count.requests * 200 >= size &&
      count.requests <= requests_max &&
      count.points <= points_max &&
      writesOf(sweep) === 0,
    figures: { requests: count.requests, points_per_100, writes: writesOf(sweep), wall_ms, rss_kib },
  };
}

function coldRow(cold: readonly TickTold[], bare_ms: number): Row {
  const first_api_ms = median(cold.map((tick) => tick.first_api_ms));
  const first_byte_ms = median(cold.map((tick) => tick.first_byte_ms));
  return {
    what: 'cold start to the first API byte (reconcile)',
    budget: '≤ 150 ms where `node -e 0` takes 24 ms: ≤ 6.3 ×',
    measured: `${ms(first_api_ms)} = ${times(first_api_ms, bare_ms)} \`node -e 0\` (${ms(bare_ms)}); git's first byte after ${ms(first_byte_ms)} = ${times(first_byte_ms, bare_ms)}`,
    met: first_api_ms / bare_ms <= FIRST_API_MAX_RATIO,
    figures: { first_api_ms, first_byte_ms, bare_node_ms: bare_ms },
  };
}

function memoryRow(found: readonly AtSize[]): Row {
  const peaks = found.map(({ size, quiet, sweep }) => ({ size, quiet_kib: quiet.rss_kib, sweep_kib: sweep.rss_kib }));
  return {
    what: 'largest memory of a tick / of a sweep',
    budget: '≤ 90 MiB at 10 tasks, ≤ 130 MiB at 10,000',
    measured: peaks
      .map(
        ({ size, quiet_kib, sweep_kib }) =>
          `N = ${size.toLocaleString('en-US')}: ${mib(quiet_kib)} / ${mib(sweep_kib)}`,
      )
      .join('; '),
    met: peaks.every(
      ({ size, quiet_kib, sweep_kib }) =>
        Math.max(quiet_kib, sweep_kib) / 1024 <= (size <= 10 ? RSS_MAX_MIB.ten : RSS_MAX_MIB.many),
    ),
    figures: Object.fromEntries(
      peaks.flatMap(({ size, quiet_kib, sweep_kib }) => [
        [`quiet_at_${size}_kib`, quiet_kib],
        [`sweep_at_${size}_kib`, sweep_kib],
      ]),
    ),
  };
}

function loadedRow(found: readonly AtSize[]): Row {
  const loaded = Object.entries(found.at(-1)?.sweep.loaded ?? {});
  const bytes = loaded.reduce((sum, [, size]) => sum + size, 0);
  const foreign = Object.entries(FOREIGN).filter(([, name]) => loaded.some(([file]) => holds(file, name)));
  const which =
    foreign.length === 0
      ? 'no `ai`, cache, artifact or sandbox code'
      : `with ${foreign.map(([name]) => name).join(', ')} code`;
  return {
    what: 'what reconcile loads',
    budget: '≤ 1 MB; no `ai`, cache, artifact or sandbox code',
    measured: `${mb(bytes)} in ${loaded.length} files (${loaded.map(([file]) => path.basename(file)).join(', ')}), ${which}`,
    met: bytes <= LOADED_MAX_BYTES && foreign.length === 0,
    figures: { bytes, files: loaded.length, foreign: foreign.length },
  };
}

function holds(file: string, name: string): boolean {
  return readFileSync(file, 'utf8').includes(name);
}
