// Owns the proof that mode attempt, as a process under a runner's environment, keeps its promises.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import type { Brief } from '../../src/domain/brief.ts';
import { taskRef } from '../../src/wire/refs.ts';
import { done, SCRIPT_FOLDER, scriptedCommand } from '../agent/attempt/scripted-engine.ts';
import type { Step } from '../agent/attempt/scripted-engine.ts';
import { openAttemptStage } from './attempt-stage.ts';
import type { Act, Stage } from './attempt-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openAttemptStage();
});
afterAll(async () => {
  await stage.close();
});

const KEY = 'sk-test-0123456789abcdefghijklmnop';
const hello: Step = { do: 'write', path: 'hello.txt', text: 'hello\n' };
const halfway: Step = { do: 'print', text: '{"type":"orch.progress","message":"halfway"}' };
const forEver: Step = { do: 'sleep', ms: 120_000 };
const wait = [process.execPath, '-e', 'console.log("waits"); setTimeout(() => {}, 120000)'];

function played(...rounds: readonly (readonly Step[])[]): Brief {
  return stage.brief({ engine: { ...ENGINE_DEFAULTS.custom, command: scriptedCommand(...rounds) } });
}

/** Acts on the first line that holds the words. */
function once(words: string, act: (means: Act) => void): (line: string, means: Act) => void {
  let acted = false;
  return (line, means) => {
    if (acted || !line.includes(words)) return;
    acted = true;
    act(means);
  };
}

/** Text of a file in the handed-in work. */
function workFile(folder: string, name: string): string {
  const { repository } = stage.github;
  const head = repository.git('bundle', 'unbundle', path.join(folder, 'work.bundle')).slice(0, 40);
  return repository.git('show', `${head}:${name}`);
}

describe('a job that holds its task', () => {
  it('[OBS-08] hands in the work of a sandboxed engine and names it in its outputs', async () => {
    const ran = await stage.attempt({
      brief: played([{ do: 'confess', path: 'received.json' }, hello, done]),
      key: KEY,
    });
    expect(ran.exit_code).toBe(0);
    expect(ran.outputs).toMatchObject({
      outcome: 'delivered',
      started: 'true',
      'hand-in-artifact': expect.stringMatching(/^\d+$/),
    });
    expect(ran.handed_in).toEqual(['prompt.md', 'result.json', 'transcript.ndjson', 'work.bundle']);
    expect(ran.result).toMatchObject({ outcome: 'delivered', isolated: true, engine: 'custom' });
    expect(workFile(ran.folder, 'hello.txt')).toBe('hello');
    expect(ran.log.join('\n')).toMatch(/✓ handed in: delivered/);
    expect(ran.summary).toContain('attempt 1: delivered');
    expect(ran.summary).toContain('Said hello.');
  });

  it('[PUR-08] [SEC-09] [ISO-08] [ISO-12] [QUE-04] gives the engine its issue and its attempt, and no token of the job', async () => {
    const brief = played([{ do: 'confess', path: 'received.json' }, done]);
    const ran = await stage.attempt({
      brief,
      key: KEY,
      env: { DATABASE_PASSWORD: 'hunter2-hunter2', JAVA_HOME: '/opt/java' },
    });
    const received = JSON.parse(workFile(ran.folder, 'received.json')) as {
      prompt: string;
      env: Record<string, string>;
      cwd: string;
    };
    expect(received.prompt).toContain(`Issue #${brief.task}`);
    expect(received.prompt).toContain('Title: Say hello');
    expect(received.prompt).toContain('Please say hello to everybody.');
    expect(received.prompt).toBe(readFileSync(path.join(ran.folder, 'prompt.md'), 'utf8'));
    expect(received.env).toMatchObject({ TASK_ID: brief.task, ATTEMPT: '1', JAVA_HOME: '/opt/java' });
    expect(received.cwd).toMatch(new RegExp(`/orch/${brief.task}-1/work$`));
    expect(JSON.stringify(received)).not.toMatch(/ghs_|sk-test|hunter2|ACTIONS_RUNTIME|INPUT_|GITHUB_/);
  });

  it("goes on when its journal moves for a reason that is nobody's cancel", async () => {
    const brief = played([halfway, { do: 'sleep', ms: 1500 }, hello, done]);
    const tip = (): string | null => stage.github.repository.resolve(taskRef(brief.task));
    let before: string | null = null;
    const ran = await stage.attempt({
      brief,
      onLine: once('custom starts', (act) => {
        before = tip();
        act.nudge();
      }),
    });
    expect(tip()).not.toBe(before);
    expect(ran.outputs).toMatchObject({ outcome: 'delivered' });
  });

  it('stops when somebody settles its attempt, and hands in what there is', async () => {
    const brief = played([hello, halfway, forEver]);
    const ran = await stage.attempt({
      brief,
      env: { ORCH_PROGRESS_SECONDS: '0.05' },
      onLine: once('halfway', (act) => act.settle()),
    });
    expect(ran.outputs).toMatchObject({ outcome: 'cancelled' });
    expect(ran.result?.detail).toContain('taken away');
    expect(workFile(ran.folder, 'hello.txt')).toBe('hello');
  });

  it("also works inside a user's own job: what its earlier steps put on PATH can be run", async () => {
    const brief = stage.brief({
      required_tools: ['node'],
      setup: [['node', '-e', 'require("fs").writeFileSync("tool.txt", process.version)']],
      engine: {
        ...ENGINE_DEFAULTS.custom,
        command: ['node', scriptedCommand()[1] ?? '', '${PROMPT_FILE}', JSON.stringify([[hello, done]])],
      },
    });
    const ran = await stage.attempt({
      brief,
      env: { PATH: [path.dirname(process.execPath), process.env['PATH'], SCRIPT_FOLDER].join(path.delimiter) },
    });
    expect(ran.result?.outcome).toBe('delivered');
  });
});

