// Owns one tick as a process of its own, timed from its start, with what it asked at the door.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleInUse } from '../../src/cli/bundle.ts';
import { runStep } from '../../src/local/actions/process.ts';
import type { Stage } from '../../src/local/demo/stage.ts';
import { closeJob, closeRun, issueJobToken, openJob, openRun } from '../../src/local/model/actions.ts';
import { countOf, watchArrivals } from './place.ts';
import type { Count } from './place.ts';

export interface TickTold {
  readonly count: Count;
  /** Start to end of the process. */
  readonly wall_ms: number;
  /** Start of the process to the first request of the API to arrive. */
  readonly first_api_ms: number;
  /** … and of any, git's included. */
  readonly first_byte_ms: number;
  /** 0 unless watched. */
  readonly rss_kib: number;
  /** Files of the bundle, with their bytes; empty unless watched. */
  readonly loaded: Readonly<Record<string, number>>;
}

export interface TickAsk {
  readonly sweep?: boolean;
  /** Memory and loaded files; costs some milliseconds. */
  readonly watch?: boolean;
}

const PERMISSIONS = { contents: 'write', issues: 'write', 'pull-requests': 'write', actions: 'write' };

export async function runTick(stage: Stage, { sweep = false, watch = false }: TickAsk = {}): Promise<TickTold> {
  const { github, directory } = stage;
  const { world, door } = github;
  const run = openRun(world, { event: 'schedule', actor: 'github', title: 'Orch' });
  const job = openJob(world, { run: run.id, name: 'orch / reconcile' });
  const token = issueJobToken(world, { run: run.id, job: job.id, permissions: PERMISSIONS });
  const told = path.join(directory, 'told.json');
  rmSync(told, { force: true });
  const arrivals = watchArrivals();
  const log: string[] = [];
  let started_ms = 0;
  let ended_ms = 0;
  door.reset();
  const ended = await runStep({
    bundle: bundleInUse(process.env).file,
    temp_root: path.join(directory, 'ticks'),
    event: { repository: { default_branch: 'main' } },
    inputs: { mode: 'reconcile', token, engines: 'custom', sweep: String(sweep) },
    env: { ...environmentOf(stage, run.id), ...(watch ? watching(told) : {}) },
    onLine: (line) => log.push(line),
    isLost: () => false,
    onStart: (child) => {
      started_ms = performance.now();
      child.once('exit', () => {
        ended_ms = performance.now();
      });
    },
  });
  arrivals.stop();
  closeJob(world, job.id, 'success');
  closeRun(world, run.id, 'success');
  if (ended.exit_code !== 0) throw new Error(`the tick failed:\n${log.join('\n')}`);
  const api = arrivals.seen.find(({ url }) => !url.includes('.git/'));
  return {
    count: countOf(door.entries),
    wall_ms: ended_ms - started_ms,
    first_api_ms: (api?.at_ms ?? Number.NaN) - started_ms,
    first_byte_ms: (arrivals.seen[0]?.at_ms ?? Number.NaN) - started_ms,
    ...toldBy(told),
  };
}

function watching(told: string): Readonly<Record<string, string>> {
  const preload = pathToFileURL(path.join(import.meta.dirname, 'watch-process.mjs')).href;
  return { NODE_OPTIONS: `--import=${preload}`, ORCH_BENCH_TOLD: told };
}

/** The first line is the tick's; the second, if any, its post step's. */
function toldBy(file: string): Pick<TickTold, 'rss_kib' | 'loaded'> {
  if (!existsSync(file)) return { rss_kib: 0, loaded: {} };
  const [first = ''] = readFileSync(file, 'utf8').split('\n');
  return JSON.parse(first) as Pick<TickTold, 'rss_kib' | 'loaded'>;
}

function environmentOf({ github, directory }: Stage, run: number): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: directory,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: github.api_url,
    GITHUB_GRAPHQL_URL: github.graphql_url,
    GITHUB_SERVER_URL: github.server_url,
    GITHUB_REPOSITORY: github.world.full_name,
    GITHUB_RUN_ID: String(run),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_ACTOR: 'github',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW_REF: `${github.world.full_name}/.github/workflows/orch.yml@refs/heads/main`,
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: 'X64',
  };
}
