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
    expect(JSON.parse(outputs['queue-settings'] ?? '')).toMatchObject({ parallel_max: 1, attempts_max: 1 });
    expect(JSON.parse(outputs['queue-counts'] ?? '')).toMatchObject({ open: 1, listed: 1, states: { in_review: 1 } });
  });

  it('[QUE-25] its settings are told with the line that sets them, under an issue and to a dispatch', async () => {
    const orch = await startOrch({ config: 'parallel_max: 7\n', vars: { ORCH_LABEL: 'do-it' } });
    const number = orch.task('something else', { queue: false });
    orch.say(number, '/orch settings');
    await orch.settle();
    const [answer = ''] = orch.comments(number);
    const lines = (orch.file('main', '.github/orch.yml') ?? '').split('\n');
    expect(answer).toContain(`| \`parallel_max\` | \`7\` | line ${lines.indexOf('parallel_max: 7') + 1} |`);
    expect(answer).toContain('| `intake.label` | `do-it` | repository variable `ORCH_LABEL` |');
    expect(answer).toContain('| `runners_max` | `20` | default |');
    await orch.dispatch({ verb: 'settings' });
    const summary = orch.summaries.map((job) => job.summary).find((text) => text.includes('To what alice asked')) ?? '';
    expect(summary).toContain('| `parallel_max` | `7` | line');
  });
});
