// Owns the comparison with `emulate`, somebody else's GitHub: where both serve an operation, both answer the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getOctokit } from '@actions/github';
import { createEmulator } from 'emulate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContract } from '../../src/local/contract/contract.ts';
import { startLocalGitHub } from '../../src/local/server.ts';
import { ask, reliedOn, sharedOperations, type Github, type Memory } from './shared-operations.ts';

interface Side {
  readonly github: Github;
  readonly memory: Memory;
  readonly close: () => Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), 'orch-emulate-'));
const contract = createContract();
let ours: Side;
let theirs: Side;

async function startOurs(): Promise<Side> {
  const local = await startLocalGitHub({ owner: 'ada', name: 'shop', directory: folder, contract });
  local.world.grant('ada', 'admin');
  local.repository.commitFiles('main', { 'README.md': '# shop\n' }, 'Begin');
  const token = local.world.issueToken({ kind: 'pat', login: 'ada' });
  return { github: getOctokit(token, { baseUrl: local.api_url }), memory: new Map(), close: () => local.close() };
}

async function startTheirs(): Promise<Side> {
  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { 'ada-token': { login: 'ada', scopes: ['repo'] } },
      github: { users: [{ login: 'ada' }], repos: [{ owner: 'ada', name: 'shop', auto_init: true }] },
    },
  });
  const github = getOctokit('ada-token', { baseUrl: emulator.url });
  return { github, memory: new Map(), close: () => emulator.close() };
}

beforeAll(async () => {
  [ours, theirs] = await Promise.all([startOurs(), startTheirs()]);
});

afterAll(async () => {
  await Promise.all([ours.close(), theirs.close()]);
  rmSync(folder, { recursive: true, force: true });
});

// One history: each operation finds what the ones before it left, on both sides.
describe('the local GitHub and emulate agree', () => {
  const shared = sharedOperations.filter((operation) => operation.emulate_is_wrong === undefined);
  const known = sharedOperations.filter((operation) => operation.emulate_is_wrong !== undefined);

  for (const operation of sharedOperations) {
    const { emulate_is_wrong } = operation;
    const title =
      emulate_is_wrong === undefined ? operation.title : `${operation.title} (emulate: ${emulate_is_wrong})`;
    test(title, async () => {
      const our = await ask(ours.github, operation, ours.memory);
      expect(our.status, JSON.stringify(our.data)).toBe(operation.status);
      if (emulate_is_wrong !== undefined) return;
      const their = await ask(theirs.github, operation, theirs.memory);
      expect({ status: our.status, ...reliedOn(operation, our.data) }).toEqual({
        status: their.status,
        ...reliedOn(operation, their.data),
      });
    });
  }

  test('on most of what both serve, and GitHub’s description has nothing to say against ours', () => {
    expect(known.length).toBeLessThan(shared.length / 3);
    expect(contract.violations()).toEqual([]);
    expect(contract.seen().size).toBeGreaterThan(30);
  });
});
