// Owns recording: `node test/agent/record.ts <folder with the CLIs installed>` writes the streams that the replay tests read.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { engineOf } from '../../src/agent/engines.ts';
import type { Engine } from '../../src/agent/engine.ts';
import { ENGINE_DEFAULTS } from '../../src/domain/default-policy.ts';
import { AttemptNumber, BranchName, ModelName, TaskId } from '../../src/domain/ids.ts';
import { MODEL_KEY, openScriptedModel } from './scripted-model.ts';
import type { Case, RealEngine } from './scripted-model.ts';

interface Recording {
  readonly name: string;
  readonly script: Case;
  /** Asks it to stop after so long; for the scripts that never end. */
  readonly interrupt_after_ms?: number;
  readonly turns_max?: number;
}

const RECORDINGS: readonly Recording[] = [
  { name: 'success', script: 'success' },
  { name: 'limit', script: 'limit' },
  { name: 'auth', script: 'auth' },
  { name: 'no-credit', script: 'no_credit' },
  { name: 'overflow', script: 'overflow' },
  { name: 'overloaded', script: 'overloaded' },
  { name: 'unknown-model', script: 'unknown_model' },
  { name: 'denied', script: 'denied' },
  { name: 'malformed', script: 'malformed' },
  { name: 'dropped', script: 'dropped' },
  { name: 'interrupted', script: 'hang', interrupt_after_ms: 2_500 },
  { name: 'turn-limit', script: 'success', turns_max: 1 },
];

const MODELS = { claude: 'claude-sonnet-4-5', codex: 'gpt-5-codex' } as const;
const FIXTURES = path.join(import.meta.dirname, 'fixtures');

async function record(id: RealEngine, binary: string, recording: Recording): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'orch-record-'));
  const folder = path.join(root, 'work');
  const home = path.join(root, 'home');
  const engine = engineOf(id);
  for (const each of [folder, home, ...engine.home_folders.map((name) => path.join(home, name))]) mkdirSync(each);
  const model = await openScriptedModel(id, recording.script);
  const ran = await run({ engine, binary, folder, home, url: model.url, recording });
  model.close();
  const clean = (text: string): string =>
    text
      .replaceAll(model.url, 'http://model.test')
      .replaceAll(`127.0.0.1:${model.port}`, 'model.test')
      .replaceAll(folder, '/work')
      .replaceAll(home, '/home/agent')
      .replaceAll(root.replaceAll('/', '-'), '-tmp')
      .replaceAll(root, '/tmp')
      .replace(/cc-socks\/\d+/g, 'cc-socks/1');
  mkdirSync(path.join(FIXTURES, id), { recursive: true });
  writeFileSync(path.join(FIXTURES, id, `${recording.name}.ndjson`), clean(ran.stdout));
  writeFileSync(
    path.join(FIXTURES, id, `${recording.name}.exit.json`),
    `${JSON.stringify({ code: ran.code, signal: ran.signal, stderr: clean(ran.stderr) }, null, 2)}\n`,
  );
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`${id} ${recording.name}: exit ${ran.code ?? ran.signal}\n`);
}

interface Run {
  readonly engine: Engine;
  readonly binary: string;
  readonly folder: string;
  readonly home: string;
  readonly url: string;
  readonly recording: Recording;
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

async function run({ engine, binary, folder, home, url, recording }: Run): Promise<Ran> {
  const launch = engine.launch({
    policy: {
      ...ENGINE_DEFAULTS[engine.id],
      turns_max: recording.turns_max ?? null,
      env: engine.id === 'claude' ? { CLAUDE_CODE_MAX_RETRIES: '1' } : {},
    },
    model: ModelName.parse(MODELS[engine.id === 'codex' ? 'codex' : 'claude']),
    task: TaskId.parse('7'),
    attempt: AttemptNumber.parse(1),
    branch: BranchName.parse('orch/7-hello'),
    title: 'Write hello.txt',
    prompt: 'Write hello.txt',
    prompt_file: path.join(home, 'prompt.md'),
    executable: binary,
    home,
    api_url: url,
    isolated: true,
    session: null,
  });
  const [program = '', ...args] = launch.argv;
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    TERM: 'dumb',
    [engine.key_env]: MODEL_KEY,
    ...launch.env,
  };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(launch.stdin);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  if (recording.interrupt_after_ms !== undefined) setTimeout(() => child.kill('SIGINT'), recording.interrupt_after_ms);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  return { stdout, stderr, code, signal };
}

const installed = process.argv[2] ?? '';
for (const id of ['claude', 'codex'] as const) {
  const binary = engineOf(id).package?.binary(process.platform, process.arch) ?? '';
  for (const recording of RECORDINGS) {
    if (recording.turns_max !== undefined && id === 'codex') continue; // it has no such limit
    await record(id, path.join(installed, 'node_modules', binary), recording);
  }
}
process.exit(0);
