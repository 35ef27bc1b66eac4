// Owns one run of the caller's workflow by `act`: the runner's environment around it, and what its jobs said.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ActionsEvent } from '../../src/local/actions/ports.ts';
import type { LocalGitHub } from '../../src/local/server.ts';
import { ROOT } from './shipped.ts';

export const ACT = 'github.com/nektos/act@v0.2.87';
const INSTALLED_BY_CI = path.join(ROOT, 'build', 'tools', 'go', 'bin', 'act');
export const act = existsSync(INSTALLED_BY_CI) ? INSTALLED_BY_CI : 'act';
const ACT_MS = 120_000;

/** What the caller's two jobs grant together: `act` knows one token for all jobs, and the model refuses what it lacks. */
const GRANTED = {
  actions: 'write',
  checks: 'read',
  contents: 'write',
  issues: 'write',
  'pull-requests': 'write',
  statuses: 'read',
};

export interface ActRun {
  /** How each job that ran ended, by `act`'s name for it; a job whose `if` is false is not there. */
  readonly jobs: Readonly<Record<string, string>>;
  /** What its jobs printed, a line each. */
  readonly log: string;
  readonly exit_code: number | null;
}

export interface Place {
  readonly github: LocalGitHub;
  /** Where the run keeps its files; the caller removes it. */
  readonly directory: string;
  /** Orch as a tag holds it, and the name that `uses:` has for it. */
  readonly published: string;
  readonly reference: string;
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** `act` has no server that knows its runs, so the model gets one, with the number that `act` then shows its jobs. */
export async function runAct(place: Place, event: ActionsEvent): Promise<ActRun> {
  const { world } = place.github;
  const run = world.addRun({ event: event.name, actor: event.actor });
  const { job, token } = world.addJob(run.id, 'act', GRANTED);
  const folder = mkdtempSync(path.join(place.directory, 'run-'));
  const home = path.join(folder, 'home');
  mkdirSync(home);
  execFileSync('git', ['clone', '--quiet', place.github.repository.directory, path.join(folder, 'checkout')]);
  writeFileSync(path.join(folder, 'event.json'), JSON.stringify(event.payload));
  const ended = await spawnAct(
    [
      event.name,
      '--json',
      `--directory=${path.join(folder, 'checkout')}`,
      `--eventpath=${path.join(folder, 'event.json')}`,
      `--action-cache-path=${path.join(folder, 'cache')}`,
      '--no-cache-server',
      '--platform=ubuntu-latest=-self-hosted',
      '--platform=ubuntu-slim=-self-hosted',
      `--actor=${event.actor}`,
      `--local-repository=${place.reference}=${place.published}`,
      ...flags('secret', { ...place.secrets, GITHUB_TOKEN: token }),
      ...flags('var', place.vars),
      ...flags('env', environmentOf(place.github, run.id, job.id)),
    ],
    { folder, home },
  );
  const conclusion = ended.exit_code === 0 ? 'success' : 'failure';
  world.updateJob(job.id, { conclusion });
  world.closeRun(run.id, conclusion);
  return ended;
}

function flags(name: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([key, value]) => `--${name}=${key}=${value}`);
}

/**
 * Artifacts go to the local GitHub, since deliver asks its API for them by id; `act`'s own server would keep them from
 * it. `act` sets no GITHUB_WORKFLOW_REF, which every runner of GitHub does.
 */
function environmentOf(
  { world, artifacts, ...github }: LocalGitHub,
  run: number,
  job: number,
): Readonly<Record<string, string>> {
  const branch = world.options.default_branch;
  return {
    GITHUB_API_URL: github.api_url,
    GITHUB_GRAPHQL_URL: github.graphql_url,
    GITHUB_SERVER_URL: github.server_url,
    GITHUB_REPOSITORY: world.full_name,
    GITHUB_REF: `refs/heads/${branch}`,
    GITHUB_RUN_ID: String(run),
    GITHUB_WORKFLOW_REF: `${world.full_name}/.github/workflows/orch.yml@refs/heads/${branch}`,
    ORCH_LEASE_POLL_SECONDS: '1',
    ...artifacts.runtimeEnvironment({ results_url: github.results_url, run_id: run, job: String(job) }),
  };
}

/**
 * `act` takes `node` for `using: node24` from PATH. A home of its own: `act` reads settings there, and git does.
 * No vendor's engine is meant to start here; if one does, it is not fetched from anywhere.
 */
function machine(home: string): Readonly<Record<string, string>> {
  const node = path.join(ROOT, 'node_modules', '.bin');
  return {
    PATH: `${node}${path.delimiter}${process.env['PATH'] ?? ''}`,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    npm_config_registry: 'http://127.0.0.1:1/',
    npm_config_fetch_retries: '0',
  };
}

async function spawnAct(
  args: readonly string[],
  at: { readonly folder: string; readonly home: string },
): Promise<ActRun> {
  const child = spawn(act, args, {
    cwd: at.folder,
    env: machine(at.home),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ACT_MS,
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const exit_code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new Error(`act does not start; install it: go install ${ACT} (.ci/run does)`, { cause })),
    );
    child.on('close', resolve);
  });
  const lines = chunks.join('').split('\n').flatMap(parseLine);
  const ended = lines.flatMap(({ job, jobResult }) =>
    jobResult === undefined ? [] : [[nameOf(job), jobResult] as const],
  );
  return {
    exit_code,
    jobs: Object.fromEntries(ended),
    log: lines.map(({ job, msg }) => `[${nameOf(job)}] ${msg.trim()}`).join('\n'),
  };
}

const Line = z.object({ job: z.string().default(''), msg: z.string().default(''), jobResult: z.string().optional() });

function parseLine(line: string): readonly z.infer<typeof Line>[] {
  if (line.trim() === '') return [];
  return [line.startsWith('{') ? Line.parse(JSON.parse(line)) : Line.parse({ msg: line })];
}

/** `act` pads names to one width, and puts the name of each workflow, ours begin with `Orch`, before that of its job. */
function nameOf(job: string): string {
  const parts = job.trim().split('/');
  return parts.filter((part) => !part.startsWith('Orch')).join(' / ');
}
