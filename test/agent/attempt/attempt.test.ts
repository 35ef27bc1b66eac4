// Owns the histories of attempts: what an engine does, and what is handed in for it.
import { readdirSync } from 'node:fs';
import { ENGINE_DEFAULTS } from '../../../src/domain/default-policy.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, scriptedCommand } from './scripted-engine.ts';
import type { Step } from './scripted-engine.ts';
import { TOKEN } from './git-server.ts';
import { KEY, openWorld, played } from './world.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world.close();
});

const hello: Step = { do: 'write', path: 'hello.txt', text: 'hello\n' };
const node = (code: string): readonly string[] => [process.execPath, '-e', code];

describe('a fresh attempt', () => {
  it('[AGT-10] what the engine leaves in its folder is handed in as one commit on the base', async () => {
    const { end, result, files } = await world.attempt({
      brief: played(world, [hello, { do: 'write', path: 'src/app.js', text: 'new\n' }, done]),
    });
    expect(end).toMatchObject({ kind: 'handed_in', outcome: 'delivered', engine_started: true, artifact: 77 });
    expect(files).toEqual({
      '.gitignore': 'node_modules/',
      'README.md': '# demo',
      'hello.txt': 'hello',
      'src/app.js': 'new',
    });
    expect(result).toMatchObject({
      outcome: 'delivered',
      exit_code: 0,
      title: 'feat: say hello',
      summary: 'Said hello.',
      task: '12',
      attempt: 1,
    });
    expect(world.server.git(['rev-parse', `${result?.bundle_head}^`])).toBe(world.base);
  });

  it('[PUR-08] the engine knows its task, works in a folder of its own, and holds no token', async () => {
    const brief = played(world, [{ do: 'confess', path: 'received.json' }, done]);
    const { files } = await world.attempt({ brief, key: KEY });
    const received = JSON.parse(files?.['received.json'] ?? '{}') as {
      cwd: string;
      env: Record<string, string>;
      prompt: string;
      files: string;
    };
    expect(received.prompt).toBe('Task 12, attempt 1: Say hello\n\nPlease say hello to `$(whoami)`.\n');
    expect(received.env).toMatchObject({ TASK_ID: '12', ATTEMPT: '1', BRANCH: 'orch/12-say-hello' });
    expect(received.cwd).toMatch(/\/attempt-\d+\/work$/);
    expect(received.env['HOME']).toMatch(/\/attempt-\d+\/home$/);
    expect(received.files).toBe('ref: refs/heads/orch/12-say-hello\n');
    expect(JSON.stringify(received)).not.toContain(TOKEN);
    expect(JSON.stringify(received)).not.toContain(KEY);
    expect(Object.keys(received.env).filter((name) => /^(?:GITHUB|ACTIONS|INPUT|npm)_/.test(name))).toEqual([]);
  });

  it('links stay links, modes stay modes, ignored files stay out', async () => {
    const steps: Step[] = [
      { do: 'link', path: 'passwd', target: '/etc/passwd' },
      { do: 'link', path: 'node_modules', target: '/tmp' },
      done,
    ];
    const { files } = await world.attempt({ brief: played(world, steps) });
    expect(files).toMatchObject({ passwd: '-> /etc/passwd' });
  });

  it('[GIT-22] a success nobody can see in git is none', async () => {
    const { result, files } = await world.attempt({ brief: played(world, [done]) });
    expect(result).toMatchObject({ outcome: 'no_evidence', engine_started: true, bundle_head: null });
    expect(files).toBeNull();
  });

  it('[GIT-22] "nothing needs to change" is believed with a reason and an unchanged folder', async () => {
    const said = (evidence: string): Step => ({ do: 'result', result: { outcome: 'no_change', evidence } });
    const reasoned = await world.attempt({ brief: played(world, [said('src/app.js already says hi')]) });
    expect(reasoned.result).toMatchObject({ outcome: 'no_change', detail: 'src/app.js already says hi' });
    const bare = await world.attempt({ brief: played(world, [said('')]) });
    expect(bare.result?.outcome).toBe('no_evidence');
    const contradicted = await world.attempt({ brief: played(world, [hello, said('all is well')]) });
    expect(contradicted.result?.outcome).toBe('no_evidence');
  });
});

