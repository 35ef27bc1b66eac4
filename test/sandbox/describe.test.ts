// Proves that a machine without a sandbox is told what to type, and never goes on half protected.
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeSandbox } from '../../src/sandbox/describe.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { HELPER, makeWorld, node, requireSandbox, run, type World } from './world.ts';

beforeAll(requireSandbox);

let world: World;
beforeEach(() => {
  world = makeWorld();
});
afterEach(() => world.remove());

/** A PATH that holds only these programs; `exit` is what a stand-in answers. */
function machine(programs: Readonly<Record<string, number>>): string {
  const folder = path.join(world.root, 'bin');
  mkdirSync(folder);
  for (const [program, exit] of Object.entries(programs)) {
    writeFileSync(
      path.join(folder, program),
      `#!/bin/sh\necho no permissions to create new namespace >&2\nexit ${exit}\n`,
      { mode: 0o755 },
    );
  }
  return folder;
}

describe('a machine that cannot isolate', () => {
  test('without any program: one command installs all three', async () => {
    expect(await describeSandbox({ seccomp_helper_path: HELPER, search_path: machine({}) })).toEqual({
      available: false,
      missing: ['bwrap', 'socat', 'rg'],
      remedy: 'sudo apt-get install -y bubblewrap socat ripgrep',
      repair: ['apt-get', 'install', '-y', 'bubblewrap', 'socat', 'ripgrep'],
    });
  });

  test('with only some: the command names the rest', async () => {
    const state = await describeSandbox({ seccomp_helper_path: HELPER, search_path: machine({ bwrap: 0, socat: 0 }) });
    expect(state).toMatchObject({ missing: ['rg'], remedy: 'sudo apt-get install -y ripgrep' });
  });

  test('Ubuntu’s AppArmor switch is named with its remedy', async () => {
    mkdirSync(path.join(world.root, 'sys/kernel'), { recursive: true });
    writeFileSync(path.join(world.root, 'sys/kernel/apparmor_restrict_unprivileged_userns'), '1\n');
    const host = {
      seccomp_helper_path: HELPER,
      search_path: machine({ bwrap: 1, socat: 0, rg: 0 }),
      sysctl_path: path.join(world.root, 'sys'),
    };
    expect(await describeSandbox(host)).toEqual({
      available: false,
      missing: ['user namespaces (no permissions to create new namespace)'],
      remedy: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
      repair: ['sysctl', '-w', 'kernel.apparmor_restrict_unprivileged_userns=0'],
    });
  });

  test('a container without user namespaces is told to allow them', async () => {
    const host = {
      seccomp_helper_path: HELPER,
      search_path: machine({ bwrap: 1, socat: 0, rg: 0 }),
      sysctl_path: world.root,
    };
    expect(await describeSandbox(host)).toMatchObject({
      available: false,
      remedy: expect.stringContaining('user namespaces'),
    });
  });

  test('another system than Linux is named', async () => {
    expect(await describeSandbox({ seccomp_helper_path: HELPER, platform: 'darwin' })).toMatchObject({
      missing: ['Linux'],
    });
  });
});

describe('the seccomp helper', () => {
  test('missing or not executable: nothing starts', async () => {
    const lost = path.join(world.root, 'apply-seccomp');
    expect(await describeSandbox({ seccomp_helper_path: lost })).toMatchObject({
      available: false,
      missing: ['apply-seccomp'],
    });
    await expect(openSandbox({ ...world.rules, seccomp_helper_path: lost })).rejects.toThrow(/missing: apply-seccomp/);
    copyFileSync(HELPER, lost);
    chmodSync(lost, 0o444);
    expect(await describeSandbox({ seccomp_helper_path: lost })).toMatchObject({ available: false });
  });

  test('moved elsewhere, into a folder hidden inside, it still refuses Unix sockets', async () => {
    const moved = path.join(world.root, 'action');
    mkdirSync(moved);
    copyFileSync(HELPER, path.join(moved, 'apply-seccomp'));
    const sandbox = await openSandbox({
      ...world.rules,
      seccomp_helper_path: path.join(moved, 'apply-seccomp'),
      read_deny_paths: [moved],
    });
    const code =
      'import { createServer } from "node:net"; createServer().on("error", (e) => console.log(e.code)).listen(process.argv[1], () => console.log("open"))';
    const { out } = await run(sandbox, world, node(code, path.join(world.worktree, 's')));
    const seen = await run(sandbox, world, ['ls', moved]);
    await sandbox.close();
    expect(out.trim()).toBe('EPERM');
    expect(seen.out).not.toContain('apply-seccomp');
  });
});

test('a link planted at a writable path opens nothing behind it', async () => {
  symlinkSync(world.secret, path.join(world.worktree, 'link'));
  const sandbox = await openSandbox(world.rules);
  const { out } = await run(sandbox, world, ['sh', '-c', 'cat link; echo x > link']);
  await sandbox.close();
  expect(out).not.toContain('not for agents');
  rmSync(path.join(world.worktree, 'link'));
});
