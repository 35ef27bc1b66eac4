// Owns the ground of the edges' tests: a local GitHub on a port of its own, a job's token, a clock, taken down at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Fault } from '../../src/domain/fault.ts';
import { instantFromMs } from '../../src/domain/instant.ts';
import type { Instant } from '../../src/domain/ids.ts';
import { openGit } from '../../src/git/git.ts';
import type { Git } from '../../src/git/git.ts';
import { createClient } from '../../src/github/client.ts';
import type { Client } from '../../src/github/client.ts';
import { createContract } from '../../src/local/contract/contract.ts';
import { startLocalGitHub } from '../../src/local/server.ts';
import type { LocalGitHub } from '../../src/local/server.ts';

export const OWNER = 'acme';
export const REPO = 'shop';
export const START = '2026-11-20T10:00:00Z';

/** What mode reconcile is given by the shipped workflow. */
export const RECONCILE = {
  issues: 'write',
  'pull-requests': 'write',
  actions: 'write',
  contents: 'write',
  checks: 'read',
  statuses: 'read',
} as const;

export interface Ground {
  readonly github: LocalGitHub;
  readonly folder: string;
  readonly token: string;
  readonly clock: { now(): Instant };
  /** Said to people in the log, oldest first. */
  readonly said: string[];
  /** Milliseconds somebody waited, without waiting. */
  readonly pauses: number[];
  pass(minutes: number): void;
  /** A token of another job, or a person's. */
  tokenWith(permissions: Readonly<Record<string, string>>): string;
  client(token?: string): Client;
  git(token?: string): Promise<Git>;
}

export async function ground(): Promise<Ground> {
  const folder = mkdtempSync(path.join(tmpdir(), 'orch-ground-'));
  const contract = createContract();
  let now_ms = Date.parse(START);
  const github = await startLocalGitHub({
    owner: OWNER,
    name: REPO,
    directory: folder,
    contract,
    now_ms: () => now_ms,
  });
  onTestFinished(async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    expect(contract.violations()).toEqual([]);
  });
  const { world, repository } = github;
  world.grant('alice', 'write');
  world.grant('tim', 'triage');
  repository.commitFiles('main', { 'README.md': '# Shop\n' }, 'Start the shop');
  const tokenWith = (permissions: Readonly<Record<string, string>>): string =>
    world.addJob(world.addRun().id, 'reconcile', permissions).token;
  const token = tokenWith(RECONCILE);
  const said: string[] = [];
  const pauses: number[] = [];
  const say = (line: string): void => void said.push(line);
  const pause = (ms: number): Promise<void> => {
    pauses.push(ms);
    now_ms += ms;
    return Promise.resolve();
  };
  const clock = { now: () => instantFromMs(now_ms) };
  return {
    github,
    folder,
    token,
    clock,
    said,
    pauses,
    tokenWith,
    pass: (minutes) => {
      now_ms += minutes * 60_000;
    },
    client: (used = token) =>
      createClient({
        token: used,
        api_url: github.api_url,
        owner: OWNER,
        repo: REPO,
        clock,
        pause,
        log: { info: say, warning: say, error: say },
        write_gap_ms: 0,
      }),
    git: (used = token) =>
      openGit(mkdtempSync(path.join(folder, 'bare-')), {
        url: `${github.server_url}/${OWNER}/${REPO}.git`,
        token: used,
      }),
  };
}

/** What was thrown, which has to be a Fault. */
export async function faultOf(doing: Promise<unknown>): Promise<Fault> {
  const error: unknown = await doing.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Fault)) throw new Error(`no fault was thrown but ${String(error)}`);
  return error;
}