describe('a command of a scheduled job [JOB-08]', () => {
  const runs = (code: string) =>
    world.attempt({
      brief: world.brief({ plain: true, engine: { ...ENGINE_DEFAULTS.custom, command: node(code) } }),
    });

  it('that ends well hands in what it changed, and says nothing in particular', async () => {
    const { result, files } = await runs('require("fs").writeFileSync("report.md", "ok\\n"); console.log("{}")');
    expect(result).toMatchObject({ outcome: 'delivered', engine_started: true, exit_code: 0 });
    expect(files).toHaveProperty('report.md', 'ok');
  });

  it('that changes nothing has done its work all the same', async () => {
    const { result } = await runs('console.log("all is well")');
    expect(result).toMatchObject({ outcome: 'no_change', detail: 'the command ran, and no file has changed' });
  });

  it('that fails tells its exit code and its last words', async () => {
    const { result } = await runs('console.error("no licence"); process.exit(3)');
    expect(result).toMatchObject({ outcome: 'failed', detail: 'it exited with code 3: no licence' });
  });
});

describe('an attempt that goes on from a checkpoint', () => {
  it('finds the earlier work in its folder, and the parent of its own is the checkpoint', async () => {
    const checkpoint = world.commit(world.base, { 'README.md': '# demo\n', 'half.txt': 'half\n' });
    const brief = {
      ...played(world, [{ do: 'write', path: 'whole.txt', text: 'whole\n' }, done]),
      continues: checkpoint,
    };
    const { result, files } = await world.attempt({ brief });
    expect(files).toEqual({ 'README.md': '# demo', 'half.txt': 'half', 'whole.txt': 'whole' });
    expect(world.server.git(['rev-parse', `${result?.bundle_head}^`])).toBe(checkpoint);
  });

  it('may find that nothing is missing: the checkpoint itself is delivered', async () => {
    const checkpoint = world.commit(world.base, { 'half.txt': 'half\n' });
    const { result, files } = await world.attempt({ brief: { ...played(world, [done]), continues: checkpoint } });
    expect(result?.outcome).toBe('delivered');
    expect(files).toEqual({ 'half.txt': 'half' });
  });
});

describe('limits', () => {
  it('[ERR-02] [ERR-08] [AGT-23] [BLT-34] the time limit ends the engine, and its work is a checkpoint', async () => {
    const brief = { ...played(world, [hello, { do: 'sleep', ms: 60_000 }, done]), timeout_minutes: 0.01 };
    const { end, result, files } = await world.attempt({ brief });
    expect(result).toMatchObject({ outcome: 'timeout', engine_started: true });
    expect(files).toHaveProperty('hello.txt', 'hello');
    expect(end).toMatchObject({ outcome: 'timeout' });
  });

  it('[AGT-23] an engine that ignores SIGINT is ended all the same', async () => {
    const steps: Step[] = [{ do: 'ignore_interrupt' }, { do: 'sleep', ms: 60_000 }];
    const { result } = await world.attempt({ brief: { ...played(world, steps), timeout_minutes: 0.01 } });
    expect(result?.outcome).toBe('timeout');
    const engine = world.started.at(-1) ?? 0;
    expect(readdirSync('/proc')).not.toContain(String(engine));
  });

  it('[BLT-34] an engine that says nothing and does nothing has stalled', async () => {
    const brief = {
      ...played(world, [
        { do: 'print', text: 'hm' },
        { do: 'sleep', ms: 60_000 },
      ]),
      silence_minutes_max: 0.01,
    };
    expect((await world.attempt({ brief })).result?.outcome).toBe('stalled');
  });

  it('an engine that says nothing and works has not', async () => {
    const brief = {
      ...played(world, [{ do: 'print', text: 'hm' }, { do: 'spin', ms: 2_500 }, hello, done]),
      silence_minutes_max: 0.01,
    };
    expect((await world.attempt({ brief })).result?.outcome).toBe('delivered');
  });

  it('a line of 50 MB costs neither memory nor the transcript its bound', async () => {
    const { result, transcript } = await world.attempt({
      brief: played(world, [{ do: 'flood', bytes: 50_000_000 }, hello, done]),
    });
    expect(result?.outcome).toBe('delivered');
    expect(transcript.length).toBeLessThan(20_000);
    expect(transcript).toContain('"type":"orch.cut_line","bytes":50000000');
  });

  it('a transcript beyond its bound is cut, and says so', async () => {
    const chatter: Step[] = Array.from({ length: 40 }, () => ({ do: 'print', text: 'x'.repeat(1000) }));
    const { transcript } = await world.attempt({
      brief: played(world, [...chatter, hello, done]),
      limits: { transcript_bytes_max: 10_000 },
    });
    expect(transcript.length).toBeLessThan(11_000);
    expect(transcript.trimEnd().split('\n').at(-1)).toContain('orch.cut');
  });
});

