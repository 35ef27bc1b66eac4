// Owns `npm run simulate`: seeds through the simulation, and what they found, for people or as JSON.
import { parseArgs } from 'node:util';
import { shrink } from '../local/simulation/shrink.ts';
import { runSeed } from '../local/simulation/run-seed.ts';
import { addUp, renderReport, renderShrunk, startReport } from '../local/simulation/report.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    faults: { type: 'string', default: 'swarm' },
    shrink: { type: 'boolean', default: false },
  },
});

const first = Number(values.from);
const count = Number(values.seeds);
const faults = values.faults === 'none' ? 'none' : 'swarm';
const report = startReport();
const began_ms = Date.now();
for (let seed = first; seed < first + count; seed += 1) {
  addUp(report, await runSeed(seed, { faults, keep_history: count === 1 && !values.json }));
}
const [first_violation] = report.violations;
if (values.shrink && first_violation !== undefined) {
  const { seed, invariant } = first_violation;
  const shrunk = await shrink(seed, invariant, { faults });
  process.stderr.write(renderShrunk(shrunk));
}
const seconds = (Date.now() - began_ms) / 1000;
process.stdout.write(renderReport({ ...report, seconds }, values.json));
process.exitCode = report.violations.length === 0 ? 0 : 1;
