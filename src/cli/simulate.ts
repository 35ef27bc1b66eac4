// Owns `npm run simulate`: seeds through the simulation, and what they found, for people or as JSON.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runCrew } from '../local/simulation/crew.ts';
import { addUp, renderReport, renderShrunk, startReport } from '../local/simulation/report.ts';
import { runChecked } from '../local/simulation/replay.ts';
import { shrink } from '../local/simulation/shrink.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    faults: { type: 'string', default: 'swarm' },
    shrink: { type: 'boolean', default: true },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

const first = Number(values.from);
const count = Number(values.seeds);
const workers = Number(values.workers);
const faults = values.faults === 'none' ? 'none' : 'swarm';
const report = startReport();
const began_ms = Date.now();
// One seed alone tells its whole history.
if (count === 1) addUp(report, await runChecked(first, { faults, keep_history: !values.json }));
else await runCrew({ first, count, faults, workers }, (result) => addUp(report, result));
const seconds = (Date.now() - began_ms) / 1000;
const [violation] = report.violations;
if (values.shrink && violation !== undefined)
  process.stderr.write(renderShrunk(await shrink(violation.seed, violation.invariant, { faults })));
process.stdout.write(renderReport({ ...report, seconds }, values.json));
process.exitCode = report.violations.length === 0 ? 0 : 1;
