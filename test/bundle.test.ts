// Proves what users download: the bundle runs alone, on Node 24, small, with its helpers and its notices.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleInUse, ROOT } from '../src/cli/bundle.ts';

/** As docs/performance.md promises. */
const RECONCILE_BYTES_MAX = 1_000_000;
const ARCHIVE_BYTES_MAX = 2_500_000;

/** Words of a package that no minifier takes away: in a loaded file they show that its code was loaded. */
const FOREIGN_TO_RECONCILE = {
  ai: 'AI_NoObjectGeneratedError',
  '@actions/artifact': 'github.actions.results.api.v1.CreateArtifactRequest',
  '@actions/cache': 'github.actions.results.api.v1.CreateCacheEntryRequest',
  '@anthropic-ai/sandbox-runtime': 'apply-seccomp',
};

/** Writes down every file that is loaded as code, one a line. */
const RECORD_LOADS = `
  import { appendFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  import { fileURLToPath } from 'node:url';
  registerHooks({ load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(process.env.LOADED_FILE, fileURLToPath(url) + '\\n');
    return next(url, context);
  } });`;

/** The first parser that is compiled is the one that wants SIMD. */
const NO_SIMD = `
  const { compile } = WebAssembly;
  WebAssembly.compile = async () => { WebAssembly.compile = compile; throw new Error('no SIMD here'); };`;

const bundle = bundleInUse(process.env);

interface Door {
  readonly url: string;
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A GitHub that knows nobody: whoever asks gets 401, and is written down. */
async function openDoor(): Promise<Door> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Bad credentials"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Names of the bundle's files that were loaded. */
  readonly loaded: readonly string[];
}

let room: string;
let moved: string;
let door: Door;

beforeAll(async () => {
  room = mkdtempSync(path.join(tmpdir(), 'orch-bundle-'));
  moved = path.join(room, 'elsewhere', 'dist');
  mkdirSync(path.dirname(moved), { recursive: true });
  cpSync(path.dirname(bundle.file), moved, { recursive: true });
  cpSync(path.join(ROOT, 'prompts'), path.join(moved, '..', 'prompts'), { recursive: true });
  door = await openDoor();
});
afterAll(async () => {
  await door.close();
  rmSync(room, { recursive: true, force: true });
});

