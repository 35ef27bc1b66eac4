// Owns the rows about events and one task's life: who boots a runner, what a burst becomes, what a pull request costs.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Stage } from '../../src/local/demo/stage.ts';
import { statusOf } from '../../src/local/demo/play.ts';
import { ALICE, bareNodeMs, countOf, openPlace } from './place.ts';
import { median, ms, times } from './row.ts';
import type { Row } from './row.ts';

const BURST = 100;
const BURST_TICKS_MAX = 2;
const LIFE = { requests: 14, mutating: 5, content_writes: 6, pushes: 4 };
const WAKE_REQUESTS_MAX = 2;
/** The request is the pull request's; 300 ms are 12.5 times a bare Node of 24. */
const DELIVER = { processes: 6, requests: 1, own_ratio: 12.5 };

/** What nobody asked Orch about. */
export async function measureForeignEvents(): Promise<Row> {
  const stage = await openPlace();
  try {
    const { world } = stage.github;
    const issue = world.openIssue(ALICE, 'Talk among people');
    world.label(ALICE, issue.number, 'bug');
    world.comment(ALICE, issue.number, 'I see it too.');
    world.unlabel(ALICE, issue.number, 'bug');
    world.close(ALICE, issue.number);
    await stage.runner.idle();
    const runs = stage.runner.runs();
    const dropped = stage.runner.skipped_events();
    const { requests } = countOf(stage.github.door.entries);
    return {
      what: 'an event that cannot concern us',
      budget: '0 runners, 0 requests',
      measured: `${runs} runners, ${requests} requests for ${runs + dropped} events`,
      met: runs === 0 && requests === 0,
      figures: { runners: runs, requests, events: runs + dropped },
    };
  } finally {
    await stage.close();
  }
}

/** A hundred labels at once, each on an issue of its own, none of which may start. */
export async function measureBurst(): Promise<Row> {
  const ticks: string[] = [];
  const stage = await openPlace({
    onJob: ({ job, state }) => void (state === 'started' && job.endsWith('/ reconcile') && ticks.push(job)),
  });
  try {
    const { world, door } = stage.github;
    const awaited = world.openIssue(ALICE, 'What all wait for');
    const issues = Array.from({ length: BURST }, (_, i) => world.openIssue(ALICE, `Part ${i + 1}`));
    for (const { number } of issues) world.block(number, awaited.number);
    await stage.runner.idle();
    door.reset();
    ticks.length = 0;
    for (const { number } of issues) world.label(ALICE, number, 'agent-todo');
    await stage.runner.idle();
    const served = issues.filter((issue) => statusOf(issue) === 'blocked').length;
    return {
      what: 'a burst of 100 events',
      budget: '≤ 2 ticks, nothing lost',
      measured: `${ticks.length} ticks, ${BURST - served} lost, ${countOf(door.entries).requests} requests`,
      met: ticks.length <= BURST_TICKS_MAX && served === BURST,
      figures: { ticks: ticks.length, lost: BURST - served, requests: countOf(door.entries).requests },
    };
  } finally {
    await stage.close();
  }
}

interface Delivered {
  readonly requests: number;
  readonly processes: number;
  readonly wall_ms: number;
  readonly git_ms: number;
  readonly artifact_requests: number;
  readonly bare_ms: number;
}

/** The first task makes the repository's labels, which is paid once; the ones after it are counted. */
export async function measureLife(lives: number): Promise<readonly Row[]> {
  const gauge = layGitGauge();
  const clock = createJobClock();
  const stage = await openPlace({
    env: { ...process.env, PATH: `${gauge.folder}:${process.env['PATH'] ?? ''}` },
    onJob: clock.onJob,
    onLog: clock.onLog,
  });
  try {
    await live(stage, 'write first.txt');
    const delivered: Delivered[] = [];
    const counts: ReturnType<typeof countOf>[] = [];
    for (let i = 0; i < lives; i += 1) {
      stage.github.door.reset();
      clock.reset();
      await live(stage, `write file-${i}.txt`);
      counts.push(countOf(stage.github.door.entries));
      delivered.push(deliveredIn(stage, clock.spans(), gauge.read()));
    }
    const [count] = counts;
    if (count === undefined) throw new Error('no life was led');
    return [lifeRow(count), await wakeRow(stage), deliverRow(delivered)];
  } finally {
    await stage.close();
    rmSync(gauge.folder, { recursive: true, force: true });
  }
}

async function live({ github: { world }, runner }: Stage, title: string): Promise<void> {
  const issue = world.openIssue(ALICE, title);
  world.label(ALICE, issue.number, 'agent-todo');
  await runner.idle();
  const pull = [...world.issues.values()].findLast((each) => each.pull !== null);
  if (pull === undefined || statusOf(issue) !== 'in_review')
    throw new Error(`#${issue.number} is ${statusOf(issue)}, not in review`);
  world.mergePull(ALICE, pull.number);
  await runner.idle();
  if (statusOf(issue) !== 'done') throw new Error(`#${issue.number} is ${statusOf(issue)}, not done`);
}

