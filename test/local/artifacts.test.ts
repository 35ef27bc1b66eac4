// Owns the proof that GitHub's own artifact and cache clients work against the local results service, and what it refuses.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createArtifactService, renderArtifact, type ArtifactService } from '../../src/local/artifacts.ts';
import { createContract } from '../../src/local/contract/contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-artifacts-'));
const place = {
  owner: 'acme',
  repo: 'shop',
  repository_id: 1,
  head_branch: 'main',
  head_sha: '0'.repeat(40),
};
let now_ms = Date.parse('2026-11-20T10:00:00Z');
let service: ArtifactService;
let server: Server;
let origin: string;

beforeAll(async () => {
  service = createArtifactService({ directory: join(folder, 'bytes'), now_ms: () => now_ms });
  server = createServer((request, response) => void service.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an object; Node's type also covers pipes.
  const { port } = server.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
  vi.stubEnv('GITHUB_SERVER_URL', `http://github.localhost:${port}`);
  vi.stubEnv('GITHUB_WORKSPACE', folder);
  vi.stubEnv('RUNNER_TEMP', folder);
  // The clients write their progress to stdout.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(() => {
  now_ms += 60_000;
});

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

interface Job {
  readonly run_id: number;
  readonly run_attempt?: number;
  readonly job: string;
  readonly cache_mode?: 'write' | 'read' | 'none';
}

/** Steps into a job: the clients read its environment anew at each call. */
function enter(job: Job): Readonly<Record<string, string>> {
  const environment = service.runtimeEnvironment({ results_url: origin, ...job });
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  return environment;
}

async function artifactClient(): Promise<import('@actions/artifact').ArtifactClient> {
  const { DefaultArtifactClient } = await import('@actions/artifact');
  return new DefaultArtifactClient();
}

function handIn(name: string, content: string | Buffer): { readonly root: string; readonly file: string } {
  const root = join(folder, name);
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'result.json'), content);
  return { root, file: join(root, 'result.json') };
}

async function upload(name: string, content: string | Buffer = '{"outcome":"success"}') {
  const { root, file } = handIn(`in-${name}`, content);
  const uploaded = await (await artifactClient()).uploadArtifact(name, [file], root, { compressionLevel: 0 });
  return { id: uploaded.id ?? 0, digest: uploaded.digest ?? '', size: uploaded.size ?? 0 };
}

