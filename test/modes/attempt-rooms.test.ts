// Owns the proof that a sandboxed attempt works, and what its engine can and cannot reach.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentEnv } from '../../src/agent/environment.ts';
import { findProgram } from '../../src/agent/install.ts';
import type { AttemptPorts } from '../../src/agent/ports.ts';
import type { Brief } from '../../src/domain/brief.ts';
import { openRoom, prepareRooms } from '../../src/modes/attempt-rooms.ts';
import { done, SCRIPT_FOLDER } from '../agent/attempt/scripted-engine.ts';
import type { Step } from '../agent/attempt/scripted-engine.ts';
import { TOKEN } from '../agent/attempt/git-server.ts';
import { KEY, openWorld, played } from '../agent/attempt/world.ts';
import type { Outcome, World } from '../agent/attempt/world.ts';

const SOURCES = path.join(import.meta.dirname, '../../src');

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world.close();
});

const hello: Step = { do: 'write', path: 'hello.txt', text: 'hello\n' };

/** Rooms as mode attempt opens them; `temp` is this world's folder, as RUNNER_TEMP is the job's. */
function sandboxed(env: Readonly<Record<string, string | undefined>> = process.env): Partial<AttemptPorts> {
  const log = {
    info: (line: string) => world.log.push(line),
    warning: (line: string) => world.log.push(line),
    error: (line: string) => world.log.push(line),
  };
  const places = { env, log, bundle_dir: SOURCES, temp: world.root };
  return {
    prepareRooms: (brief) => prepareRooms({ ...places, write_paths: [], read_paths: [] }, brief),
    openRoom: (brief, rules) => {
      const place = newestPlace();
      const write_paths = [path.join(place, 'work'), path.join(place, 'home')];
      const read_paths = [path.join(place, 'git', 'objects'), path.dirname(process.execPath), SCRIPT_FOLDER];
      return openRoom({ ...places, write_paths, read_paths }, brief, rules);
    },
  };
}

function newestPlace(): string {
  const places = readdirSync(world.root).filter((name) => name.startsWith('attempt-'));
  return path.join(world.root, places.sort(byNumber).at(-1) ?? '');
}

function byNumber(a: string, b: string): number {
  return Number(a.split('-')[1]) - Number(b.split('-')[1]);
}

