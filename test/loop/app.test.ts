// Owns the histories of tokens: what GITHUB_TOKEN alone reaches, what a GitHub App adds, and the board that is mirrored.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleInUse } from '../../src/cli/bundle.ts';
import { OWNER, startOrch } from './orch.ts';
import type { World } from './orch.ts';

const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const APP = { vars: { ORCH_APP_ID: '12' }, secrets: { ORCH_APP_PRIVATE_KEY: KEYS.privateKey } };
const BOARD = `project: { owner: ${OWNER}, number: 4 }\n`;

function installApp(orch: World): void {
  orch.stage.github.world.app = {
    id: 12,
    public_key: KEYS.publicKey,
    login: 'orch-app[bot]',
    permissions: {
      contents: 'write',
      'pull-requests': 'write',
      issues: 'write',
      actions: 'write',
      checks: 'write',
      metadata: 'read',
      'organization-projects': 'write',
    },
  };
}

function mirrored(orch: World): Readonly<Record<string, string | number | undefined>> {
  const [project] = orch.stage.github.world.projects;
  const [item] = project?.items ?? [];
  const named = (project?.fields ?? []).filter(({ name }) => name.startsWith('Orch'));
  return Object.fromEntries(
    named.map(({ id, name, options }) => {
      const value = item?.values.get(id);
      return [name, options.find((option) => option.id === value)?.name ?? value];
    }),
  );
}

describe('with a GitHub App', () => {
  it('[SEC-01] [SEC-02] [SEC-04] [CFG-17] [OQ-07] the App opens the pull request, GITHUB_TOKEN still labels and comments', async () => {
    const orch = await startOrch(APP);
    installApp(orch);
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.pull(number)?.author.login).toBe('orch-app[bot]');
    const comment = [...orch.stage.github.world.comments.values()].find(({ body }) => body.includes('orch:state'));
    expect(comment?.author.login).toBe('github-actions[bot]');
    expect(orch.state(number)).toBe('in_review');
  });

  it('[BLT-18] [PUR-13] [STA-20] the board mirrors status, engine, complexity, attempts, pull request and cost; fields are made when absent', async () => {
    const orch = await startOrch({ ...APP, config: BOARD });
    installApp(orch);
    orch.stage.github.world.addProject({ number: 4, title: 'Work' });
    const number = orch.task('write a.txt', { labels: ['complexity:simple'] });
    await orch.settle();
    expect(mirrored(orch)).toEqual({
      'Orch status': 'in_review',
      'Orch engine': 'custom',
      'Orch complexity': 'simple',
      'Orch attempts': 1,
      'Orch PR': expect.stringContaining(`/pull/${orch.pull(number)?.number ?? 0}`),
      'Orch cost (USD)': 0.01,
    });
    await orch.merge(number);
    expect(mirrored(orch)).toMatchObject({ 'Orch status': 'done' });
  });

  it('costs each job that holds it three requests: which installation, its token, and giving that back', async () => {
    const orch = await startOrch(APP);
    installApp(orch);
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
    const asked = orch.stage.github.door.entries.flatMap(({ what }) => /installations?\b.*$/.exec(what)?.[0] ?? []);
    const jobs = orch.summaries.filter(
      ({ job, state }) => state === 'started' && /\/ (?:reconcile|deliver)$/.test(job),
    );
    expect(jobs.length).toBeGreaterThan(1);
    expect(asked).toHaveLength(3 * jobs.length);
  });

  it('a key that does not belong to the App ends with a sentence that says what to check', async () => {
    const orch = await startOrch({ vars: APP.vars, secrets: { ORCH_APP_PRIVATE_KEY: 'not a key' } });
    installApp(orch);
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.pull(number)).toBeNull();
    expect(orch.log.join('\n')).toContain('app-private-key');
  });
});

describe('without an App', () => {
  it('the board is out of reach: one warning, and the task goes its way', async () => {
    const orch = await startOrch({ config: BOARD });
    orch.stage.github.world.addProject({ number: 4, title: 'Work' });
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
    expect(orch.stage.github.world.projects[0]?.items).toEqual([]);
  });

  it('a personal token reaches the board', async () => {
    const orch = await startOrch({ config: BOARD, secrets: { ORCH_PROJECT_TOKEN: 'ghp_board' } });
    const { world } = orch.stage.github;
    world.addProject({ number: 4, title: 'Work' });
    world.addToken('ghp_board', { actor: world.as(OWNER), expires_at_ms: null });
    const number = orch.task('write a.txt');
    await orch.settle();
    expect(orch.state(number)).toBe('in_review');
    expect(mirrored(orch)).toMatchObject({ 'Orch status': 'in_review' });
  });
});

describe('a dry run', () => {
  it('[RTE-18] prints the plan of a tick and writes nothing, not even a ref', async () => {
    // Switched off, so that the label starts nothing by itself.
    const orch = await startOrch({ vars: { ORCH_ENABLED: 'false' } });
    const { github } = orch.stage;
    const number = orch.task('write a.txt');
    const temp = mkdtempSync(path.join(tmpdir(), 'orch-dry-'));
    for (const name of ['event.json', 'output', 'summary', 'state'])
      writeFileSync(path.join(temp, name), name === 'event.json' ? '{}' : '');
    const token = github.world.addToken('ghs_dry', { actor: github.world.as(OWNER), expires_at_ms: null });
    const child = spawn(process.execPath, [bundleInUse(process.env).file], {
      env: {
        PATH: process.env['PATH'] ?? '',
        INPUT_MODE: 'reconcile',
        INPUT_TOKEN: token,
        'INPUT_DRY-RUN': 'true',
        INPUT_ENGINES: 'custom',
        GITHUB_REPOSITORY: github.world.full_name,
        GITHUB_RUN_ID: '77',
        GITHUB_EVENT_NAME: 'schedule',
        GITHUB_EVENT_PATH: path.join(temp, 'event.json'),
        GITHUB_API_URL: github.api_url,
        GITHUB_GRAPHQL_URL: github.graphql_url,
        GITHUB_SERVER_URL: github.server_url,
        GITHUB_OUTPUT: path.join(temp, 'output'),
        GITHUB_STATE: path.join(temp, 'state'),
        GITHUB_STEP_SUMMARY: path.join(temp, 'summary'),
        RUNNER_TEMP: temp,
      },
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    const code = await new Promise((resolve) => child.on('close', resolve));
    const summary = readFileSync(path.join(temp, 'summary'), 'utf8');
    rmSync(temp, { recursive: true, force: true });
    expect(code).toBe(0);
    expect(summary).toContain('Dry run');
    expect(printed).toContain(`#${number}`);
    expect(github.repository.refs('refs/orch/')).toEqual([]);
    expect(github.door.entries.filter(({ mutating }) => mutating)).toEqual([]);
    expect(orch.issue(number).labels).toEqual(['agent-todo']);
  });
});
