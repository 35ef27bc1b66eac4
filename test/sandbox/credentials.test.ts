// Proves that the real key reaches the model and no process inside.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSandbox, openUnsandboxed } from '../../src/sandbox/sandbox.ts';
import type { Sandbox, SandboxRules } from '../../src/sandbox/rules.ts';
import {
  get,
  listen,
  makeWorld,
  node,
  requireSandbox,
  run,
  serve,
  start,
  type LocalServer,
  type World,
} from './world.ts';

beforeAll(requireSandbox);

const KEY = 'sk-real-0123456789abcdef';
const KEY_HEADER = '{ "x-api-key": process.env.MODEL_KEY }';
const ask = (url: string): readonly string[] => get(url, KEY_HEADER);
const FETCH = `
  const reply = await fetch(process.argv[1], { method: "POST", headers: ${KEY_HEADER}, body: "{}" });
  console.log(reply.status, await reply.text());`;
/** Everything a process inside can learn about any other: environments, command lines, memory of its own. */
const SCAN = `
  import { readdirSync, readFileSync } from "node:fs";
  for (const pid of readdirSync("/proc").filter((n) => /^\\d+$/.test(n)))
    for (const name of ["environ", "cmdline"]) try { console.log(pid, readFileSync("/proc/" + pid + "/" + name, "latin1")) } catch {}`;

/** Not in the types of the pinned @types/node yet: https://nodejs.org/api/tls.html#tlssetdefaultcacertificatescerts */
const setAuthorities = (tls as unknown as { setDefaultCACertificates(certificates: readonly string[]): void })
  .setDefaultCACertificates;

let world: World;
let model: LocalServer;
let keys: string[];
beforeEach(async () => {
  world = makeWorld();
  keys = [];
  model = await serve((request, answer) => {
    keys.push(String(request.headers['x-api-key']));
    request.resume().once('end', () => answer.end('answer'));
  });
});
afterEach(async () => {
  await model.close();
  world.remove();
});

const masked = (hosts: readonly string[]): SandboxRules['masked_credentials'] => [
  { env: 'MODEL_KEY', value: KEY, hosts },
];

const within = async <T>(rules: SandboxRules, use: (sandbox: Sandbox) => Promise<T>): Promise<T> => {
  const sandbox = await openSandbox(rules);
  try {
    return await use(sandbox);
  } finally {
    await sandbox.close();
  }
};

