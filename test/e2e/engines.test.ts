// Owns the proof with the real CLIs: each is installed at its pin, runs sandboxed in mode attempt, and ends as it should.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_DEFAULTS, ENGINE_VERSIONS } from '../../src/domain/default-policy.ts';
import type { Brief } from '../../src/domain/brief.ts';
import { ModelName } from '../../src/domain/ids.ts';
import { openAttemptStage } from '../modes/attempt-stage.ts';
import type { Ran, Stage } from '../modes/attempt-stage.ts';
import { MODEL_KEY, openScriptedModel, REPAIRED, WRITTEN } from '../agent/scripted-model.ts';
import type { Case, RealEngine, ScriptedModel } from '../agent/scripted-model.ts';
import { INSTALL_MS_MAX, MODELS, openClis } from './clis.ts';
import type { Clis } from './clis.ts';

let stage: Stage;
let clis: Clis;
beforeAll(async () => {
  stage = await openAttemptStage();
  clis = await openClis();
}, INSTALL_MS_MAX);
afterAll(async () => {
  await stage.close();
  clis.remove();
});

interface Played extends Ran {
  readonly requests: ReturnType<ScriptedModel['requests']>;
}

async function attempt(id: RealEngine, script: Case, changes: Partial<Brief> = {}): Promise<Played> {
  const model = await openScriptedModel(id, script);
  try {
    const ran = await stage.attempt({
      brief: briefFor(id, model, changes),
      key: MODEL_KEY,
      env: { PATH: clis.search_path },
    });
    return { ...ran, requests: model.requests() };
  } finally {
    model.close();
  }
}

function briefFor(id: RealEngine, model: ScriptedModel, changes: Partial<Brief>): Brief {
  const retries = id === 'claude' ? { CLAUDE_CODE_MAX_RETRIES: '1' } : {};
  const engine = { ...ENGINE_DEFAULTS[id], base_url: model.url, env: retries };
  return stage.brief({ engine, model: ModelName.parse(MODELS[id]), timeout_minutes: 2, ...changes });
}

function workFile(folder: string, name: string): string {
  const { repository } = stage.github;
  const head = repository.git('bundle', 'unbundle', path.join(folder, 'work.bundle')).slice(0, 40);
  return repository.git('show', `${head}:${name}`);
}

describe.each(['claude', 'codex'] as const)('%s', (id) => {
  const rows = id === 'claude' ? '[AGT-01] [AGT-12]' : '[AGT-02]';

  it(`${rows} writes its file; usage and session are known, and the model got the task and the real key`, async () => {
    const ran = await attempt(id, 'success');
    expect(ran.result).toMatchObject({
      outcome: 'delivered',
      isolated: true,
      engine_version: ENGINE_VERSIONS[id],
      exit_code: 0,
    });
    expect(ran.result?.usage).toMatchObject({ input_tokens: 3600, output_tokens: 120 });
    expect(ran.result?.session).toMatch(/^[0-9a-f-]{36}$/);
    expect(workFile(ran.folder, WRITTEN.path)).toBe(WRITTEN.text.trim());
    expect(ran.requests[0]).toContain('Please say hello to everybody.');
    expect(ran.log.filter((line) => line.includes(MODEL_KEY))).toEqual([`::add-mask::${MODEL_KEY}`]);
  });

  it('goes on in its own session when the proof fails', async () => {
    const verify = [[process.execPath, '-e', `process.exit(require('fs').existsSync('${REPAIRED.path}') ? 0 : 1)`]];
    const ran = await attempt(id, 'repair', { verify, verify_rounds_max: 1 });
    expect(ran.result).toMatchObject({ outcome: 'delivered', proof_rounds: 2, usage: { input_tokens: 4800 } });
    expect(workFile(ran.folder, REPAIRED.path)).toBe('repaired');
    expect(ran.requests.at(-1)).toContain('not accepted yet');
  });

  it.each<[Case, string]>([
    ['auth', 'auth'],
    ['no_credit', 'auth'],
    ['limit', 'rate_limit'],
    ['overflow', 'context_overflow'],
    ['unknown_model', 'model_unavailable'],
    ['malformed', id === 'claude' ? 'invalid_output' : 'model_unavailable'],
    ['denied', id === 'claude' ? 'permission_denied' : 'no_evidence'],
  ])('%s ends as %s', async (script, outcome) => {
    const ran = await attempt(id, script);
    expect(ran.result).toMatchObject({ outcome, engine_started: true, bundle_head: null });
    expect(ran.exit_code).toBe(0);
  });

  it('a model that never answers: it has stalled, or the time limit ends it', async () => {
    const stalled = await attempt(id, 'hang', { silence_minutes_max: 0.05 });
    expect(stalled.result?.outcome).toBe('stalled');
    const late = await attempt(id, 'hang', { timeout_minutes: 0.05 });
    expect(late.result?.outcome).toBe('timeout');
  });
});