describe('a job that does not', () => {
  it.each<[string, { env?: Record<string, string>; inputs?: Record<string, string> }]>([
    ['a job that was run again', { env: { GITHUB_RUN_ATTEMPT: '2' } }],
    ['another run', { env: { GITHUB_RUN_ID: '999' }, inputs: { lease: '0'.repeat(40) } }],
    ['another attempt of the same task', { inputs: { attempt: '2', lease: '0'.repeat(40) } }],
  ])('%s leaves without work', async (_, ask) => {
    const ran = await stage.attempt({ brief: played([hello, done]), ...ask });
    expect(ran).toMatchObject({ exit_code: 0, outputs: { outcome: 'none' }, handed_in: [] });
  });
});

describe('bad input', () => {
  it('a brief that is not the one that was claimed ends the job with a reason', async () => {
    const ran = await stage.attempt({ brief: played([done]), inputs: { 'brief-sha256': '0'.repeat(64) } });
    expect(ran.exit_code).toBe(1);
    expect(ran.log.join('\n')).toContain('The brief is not the one that was claimed');
    expect(ran.outputs['started']).toBeUndefined();
  });

  it('an artifact that is gone ends the job with a reason', async () => {
    const ran = await stage.attempt({ brief: played([done]), inputs: { 'brief-artifact': '424242' } });
    expect(ran.exit_code).toBe(1);
    const said = ran.log.filter((line) => line.startsWith('::error::'));
    expect(said).toEqual([expect.stringContaining('The brief of this attempt cannot be read')]);
    expect(said[0]).toContain('the next tick settles this attempt without charging it');
    expect(ran.log.join('\n')).not.toMatch(/^\s+at .*\(/m);
  });

  it('an engine without a key is told apart before anything is fetched', async () => {
    const ran = await stage.attempt({ brief: stage.brief({ engine: ENGINE_DEFAULTS.claude }) });
    expect(ran.result).toMatchObject({ outcome: 'auth', engine_started: false });
    expect(ran.outputs['started']).toBeUndefined();
  });
});

describe('SIGINT, with seven seconds until the end', () => {
  it.each<[string, (brief: Brief) => Brief, RegExp, boolean]>([
    ['while it reads the brief', (brief) => brief, /^Task \d+ · attempt 1/, false],
    ['while it sets up', (brief) => ({ ...brief, setup: [wait] }), /files at/, false],
    ['as the engine starts', (brief) => brief, /custom starts/, false],
    [
      'while the engine works',
      (brief) => ({ ...brief, engine: { ...brief.engine, command: scriptedCommand([hello, halfway, forEver]) } }),
      /halfway/,
      true,
    ],
    ['while the proof runs', (brief) => ({ ...brief, verify: [wait] }), /custom: success/, true],
  ])('%s: a checkpoint is handed in', async (_, change, when, has_work) => {
    const brief = change(played([hello, done]));
    let asked = false;
    const ran = await stage.attempt({
      brief,
      env: { ORCH_PROGRESS_SECONDS: '0.05' },
      onLine: (line, act) => {
        if (asked || !when.test(line)) return;
        asked = true;
        act.interrupt();
      },
    });
    expect(asked).toBe(true);
    expect(ran.killed).toBe(false);
    expect(ran.result?.outcome).toBe('cancelled');
    expect(existsSync(path.join(ran.folder, 'work.bundle')) || !has_work).toBe(true);
    if (has_work) expect(workFile(ran.folder, 'hello.txt')).toBe('hello');
  });
});
