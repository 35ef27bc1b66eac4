// The bench's engine: it writes down when it ran, and is done.
import { writeFileSync } from 'node:fs';

writeFileSync('started-at.txt', `${Date.now()}\n`);
process.stdout.write(
  `${JSON.stringify({ type: 'orch.result', outcome: 'success', title: 'Tell the time', summary: 'Told.' })}\n`,
);
