// Owns the border to dispatches: what somebody typed into the Actions tab, or another service sent, as an InboxEntry.
import type { Command, InboxEntry, TooLong } from '../domain/command.ts';
import { promptTitle, saidToAllTasks, TEXT_CHARS_MAX, Verb } from '../domain/command.ts';
import { personFault } from '../domain/fault.ts';
import { IssueNumber, Login, MODEL_CHARS_MAX, ModelName, TaskId } from '../domain/ids.ts';
import type { Instant, RunId } from '../domain/ids.ts';
import { spokenWords } from '../domain/spoken.ts';
import { AskableRole, EngineId } from '../domain/task.ts';
import { parseCommandWords, usageOf } from '../wire/command-text.ts';
import type { IntakeInputs } from './action-inputs.ts';

/** What the form's own fields choose. */
interface Choice {
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
  readonly role: AskableRole;
}

export function parseAsk(
  inputs: IntakeInputs,
  from: { readonly run: RunId; readonly by: string; readonly at: Instant },
): InboxEntry {
  const by = Login.parse(from.by.toLowerCase());
  const choice: Choice = {
    engine: chosen('engine', EngineId.options, inputs.engine),
    model: modelIn(inputs.model),
    role: chosen('role', AskableRole.options, inputs.role) ?? roleOfEvent(inputs) ?? 'code',
  };
  if (inputs.issue !== '' && inputs.prompt !== '') throw twoThingsAsked('it names an issue and a prompt');
  return { run: from.run, at: from.at, by, ask: askIn(inputs, choice) };
}

function askIn(inputs: IntakeInputs, choice: Choice): InboxEntry['ask'] {
  const prompt = promptIn(inputs);
  if (prompt !== null) return { kind: 'prompt', title: promptTitle(prompt), prompt, ...choice };
  if (inputs.issue === '' && inputs.verb === '') throw nothingAsked(inputs);
  const command = commandIn(inputs, choice);
  if (isToRepository(command)) return { kind: 'word', task: null, command };
  if (inputs.issue === '') {
    if (TO_ALL.has(command.verb)) return { kind: 'word', task: null, command };
    throw nothingAsked(inputs);
  }
  if (INTERNAL.test(inputs.issue)) return { kind: 'word', task: TaskId.parse(inputs.issue.toLowerCase()), command };
  return { kind: 'command', issue: issueOf(inputs.issue), command };
}

/** Said in the field of its own, or behind the verb. */
function promptIn({ prompt, verb }: IntakeInputs): string | null {
  const word = verb.replace(/^\/orch\s+/i, '');
  if (prompt !== '') {
    if (word !== '' && word.toLowerCase() !== 'ask')
      throw twoThingsAsked(`it says \`${word.slice(0, 100)}\` and a prompt`);
    return prompt;
  }
  const parsed = parseCommandWords(word);
  return parsed.kind === 'command' && parsed.command.verb === 'ask' ? parsed.command.text : null;
}

/** Events of other systems that ask for something by their name; whatever their fields say goes before it. */
const ROLE_OF_EVENT: Readonly<Record<string, AskableRole>> = { 'audit.requested': 'audit' };
const ASSIGNED = 'task.assigned';

/** A verb says by itself what is to be done. */
function roleOfEvent({ event, verb, prompt }: IntakeInputs): AskableRole | null {
  return verb === '' || prompt !== '' ? (ROLE_OF_EVENT[event] ?? null) : null;
}

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

/** The same wherever it is said: the number of an issue adds nothing, and the summary of the run has the answer. */
function isToRepository(command: Command): boolean {
  switch (command.verb) {
    case 'export':
    case 'queue':
    case 'settings':
    case 'help':
      return true;
    case 'job':
      return command.action === 'list' || command.action === 'check';
    default:
      return saidToAllTasks(command) !== null;
  }
}

const WITH_ENGINE: ReadonlySet<string> = new Set(['retry', 'reroute', 'assign']);

/** The words of a comment without `/orch`; a form's own fields for engine and model say the rest. */
function commandIn(inputs: IntakeInputs, choice: Choice): Command {
  const { engine } = choice;
  const verb = verbOf(inputs, engine);
  const fields = WITH_ENGINE.has(verb.toLowerCase()) && engine !== null ? [engine] : [];
  const parsed = parseCommandWords([verb, ...fields].join(' '));
  if (parsed.kind === 'command') return heeding(withModel(parsed.command, choice), choice);
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

/** A new engine is chosen by a `reroute` that names none, and a model is one engine's. */
function withModel(command: Command, { model }: Choice): Command {
  if (model === null || !('model' in command) || command.model !== null) return command;
  return command.verb === 'reroute' && command.engine === null ? command : { ...command, model };
}

/** What somebody filled in and nothing comes of is told, not dropped. */
function heeding(command: Command, { engine, model, role }: Choice): Command {
  const said = spokenWords(command);
  if (engine !== null && said.engine !== engine) throw notHeeded('engine', engine, command);
  if (model !== null && said.model !== model) throw notHeeded('model', model, command);
  if (role !== 'code') throw notHeeded('role', role, command);
  return command;
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

function modelIn(text: string): ModelName | null {
  if (text === '') return null;
  const parsed = ModelName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw personFault({
    title: 'The dispatch names no model',
    cause: `${JSON.stringify(`${text.slice(0, 100)}…`)} has ${text.length} characters, and a model's name has at most ${MODEL_CHARS_MAX}`,
    remedy: 'Dispatch again with the name of a model, or without.',
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

function twoThingsAsked(both: string) {
  return personFault({
    title: 'The dispatch asks for two things',
    cause: `${both}; an issue says by itself what to do, and a prompt is a task of its own`,
    remedy: 'Dispatch again with one of them; what an issue lacks can be said in a comment on it.',
  });
}

const HEEDS: Readonly<Record<'engine' | 'model' | 'role', string>> = {
  engine: '`retry`, `reroute` and `assign` take an engine',
  model: '`retry` and `assign` take a model, `reroute` one with its engine',
  role: 'a prompt takes a role',
};

function notHeeded(field: 'engine' | 'model' | 'role', value: string, { verb }: Command) {
  return personFault({
    title: `The dispatch chooses ${field === 'engine' ? 'an' : 'a'} ${field} that its word does not take`,
    cause: `${JSON.stringify(value.slice(0, 100))} would change nothing about \`${verb}\` as it is said here; ${HEEDS[field]}`,
    remedy: `Dispatch again without the ${field}, or with a word that takes it.`,
  });
}

function nothingAsked({ verb }: IntakeInputs) {
  if (verb !== '')
    return personFault({
      title: 'The dispatch names no issue',
      cause: `${JSON.stringify(verb.slice(0, 100))} is said to a task`,
      remedy: 'Dispatch again with the number of its issue, or of its pull request.',
    });

  return personFault({
    title: 'The dispatch asks for nothing',
    cause: 'it names neither an issue nor a prompt',
    remedy: 'Dispatch again with one of them; a dispatch without inputs only starts a tick.',
  });
}
