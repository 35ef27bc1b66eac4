// Owns the histories of the queue as other programs see it, through the bundle.
import { describe, expect, it } from 'vitest';
import { countOf } from '../bench/place.ts';
import { startOrch } from './orch.ts';

describe('the queue as JSON', () => {
  it('[QUE-24] is an output of every tick, in order, with its counts, and costs no request', async () => {
    const orch = await startOrch({ config: 'parallel_max: 1\nattempts_max: 1\n' });
    orch.task('write a.txt');
    await orch.settle();
    orch.stage.github.door.reset();
    await orch.cron();
    expect(countOf(orch.stage.github.door.entries).requests).toBeLessThanOrEqual(2);
    const outputs = orch.summaries.findLast(({ job }) => job.endsWith('reconcile'))?.outputs ?? {};
    expect(JSON.parse(outputs['queue'] ?? '')).toMatchObject([
      { task: '1', state: 'in_review', ready: false, engine: 'custom', attempts: 1, pull_request: 2 },
    ]);
    expect(JSON.parse(outputs['queue-counts'] ?? '')).toMatchObject({ open: 1, listed: 1, states: { in_review: 1 } });
  });
});
