// Proves what a program inside cannot do, and what it still can, against the real bubblewrap.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Sandbox, SandboxRules } from '../../src/sandbox/rules.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { get, makeWorld, node, requireSandbox, run, serve, type LocalServer, type World } from './world.ts';

beforeAll(requireSandbox);

describe('one sandbox', () => {
  let world: World;
  let sandbox: Sandbox;
  beforeAll(async () => {
    world = makeWorld();
    sandbox = await openSandbox(world.rules);
  });
  afterAll(async () => {
    await sandbox.close();
    world.remove();
  });

  test('says that it isolates', () => {
    expect(sandbox.isolated).toBe(true);
  });

  test('[ISO-05] writes in the worktree reach the disk; writes beside it are refused', async () => {
    const { out } = await run(sandbox, world, [
      'sh',
      '-c',
      'echo mine > file; echo yours > ../beside; echo yours > /etc/beside; echo over',
    ]);
    expect(readFileSync(path.join(world.worktree, 'file'), 'utf8')).toBe('mine\n');
    expect(existsSync(path.join(world.root, 'beside'))).toBe(false);
    expect(existsSync('/etc/beside')).toBe(false);
    expect(out).toMatch(/Read-only file system|nonexistent directory/);
    expect(out).toContain('over');
  });

  test('[SEC-08] a denied file cannot be read, its neighbour can', async () => {
    writeFileSync(path.join(world.root, 'public'), 'for all\n');
    const { out } = await run(sandbox, world, ['sh', '-c', 'cat ../public ../secret']);
    expect(out).toContain('for all');
    expect(out).not.toContain('not for agents');
  });

  test('/tmp is private: nothing of the machine is seen there, nothing is left there', async () => {
    const theirs = mkdtempSync('/tmp/orch-theirs-');
    const mine = `orch-mine-${process.pid}`;
    const { out } = await run(sandbox, world, [
      'sh',
      '-c',
      `mkdir /tmp/claude; echo here > /tmp/${mine} && cat /tmp/${mine}; ls /tmp`,
    ]);
    rmdirSync(theirs);
    expect(out).toContain('here');
    expect(out).not.toContain(path.basename(theirs));
    expect(existsSync(path.join('/tmp', mine))).toBe(false);
  });

  test('temporary files go to a folder of the sandbox, gone after close', async () => {
    const { out } = await run(sandbox, world, ['sh', '-c', 'echo x > "$TMPDIR/x" && echo "$TMPDIR"']);
    expect(out).toContain(path.join(tmpdir(), 'orch-sandbox-'));
  });

  test('Unix sockets are refused', async () => {
    const code =
      'import { createServer } from "node:net"; createServer().on("error", (e) => console.log(e.code)).listen(process.argv[1], () => console.log("open"))';
    const { out } = await run(sandbox, world, node(code, path.join(world.worktree, 's')));
    expect(out.trim()).toBe('EPERM');
  });

  test('no program gains rights by being setuid, sudo included', async () => {
    const { out } = await run(sandbox, world, ['grep', 'NoNewPrivs', '/proc/self/status']);
    expect(out).toMatch(/1$/m);
  });

  test('no process of the machine is seen, and none of ours can be addressed', async () => {
    const { out } = await run(sandbox, world, [
      'sh',
      '-c',
      `kill -0 ${process.pid}; cat /proc/*/cmdline | tr '\\0' ' '`,
    ]);
    expect(out).toMatch(/No such process/);
    expect(out).not.toContain('vitest');
  });

  test('it cannot make namespaces of its own to undo the mounts', async () => {
    const { out, code } = await run(sandbox, world, ['unshare', '-rm', 'true']);
    expect(code).not.toBe(0);
    expect(out).toContain('Operation not permitted');
  });

  test("nothing of this machine's loopback is reachable, under any spelling", async () => {
    const server = await serve((_request, answer) => void answer.end('reached'));
    const direct = await run(sandbox, world, get(`http://127.0.0.1:${server.port}/`));
    const proxied = await run(sandbox, world, [
      'env',
      'NO_PROXY=',
      'no_proxy=',
      ...get(`http://127.0.0.1:${server.port}/`),
    ]);
    await server.close();
    expect(direct.out).toContain('failed');
    expect(proxied.out).toContain('403');
    expect(direct.out + proxied.out).not.toContain('reached');
  });

  test('a host nobody allowed is refused and the refusal recorded', async () => {
    const { out } = await run(sandbox, world, get('http://evil.example/'));
    expect(out).toContain('403');
    expect(sandbox.violations().join('\n')).toContain('evil.example:80');
  });

  test("the runner's variables do not pass, and it is told", async () => {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: world.home,
      GITHUB_TOKEN: 'a',
      ACTIONS_RUNTIME_TOKEN: 'b',
      INPUT_KEY: 'c',
      KEPT: 'd',
    };
    const { out } = await run(sandbox, world, ['env'], { env });
    expect(out).toContain('KEPT=d');
    expect(out).not.toMatch(/GITHUB_|ACTIONS_|INPUT_/);
    expect(sandbox.violations()).toEqual(
      expect.arrayContaining([
        'withheld variable GITHUB_TOKEN',
        'withheld variable ACTIONS_RUNTIME_TOKEN',
        'withheld variable INPUT_KEY',
      ]),
    );
  });

  test('nothing of our own environment is inherited', async () => {
    process.env.ORCH_TEST_OWN = 'ours';
    const { out } = await run(sandbox, world, ['env']);
    delete process.env.ORCH_TEST_OWN;
    expect(out).not.toContain('ORCH_TEST_OWN');
  });

  test('HOME is the one given, or an empty one of the sandbox, never one it cannot write', async () => {
    const given = await run(sandbox, world, ['sh', '-c', 'echo "$HOME" && touch "$HOME/x"']);
    const none = await run(sandbox, world, ['sh', '-c', 'ls -A "$HOME" && touch "$HOME/x" && echo "$HOME"'], {
      env: { PATH: process.env.PATH ?? '' },
    });
    expect(given).toEqual({ code: 0, out: `${world.home}\n` });
    expect(none.code).toBe(0);
    expect(none.out).toContain('orch-sandbox-');
    await expect(run(sandbox, world, ['true'], { env: { HOME: '/root' } })).rejects.toThrow(
      /not below a writable path/,
    );
  });

  test('arguments, input and exit code pass unharmed', async () => {
    const nasty = ['', '-n', "it's", '"$(id)"', '`id`', 'a\nb', '\\', '*', '~', 'ünï ☃', '$HOME', '!x', '='];
    const code =
      'process.stdin.setEncoding("utf8"); let s = ""; for await (const c of process.stdin) s += c; console.log(JSON.stringify([process.argv.slice(1), s])); process.exit(7)';
    const { out, code: exit } = await run(sandbox, world, node(code, '--', ...nasty), { stdin: 'in put\n' });
    expect(JSON.parse(out)).toEqual([nasty, 'in put\n']);
    expect(exit).toBe(7);
  });

  test('a prompt of 100 kB full of apostrophes is no trouble', async () => {
    const prompt = "don't ".repeat(17_000);
    const { out } = await run(sandbox, world, node('console.log(process.argv[1].length)', prompt));
    expect(out.trim()).toBe(String(prompt.length));
  });

  test('a program that is not there fails, it does not hang', async () => {
    const { code, out } = await run(sandbox, world, ['no-such-program'], { env: { PATH: '/usr/bin:/bin' } });
    expect(code).toBe(127);
    expect(out).toContain('not found');
  });
});

