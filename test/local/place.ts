// Owns a local GitHub for one test file: a shop repository in a folder that goes away, judged by the contract.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import { createContract, type Contract } from '../../src/local/contract/contract.ts';
import { startLocalGitHub, type LocalGitHub } from '../../src/local/server.ts';

export interface LocalPlace {
  readonly github: LocalGitHub;
  readonly contract: Contract;
  readonly folder: string;
  /** Moves the world's clock, which stands still otherwise. */
  passes(seconds: number): void;
  /** A client with a person's own token. */
  as(login: string): ReturnType<typeof getOctokit>;
  /** A client with the token of a job that was given these permissions. */
  job(permissions: Readonly<Record<string, string>>): ReturnType<typeof getOctokit>;
  client(token: string): ReturnType<typeof getOctokit>;
  close(): Promise<void>;
}

export const shop = { owner: 'ada', repo: 'shop' };

export async function openPlace(): Promise<LocalPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'orch-local-'));
  const contract = createContract();
  let now_ms = Date.parse('2026-11-20T10:00:00Z');
  const github = await startLocalGitHub({
    owner: 'ada',
    name: 'shop',
    directory: folder,
    now_ms: () => now_ms,
    contract,
  });
  const { world } = github;
  world.grant('bob', 'write');
  world.grant('tom', 'triage');
  world.person('eve');
  world.push('ada', 'main', { 'README.md': '# shop\n', '.github/orch.yml': 'engines: {}\n' }, 'Begin');
  const client = (token: string) => getOctokit(token, { baseUrl: github.api_url });
  const run = world.addRun();
  return {
    github,
    contract,
    folder,
    passes: (seconds) => {
      now_ms += seconds * 1000;
    },
    client,
    as: (login) => client(world.issueToken({ kind: 'pat', login })),
    job: (permissions) => client(world.addJob(run.id, 'job', permissions).token),
    close: async () => {
      await github.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