function attempt(
  brief: Brief,
  key: string | null = null,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Outcome> {
  return world.attempt({ brief: { ...brief, sandbox: 'on' }, ports: sandboxed(env), key });
}

/** An engine that is one Node program. */
function program(code: string): Brief {
  const word = `console.log(JSON.stringify({ type: 'orch.result', outcome: 'success' }));`;
  return {
    ...world.brief(),
    engine: { ...world.brief().engine, command: [process.execPath, '-e', `${code}\n;${word}`] },
  };
}

describe('inside the sandbox', () => {
  it('an attempt works as it does outside, proof and feedback included', async () => {
    const check = [process.execPath, '-e', `process.exit(require('fs').existsSync('b.txt') ? 0 : 1)`];
    const brief = {
      ...played(world, [hello, done], [{ do: 'write', path: 'b.txt', text: 'b\n' }, done]),
      verify: [check],
      setup: [['git', 'status', '--short']],
    };
    const { result, files } = await attempt(brief);
    expect(result).toMatchObject({ outcome: 'delivered', isolated: true, proof_rounds: 2 });
    expect(Object.keys(files ?? {}).sort()).toEqual(['.gitignore', 'README.md', 'b.txt', 'hello.txt', 'src/app.js']);
  });

  it('[ISO-01] [ISO-06] the engine has a git of its own: it sees its changes, and its commits stay there', async () => {
    const git = `const run = (...a) => require('child_process').execFileSync('git', a, { encoding: 'utf8' });
      require('fs').writeFileSync('new.txt', 'x');
      const seen = run('status', '--short', '--branch') + run('log', '--oneline');
      run('add', '-A'); run('commit', '-q', '-m', 'mine');
      require('fs').writeFileSync('seen.txt', seen);`;
    const { result, files } = await attempt(program(git));
    expect(files?.['seen.txt']).toMatch(/^## orch\/12-say-hello\n\?\? new\.txt\n[0-9a-f]{7,} files$/);
    expect(world.server.git(['rev-parse', `${result?.bundle_head}^`])).toBe(world.base);
  });

  it("[ISO-05] [ISO-07] it writes in its folder and its HOME only, and reads no secret of the job's", async () => {
    writeFileSync(path.join(world.root, 'git-credentials-1.config'), TOKEN);
    // Not below /tmp, which is hidden anyway: where a job's own checkout lies on a hosted runner.
    const main = mkdtempSync('/var/tmp/orch-main-');
    mkdirSync(path.join(main, '.git'));
    writeFileSync(path.join(main, '.git', 'config'), TOKEN);
    writeFileSync(path.join(main, 'README.md'), 'main\n');
    const probe = `const fs = require('fs');
      const tries = {
        write_outside: () => fs.writeFileSync('/var/tmp/orch-probe', 'x'),
        write_our_git: () => fs.writeFileSync(process.cwd() + '/../git/config', 'pwned'),
        write_our_objects: () => fs.writeFileSync(process.cwd() + '/../git/objects/pwned', 'x'),
        read_temp: () => fs.readFileSync('${world.root}/git-credentials-1.config', 'utf8'),
        read_journal: () => fs.readdirSync('${world.root}/server'),
        read_main: () => fs.readFileSync('${main}/README.md'),
        write_main: () => fs.writeFileSync('${main}/README.md', 'pwned'),
        read_main_git: () => fs.readFileSync('${main}/.git/config'),
        write_work: () => fs.writeFileSync('src/app.js', 'mine'),
        write_home: () => fs.writeFileSync(process.env.HOME + '/cache', 'x'),
      };
      const got = Object.fromEntries(Object.entries(tries).map(([name, act]) => { try { act(); return [name, 'did']; } catch (error) { return [name, error.code]; } }));
      const environs = fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map((pid) => { try { return fs.readFileSync('/proc/' + pid + '/environ', 'utf8'); } catch { return ''; } });
      fs.writeFileSync('got.json', JSON.stringify({ ...got, env: process.env, environs }));`;
    const { files } = await attempt(program(probe), KEY, { ...process.env, GITHUB_WORKSPACE: main });
    rmSync(main, { recursive: true });
    const got = JSON.parse(files?.['got.json'] ?? '{}') as Record<string, unknown>;
    expect(got).toMatchObject({ write_home: 'did', write_work: 'did', read_main: 'did', write_main: 'EROFS' });
    expect(['ENOENT', 'EACCES']).toContain(got['read_main_git']);
    expect(['EROFS', 'ENOENT', 'EACCES']).toContain(got['write_outside']);
    expect(got['write_our_objects']).toBe('EROFS');
    // What lies there inside is a private folder that merely has the name.
    expect(readFileSync(path.join(newestPlace(), 'git', 'config'), 'utf8')).not.toContain('pwned');
    expect(['ENOENT', 'EACCES']).toContain(got['read_temp']);
    expect(['ENOENT', 'EACCES']).toContain(got['read_journal']);
    expect(JSON.stringify(got)).not.toContain(TOKEN);
    expect(JSON.stringify(got)).not.toContain(KEY);
  });

  it('the time limit ends everything it started, detached or not', async () => {
    const steps: Step[] = [
      { do: 'ignore_interrupt' },
      { do: 'orphan', ms: 60_000 },
      hello,
      { do: 'sleep', ms: 60_000 },
    ];
    const { result, files } = await attempt({ ...played(world, steps), timeout_minutes: 0.015 });
    expect(result?.outcome).toBe('timeout');
    expect(files).toHaveProperty('hello.txt');
  });

  it('a model on this machine is reached under its name inside, with the key put in on the way', async () => {
    const asked: string[] = [];
    const model = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers['x-key']}`);
      response.end('{"answer":"hello from the model"}');
    });
    await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
    const base_url = `http://127.0.0.1:${(model.address() as AddressInfo).port}`;
    const ask = `const fs = require('fs');
      (async () => {
        // Not fetch: Node's tunnels plain HTTP, where nobody can put the key in.
        const answer = await new Promise((resolve) => require('http').get(process.env.ORCH_MODEL_URL + '/v1', { headers: { 'x-key': process.env.ORCH_ENGINE_KEY } }, (reply) => { let text = ''; reply.on('data', (chunk) => (text += chunk)); reply.on('end', () => resolve(text)); }));
        const other = await fetch('http://example.invalid/').then((r) => r.status, (e) => 'refused');
        fs.writeFileSync('answer.json', JSON.stringify({ answer, other, key: process.env.ORCH_ENGINE_KEY }));
        console.log(JSON.stringify({ type: 'orch.result', outcome: 'success' }));
      })()`;
    const brief = {
      ...world.brief(),
      engine: { ...world.brief().engine, base_url, command: [process.execPath, '-e', ask] },
    };
    const { files } = await attempt(brief, KEY);
    model.close();
    const got = JSON.parse(files?.['answer.json'] ?? '{}') as Record<string, unknown>;
    expect(got).toMatchObject({ answer: '{"answer":"hello from the model"}' });
    expect(got['other']).not.toBe(200);
    expect(got['key']).not.toBe(KEY);
    expect(asked).toEqual([`/v1 ${KEY}`]);
  });
});

describe('where the sandbox cannot start', () => {
  /** As on a runner that has git and no bubblewrap. */
  async function withoutBubblewrap<Value>(act: (folder: string, PATH: string) => Promise<Value>): Promise<Value> {
    const { PATH = '' } = process.env;
    // Not below /tmp, which is hidden inside: what it holds starts the sandbox.
    const folder = mkdtempSync('/var/tmp/orch-bin-');
    symlinkSync(findProgram('git', PATH) ?? '', path.join(folder, 'git'));
    process.env['PATH'] = folder;
    try {
      return await act(folder, PATH);
    } finally {
      process.env['PATH'] = PATH;
      rmSync(folder, { recursive: true });
    }
  }

  it('a person is told what to install, and nothing runs', async () => {
    const before = world.started.length;
    const { result } = await withoutBubblewrap(() => attempt(played(world, [hello, done])));
    expect(result).toMatchObject({ outcome: 'infra', engine_started: false });
    expect(result?.detail).toContain('apt-get install -y bubblewrap');
    expect(world.started.length).toBe(before);
  });

  /** Installs, as apt would, by putting what this machine has into the folder that is on PATH. */
  function layOutSudo(folder: string, PATH: string): void {
    const links = ['bwrap', 'socat', 'rg', 'sh', 'bash', 'env', 'which'].map(
      (name) => `/bin/ln -s '${findProgram(name, PATH) ?? ''}' '${folder}/${name}'`,
    );
    writeFileSync(path.join(folder, 'sudo'), `#!/bin/sh\n${links.join(' && ')}\n`, { mode: 0o755 });
  }

  it("a runner of GitHub's gets what is missing before the engine starts", async () => {
    const { result } = await withoutBubblewrap((folder, PATH) => {
      layOutSudo(folder, PATH);
      const brief: Brief = { ...played(world, [hello, done]), sandbox: 'on' };
      const rooms = sandboxed({ ...process.env, RUNNER_ENVIRONMENT: 'github-hosted' });
      // The engine's own programs are where they always are.
      const ports: Partial<AttemptPorts> = { ...rooms, agentEnv: (about) => agentEnv({ ...process.env, PATH }, about) };
      return world.attempt({ brief, ports });
    });
    expect(result).toMatchObject({ outcome: 'delivered', isolated: true });
  });

  it("a runner of the user's own is left as it is, sudo or not: they are told the command", async () => {
    const { result, changed } = await withoutBubblewrap(async (folder, PATH) => {
      layOutSudo(folder, PATH);
      const env = { ...process.env, RUNNER_ENVIRONMENT: 'self-hosted' };
      const ended = await attempt(played(world, [hello, done]), null, env);
      return { ...ended, changed: findProgram('bwrap', folder) };
    });
    expect(result).toMatchObject({ outcome: 'infra', engine_started: false });
    expect(result?.detail).toContain('sudo apt-get install -y bubblewrap socat ripgrep');
    expect(changed).toBeNull();
  });

  it('only the scripted engine of the demo may go on without, and the first line says so', async () => {
    const flagged = { ...process.env, ORCH_DEMO_UNSANDBOXED: 'true' };
    const brief: Brief = { ...played(world, [hello, done]), sandbox: 'on' };
    const from = world.log.length;
    const without = await withoutBubblewrap(() => world.attempt({ brief, ports: sandboxed(flagged) }));
    expect(without.result).toMatchObject({ outcome: 'delivered', isolated: false });
    expect(world.log.slice(from).find((line) => line.includes('Not isolated'))).toContain('apt-get install');
    const beside = await world.attempt({ brief, ports: sandboxed(flagged) });
    expect(beside.result).toMatchObject({ outcome: 'delivered', isolated: true });
  });

  it('`sandbox: off` runs without one, and says so', async () => {
    const from = world.log.length;
    const { result } = await world.attempt({
      brief: { ...played(world, [hello, done]), sandbox: 'off' },
      ports: sandboxed(),
    });
    expect(result).toMatchObject({ outcome: 'delivered', isolated: false });
    expect(world.log.slice(from).join('\n')).toContain('Not isolated');
  });
});
