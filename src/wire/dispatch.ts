// Owns what a dispatch asks: the words of `workflow_dispatch` inputs or a `repository_dispatch` payload, understood.
import { Verb } from '../domain/command.ts';
import type { InboxEntry } from '../domain/command.ts';
import { IssueNumber, ModelName } from '../domain/ids.ts';
import { EngineId, Role } from '../domain/task.ts';
import { cutChars } from './cut.ts';
import { commandOf } from './inbox.ts';

/** All optional; the empty string is "not given", as GitHub passes inputs. */
export interface AskWords {
  readonly verb: string;
  readonly issue: string;
  readonly prompt: string;
  readonly engine: string;
  readonly model: string;
  readonly role: string;
}

export type ParsedAsk =
  | { readonly kind: 'asked'; readonly ask: InboxEntry['ask'] }
  /** Neither an issue nor a prompt: the dispatch only wakes. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'invalid'; readonly problem: string; readonly remedy: string };

const PROMPT_CHARS_MAX = 65_536;
const TITLE_CHARS_MAX = 80;

export function parseAsk(words: AskWords): ParsedAsk {
  const issue = words.issue.trim().replace(/^#/, '');
  const prompt = words.prompt.trim();
  if (issue === '' && prompt === '') return { kind: 'nothing' };
  if (issue !== '' && prompt !== '') {
    return invalid(
      'an issue and a prompt were given',
      'Give one of them. For an issue, write the prompt as a comment there.',
    );
  }
  const engine = engineOf(words.engine);
  if ('kind' in engine) return engine;
  const wish = { engine: engine.value, model: modelOf(words.model) };
  return issue === '' ? parsePrompt(prompt, words.role, wish) : parseCommand(issue, words.verb, wish);
}

interface Wish {
  readonly engine: EngineId | null;
  readonly model: ModelName | null;
}

function parseCommand(issue_word: string, verb_word: string, wish: Wish): ParsedAsk {
  const issue = IssueNumber.safeParse(/^\d{1,15}$/.test(issue_word) ? Number(issue_word) : null);
  if (!issue.success)
    return invalid(`${quoted(issue_word)} is not the number of an issue`, 'Give the number alone, such as 12.');
  const verb = Verb.safeParse(verb_word.trim().toLowerCase() || 'retry');
  if (!verb.success) return invalid(`${quoted(verb_word)} is not a command`, `Use one of ${Verb.options.join(', ')}.`);
  const command = commandOf({ verb: verb.data, engine: wish.engine, model: wish.model });
  return { kind: 'asked', ask: { kind: 'command', issue: issue.data, command } };
}

function parsePrompt(prompt: string, role_word: string, wish: Wish): ParsedAsk {
  const role = Role.safeParse(role_word.trim().toLowerCase() || 'code');
  if (!role.success) return invalid(`${quoted(role_word)} is not a role`, `Use one of ${Role.options.join(', ')}.`);
  if (role.data !== 'code') return invalid(`the role ${role.data} does not run yet`, 'Use the role `code`.');
  if (prompt.length > PROMPT_CHARS_MAX)
    return invalid(
      `the prompt has more than ${PROMPT_CHARS_MAX} characters`,
      'Put the details into a file of the repository and name it.',
    );
  const title = cutChars(prompt.split('\n', 1)[0]?.trim() ?? '', TITLE_CHARS_MAX);
  return { kind: 'asked', ask: { kind: 'prompt', title, prompt, ...wish, role: role.data } };
}

function engineOf(word: string): { readonly value: EngineId | null } | (ParsedAsk & { readonly kind: 'invalid' }) {
  const name = word.trim().toLowerCase();
  if (name === '' || name === 'any') return { value: null };
  const engine = EngineId.safeParse(name);
  return engine.success
    ? { value: engine.data }
    : invalid(`${quoted(word)} is not an engine`, `Use one of ${EngineId.options.join(', ')}, or any.`);
}

/** Names of models are the vendor's; whatever is given is passed on. */
function modelOf(word: string): ModelName | null {
  const model = ModelName.safeParse(word.trim());
  return model.success ? model.data : null;
}

function invalid(problem: string, remedy: string): ParsedAsk & { readonly kind: 'invalid' } {
  return { kind: 'invalid', problem, remedy };
}

function quoted(word: string): string {
  return JSON.stringify(cutChars(word, 60));
}