function lifeRow({ requests, mutating, content_writes, pushes, git, points }: ReturnType<typeof countOf>): Row {
  return {
    what: 'the whole life of one task (label → PR → merged → done), all jobs',
    budget: '≤ 14 requests (≤ 5 mutating), ≤ 6 content writes, ≤ 4 pushes',
    measured: `${requests} requests (${mutating} mutating), ${content_writes} content writes, ${pushes} pushes; ${points} points`,
    met:
      requests <= LIFE.requests &&
      mutating <= LIFE.mutating &&
      content_writes <= LIFE.content_writes &&
      pushes <= LIFE.pushes,
    figures: { requests, mutating, content_writes, pushes, points, git_requests: git },
  };
}

async function wakeRow({ github: { world, door }, runner }: Stage): Promise<Row> {
  door.reset();
  world.emit('schedule', world.as('github'), {});
  await runner.idle();
  const { requests, mutating } = countOf(door.entries);
  return {
    what: 'one more wake',
    budget: '+ 2 requests',
    measured: `+ ${requests} requests, ${mutating} mutating`,
    met: requests <= WAKE_REQUESTS_MAX,
    figures: { requests, mutating },
  };
}

function deliverRow(all: readonly Delivered[]): Row {
  const processes = median(all.map((each) => each.processes));
  const requests = median(all.map((each) => each.requests));
  const own_ms = median(all.map(({ wall_ms, git_ms }) => wall_ms - git_ms));
  const wall_ms = median(all.map((each) => each.wall_ms));
  const bare_ms = median(all.map((each) => each.bare_ms));
  const artifact_requests = median(all.map((each) => each.artifact_requests));
  return {
    what: 'commit + push + PR (deliver)',
    budget: '≤ 6 git processes, 1 request, ≤ 300 ms of our own where `node -e 0` takes 24 ms: ≤ 12.5 ×',
    measured: `${processes} git processes, ${requests} request${requests === 1 ? '' : 's'} and the next tick's wake, ${ms(own_ms)} of our own = ${times(own_ms, bare_ms)} \`node -e 0\` (${ms(bare_ms)}), ${artifact_requests} artifact requests and start included; ${ms(wall_ms)} in all`,
    met: processes <= DELIVER.processes && requests <= DELIVER.requests && own_ms / bare_ms <= DELIVER.own_ratio,
    figures: { processes, requests, own_ms, wall_ms, artifact_requests, bare_node_ms: bare_ms },
  };
}

interface Span {
  readonly job: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

interface GitRun {
  readonly from_ms: number;
  readonly to_ms: number;
}

function deliveredIn({ github }: Stage, spans: readonly Span[], runs: readonly GitRun[]): Delivered {
  const span = spans.find(({ job }) => job.endsWith('/ deliver'));
  if (span === undefined) throw new Error('no deliver job ran');
  const inside = runs.filter(({ from_ms }) => from_ms >= span.from_ms && from_ms <= span.to_ms);
  const { entries } = github.door;
  const by = entries.find(({ what }) => what.endsWith('/pulls'))?.by;
  const own = entries.flatMap((entry, at) => (entry.by === by ? [{ ...entry, at }] : []));
  const between = entries.slice(own[0]?.at, own.at(-1)?.at);
  return {
    bare_ms: bareNodeMs(),
    processes: inside.length,
    requests: own.filter(({ kind, what }) => kind !== 'git' && !what.endsWith('/dispatches')).length,
    wall_ms: span.to_ms - span.from_ms,
    git_ms: inside.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0),
    artifact_requests: between.filter(({ kind }) => kind === 'results').length,
  };
}

/** A `git` in front of git that notes when it ran; the gauge itself costs a shell's start each time. */
function layGitGauge(): { readonly folder: string; read(): readonly GitRun[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'orch-gauge-'));
  const log = path.join(folder, 'runs');
  const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const lines = [
    '#!/bin/bash',
    'from=$EPOCHREALTIME',
    `"${real}" "$@"`,
    'code=$?',
    `echo "$from $EPOCHREALTIME" >> "${log}"`,
    'exit $code',
    '',
  ];
  writeFileSync(path.join(folder, 'git'), lines.join('\n'));
  chmodSync(path.join(folder, 'git'), 0o755);
  return { folder, read: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map(runOf) : []) };
}

function runOf(line: string): GitRun {
  const [from = 0, to = 0] = line.split(' ').map((second) => Number(second) * 1000);
  return { from_ms: from, to_ms: to };
}

/** From a job's start to the last line it printed: its post step is another process, and prints nothing. */
function createJobClock() {
  const started = new Map<string, number>();
  const spoke = new Map<string, number>();
  return {
    onJob: ({ job, state }: { readonly job: string; readonly state: string }) => {
      if (state === 'started') started.set(job, Date.now());
    },
    onLog: ({ job }: { readonly job: string }) => void spoke.set(job, Date.now()),
    spans: (): readonly Span[] =>
      [...started].map(([job, from_ms]) => ({ job, from_ms, to_ms: spoke.get(job) ?? from_ms })),
    reset: () => {
      started.clear();
      spoke.clear();
    },
  };
}
