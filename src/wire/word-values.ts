// Owns how single words behind a verb are read: an engine, a model, a day, issues, a key, a path.
import { ISSUES_MAX, QueuePart } from '../domain/command.ts';
import type { Verb } from '../domain/command.ts';
import { ModelName } from '../domain/ids.ts';
import { isNamedBy } from '../domain/model-names.ts';
import { EngineId } from '../domain/task.ts';
import { withoutFirst } from './words.ts';

const WITH_ENGINE: ReadonlySet<Verb> = new Set(['assign', 'retry', 'reroute']);
const ENGINES: ReadonlySet<string> = new Set(EngineId.options);

/** The word that should have been an engine, or null. */
export function wrongEngine(verb: Verb, [word]: readonly string[]): string | null {
  return WITH_ENGINE.has(verb) && word !== undefined && !ENGINES.has(bare(word)) ? word : null;
}

const IS_NAME = /^[a-z][\w.:/@+-]*$/i;
/** As labels say it: for a name that looks like any other word. */
const NAMED = /^model[:=](.+)$/i;

/** What its vendor calls one of that engine's, and any word in backticks or behind `model:`; others are the reason. */
export function modelIn(word: string | undefined, engine: EngineId | null): string | null {
  const plain = (word ?? '').replaceAll('`', '');
  const marked = NAMED.exec(plain)?.[1] ?? (word?.startsWith('`') === true ? bareName(plain) : null);
  const name = marked ?? unmarkedModel(bareName(plain), engine);
  const model = ModelName.safeParse(name);
  return model.success ? model.data : null;
}

/** So that it is read as a model again. */
export function modelWord(model: ModelName, engine: EngineId | null): string {
  return modelIn(model, engine) === model ? model : `model:${model}`;
}

/** Nobody knows how a custom engine's are called: there, only what no word of a sentence looks like. */
function unmarkedModel(word: string, engine: EngineId | null): string | null {
  if (engine === null || !IS_NAME.test(word) || ENGINES.has(word.toLowerCase())) return null;
  if (engine !== 'custom') return isNamedBy(engine, word) ? word : null;
  return /\d/.test(word) && /[a-z\d][-./][a-z\d]/i.test(word) && !word.includes('://') ? word : null;
}

function bareName(word: string): string {
  return word.replaceAll(/^\*+|[*.,:;!?]+$/g, '');
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/i;

/** A day begins at midnight UTC. `until` without a day that exists is not understood; other words are a reason. */
export function untilIn([first, second]: readonly string[]): string | null | undefined {
  const named = first !== undefined && bare(first) === 'until';
  const word = (named ? second : first)?.replaceAll(/^[`*]+|[`*.,;!?]+$/g, '') ?? '';
  if (!DATE.test(word)) return named ? 'never' : null;
  const [day = '', time = '00:00'] = word.toUpperCase().replace('Z', '').split('T');
  const at = new Date(`${day}T${time}Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day ? 'never' : at.toISOString();
}

/** As far as words are numbers: `#12`, `12`; what follows is a reason. */
export function issuesIn(words: readonly string[]): readonly number[] {
  const numbers = words.map((word) => /^#?(\d{1,9})[,.;]?$/.exec(word)?.[1]);
  const end = numbers.indexOf(undefined);
  return [...new Set(numbers.slice(0, end === -1 ? ISSUES_MAX : end).map(Number))].slice(0, ISSUES_MAX);
}

/** Any other word is a reason. */
export function partIn(word: string | undefined): QueuePart | null {
  const part = QueuePart.safeParse(bare(word ?? '').replaceAll('-', '_'));
  return part.success ? part.data : null;
}

export function keyIn(word: string): string {
  return word.replaceAll(/^[`*]+|[`*.,:;?]+$/g, '');
}

/** From the root of the repository, however it was typed. */
export function pathIn(word: string): string {
  return word.replaceAll(/^[`*]+|[`*,;!?]+$/g, '').replace(/^\.?\//, '');
}

/** As it stands behind the key, without the backticks around it. */
export function valueIn(text: string): string {
  const value = withoutFirst(text).trim();
  return (/^`([^`]*)`$/.exec(value)?.[1] ?? value).trim();
}

/** People write "Why?" and `codex`, with the backticks. */
export function bare(word: string): string {
  return word.toLowerCase().replaceAll(/^[`*]+|[`*.,:;!?]+$/g, '');
}