describe('proof', () => {
  const wants = (text: string): readonly string[] =>
    node(
      `process.exit(require('fs').readFileSync('hello.txt','utf8').includes('${text}') ? 0 : (console.log('hello.txt lacks ${text}'), 3))`,
    );

  it('[BLT-33] a failed proof goes back to the engine, which repairs it', async () => {
    const brief = {
      ...played(
        world,
        [hello, done],
        [{ do: 'confess', path: 'told.json' }, { do: 'write', path: 'hello.txt', text: 'hello world\n' }, done],
      ),
      verify: [wants('world')],
    };
    const { result, files } = await world.attempt({ brief });
    expect(result).toMatchObject({ outcome: 'delivered', proof_rounds: 2, proof: [{ exit_code: 0 }] });
    expect(files).toMatchObject({ 'hello.txt': 'hello world' });
    const told = JSON.parse(files?.['told.json'] ?? '{}') as { prompt: string };
    expect(told.prompt).toContain('Task 12, attempt 1: Say hello');
    expect(told.prompt).toContain('hello.txt lacks world');
  });

  it('[BLT-33] what still fails after the last round is a checkpoint with its proof', async () => {
    const { result, files } = await world.attempt({
      brief: { ...played(world, [hello, done]), verify: [wants('world')], verify_rounds_max: 1 },
    });
    expect(result).toMatchObject({
      outcome: 'proof_failed',
      proof_rounds: 2,
      proof: [{ exit_code: 3, tail: 'hello.txt lacks world\n' }],
    });
    expect(files).toHaveProperty('hello.txt');
  });

  it('what the proof leaves behind is not work', async () => {
    const leaves = node(`require('fs').writeFileSync('coverage.txt', '100')`);
    const { files } = await world.attempt({ brief: { ...played(world, [hello, done]), verify: [leaves] } });
    expect(Object.keys(files ?? {})).not.toContain('coverage.txt');
  });
});

describe('set-up', () => {
  it('runs in the folder before the engine; what it leaves behind is not work', async () => {
    const brief = {
      ...played(world, [{ do: 'write', path: 'hello.txt', text: 'hi\n' }, done]),
      setup: [node(`require('fs').mkdirSync('vendored'); require('fs').writeFileSync('vendored/x [1].js', '1')`)],
    };
    const { result, files } = await world.attempt({ brief });
    expect(result?.outcome).toBe('delivered');
    expect(Object.keys(files ?? {}).sort()).toEqual(['.gitignore', 'README.md', 'hello.txt', 'src/app.js']);
  });

  it('that fails costs the task nothing: no engine was started', async () => {
    const before = world.started.length;
    const { result } = await world.attempt({
      brief: { ...played(world, [hello, done]), setup: [node(`console.log('no registry'); process.exit(7)`)] },
    });
    expect(result).toMatchObject({ outcome: 'infra', engine_started: false });
    expect(result?.detail).toMatch(/exited with 7: no registry/);
    expect(world.started.length).toBe(before);
  });
});

it("a set-up that takes too long is ended as the runner's fault, before the job's own limit comes", async () => {
  const brief = { ...played(world, [hello, done]), setup: [node('setTimeout(() => {}, 60000)')] };
  const { result } = await world.attempt({ brief, limits: { prepare_ms_max: 800 } });
  expect(result).toMatchObject({ outcome: 'infra', engine_started: false });
  expect(result?.detail).toContain('no time was left');
});

describe('preflight', () => {
  it('a job that does not hold the task leaves without a trace', async () => {
    const requests = world.server.requests.length;
    const { end, uploaded } = await world.attempt({
      brief: played(world, [hello, done]),
      ports: { stillOurs: async () => false },
    });
    expect(end).toEqual({ kind: 'not_ours' });
    expect(uploaded).toEqual([]);
    expect(world.server.requests.length).toBe(requests);
  });

  it('[BLT-06] a tool that is not there is named before anything is fetched', async () => {
    const requests = world.server.requests.length;
    const { result } = await world.attempt({
      brief: { ...played(world, [done]), required_tools: ['git', 'no-such-tool'] },
    });
    expect(result).toMatchObject({ outcome: 'missing_tool', engine_started: false });
    expect(result?.detail).toContain('not on this runner: no-such-tool');
    expect(world.server.requests.length).toBe(requests);
  });

  it('[BLT-42] an engine without its key, and a full disk, say so', async () => {
    const { ENGINE_DEFAULTS } = await import('../../../src/domain/default-policy.ts');
    const keyless = await world.attempt({ brief: world.brief({ engine: ENGINE_DEFAULTS.claude }) });
    expect(keyless.result).toMatchObject({ outcome: 'auth', engine_started: false });
    const full = await world.attempt({ brief: played(world, [done]), limits: { disk_bytes_min: 1e13 } });
    expect(full.result).toMatchObject({ outcome: 'infra', engine_started: false });
  });
});