async function twirp(method: string, body: object, token = process.env['ACTIONS_RUNTIME_TOKEN']) {
  const response = await fetch(`${origin}/twirp/github.actions.results.api.v1.${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answered: unknown = await response.json();
  return { status: response.status, body: answered };
}

describe('artifacts', () => {
  test('a hand-in uploaded by one job is downloaded by id in another, and its digest holds', async () => {
    enter({ run_id: 1, job: 'attempt' });
    const { id, digest, size } = await upload('hand-in-7-1', '{"outcome":"success","files":2}');
    const record = service.find(id);
    expect(record).toMatchObject({ run_id: 1, job: 'attempt', digest: `sha256:${digest}`, size_in_bytes: size });

    enter({ run_id: 1, job: 'deliver' });
    const path = join(folder, 'out-7-1');
    const downloaded = await (await artifactClient()).downloadArtifact(id, { path, expectedHash: `sha256:${digest}` });
    expect(downloaded.digestMismatch).toBe(false);
    expect(readFileSync(join(path, 'result.json'), 'utf8')).toBe('{"outcome":"success","files":2}');
  });

  test('an upload of many blocks arrives whole', async () => {
    enter({ run_id: 2, job: 'attempt' });
    // Three blocks of the client's 8 MiB, incompressible, so that order matters.
    const bytes = Buffer.alloc(20 * 1024 * 1024, 0);
    for (let at = 0; at < bytes.length; at += 4096) createHash('sha256').update(String(at)).digest().copy(bytes, at);
    const { id, digest } = await upload('large', bytes);
    const path = join(folder, 'out-large');
    await (await artifactClient()).downloadArtifact(id, { path, expectedHash: `sha256:${digest}` });
    expect(readFileSync(join(path, 'result.json')).equals(bytes)).toBe(true);
    expect(readdirSync(join(folder, 'bytes')).filter((name) => name.endsWith('.blocks'))).toEqual([]);
  });

  test('a name is taken once in a run, finished or not, and is free in a re-run', async () => {
    enter({ run_id: 3, job: 'attempt' });
    const first = await upload('hand-in');
    await expect(upload('hand-in')).rejects.toThrow(/409.*already exists/);
    const ids = { workflow_run_backend_id: '3.1', workflow_job_run_backend_id: 'attempt' };
    const create = (): ReturnType<typeof twirp> => twirp('ArtifactService/CreateArtifact', { ...ids, name: 'half' });
    expect([(await create()).status, (await create()).status]).toEqual([200, 409]);

    enter({ run_id: 3, run_attempt: 2, job: 'attempt' });
    const second = await upload('hand-in', '{"outcome":"failed"}');
    const { artifact } = await (await artifactClient()).getArtifact('hand-in');
    expect(artifact.id).toBe(second.id);
    expect(service.list(3).map((one) => one.id)).toEqual([first.id, second.id]);
  });

  test('a job sees its own run and no other', async () => {
    enter({ run_id: 4, job: 'attempt' });
    const { id } = await upload('hand-in');
    enter({ run_id: 5, job: 'deliver' });
    await expect((await artifactClient()).downloadArtifact(id)).rejects.toThrow(/No artifacts found/);
    const foreign = { workflow_run_backend_id: '4.1', workflow_job_run_backend_id: 'attempt', name: 'hand-in' };
    expect(await twirp('ArtifactService/GetSignedArtifactURL', foreign)).toMatchObject({ status: 403 });
  });

  test('a finished artifact cannot be written again, though its upload URL still lives', async () => {
    enter({ run_id: 6, job: 'attempt' });
    const ids = { workflow_run_backend_id: '6.1', workflow_job_run_backend_id: 'attempt', name: 'fixed' };
    const { body } = await twirp('ArtifactService/CreateArtifact', ids);
    const url = String(Object(body).signed_upload_url);
    const put = async (bytes: string): Promise<number> => (await fetch(url, { method: 'PUT', body: bytes })).status;
    expect(await put('first')).toBe(201);
    expect(await twirp('ArtifactService/FinalizeArtifact', { ...ids, size: '5' })).toMatchObject({ status: 200 });
    expect(await put('other')).toBe(409);
  });

  test('bytes that are not what the client says it sent are refused', async () => {
    enter({ run_id: 7, job: 'attempt' });
    const ids = { workflow_run_backend_id: '7.1', workflow_job_run_backend_id: 'attempt', name: 'damaged' };
    const { body } = await twirp('ArtifactService/CreateArtifact', ids);
    await fetch(String(Object(body).signed_upload_url), { method: 'PUT', body: 'bytes' });
    const finalize = { ...ids, size: '5', hash: `sha256:${'0'.repeat(64)}` };
    expect(await twirp('ArtifactService/FinalizeArtifact', finalize)).toMatchObject({ status: 400 });
    expect(service.list(7)).toEqual([]);
  });

  test('a token that is altered, foreign or over opens nothing, and neither does a URL for the other right', async () => {
    const { ACTIONS_RUNTIME_TOKEN: token = '' } = enter({ run_id: 8, job: 'attempt' });
    const { id } = await upload('hand-in');
    const list = { workflow_run_backend_id: '8.1', workflow_job_run_backend_id: 'attempt' };
    const statusWith = async (given: string): Promise<number> =>
      (await twirp('ArtifactService/ListArtifacts', list, given)).status;
    const foreign = createArtifactService({ directory: folder, now_ms: () => now_ms });
    const { ACTIONS_RUNTIME_TOKEN: other = '' } = foreign.runtimeEnvironment({
      results_url: origin,
      run_id: 8,
      job: 'x',
    });
    expect(await statusWith(token)).toBe(200);
    expect(await statusWith(token.replace(/\.[^.]+\./, `.${Buffer.from('{}').toString('base64url')}.`))).toBe(401);
    expect(await statusWith(other)).toBe(401);

    const url = service.downloadUrl(id, origin) ?? '';
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(url.replace('sp=read', 'sp=write'), { method: 'PUT', body: 'x' })).status).toBe(403);
    now_ms += 7 * 3_600_000;
    expect(await statusWith(token)).toBe(401);
    expect((await fetch(url)).status).toBe(403);
  });

  test('an expired artifact is still on record, and its bytes are gone', async () => {
    enter({ run_id: 9, job: 'attempt' });
    const { id } = await upload('hand-in');
    await service.expire(id);
    expect(service.find(id)).toMatchObject({ expired: true });
    expect(service.downloadUrl(id, origin)).toBeUndefined();
    expect(readdirSync(join(folder, 'bytes'))).not.toContain(`artifact-${id}.blob`);
    await expect((await artifactClient()).getArtifact('hand-in')).rejects.toThrow(/not found/);
  });

  test('REST describes an artifact as GitHub does', async () => {
    enter({ run_id: 10, job: 'attempt' });
    const { id } = await upload('hand-in');
    const record = service.find(id);
    const rendered = record ? renderArtifact(record, { api_url: origin, ...place }) : undefined;
    const contract = createContract();
    const exchange = { method: 'GET', status: 200, request_body: undefined };
    const one = `/repos/acme/shop/actions/artifacts/${id}`;
    const many = '/repos/acme/shop/actions/runs/10/artifacts';
    expect([
      ...contract.checkRest({ ...exchange, path: one, response_body: rendered }),
      ...contract.checkRest({ ...exchange, path: many, response_body: { total_count: 1, artifacts: [rendered] } }),
    ]).toEqual([]);
  });
});

describe('artifacts, when asked to fail', () => {
  test('one altered byte still unpacks, and only the digest tells', async () => {
    enter({ run_id: 20, job: 'attempt' });
    const { id, digest } = await upload('altered');
    service.addFault({ kind: 'altered', artifact: 'altered', times: 1 });
    const options = { path: join(folder, 'out-altered'), expectedHash: `sha256:${digest}` };
    const client = await artifactClient();
    expect((await client.downloadArtifact(id, options)).digestMismatch).toBe(true);
    expect((await client.downloadArtifact(id, options)).digestMismatch).toBe(false);
  });

  test('a missing artifact is not found, as often as asked', async () => {
    enter({ run_id: 21, job: 'attempt' });
    const { id } = await upload('gone');
    service.addFault({ kind: 'missing', artifact: 'gone', times: 1 });
    await expect((await artifactClient()).downloadArtifact(id)).rejects.toThrow(/No artifacts found/);
    expect((await (await artifactClient()).getArtifact('gone')).artifact.id).toBe(id);
  });

  test('a download is cut halfway', async () => {
    enter({ run_id: 22, job: 'attempt' });
    const { id } = await upload('cut', Buffer.alloc(300_000, 'x'));
    service.addFault({ kind: 'truncated', artifact: 'cut', times: 1 });
    const url = service.downloadUrl(id, origin) ?? '';
    await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow();
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBeGreaterThan(300_000);
  });

  test.each(['before', 'after'] as const)('finalizing answers 503 %s it took effect', async (when) => {
    const run_id = when === 'before' ? 23 : 24;
    enter({ run_id, job: 'attempt' });
    const ids = { workflow_run_backend_id: `${run_id}.1`, workflow_job_run_backend_id: 'attempt', name: 'late' };
    const { body } = await twirp('ArtifactService/CreateArtifact', ids);
    await fetch(String(Object(body).signed_upload_url), { method: 'PUT', body: 'bytes' });
    service.addFault({ kind: 'failing', method: 'FinalizeArtifact', status: 503, when, times: 1 });
    const finalize = (): ReturnType<typeof twirp> => twirp('ArtifactService/FinalizeArtifact', { ...ids, size: '5' });
    expect((await finalize()).status).toBe(503);
    expect(service.list(run_id)).toHaveLength(when === 'before' ? 0 : 1);
    // Repeating it is safe: the client does, and the artifact keeps its id.
    expect((await finalize()).status).toBe(200);
    expect(service.list(run_id)).toHaveLength(1);
  });
});

describe('caches', () => {
  const engine = join(folder, 'engine');
  const save = async (key: string): Promise<number> => (await import('@actions/cache')).saveCache([engine], key);
  const restore = async (key: string, keys?: string[]): Promise<string | undefined> =>
    (await import('@actions/cache')).restoreCache([engine], key, keys);

  function install(content: string): void {
    mkdirSync(engine, { recursive: true });
    writeFileSync(join(engine, 'cli.js'), content);
  }

  test('what one job saves another restores, by key or by prefix', async () => {
    enter({ run_id: 30, job: 'warm' });
    install('version 1');
    expect(await save('engine-claude-1')).toBeGreaterThan(0);
    rmSync(engine, { recursive: true });

    enter({ run_id: 31, job: 'attempt', cache_mode: 'read' });
    expect(await restore('engine-claude-2', ['engine-claude-'])).toBe('engine-claude-1');
    expect(readFileSync(join(engine, 'cli.js'), 'utf8')).toBe('version 1');
    expect(await restore('engine-codex-1')).toBeUndefined();
  });

  test('a key is written once', async () => {
    enter({ run_id: 32, job: 'warm' });
    install('version 2');
    expect(await save('engine-claude-1')).toBe(-1);
    expect(service.caches().map((cache) => cache.key)).toEqual(['engine-claude-1']);
  });

  test('a job that may only read is refused by the service, not by its own manners', async () => {
    enter({ run_id: 33, job: 'attempt', cache_mode: 'read' });
    vi.stubEnv('ACTIONS_CACHE_MODE', '');
    install('poisoned');
    expect(await save('engine-claude-9')).toBe(-1);
    expect(service.caches().map((cache) => cache.key)).not.toContain('engine-claude-9');

    enter({ run_id: 34, job: 'deliver', cache_mode: 'none' });
    vi.stubEnv('ACTIONS_CACHE_MODE', '');
    expect(await restore('engine-claude-1')).toBeUndefined();
  });
});
