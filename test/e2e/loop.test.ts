// Owns the proof of the whole loop with the real CLIs: a labelled issue becomes a pull request, and trouble ends in the right state.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ENGINE_VERSIONS } from '../../src/domain/default-policy.ts';
import { MODEL_KEY, openScriptedModel, WRITTEN } from '../agent/scripted-model.ts';
import type { Case, RealEngine } from '../agent/scripted-model.ts';
import { startOrch } from '../loop/orch.ts';
import type { World } from '../loop/orch.ts';
import { requireSandbox } from '../sandbox/world.ts';
import { INSTALL_MS_MAX, MODELS, openClis, REAL_ENGINES } from './clis.ts';
import type { Clis } from './clis.ts';

let clis: Clis;
beforeAll(async () => {
  await requireSandbox();
  clis = await openClis();
}, INSTALL_MS_MAX);
afterAll(() => clis.remove());

const BODY = 'Please write `hello.txt` so that it greets everybody.';
const KEY_NAMES = { claude: 'ANTHROPIC_API_KEY', codex: 'OPENAI_API_KEY' } as const;
const MODEL_MAP = {
  claude: { simple: { claude: MODELS.claude } },
  codex: { simple: { codex: MODELS.codex } },
} as const;

interface Shop extends World {
  requests(): readonly string[];
}

/** A shop whose only engine is a real CLI, pointed at a scripted model that plays one case. */
async function startShop(
  id: RealEngine,
  script: Case,
  { config = '', search_path = clis.search_path }: { readonly config?: string; readonly search_path?: string },
): Promise<Shop> {
  const model = await openScriptedModel(id, script);
  onTestFinished(() => model.close());
  // claude backs off for longer with each retry; one is enough to see that it does.
  const retries = id === 'claude' ? '    env: { CLAUDE_CODE_MAX_RETRIES: "1" }\n' : '';
  const orch = await startOrch({
    engine: id,
    engines: `  ${id}:\n    base_url: ${model.url}\n${retries}`,
    config: `model_map: ${JSON.stringify(MODEL_MAP[id])}\n${config}`,
    secrets: { [KEY_NAMES[id]]: MODEL_KEY },
    env: { PATH: search_path },
  });
  return { ...orch, requests: model.requests };
}

/** Labelled by Alice, and left alone until nothing runs any more. */
async function afterLabel(
  id: RealEngine,
  script: Case,
  config = 'attempts_max: 1\n',
): Promise<{ readonly orch: Shop; readonly number: number }> {
  const orch = await startShop(id, script, { config });
  const number = orch.task('Say hello', { body: BODY });
  await orch.settle();
  return { orch, number };
}

describe.each(REAL_ENGINES)('%s through the whole loop', (id) => {
  it('label to merged: the pull request holds the file it wrote, and says engine, model and usage', async () => {
    const { orch, number } = await afterLabel(id, 'success');
    expect(orch.outcomes(number)).toEqual(['delivered']);
    expect(orch.state(number)).toBe('in_review');
    const pull = orch.pull(number);
    expect(orch.file(pull?.pull?.head_ref ?? '', WRITTEN.path)).toBe(WRITTEN.text);
    expect(pull?.body).toContain(`#${number}`);
    expect(pull?.body).toContain(id);
    expect(pull?.body).toContain(MODELS[id]);
    const [attempt] = orch.journal(number).attempts;
    expect(attempt?.claim).toMatchObject({ engine: id, model: MODELS[id] });
    expect(attempt?.settled).toMatchObject({ files: 1, usage: { input_tokens: 3600, output_tokens: 120 } });
    expect(orch.requests()[0]).toContain('greets everybody');
    await orch.merge(number);
    expect(orch.state(number)).toBe('done');
    expect(orch.file('main', WRITTEN.path)).toBe(WRITTEN.text);
    expect(orch.log.filter((line) => line.includes(MODEL_KEY) && !line.includes('::add-mask::'))).toEqual([]);
  });

  it('a refused tool: nothing is pushed, and a person decides', async () => {
    const { orch, number } = await afterLabel(id, 'denied');
    expect(orch.outcomes(number)).toEqual([id === 'claude' ? 'permission_denied' : 'no_evidence']);
    expectPersonAsked(orch, number);
  });

  it('401: a person is asked at once, and told which secret', async () => {
    const { orch, number } = await afterLabel(id, 'auth', 'attempts_max: 3\n');
    expect(orch.outcomes(number)).toEqual(['auth']);
    expectPersonAsked(orch, number);
    expect(orch.stateComment(number)).toContain(KEY_NAMES[id]);
  });

  it('429: not charged; the task waits for the limit to end, and no person is asked', async () => {
    const { orch, number } = await afterLabel(id, 'limit');
    await orch.cron();
    expect(orch.outcomes(number)).toEqual(['rate_limit']);
    expect(orch.state(number)).toBe('routed');
    expect(orch.pull(number)).toBeNull();
  });

  it('a model that falls silent: what was written is a checkpoint, and the attempt is settled as stalled', async () => {
    const { orch, number } = await afterLabel(id, 'half_done', 'attempts_max: 1\nsilence_minutes_max: 0.06\n');
    expectCheckpoint(orch, number, 'stalled');
  });

  it('a model that outlasts the time limit: the same, as timeout', async () => {
    const { orch, number } = await afterLabel(id, 'half_done', 'attempts_max: 1\ntimeout_minutes: 0.08\n');
    expectCheckpoint(orch, number, 'timeout');
  });

  it('an answer that cannot be understood', async () => {
    const { orch, number } = await afterLabel(id, 'malformed');
    // codex takes it for a connection that breaks, and so for trouble of the vendor.
    expect(orch.outcomes(number)).toEqual([id === 'claude' ? 'invalid_output' : 'model_unavailable']);
    if (id === 'claude') expectPersonAsked(orch, number);
    else expect(orch.state(number)).toBe('routed');
    expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
  });
});

function expectPersonAsked(orch: World, number: number): void {
  expect(orch.state(number)).toBe('needs_review');
  expect(orch.pull(number)).toBeNull();
  expect(orch.stage.github.repository.refs('refs/heads/orch/')).toEqual([]);
  expect(orch.stateComment(number)).toContain('/orch retry');
}

function expectCheckpoint(orch: World, number: number, outcome: 'stalled' | 'timeout'): void {
  const [attempt, ...more] = orch.journal(number).attempts;
  expect(more).toEqual([]);
  expect(attempt?.settled).toMatchObject({ outcome, engine_started: true });
  expect(orch.file(attempt?.claim.branch ?? '', WRITTEN.path)).toBe(WRITTEN.text);
  expect(orch.pull(number)).toBeNull();
  expect(orch.state(number)).toBe('needs_review');
}

describe('installing', () => {
  it('an attempt without the CLI on PATH installs it at its pin, and says so', async () => {
    const orch = await startShop('claude', 'success', { search_path: process.env['PATH'] ?? '' });
    const number = orch.task('Say hello', { body: BODY });
    await orch.settle();
    expect(orch.outcomes(number)).toEqual(['delivered']);
    expect(orch.log.join('\n')).toContain(`installed @anthropic-ai/claude-code@${ENGINE_VERSIONS.claude}`);
  });
});