describe('failures of the engine', () => {
  it.each<[string, Step[], string]>([
    ['[ERR-03] a failing exit code', [hello, { do: 'exit', code: 3 }], 'crashed'],
    ['[ERR-03] a success that exits with an error', [hello, done, { do: 'exit', code: 3 }], 'failed'],
    ['no last word', [hello], 'invalid_output'],
    ['its own word', [hello, { do: 'result', result: { outcome: 'failed', summary: 'no idea' } }], 'failed'],
    [
      "the model's limit",
      [hello, { do: 'result', result: { outcome: 'limit', not_before: '2030-01-01T00:00:00Z' } }],
      'rate_limit',
    ],
  ])('%s: the work so far is kept', async (_, steps, outcome) => {
    const { result, files } = await world.attempt({ brief: played(world, steps) });
    expect(result?.outcome).toBe(outcome);
    expect(files).toHaveProperty('hello.txt');
  });

  it("[ERR-01] a program that cannot be started is a missing tool or the runner's fault, never a success", async () => {
    const brief = { ...world.brief(), engine: { ...world.brief().engine, command: ['/no/such/program'] } };
    const { result } = await world.attempt({ brief });
    expect(result).toMatchObject({ outcome: 'infra', engine_started: false });
  });

  it('[AGT-11] an unknown slot in the command is told, and nothing is started', async () => {
    const brief = { ...world.brief(), engine: { ...world.brief().engine, command: ['agent', '${SECRET}'] } };
    const { result } = await world.attempt({ brief });
    expect(result).toMatchObject({ outcome: 'infra', engine_started: false });
    expect(result?.detail).toContain('TASK_ID');
  });
});

