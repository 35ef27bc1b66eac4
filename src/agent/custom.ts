// Owns engines of the user's own: a command with slots, and the one line of JSON it ends with.
import { personFault, unreachable } from '../domain/fault.ts';
import { UNKNOWN_USAGE } from '../domain/outcome.ts';
import type { Engine, Invocation, Launch } from './engine.ts';
import { textAt } from './event.ts';
import type { Event } from './event.ts';
import { FinalWord } from './hand-in.ts';
import { withAction, withMessage } from './told.ts';
import type { Final, Told, Trouble } from './told.ts';

/**
 * `command: ["node", "agent.js", "--task", "${TASK_ID}"]`: an argument array, never a shell string, so that a title
 * with quotes stays one argument. Slots may stand anywhere inside an argument.
 *
 * Its stdin is closed. Lines it prints are shown as progress when they are `{"type":"orch.progress","message":"…"}`
 * and kept in the transcript otherwise. Its last line on stdout must be the `orch.result` of agent/hand-in.ts.
 */
export const SLOTS = ['TASK_ID', 'TITLE', 'BRANCH', 'PROMPT_FILE', 'MODEL', 'ATTEMPT'] as const;
type Slot = (typeof SLOTS)[number];

const PLACEHOLDER = /\$\{([A-Za-z_]+)\}/g;

export const custom: Engine = {
  id: 'custom',
  package: null,
  api_url: null,
  key_env: 'ORCH_ENGINE_KEY',
  key_required: false,
  home_folders: [],
  usage_is: 'of_launch',
  launch: launchCustom,
  take: takeCustom,
  result_is_last_line: true,
  ends_by: 'word',
};

function launchCustom(invocation: Invocation): Launch {
  const { command, env } = invocation.policy;
  if (command === null || command.length === 0) throw noCommand();
  const values = slotValues(invocation);
  return {
    argv: command.map((argument) => fillSlots(argument, values)),
    env: {
      ...(invocation.api_url === null ? {} : { ORCH_MODEL_URL: invocation.api_url }),
      PROMPT_FILE: invocation.prompt_file,
      ...env,
    },
    stdin: undefined,
  };
}

function slotValues({ task, title, branch, prompt_file, model, attempt }: Invocation): Readonly<Record<Slot, string>> {
  return {
    TASK_ID: task,
    TITLE: title,
    BRANCH: branch,
    PROMPT_FILE: prompt_file,
    MODEL: model ?? '',
    ATTEMPT: String(attempt),
  };
}

/** One pass: a value that looks like a slot is not filled again. */
export function fillSlots(argument: string, values: Readonly<Record<Slot, string>>): string {
  return argument.replace(PLACEHOLDER, (_, name: string) => {
    const slot = SLOTS.find((each) => each === name);
    if (slot === undefined) throw unknownSlot(name);
    // The kernel ends an argument at a NUL byte and refuses it.
    return values[slot].replaceAll('\0', '');
  });
}

function takeCustom(told: Told, event: Event): Told {
  const known = { ...told, events: told.events + 1 };
  switch (textAt(event, 'type')) {
    case 'orch.progress':
      return withAction(known, textAt(event, 'message'));
    case 'orch.result':
      return takeWord(known, event);
    default:
      // A result followed by more output was not the last word.
      return { ...known, final: null };
  }
}

function takeWord(told: Told, event: Event): Told {
  const parsed = FinalWord.safeParse(event);
  if (!parsed.success) return { ...told, final: null };
  const word = parsed.data;
  const known = {
    ...told,
    session: word.session ?? told.session,
    usage: word.usage ?? UNKNOWN_USAGE,
    not_before: word.not_before ?? told.not_before,
  };
  // The whole line is kept as its message, where every engine's final word is read.
  return { ...withMessage(known, JSON.stringify(word)), final: finalOf(word) };
}

function finalOf(word: FinalWord): Final {
  switch (word.outcome) {
    case 'success':
    case 'no_change':
      return { kind: 'success' };
    case 'limit':
      return { kind: 'failed', trouble: trouble(word, 'rate_limit') };
    case 'failed':
      return { kind: 'failed', trouble: trouble(word, word.reason ?? 'failed') };
    default:
      return unreachable(word.outcome);
  }
}

function trouble(word: FinalWord, code: string): Trouble {
  return { status: null, code, message: word.summary ?? '' };
}

function noCommand(): Error {
  return personFault({
    title: 'The custom engine has no command',
    cause: 'engines.custom.command is empty',
    remedy: 'Set it to an argument array in .github/orch.yml, such as ["node", "agent.js", "${PROMPT_FILE}"].',
  });
}

function unknownSlot(name: string): Error {
  return personFault({
    title: `The custom engine's command names an unknown slot`,
    cause: `\${${name}} is none of ${SLOTS.join(', ')}`,
    remedy: 'Correct engines.custom.command in .github/orch.yml.',
  });
}
