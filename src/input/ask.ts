// Owns the border to dispatches: what somebody typed into the Actions tab, or another service sent, as an InboxEntry.
import type { InboxEntry } from '../domain/command.ts';
import { Verb } from '../domain/command.ts';
import { personFault } from '../domain/fault.ts';
import { IssueNumber, Login, ModelName } from '../domain/ids.ts';
import type { Instant, RunId } from '../domain/ids.ts';
import { EngineId, RunnableRole } from '../domain/task.ts';
import { commandOf } from '../wire/inbox.ts';
import type { IntakeInputs } from './action-inputs.ts';

const TITLE_CHARS_MAX = 100;

export function parseAsk(
  inputs: IntakeInputs,
  from: { readonly run: RunId; readonly by: string; readonly at: Instant },
): InboxEntry {
  const by = Login.parse(from.by.toLowerCase());
  const engine = chosen('engine', EngineId.options, inputs.engine);
  const model = inputs.model === '' ? null : ModelName.parse(inputs.model);
  if (inputs.issue !== '' && inputs.prompt !== '') throw twoThingsAsked();
  if (inputs.issue !== '') {
    const verb = chosen('verb', Verb.options, inputs.verb) ?? 'retry';
    return {
      run: from.run,
      at: from.at,
      by,
      ask: { kind: 'command', issue: issueOf(inputs.issue), command: commandOf({ verb, engine, model }) },
    };
  }
  if (inputs.prompt === '') throw nothingAsked();
  const role = chosen('role', RunnableRole.options, inputs.role) ?? 'code';
  return {
    run: from.run,
    at: from.at,
    by,
    ask: { kind: 'prompt', title: titleOf(inputs.prompt), prompt: inputs.prompt, engine, model, role },
  };
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

function titleOf(prompt: string): string {
  const line = prompt.trim().split('\n')[0] ?? '';
  return Array.from(line).slice(0, TITLE_CHARS_MAX).join('') || 'Untitled';
}

function twoThingsAsked() {
  return personFault({
    title: 'The dispatch asks for two things',
    cause: 'it names an issue and a prompt; an issue says by itself what to do',
    remedy: 'Dispatch again with one of them; what an issue lacks can be said in a comment on it.',
  });
}

function nothingAsked() {
  return personFault({
    title: 'The dispatch asks for nothing',
    cause: 'it names neither an issue nor a prompt',
    remedy: 'Dispatch again with one of them; a dispatch without inputs only starts a tick.',
  });
}