describe('a model on loopback', () => {
  const local = (): SandboxRules => ({
    ...world.rules,
    loopback_names: [{ name: 'model.test', port: model.port }],
    masked_credentials: masked(['model.test']),
    plaintext_to_loopback: true,
  });

  test('[SEC-09] receives the real key while the program inside sees a stand-in, in /proc too', async () => {
    await within(local(), async (sandbox) => {
      const url = sandbox.urlInside(`http://127.0.0.1:${model.port}/v1`);
      const asked = await run(sandbox, world, ask(url));
      const scanned = await run(sandbox, world, node(SCAN));
      expect(url).toBe(`http://model.test:${model.port}/v1`);
      expect(asked.out).toContain('200 answer');
      expect(keys).toEqual([KEY]);
      expect(scanned.out).toContain('MODEL_KEY=fake_value_');
      expect(asked.out + scanned.out).not.toContain(KEY);
    });
  });

  test('the stand-in sent to another allowed host stays a stand-in', async () => {
    const other = await serve((request, answer) => void answer.end(String(request.headers['x-api-key'])));
    const rules = local();
    const both = { ...rules, loopback_names: [...rules.loopback_names, { name: 'other.test', port: other.port }] };
    const { out } = await within(both, (sandbox) => run(sandbox, world, ask(`http://other.test:${other.port}/`)));
    await other.close();
    expect(out).toContain('200 fake_value_');
    expect(out).not.toContain(KEY);
  });

  test('an answer streams through as it is written', async () => {
    await model.close();
    let finish = (): void => undefined;
    model = await serve((_request, answer) => {
      answer.write('one\n');
      finish = () => void answer.end('two\n');
    });
    await within(local(), async (sandbox) => {
      const engine = await start(sandbox, world, { argv: ask(`http://model.test:${model.port}/`) });
      await engine.said('one');
      finish();
      await engine.end;
      expect(engine.out()).toContain('one\ntwo\n');
    });
  });

  test("a client that tunnels plain HTTP, as Node's fetch does, reaches the model with the stand-in", async () => {
    const { out } = await within(local(), (sandbox) =>
      run(sandbox, world, node(FETCH, `http://model.test:${model.port}/`)),
    );
    expect(out).toContain('200 answer');
    expect(keys).toEqual([expect.stringMatching(/^fake_value_/)]);
  });

  test('a model that is not there is an error inside, not a hang', async () => {
    await model.close();
    const { out } = await within(local(), (sandbox) => run(sandbox, world, ask(`http://model.test:${model.port}/`)));
    expect(out).toContain('502');
  });

  test('a program handed the real key by mistake is not started', async () => {
    await within(local(), async (sandbox) => {
      await expect(run(sandbox, world, ['echo', KEY])).rejects.toThrow(/real value of MODEL_KEY/);
      await expect(run(sandbox, world, ['cat'], { stdin: `x${KEY}x` })).rejects.toThrow(/real value of MODEL_KEY/);
      await expect(run(sandbox, world, ['env'], { env: { HOME: world.home, OTHER: KEY } })).rejects.toThrow(
        /real value of MODEL_KEY/,
      );
    });
  });

  test('without the flag for plain HTTP the stand-in leaves unchanged', async () => {
    const rules = { ...local(), plaintext_to_loopback: false };
    await within(rules, (sandbox) => run(sandbox, world, ask(`http://model.test:${model.port}/`)));
    expect(keys).toEqual([expect.stringMatching(/^fake_value_/)]);
  });

  test('the flag is refused for a host beyond this machine', async () => {
    const rules = { ...local(), masked_credentials: masked(['api.example.com']) };
    await expect(openSandbox(rules)).rejects.toThrow(/api\.example\.com would leave this machine over plain HTTP/);
  });
});

describe('a model over TLS', () => {
  let server: LocalServer;
  let authorities: string[];
  beforeAll(() => {
    authorities = tls.getCACertificates('default');
  });
  afterAll(() => setAuthorities(authorities));
  afterEach(() => server.close());

  test('[SEC-09] receives the real key on a connection the proxy verified', async () => {
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(world.root, name)) as [string, string];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    setAuthorities([...authorities, readFileSync(cert, 'utf8')]);
    server = await listen(
      createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, answer) => {
        keys.push(String(request.headers['x-api-key']));
        request.resume().once('end', () => answer.end('sealed answer'));
      }),
    );
    const rules = {
      ...world.rules,
      allowed_hosts: [`127.0.0.1:${server.port}`],
      masked_credentials: masked(['127.0.0.1']),
    };
    const { out } = await within(rules, (sandbox) =>
      run(sandbox, world, ['env', 'NO_PROXY=', 'no_proxy=', ...node(FETCH, `https://127.0.0.1:${server.port}/v1`)]),
    );
    expect(out).toContain('200 sealed answer');
    expect(keys).toEqual([KEY]);
  });
});

describe('without isolation', () => {
  test('says so, hands over the real key and leaves the URL alone', async () => {
    const sandbox = openUnsandboxed({
      ...world.rules,
      masked_credentials: masked(['model.test']),
      loopback_names: [{ name: 'model.test', port: model.port }],
    });
    const url = sandbox.urlInside(`http://127.0.0.1:${model.port}/`);
    const { out } = await run(sandbox, world, ask(url));
    const runner = await run(sandbox, world, ['env'], {
      env: { PATH: process.env.PATH ?? '', HOME: world.home, GITHUB_TOKEN: 'a' },
    });
    await sandbox.close();
    expect(sandbox.isolated).toBe(false);
    expect(out).toContain('200 answer');
    expect(keys).toEqual([KEY]);
    expect(runner.out).not.toContain('GITHUB_TOKEN');
  });
});