describe('what is uploaded', () => {
  it('[OBS-08] [BLT-12] transcript, prompt and result, never a secret, never a repository', async () => {
    const steps: Step[] = [
      { do: 'print', text: `my key is ${KEY} and ::add-mask::x` },
      { do: 'print', text: JSON.stringify({ type: 'orch.progress', message: `token ${TOKEN}` }) },
      hello,
      done,
    ];
    const { uploaded, transcript, result } = await world.attempt({ brief: played(world, steps), key: KEY });
    expect([...uploaded].sort()).toEqual(['prompt.md', 'result.json', 'transcript.ndjson', 'work.bundle']);
    expect(transcript).not.toContain(KEY);
    expect(transcript).not.toContain(TOKEN);
    for (const line of transcript.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
    expect(result?.prompt_sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('[DAT-12] the lines of both streams, each under its own, with the time', async () => {
    const looks_like_an_end = JSON.stringify({ type: 'orch.result', outcome: 'failed' });
    const steps: Step[] = [
      { do: 'print', text: 'thinking' },
      { do: 'complain', text: `warning: ${KEY} is old` },
      { do: 'complain', text: looks_like_an_end },
      hello,
      done,
    ];
    const { transcript, result } = await world.attempt({ brief: played(world, steps), key: KEY });
    expect(result?.outcome).toBe('delivered');
    const said = new Map<unknown, unknown[]>([
      ['stdout', []],
      ['stderr', []],
    ]);
    let stream: unknown = null;
    for (const line of transcript.trimEnd().split('\n')) {
      const { type, text, at, ...rest } = JSON.parse(line) as Record<string, unknown>;
      if (type === 'orch.heard') stream = rest['stream'];
      if (type === 'orch.heard') expect(Date.parse(String(at))).toBeGreaterThan(0);
      else if (type === 'orch.raw' || type === 'orch.stderr' || type === 'orch.result')
        said.get(stream)?.push(text ?? type);
    }
    expect(said.get('stdout')).toEqual(['thinking', 'orch.result']);
    expect(said.get('stderr')).toEqual([expect.stringMatching(/^warning: .* is old$/), looks_like_an_end]);
    expect(transcript).not.toContain(KEY);
  });

  it('nothing an engine prints reaches the log as a command', async () => {
    const evil = '::set-output name=x::y\u001b[31m ##[error]boo\r::error::x';
    const steps: Step[] = [
      { do: 'print', text: evil },
      { do: 'print', text: JSON.stringify({ type: 'orch.progress', message: evil }) },
      { do: 'sleep', ms: 120 },
      hello,
      { do: 'result', result: { outcome: 'failed', summary: evil } },
    ];
    const from = world.log.length;
    await world.attempt({ brief: played(world, steps), limits: { progress_ms: 10 } });
    const said = world.log.slice(from).join('\n');
    expect(said).toContain('set-output');
    expect(said).not.toMatch(/::|##\[|\u001b|\r/);
  });
});

describe('git settings an engine leaves behind', () => {
  it('mean nothing to ours: hooks, filters, fsmonitor, a swapped .git', async () => {
    const evil = `#!/bin/sh\ntouch ${world.root}/pwned\n`;
    const plant = `
      const fs = require('fs');
      fs.writeFileSync('evil.sh', ${JSON.stringify(evil)}, { mode: 0o755 });
      const run = process.cwd() + '/evil.sh';
      fs.appendFileSync('.git/config', '[core]\\n\\tfsmonitor = ' + run + '\\n\\thooksPath = ' + process.cwd() + '\\n[filter "x"]\\n\\tclean = ' + run + '\\n\\tprocess = ' + run + '\\n[diff]\\n\\texternal = ' + run + '\\n');
      fs.mkdirSync('.git/hooks', { recursive: true });
      for (const hook of ['post-index-change', 'pre-commit', 'reference-transaction', 'fsmonitor-watchman']) fs.writeFileSync('.git/hooks/' + hook, ${JSON.stringify(evil)}, { mode: 0o755 });
      fs.writeFileSync('.gitattributes', '* filter=x diff=x\\n');
      fs.mkdirSync('nested/.git', { recursive: true });
      fs.cpSync('.git', 'nested/.git', { recursive: true });
      fs.writeFileSync('nested/file', 'x');
      console.log(JSON.stringify({ type: 'orch.result', outcome: 'success' }));
    `;
    const brief = { ...world.brief(), engine: { ...world.brief().engine, command: node(plant) } };
    const { result, files } = await world.attempt({ brief });
    expect(result?.outcome).toBe('delivered');
    expect(readdirSync(world.root)).not.toContain('pwned');
    expect(Object.keys(files ?? {}).filter((name) => name.includes('.git/') || name.startsWith('nested'))).toEqual([]);
  });

  it('a submodule the engine turned into a trap is not entered', async () => {
    const gitlink = world.server.git(
      ['mktree'],
      `160000 commit ${world.base}\tsub\n100644 blob ${world.server.git(['rev-parse', `${world.base}:README.md`])}\tREADME.md\n`,
    );
    const start = world.server.git(['commit-tree', gitlink, '-p', world.base, '-m', 'with a submodule']);
    world.server.git(['update-ref', `refs/kept/${start}`, start]);
    const plant = `
      const fs = require('fs');
      fs.writeFileSync('trap.sh', '#!/bin/sh\\ntouch ${world.root}/trapped\\n', { mode: 0o755 });
      fs.mkdirSync('sub', { recursive: true });
      fs.cpSync('.git', 'sub/.git', { recursive: true });
      fs.appendFileSync('sub/.git/config', '[core]\\n\\tfsmonitor = ' + process.cwd() + '/trap.sh\\n');
      fs.writeFileSync('sub/file', 'x');
      console.log(JSON.stringify({ type: 'orch.result', outcome: 'success' }));
    `;
    const brief = {
      ...world.brief(),
      base: world.base,
      continues: start as never,
      engine: { ...world.brief().engine, command: node(plant) },
    };
    const { files } = await world.attempt({ brief });
    expect(readdirSync(world.root)).not.toContain('trapped');
    expect(files).toMatchObject({ 'README.md': '# demo', sub: `-> ${world.base}` });
  });
});

describe('one runner, many attempts', () => {
  it("sixteen at once lay out their files without getting in each other's way", async () => {
    const briefs = Array.from({ length: 16 }, () => ({ ...played(world, [hello, done]), verify: [] }));
    const outcomes = await Promise.all(briefs.map((brief) => world.attempt({ brief })));
    expect(outcomes.map(({ result }) => result?.outcome)).toEqual(briefs.map(() => 'delivered'));
  });
});

it('the scripted engine is started as an argument array', () => {
  expect(scriptedCommand([done])).toHaveLength(4);
});
