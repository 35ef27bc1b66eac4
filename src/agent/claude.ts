// Owns Claude Code behind our interface: how it is started headless, and what its stream-json says.
import { UNKNOWN_USAGE } from '../domain/outcome.ts';
import type { Usage } from '../domain/outcome.ts';
import type { Engine, Invocation, Launch } from './engine.ts';
import { childrenOf, countAt, numberAt, objectAt, objectsAt, textAt, textsAt } from './event.ts';
import type { Event } from './event.ts';
import { instantFromMs } from '../domain/instant.ts';
import { addUsage, maxUsage, withAction, withDenials, withMessage } from './told.ts';
import type { Told, Trouble } from './told.ts';

/** Reading and writing in its folder, and commands; the sandbox says what those reach. Web tools stay refused. */
const ALLOWED_TOOLS = 'Bash,Edit,Glob,Grep,NotebookEdit,Read,Task,TodoWrite,Write';

/** The default waits minutes under a limit; we would rather hand the slot to another engine. */
const RETRIES_MAX = '4';

/** Beyond it the number is in milliseconds, or nonsense. */
const EPOCH_SECONDS_MAX = 100_000_000_000;

export const claude: Engine = {
  id: 'claude',
  package: {
    name: '@anthropic-ai/claude-code',
    program: 'claude',
    version_args: ['--version'],
    // The package's own `bin` is a stub until its install script has run; the platform package is the program.
    binary: (platform, arch) => (platform === 'linux' ? `@anthropic-ai/claude-code-linux-${arch}/claude` : null),
  },
  api_url: 'https://api.anthropic.com',
  key_env: 'ANTHROPIC_API_KEY',
  key_required: true,
  home_folders: [],
  usage_is: 'of_session',
  launch: launchClaude,
  take: takeClaude,
  result_is_last_line: false,
  ends_by: 'word',
};

function launchClaude(invocation: Invocation): Launch {
  const { policy, model, session, api_url, isolated, executable } = invocation;
  return {
    argv: [
      executable ?? 'claude',
      '-p',
      '--output-format',
      'stream-json',
      '--verbose',
      // Not `bypassPermissions`: that refuses to run as root, and a refused tool is worth knowing of.
      '--permission-mode',
      'acceptEdits',
      '--allowedTools',
      ALLOWED_TOOLS,
      ...(model === null ? [] : ['--model', model]),
      ...(policy.turns_max === null ? [] : ['--max-turns', String(policy.turns_max)]),
      ...(policy.cost_usd_max === null ? [] : ['--max-budget-usd', String(policy.cost_usd_max)]),
      ...(session === null ? [] : ['--resume', session]),
    ],
    env: {
      ...(api_url === null ? {} : { ANTHROPIC_BASE_URL: api_url }),
      ...(isolated ? { IS_SANDBOX: '1' } : {}),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_MAX_RETRIES: RETRIES_MAX,
      DISABLE_AUTOUPDATER: '1',
      ...policy.env,
    },
    stdin: invocation.prompt,
  };
}

function takeClaude(told: Told, event: Event): Told {
  const known = { ...told, session: textAt(event, 'session_id') ?? told.session, events: told.events + 1 };
  switch (textAt(event, 'type')) {
    case 'system':
      return takeSystem(known, event);
    case 'assistant':
      return takeAssistant(known, event);
    case 'rate_limit_event':
      return takeLimit(known, event);
    case 'result':
      return takeResult(known, event);
    default:
      return known;
  }
}

function takeSystem(told: Told, event: Event): Told {
  switch (textAt(event, 'subtype')) {
    case 'init':
      return { ...told, version: textAt(event, 'claude_code_version'), model: textAt(event, 'model') };
    case 'api_retry': {
      const trouble = {
        status: numberAt(event, 'error_status'),
        code: textAt(event, 'error'),
        message: 'the model did not answer',
      };
      return withAction({ ...told, trouble }, 'waits for the model:', textAt(event, 'error'));
    }
    case 'permission_denied':
      return withDenials(told, [textAt(event, 'tool_name') ?? 'a tool']);
    default:
      return told;
  }
}

