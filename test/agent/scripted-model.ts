// Owns the scripted model: one server that plays a vendor's API to the real CLIs, one script per case.
import { LLMock } from '@copilotkit/aimock';
import type { ChatCompletionRequest } from '@copilotkit/aimock';
import type { EngineId } from '../../src/domain/task.ts';

// Without it, a script's answer is served at any turn, and a refused tool call loops for ever.
process.env['AIMOCK_STRICT_TURN_INDEX'] = '1';

export const CASES = [
  'success',
  'repair',
  'limit',
  'auth',
  'no_credit',
  'overflow',
  'overloaded',
  'unknown_model',
  'denied',
  'malformed',
  'dropped',
  'hang',
  'half_done',
] as const;
export type Case = (typeof CASES)[number];
export type RealEngine = Exclude<EngineId, 'custom'>;

export interface ScriptedModel {
  /** As the CLI's base URL: codex wants the version in it, claude adds it by itself. */
  readonly url: string;
  readonly port: number;
  /** The messages of every request so far, as text. */
  requests(): readonly string[];
  close(): void;
}

const USAGE = { usage: { input_tokens: 1200, output_tokens: 40 } };
const ANY = { predicate: () => true };
const HANG_MS = 600_000;

/** The only key the model lets in: everything else, a stand-in too, is a 401. */
export const MODEL_KEY = 'sk-scripted-0123456789abcdefghijklmnop';

/** What the success script writes, relative to the engine's folder. */
export const WRITTEN = { path: 'hello.txt', text: 'hello from the engine\n' } as const;
/** What the repair script adds once it has been told that the proof failed. */
export const REPAIRED = { path: 'second.txt', text: 'repaired\n' } as const;

export async function openScriptedModel(engine: RealEngine, script: Case): Promise<ScriptedModel> {
  const mock = new LLMock({ port: 0, logLevel: 'silent', auth: { apiKeys: [MODEL_KEY] } });
  // Its own journal drops long bodies; what it normalises for matching is whole.
  const asked: string[] = [];
  mock.on({ predicate: (request) => asked.push(JSON.stringify(request.messages)) < 0 }, { content: '' });
  SCRIPTS[script](mock, engine);
  await mock.start();
  return {
    url: engine === 'codex' ? `${mock.url}/v1` : mock.url,
    port: mock.port,
    requests: () => asked,
    // Not awaited: the server waits for answers it delays itself.
    close: () => void mock.stop(),
  };
}

type Script = (mock: LLMock, engine: RealEngine) => void;
interface Call {
  readonly name: string;
  readonly arguments: string;
}

function call(name: string, input: Readonly<Record<string, string>>): Call {
  return { name, arguments: JSON.stringify(input) };
}

/** claude's tools want whole paths, and only the request says where it works. */
function write(
  engine: RealEngine,
  request: ChatCompletionRequest,
  file: { readonly path: string; readonly text: string },
): Call {
  if (engine === 'codex')
    return call('exec_command', { cmd: `printf '${file.text.trim()}\\n' > ${file.path}; sleep 0.2` });
  const folder = /[Ww]orking directory: ([^\\\n"]+)/.exec(JSON.stringify(request.messages))?.[1] ?? '/nowhere';
  return call('Write', { file_path: `${folder}/${file.path}`, content: file.text });
}

function look(engine: RealEngine): Call {
  if (engine === 'claude') return call('Bash', { command: 'git status --short', description: 'what changed' });
  return call('exec_command', { cmd: 'git status --short; sleep 0.2' });
}

/** A tool claude was not given; a path the sandbox keeps codex from. */
function forbidden(engine: RealEngine): Call {
  if (engine === 'claude') return call('WebFetch', { url: 'http://example.invalid/', prompt: 'what stands there' });
  return call('exec_command', { cmd: 'touch /proc/orch-denied; sleep 0.2' });
}

function play(
  mock: LLMock,
  turns: readonly ((request: ChatCompletionRequest) => { toolCalls: Call[] } | { content: string })[],
): void {
  turns.forEach((turn, turnIndex) => mock.on({ ...ANY, turnIndex }, (request) => ({ ...turn(request), ...USAGE })));
}

function fails(status: number, error: { message: string; type: string; code?: string }): Script {
  return (mock) => mock.on(ANY, { status, retryAfter: 1, error });
}

/** Each vendor words its errors in its own way. */
function byVendor(scripts: Readonly<Record<RealEngine, Script>>): Script {
  return (mock, engine) => scripts[engine](mock, engine);
}

const SCRIPTS: Readonly<Record<Case, Script>> = {
  success: (mock, engine) =>
    play(mock, [
      (request) => ({ toolCalls: [write(engine, request, WRITTEN)] }),
      () => ({ toolCalls: [look(engine)] }),
      () => ({ content: `Wrote ${WRITTEN.path} and checked it.` }),
    ]),
  repair: (mock, engine) =>
    play(mock, [
      (request) => ({ toolCalls: [write(engine, request, WRITTEN)] }),
      () => ({ content: 'Done.' }),
      (request) => ({ toolCalls: [write(engine, request, REPAIRED)] }),
      () => ({ content: 'Repaired.' }),
    ]),
  limit: byVendor({
    claude: fails(429, { message: 'This request would exceed your rate limit', type: 'rate_limit_error' }),
    codex: fails(429, { message: 'Rate limit reached on tokens per min', type: 'tokens', code: 'rate_limit_exceeded' }),
  }),
  auth: byVendor({
    claude: fails(401, { message: 'invalid x-api-key', type: 'authentication_error' }),
    codex: fails(401, {
      message: 'Incorrect API key provided.',
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    }),
  }),
  no_credit: byVendor({
    claude: fails(400, {
      message: 'Your credit balance is too low to access the Anthropic API.',
      type: 'invalid_request_error',
    }),
    codex: fails(429, {
      message: 'You exceeded your current quota.',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    }),
  }),
  overflow: byVendor({
    claude: fails(400, {
      message: 'prompt is too long: 210000 tokens > 200000 maximum',
      type: 'invalid_request_error',
    }),
    codex: fails(400, {
      message: 'Your input exceeds the context window.',
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    }),
  }),
  overloaded: byVendor({
    claude: fails(529, { message: 'Overloaded', type: 'overloaded_error' }),
    codex: fails(503, { message: 'The server is overloaded', type: 'server_error', code: 'server_is_overloaded' }),
  }),
  unknown_model: byVendor({
    claude: fails(404, { message: 'model: no-such-model', type: 'not_found_error' }),
    codex: fails(404, {
      message: 'The model `no-such-model` does not exist or you do not have access to it.',
      type: 'invalid_request_error',
      code: 'model_not_found',
    }),
  }),
  denied: (mock, engine) =>
    play(mock, [() => ({ toolCalls: [forbidden(engine)] }), () => ({ content: 'I was not allowed to do that.' })]),
  malformed: (mock) => mock.on(ANY, { content: 'x', ...USAGE }, { chaos: { malformedRate: 1 } }),
  dropped: (mock) =>
    mock.on(
      ANY,
      { content: 'one two three four five six seven eight', ...USAGE },
      { chunkSize: 4, truncateAfterChunks: 3 },
    ),
  half_done: (mock, engine) => {
    play(mock, [(request) => ({ toolCalls: [write(engine, request, WRITTEN)] })]);
    mock.on({ ...ANY, turnIndex: 1 }, { content: 'late', ...USAGE }, { latency: HANG_MS });
  },
  hang: (mock) => mock.on(ANY, { content: 'late', ...USAGE }, { latency: HANG_MS }),
};
