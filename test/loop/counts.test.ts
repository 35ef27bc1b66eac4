// Owns what the budgets count, at the door of GitHub and of git, through the bundle as processes. Never how long it took.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countOf } from '../bench/place.ts';
import { startOrch } from './orch.ts';
import type { World } from './orch.ts';

interface Gauge {
  readonly env: Readonly<Record<string, string>>;
  /** Commands of git by the repository they ran in: each job opens one of its own. */
  jobs(): readonly (readonly string[])[];
}

/** A `git` in front of git that notes what it was asked. */
function layGitGauge(): Gauge {
  const folder = mkdtempSync(path.join(tmpdir(), 'orch-gauge-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = path.join(folder, 'runs');
  const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(path.join(folder, 'git'), `#!/bin/sh\necho "$1 $2 $3 $4 $5 $6" >> "${log}"\nexec "${real}" "$@"\n`);
  chmodSync(path.join(folder, 'git'), 0o755);
  return {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    jobs: () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
      const asked = lines.map((line) => line.split(' ')).filter(([place = '']) => place.startsWith('--git-dir='));
      return [...Map.groupBy(asked, ([place]) => place).values()].map((runs) => runs.map(commandOf));
    },
  };
}

/** `--git-dir=… [-c key=value]… <command>` */
function commandOf([, ...words]: readonly string[]): string {
  return words.find((word, i) => word !== '-c' && words[i - 1] !== '-c') ?? '';
}

describe('what things cost', () => {
  it('a delivery is six git processes: fetch, journal, bundle, comparison, contents, push', async () => {
    const gauge = layGitGauge();
    const orch = await startOrch({ env: gauge.env });
    const number = orch.task('write src/new.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
    const delivers = gauge.jobs().filter((commands) => commands.includes('diff-tree'));
    expect(delivers).toEqual([['fetch', 'log', 'bundle', 'diff-tree', 'cat-file', 'push']]);
  });

  it('a task’s whole life is four pushes, at most 14 requests and 5 that change something; one more wake is 2 requests', async () => {
    const orch = await startOrch();
    await live(orch, 'write first.txt'); // makes the repository's labels, once
    orch.stage.github.door.reset();
    const number = await live(orch, 'write second.txt');
    const { requests, mutating, content_writes, pushes } = countOf(orch.stage.github.door.entries);
    expect(pushes, 'claim, delivery, in review, done with the branch').toBe(4);
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
    expect(orch.state(number)).toBe('done');
    expect(requests).toBeLessThanOrEqual(14);
    expect(mutating).toBeLessThanOrEqual(5);
    expect(content_writes).toBeLessThanOrEqual(6);
    orch.stage.github.door.reset();
    await orch.cron();
    const wake = countOf(orch.stage.github.door.entries);
    expect(wake).toMatchObject({ mutating: 0, pushes: 0 });
    expect(wake.requests).toBeLessThanOrEqual(2);
  });
});

async function live(orch: World, title: string): Promise<number> {
  const number = orch.task(title);
  await orch.settle();
  await orch.merge(number);
  return number;
}
