// Owns Codex behind our interface: how it is started headless, and what its JSON events say.
import { UNKNOWN_USAGE } from '../domain/outcome.ts';
import type { Engine, Invocation, Launch } from './engine.ts';
import { countAt, textAt } from './event.ts';
import type { Event } from './event.ts';
import { withAction, withMessage } from './told.ts';
import type { Told, Trouble } from './told.ts';

const API_URL = 'https://api.openai.com/v1';
const KEY_ENV = 'OPENAI_API_KEY';

/** Rust target triples, by Node's names. */
const TARGETS: Readonly<Record<string, string>> = {
  x64: 'x86_64-unknown-linux-musl',
  arm64: 'aarch64-unknown-linux-musl',
};

export const codex: Engine = {
  id: 'codex',
  package: {
    name: '@openai/codex',
    program: 'codex',
    version_args: ['--version'],
    binary: (platform, arch) => {
      const target = TARGETS[arch];
      return platform === 'linux' && target !== undefined
        ? `@openai/codex-linux-${arch}/vendor/${target}/bin/codex`
        : null;
    },
  },
  api_url: API_URL,
  key_env: KEY_ENV,
  key_required: true,
  home_folders: ['.codex'],
  usage_is: 'of_session',
  launch: launchCodex,
  take: takeCodex,
  result_is_last_line: false,
  ends_by: 'word',
};

/**
 * A provider of our own: `OPENAI_BASE_URL` is ignored, and `openai_base_url` hangs after the first tool call.
 * Inside our sandbox its own is off, since it would make `.git` read-only and cannot nest everywhere.
 */
function launchCodex(invocation: Invocation): Launch {
  const { policy, model, session, isolated, home, executable } = invocation;
  const provider = [
    'name="orch"',
    `base_url=${tomlText(invocation.api_url ?? API_URL)}`,
    'wire_api="responses"',
    `env_key="${KEY_ENV}"`,
    'request_max_retries=4',
    'stream_max_retries=4',
  ].join(',');
  return {
    argv: [
      executable ?? 'codex',
      'exec',
      '--json',
      '--skip-git-repo-check',
      '-s',
      isolated ? 'danger-full-access' : 'workspace-write',
      '-c',
      'model_provider="orch"',
      '-c',
      `model_providers.orch={${provider}}`,
      '-c',
      'check_for_update_on_startup=false',
      ...(model === null ? [] : ['-m', model]),
      ...(session === null ? [] : ['resume', session]),
      '-',
    ],
    env: { CODEX_HOME: `${home}/.codex`, ...policy.env },
    stdin: invocation.prompt,
  };
}

/** JSON's string escapes are TOML's basic-string escapes. */
function tomlText(text: string): string {
  return JSON.stringify(text);
}

function takeCodex(told: Told, event: Event): Told {
  const known = { ...told, events: told.events + 1 };
  switch (textAt(event, 'type')) {
    case 'thread.started':
      return { ...known, session: textAt(event, 'thread_id') ?? known.session };
    case 'item.started':
    case 'item.completed':
      return takeItem(known, event);
    case 'error': {
      const trouble = readTrouble(textAt(event, 'message') ?? '');
      return withAction({ ...known, trouble }, trouble.message);
    }
    case 'turn.completed':
      return { ...known, usage: usageOf(event), final: { kind: 'success' } };
    case 'turn.failed':
      return { ...known, final: { kind: 'failed', trouble: readTrouble(textAt(event, 'error', 'message') ?? '') } };
    default:
      return known;
  }
}

function takeItem(told: Told, event: Event): Told {
  switch (textAt(event, 'item', 'type')) {
    case 'agent_message':
      return withMessage(told, textAt(event, 'item', 'text') ?? '');
    case 'command_execution':
      return withAction(told, 'runs', textAt(event, 'item', 'command'));
    case 'file_change':
      return withAction(told, 'edits files');
    // An item of type "error" is often a mere warning, such as missing model metadata.
    default:
      return told;
  }
}

/** Counters of the whole thread: a resumed turn reports the earlier ones too. `input_tokens` includes cached ones. */
function usageOf(event: Event): Told['usage'] {
  return {
    ...UNKNOWN_USAGE,
    input_tokens: countAt(event, 'usage', 'input_tokens'),
    output_tokens: countAt(event, 'usage', 'output_tokens'),
    cache_read_tokens: countAt(event, 'usage', 'cached_input_tokens'),
    cache_write_tokens: countAt(event, 'usage', 'cache_write_input_tokens'),
  };
}

/** Its failures have no code, only sentences of its own; a status stands where these say it stands. */
const STATUS = /^(?:Reconnecting\.\.\. \d+\/\d+ \()?(?:unexpected status|exceeded retry limit, last status:) (\d{3})\b/;
const SENTENCES: readonly (readonly [string, RegExp])[] = [
  ['context_length_exceeded', /^Codex ran out of room in the model's context window/],
  ['insufficient_quota', /^Quota exceeded\./],
  ['rate_limit', /^You've hit your usage limit/],
  ['overloaded', /^Selected model is at capacity/],
  ['model_not_found', /^The model `[^`]*` does not exist/],
  ['connection_failed', /^(?:Reconnecting\.\.\. \d+\/\d+ \()?stream disconnected before completion/],
];

function readTrouble(message: string): Trouble {
  const status = STATUS.exec(message)?.[1];
  const code = SENTENCES.find(([, sentence]) => sentence.test(message))?.[0] ?? null;
  return { status: status === undefined ? null : Number(status), code, message };
}
