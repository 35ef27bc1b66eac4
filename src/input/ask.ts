// Owns the border to dispatches: what somebody typed into the Actions tab, or another service sent, as an InboxEntry.
import type { Command, InboxEntry, TooLong } from '../domain/command.ts';
import { promptTitle, TEXT_CHARS_MAX, Verb } from '../domain/command.ts';
import { personFault } from '../domain/fault.ts';
import { IssueNumber, Login, ModelName, TaskId } from '../domain/ids.ts';
import type { Instant, RunId } from '../domain/ids.ts';
import { AskableRole, EngineId } from '../domain/task.ts';
import { parseCommandWords, usageOf } from '../wire/command-text.ts';
import { modelWord } from '../wire/word-values.ts';
import type { IntakeInputs } from './action-inputs.ts';

export function parseAsk(
  inputs: IntakeInputs,
  from: { readonly run: RunId; readonly by: string; readonly at: Instant },
): InboxEntry {
  const by = Login.parse(from.by.toLowerCase());
  const engine = chosen('engine', EngineId.options, inputs.engine);
  const model = inputs.model === '' ? null : ModelName.parse(inputs.model);
  if (inputs.issue !== '' && inputs.prompt !== '') throw twoThingsAsked();
  const spoken = wordIn(inputs, { engine, model });
  if (spoken !== null) return { run: from.run, at: from.at, by, ask: spoken };
  const role = chosen('role', AskableRole.options, inputs.role) ?? ROLE_OF_EVENT[inputs.event] ?? 'code';
  const prompt = promptIn(inputs);
  if (prompt !== null) {
    const ask = { kind: 'prompt', title: promptTitle(prompt), prompt, engine, model, role } as const;
    return { run: from.run, at: from.at, by, ask };
  }
  if (inputs.issue !== '') {
    const command = commandIn(inputs, { engine, model });
    return { run: from.run, at: from.at, by, ask: { kind: 'command', issue: issueOf(inputs.issue), command } };
  }
  throw nothingAsked(inputs);
}

/** Said in the field of its own, or behind the verb. */
function promptIn({ prompt, verb }: IntakeInputs): string | null {
  if (prompt !== '') return prompt;
  const parsed = parseCommandWords(verb.replace(/^\/orch\s+/i, ''));
  return parsed.kind === 'command' && parsed.command.verb === 'ask' ? parsed.command.text : null;
}

/** Events of other systems that ask for something by their name; whatever their fields say goes before it. */
const ROLE_OF_EVENT: Readonly<Record<string, AskableRole>> = { 'audit.requested': 'audit' };
const ASSIGNED = 'task.assigned';

/** A task that was assigned starts, with the engine it was assigned to if one is named; a plain dispatch retries. */
function verbOf({ verb, event }: IntakeInputs, engine: EngineId | null): string {
  if (verb !== '') return verb.replace(/^\/orch\s+/i, '');
  if (event !== ASSIGNED) return 'retry';
  return engine === null ? 'start' : 'assign';
}

const INTERNAL = /^i\d+$/i;
const TO_ALL: ReadonlySet<Verb> = new Set<Verb>([
  'pause',
  'resume',
  'job',
  'set',
  'import',
  'export',
  'queue',
  'settings',
  'help',
]);

/** To a task without an issue, such as `i9876`, or to the whole repository. */
function wordIn(
  inputs: IntakeInputs,
  chosen_for: { readonly engine: EngineId | null; readonly model: ModelName | null },
): InboxEntry['ask'] | null {
  if (INTERNAL.test(inputs.issue)) {
    const task = TaskId.parse(inputs.issue.toLowerCase());
    return { kind: 'word', task, command: commandIn(inputs, chosen_for) };
  }
  if (inputs.issue !== '' || inputs.prompt !== '' || inputs.verb === '') return null;
  const command = commandIn(inputs, chosen_for);
  return TO_ALL.has(command.verb) ? { kind: 'word', task: null, command } : null;
}

const WITH_ENGINE: ReadonlySet<string> = new Set(['retry', 'reroute', 'assign']);

/** The words of a comment without `/orch`; a form's own fields for engine and model say the rest. */
function commandIn(
  inputs: IntakeInputs,
  { engine, model }: { readonly engine: EngineId | null; readonly model: ModelName | null },
): Command {
  const verb = verbOf(inputs, engine);
  const fields =
    WITH_ENGINE.has(verb.toLowerCase()) && engine !== null ? [engine, model === null ? '' : modelWord(model)] : [];
  const parsed = parseCommandWords([verb, ...fields].join(' '));
  if (parsed.kind === 'command')
    return parsed.command.verb === 'retry' && model !== null ? { ...parsed.command, model } : parsed.command;
  if (parsed.refusal === 'too_long') throw tooMuchSaid(parsed);
  throw personFault({
    title: `The dispatch asks for an unknown ${parsed.refusal === 'unknown_engine' ? 'engine' : 'verb'}`,
    cause:
      parsed.refusal === 'unknown_words'
        ? `${JSON.stringify(verb.slice(0, 100))} lacks words: it is said ${JSON.stringify(usageOf(parsed.word))}`
        : `${JSON.stringify(parsed.word)} is not one of: ${(parsed.refusal === 'unknown_engine' ? EngineId.options : Verb.options).join(', ')}`,
    remedy: 'Dispatch again with one of these.',
  });
}

function tooMuchSaid({ word, chars }: TooLong) {
  return personFault({
    title: 'The dispatch says too much',
    cause: `\`${word}\` takes at most ${TEXT_CHARS_MAX[word]} characters, and these are ${chars}`,
    remedy: 'Dispatch again with fewer words; the field `prompt` takes a longer text.',
  });
}

/** Empty and `any` (the form's own word) choose nothing. */
function chosen<Word extends string>(name: string, words: readonly Word[], text: string): Word | null {
  if (text === '' || text.toLowerCase() === 'any') return null;
  const word = words.find((one) => one === text.toLowerCase());
  if (word !== undefined) return word;
  throw personFault({
    title: `The dispatch asks for an unknown ${name}`,
    cause: `${JSON.stringify(text.slice(0, 100))} is not one of: ${words.join(', ')}`,
    remedy: 'Dispatch again with one of these.',
  });
}

function issueOf(text: string): IssueNumber {
  const parsed = IssueNumber.safeParse(/^#?\d+$/.test(text) ? Number(text.replace('#', '')) : null);
  if (parsed.success) return parsed.data;
  throw personFault({
    title: 'The dispatch names no issue',
    cause: `${JSON.stringify(text.slice(0, 100))} is not an issue number`,
    remedy: 'Dispatch again with a number such as 12.',
  });
}

function twoThingsAsked() {
  return personFault({
    title: 'The dispatch asks for two things',
    cause: 'it names an issue and a prompt; an issue says by itself what to do',
    remedy: 'Dispatch again with one of them; what an issue lacks can be said in a comment on it.',
  });
}

function nothingAsked({ verb }: IntakeInputs) {
  if (verb !== '')
    return personFault({
      title: 'The dispatch names no issue',
      cause: `${JSON.stringify(verb.slice(0, 100))} is said to a task`,
      remedy: 'Dispatch again with the number of its issue; with any number for a word to all, such as `start all`.',
    });

  return personFault({
    title: 'The dispatch asks for nothing',
    cause: 'it names neither an issue nor a prompt',
    remedy: 'Dispatch again with one of them; a dispatch without inputs only starts a tick.',
  });
}