function takeAssistant(told: Told, event: Event): Told {
  const blocks = objectsAt(event, 'message', 'content');
  const text = blocks.map((block) => textAt(block, 'text') ?? '').join('');
  const tool = blocks.find((block) => textAt(block, 'type') === 'tool_use');
  const counted = withCounted(told, event);
  const spoken = withMessage(counted, text);
  const acted = tool === undefined ? spoken : withAction(spoken, textAt(tool, 'name'), toolTarget(tool));
  const error = textAt(event, 'error');
  return error === null ? acted : { ...acted, trouble: troubleOf(event, error, text) };
}

function toolTarget(tool: Event): string | null {
  return (
    ['command', 'file_path', 'pattern', 'description']
      .map((key) => textAt(tool, 'input', key))
      .find((text) => text !== null) ?? null
  );
}

/** One message arrives as one event per block, each with the message's whole usage. */
function withCounted(told: Told, event: Event): Told {
  const id = textAt(event, 'message', 'id');
  const usage = objectAt(event, 'message', 'usage');
  if (id === null || usage === null) return told;
  const counted = { id, usage: tokensOf(usage) };
  if (told.counted?.id === id) return { ...told, counted };
  return { ...told, counted, usage: addUsage(told.usage, counted.usage) };
}

/** Told of a window while it still lets work through, too: `allowed` and `allowed_warning`. */
function takeLimit(told: Told, event: Event): Told {
  if (textAt(event, 'rate_limit_info', 'status')?.startsWith('allowed') === true) return told;
  const resets_at = numberAt(event, 'rate_limit_info', 'resetsAt');
  const is_future = resets_at !== null && resets_at > 0 && resets_at < EPOCH_SECONDS_MAX;
  return is_future ? { ...told, not_before: instantFromMs(resets_at * 1000) } : told;
}

/** `subtype` says "success" for API errors too: only `is_error: false` beside it is one. */
function takeResult(told: Told, event: Event): Told {
  const denied = withDenials(
    told,
    objectsAt(event, 'permission_denials').map((denial) => textAt(denial, 'tool_name') ?? 'a tool'),
  );
  const text = textAt(event, 'result') ?? textsAt(event, 'errors').join('; ');
  const counted = { ...withMessage(denied, text), usage: maxUsage(denied.usage, resultUsage(event)) };
  if (textAt(event, 'subtype') === 'success' && event['is_error'] === false)
    return { ...counted, final: { kind: 'success' } };
  return { ...counted, final: { kind: 'failed', trouble: finalTrouble(told, event, text) } };
}

function finalTrouble(told: Told, event: Event, text: string): Trouble {
  const reason = textAt(event, 'terminal_reason');
  if (reason === 'prompt_too_long' || reason === 'max_turns' || reason === 'budget_exhausted') {
    return { status: null, code: reason, message: text };
  }
  return troubleOf(event, told.trouble?.code ?? null, text);
}

/** `unknown` without a status: an answer came, and could not be parsed. */
function troubleOf(event: Event, error: string | null, message: string): Trouble {
  const status = numberAt(event, 'api_error_status');
  const code = textAt(event, 'api_error') ?? error;
  return { status, code: code === 'unknown' && status === null ? 'unparseable_answer' : code, message };
}

/** `modelUsage` and the cost grow over a resumed session, `usage` starts anew: so the former is read. */
function resultUsage(event: Event): Usage {
  const models = childrenOf(objectAt(event, 'modelUsage') ?? {});
  const tokens = models.map(modelTokens).reduce(addUsage, UNKNOWN_USAGE);
  return { ...tokens, cost_usd: nonNegative(numberAt(event, 'total_cost_usd')), turns: countAt(event, 'num_turns') };
}

function modelTokens(model: Event): Usage {
  return {
    ...UNKNOWN_USAGE,
    input_tokens: countAt(model, 'inputTokens'),
    output_tokens: countAt(model, 'outputTokens'),
    cache_read_tokens: countAt(model, 'cacheReadInputTokens'),
    cache_write_tokens: countAt(model, 'cacheCreationInputTokens'),
  };
}

function tokensOf(usage: Event): Usage {
  return {
    ...UNKNOWN_USAGE,
    input_tokens: countAt(usage, 'input_tokens'),
    output_tokens: countAt(usage, 'output_tokens'),
    cache_read_tokens: countAt(usage, 'cache_read_input_tokens'),
    cache_write_tokens: countAt(usage, 'cache_creation_input_tokens'),
  };
}

function nonNegative(value: number | null): number | null {
  return value !== null && value >= 0 ? value : null;
}
