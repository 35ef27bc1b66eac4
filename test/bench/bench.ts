// Owns the command that measures every budget of the product; times are told, never asserted.
//
//   npm run bench                the whole table
//   npm run bench -- --quick     fewer tasks and samples
//   npm run bench -- --json      the same as one JSON document
import { bundleInUse } from '../../src/cli/bundle.ts';
import { measureCheckout } from './checkout.ts';
import { measureDecide } from './decide.ts';
import { measureDownload } from './download.ts';
import { measureBurst, measureForeignEvents, measureLife } from './life.ts';
import { renderTable } from './row.ts';
import type { Row } from './row.ts';
import { measureTicks } from './ticks.ts';

interface Scale {
  readonly sizes: readonly number[];
  readonly decided: readonly number[];
  readonly starts: number;
  readonly lives: number;
  readonly files: number;
  readonly checkouts: number;
}

const WHOLE: Scale = {
  sizes: [10, 100, 1_000, 5_000, 10_000],
  decided: [10, 100, 1_000, 10_000],
  starts: 5,
  lives: 5,
  files: 5_000,
  checkouts: 3,
};
const QUICK: Scale = {
  sizes: [10, 1_000],
  decided: [10, 100, 1_000, 10_000],
  starts: 3,
  lives: 1,
  files: 500,
  checkouts: 1,
};

async function measure(scale: Scale, tell: (line: string) => void): Promise<readonly Row[]> {
  const { sizes, starts, decided, lives, files, checkouts } = scale;
  const steps: readonly (readonly [string, () => Promise<readonly Row[]>])[] = [
    // First: the heap of this process is still small.
    ['deciding', () => Promise.resolve([measureDecide(decided)])],
    ['events', async () => [await measureForeignEvents(), await measureBurst()]],
    ['ticks over many tasks', () => measureTicks({ sizes, starts })],
    ['the life of a task', () => measureLife(lives)],
    ['checkouts', () => measureCheckout({ files, samples: checkouts })],
    ['downloads', () => Promise.resolve([measureDownload()])],
  ];
  const rows: Row[] = [];
  for (const [name, work] of steps) {
    const started_ms = performance.now();
    rows.push(...(await work()));
    tell(`${name}: ${((performance.now() - started_ms) / 1000).toFixed(1)} s`);
  }
  return rows;
}

async function main(options: ReadonlySet<string>): Promise<void> {
  const started_ms = performance.now();
  const rows = await measure(options.has('--quick') ? QUICK : WHOLE, (line) => void process.stderr.write(`${line}\n`));
  const seconds = Math.round((performance.now() - started_ms) / 100) / 10;
  if (options.has('--json')) {
    process.stdout.write(`${JSON.stringify({ node: process.version, rows, seconds }, null, 2)}\n`);
    return;
  }
  const met = rows.filter((row) => row.met).length;
  process.stdout.write(
    `${bundleInUse(process.env).says} Node ${process.version}.\n\n${renderTable(rows)}\n\n${met} of ${rows.length} budgets met, in ${seconds} s.\n`,
  );
}

await main(new Set(process.argv.slice(2)));