describe('sandboxes in sequence', () => {
  let world: World;
  let server: LocalServer;
  beforeEach(async () => {
    world = makeWorld();
    server = await serve((_request, answer) => void answer.end('hello'));
  });
  afterEach(async () => {
    await server.close();
    world.remove();
  });

  const within = async <T>(rules: SandboxRules, use: (sandbox: Sandbox) => Promise<T>): Promise<T> => {
    const sandbox = await openSandbox(rules);
    try {
      return await use(sandbox);
    } finally {
      await sandbox.close();
    }
  };

  test('each has its own egress, and nothing of the first is left in the second', async () => {
    const named = (name: string): SandboxRules => ({ ...world.rules, loopback_names: [{ name, port: server.port }] });
    const ask = (sandbox: Sandbox, name: string) => run(sandbox, world, get(`http://${name}:${server.port}/`));
    const first = await within(
      named('setup.test'),
      async (s) => [await ask(s, 'setup.test'), await ask(s, 'engine.test'), s.violations()] as const,
    );
    const second = await within(
      named('engine.test'),
      async (s) => [await ask(s, 'setup.test'), await ask(s, 'engine.test'), s.violations()] as const,
    );
    expect(first[0].out).toContain('200 hello');
    expect(first[1].out).toContain('403');
    expect(second[0].out).toContain('403');
    expect(second[1].out).toContain('200 hello');
    expect(first[2].join()).toContain('engine.test');
    expect(second[2].join()).not.toContain('engine.test');
  });

  test('a second one beside an open one is refused, and possible after it', async () => {
    await within(world.rules, async () => {
      await expect(openSandbox(world.rules)).rejects.toThrow(/already open/);
    });
    await within(world.rules, async (sandbox) => expect((await run(sandbox, world, ['true'])).code).toBe(0));
  });

  test('the runtime leaves no signal handler, no file and no process', async () => {
    // A folder of its own, since other test files open sandboxes at the same time.
    vi.stubEnv('TMPDIR', world.home);
    const traces = (): readonly string[] => [...readdirSync(world.home), ...children()];
    const before = traces();
    const masked = {
      ...world.rules,
      allowed_hosts: ['api.example.com'],
      masked_credentials: [{ env: 'K', value: 'v'.repeat(20), hosts: ['api.example.com'] }],
    };
    const during = await within(masked, async (sandbox) => {
      await run(sandbox, world, ['true']);
      return traces();
    });
    expect(during.length).toBeGreaterThan(before.length);
    expect(traces().filter((name) => !before.includes(name))).toEqual([]);
    vi.unstubAllEnvs();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      expect(process.listeners(signal).filter((listener) => listener.toString().includes('registerCleanup'))).toEqual(
        [],
      );
    }
  });

  test('rules the runtime would read otherwise are refused by name', async () => {
    await expect(openSandbox({ ...world.rules, allowed_hosts: ['*.com'] })).rejects.toThrow(/allowedDomains/);
    await within(world.rules, async (sandbox) => expect((await run(sandbox, world, ['true'])).code).toBe(0));
  });
});

function children(): readonly string[] {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
}