/** Starts the moved bundle as GitHub's runner would: nothing but the environment tells it anything. */
async function run(mode: string, env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const temp = mkdtempSync(path.join(room, 'temp-'));
  const files = {
    LOADED_FILE: 'loaded',
    GITHUB_OUTPUT: 'output',
    GITHUB_STATE: 'state',
    GITHUB_STEP_SUMMARY: 'summary',
    GITHUB_EVENT_PATH: 'event',
  };
  const paths = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, path.join(temp, file)]));
  for (const file of Object.values(paths)) appendFileSync(file, '');
  writeFileSync(path.join(temp, 'event'), '{}');
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(RECORD_LOADS)}`, path.join(moved, 'index.js')],
    {
      cwd: temp,
      env: {
        PATH: process.env['PATH'],
        HOME: temp,
        RUNNER_TEMP: temp,
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_RUN_ID: '1',
        GITHUB_EVENT_NAME: 'schedule',
        GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/orch.yml@refs/heads/main',
        GITHUB_SERVER_URL: door.url,
        GITHUB_API_URL: door.url,
        GITHUB_GRAPHQL_URL: `${door.url}/graphql`,
        INPUT_MODE: mode,
        INPUT_TOKEN: 'a-token',
        ...paths,
        ...env,
      },
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const loaded = readFileSync(path.join(temp, 'loaded'), 'utf8').split('\n');
  return { code, stdout, stderr, loaded: loaded.filter((file) => file.startsWith(moved)) };
}

const codeIn = (files: readonly string[]): string => files.map((file) => readFileSync(file, 'utf8')).join('\n');

const bytesOf = (files: readonly string[]): number => files.reduce((sum, file) => sum + statSync(file).size, 0);

describe(`the bundle (${bundle.says})`, () => {
  test('is there, as ES modules beside their own package.json', () => {
    expect(existsSync(bundle.file), 'no bundle: run `npm run build`').toBe(true);
    expect(JSON.parse(readFileSync(path.join(moved, 'package.json'), 'utf8'))).toEqual({ type: 'module' });
  });

  test('[ENG-16] runs alone, far from its packages, and says what it lacks', async () => {
    const outcome = await run('reconcile', { GITHUB_RUN_ID: '' });
    expect(outcome.stderr).toBe('');
    expect(outcome.stdout).toContain('::error::GITHUB_RUN_ID is not set');
    expect(outcome.code).toBe(1);
  });

  test('refuses a mode that it does not know, naming those it does', async () => {
    const outcome = await run('everything');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/::error::.*mode/);
    expect(outcome.stdout).toContain('reconcile');
  });

  test('a tick loads less than 1 MB, and nothing of artifacts, caches, sandboxes or routing models', async () => {
    const outcome = await run('reconcile');
    expect(outcome.stderr).toBe('');
    expect(door.requests.length).toBeGreaterThan(0);
    expect(bytesOf(outcome.loaded)).toBeLessThan(RECONCILE_BYTES_MAX);
    const code = codeIn(outcome.loaded);
    for (const [name, word] of Object.entries(FOREIGN_TO_RECONCILE)) expect(code.includes(word), name).toBe(false);
  });

  test('a processor without SIMD reads the other HTTP parser, and reaches GitHub all the same', async () => {
    const before = door.requests.length;
    const outcome = await run('reconcile', {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NO_SIMD)}`,
    });
    expect(outcome.stdout).not.toContain('llhttp');
    expect(door.requests.length).toBeGreaterThan(before);
  });

  test('each of those words does stand in a bundle that holds its package', () => {
    const notices = readFileSync(path.join(moved, 'licenses.txt'), 'utf8');
    const everything = codeIn(globSync('*.js', { cwd: moved }).map((file) => path.join(moved, file)));
    for (const [name, word] of Object.entries(FOREIGN_TO_RECONCILE)) {
      expect(everything.includes(word), name).toBe(notices.includes(`\n${name} `));
    }
  });

  test('a refused token ends the tick with an error for people, not with a stack', async () => {
    const outcome = await run('reconcile');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain('::error::');
    expect(outcome.stdout).not.toMatch(/^\s+at .*index\.js/m);
  });

  test('ships the helpers of the sandbox for both architectures, ready to run', () => {
    for (const arch of ['x64', 'arm64']) {
      const mode = statSync(path.join(moved, 'vendor', 'seccomp', arch, 'apply-seccomp')).mode;
      expect(mode & 0o111, arch).toBe(0o111);
    }
  });

  test('names the licence of everything inside, with its text', () => {
    const notices = readFileSync(path.join(moved, 'licenses.txt'), 'utf8');
    for (const name of [
      '@actions/core',
      '@octokit/core',
      'zod',
      'yaml',
      'ai',
      '@anthropic-ai/sandbox-runtime',
      'undici',
    ]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'));
    }
    const unnamed = [...notices.matchAll(/^(.+) \(licence not named\)$/gm)].map((match) => match[1]);
    expect(unnamed, 'look at the package before it is shipped').toEqual(['buffers 0.1.1']);
  });

  test('holds no path of the machine that built it', () => {
    for (const file of globSync('*.{js,txt}', { cwd: moved })) {
      expect(readFileSync(path.join(moved, file), 'utf8').includes(ROOT), file).toBe(false);
    }
  });
});

describe('what every job downloads', () => {
  const archive = (format: string): Buffer =>
    execFileSync('git', ['archive', '--worktree-attributes', `--format=${format}`, 'HEAD'], {
      cwd: ROOT,
      maxBuffer: 64_000_000,
    });

  test('is small: the archive of the repository, without sources, tests and docs', () => {
    expect(archive('tar.gz').length).toBeLessThan(ARCHIVE_BYTES_MAX);
  });

  test('holds all that the action needs to run', () => {
    const names = execFileSync('tar', ['-t'], { input: archive('tar'), encoding: 'utf8' }).split('\n');
    expect(names).toEqual(
      expect.arrayContaining(['action.yml', 'LICENSE', 'dist/index.js', 'dist/package.json', 'dist/licenses.txt']),
    );
    expect(names.filter((name) => name.startsWith('prompts/')).length).toBeGreaterThan(1);
    expect(names.filter((name) => /^(?:src|test|docs|\.ci)\//.test(name))).toEqual([]);
  });
});
