// Owns the proof of how an engine's CLI comes to be: found at its pin, else installed from npm without scripts, else a reason.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { engineOf } from '../../src/agent/engines.ts';
import { installEngine } from '../../src/agent/install.ts';
import type { Installed } from '../../src/agent/ports.ts';
import { Fault } from '../../src/domain/fault.ts';

let root: string;
let bin: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'orch-install-'));
  bin = path.join(root, 'bin');
  mkdirSync(bin);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function script(file: string, ...lines: readonly string[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(file, 0o755);
}

/** An npm that writes down how it was called and lays the program where the real one would. */
function fakeNpm(...lines: readonly string[]): void {
  script(path.join(bin, 'npm'), `echo "$@" > ${root}/called`, `env > ${root}/env`, ...lines);
}

const LAY =
  'p="$3/node_modules/@anthropic-ai/claude-code-linux-x64"; /bin/mkdir -p "$p"; echo x > "$p/claude"; /bin/chmod 755 "$p/claude"';

function install(env: Readonly<Record<string, string>> = {}): Promise<Installed> {
  const PATH = `${bin}:/usr/bin:/bin`;
  return installEngine({
    engine: engineOf('claude'),
    version: '2.1.329',
    folder: path.join(root, 'engines'),
    env: { PATH, ...env },
    platform: 'linux',
    arch: 'x64',
  });
}

function program(version: string): void {
  script(path.join(root, 'real', 'claude-bin'), `echo "${version} (Claude Code)"`);
  symlinkSync(path.join(root, 'real', 'claude-bin'), path.join(bin, 'claude'));
}

it('the CLI on PATH is used when it is exactly the pinned one, at the place it really lies', async () => {
  program('2.1.329');
  const found = await install();
  expect(found).toMatchObject({
    executable: path.join(root, 'real', 'claude-bin'),
    version: '2.1.329',
    read_paths: [path.join(root, 'real')],
  });
});

it.each(['2.1.3290', '2.1.32', '3.0.0'])(
  'another version on PATH (%s) is not: the pinned one is installed',
  async (version) => {
    program(version);
    fakeNpm(LAY);
    const { executable } = await install();
    expect(executable).toBe(
      path.join(root, 'engines/claude-2.1.329/node_modules/@anthropic-ai/claude-code-linux-x64/claude'),
    );
  },
);

it('npm runs no install scripts and gets no token', async () => {
  fakeNpm(LAY);
  await install({
    INPUT_TOKEN: 'ghs_secret',
    GITHUB_TOKEN: 'ghs_secret',
    ACTIONS_RUNTIME_TOKEN: 'secret',
    npm_config_registry: 'http://registry.test',
  });
  const called = readFileSync(path.join(root, 'called'), 'utf8');
  expect(called).toContain('--ignore-scripts');
  expect(called).toContain('@anthropic-ai/claude-code@2.1.329');
  const env = readFileSync(path.join(root, 'env'), 'utf8');
  expect(env).toContain('npm_config_registry=http://registry.test');
  expect(env).not.toContain('secret');
});

it('a second attempt on the same runner finds what the first installed', async () => {
  fakeNpm(LAY);
  await install();
  rmSync(path.join(bin, 'npm'));
  expect((await install()).how).toContain('found');
});

it('an install that fails is tried again later, and leaves nothing half', async () => {
  fakeNpm('echo "npm error 503 registry" >&2', 'exit 1');
  await expect(install()).rejects.toSatisfy(
    (error) => error instanceof Fault && error.consequence === 'retry' && error.reason.includes('503'),
  );
  expect(existsSync(path.join(root, 'engines/claude-2.1.329'))).toBe(false);
});

it('without npm and without the CLI, a person is told', async () => {
  const lonely = installEngine({
    engine: engineOf('claude'),
    version: '2.1.329',
    folder: root,
    env: { PATH: bin },
    platform: 'linux',
    arch: 'x64',
  });
  await expect(lonely).rejects.toThrow(/npm is missing/);
});

it('where the vendor ships no program, a person is told', async () => {
  const elsewhere = installEngine({
    engine: engineOf('codex'),
    version: '0.169.0',
    folder: root,
    env: { PATH: bin },
    platform: 'win32',
    arch: 'x64',
  });
  await expect(elsewhere).rejects.toThrow(/offers no program for win32/);
});
