// Owns the message of the commits Orch makes: a subject, the engine's summary, and trailers that say where it came from.
import type { AttemptNumber, ModelName, TaskId } from '../domain/ids.ts';
import type { EngineId } from '../domain/task.ts';
import { cutBytes, cutChars } from './cut.ts';
import { neutralLine, neutralText, plainLine } from './escape.ts';

export interface CommitAbout {
  readonly task: TaskId;
  readonly attempt: AttemptNumber;
  readonly engine: EngineId;
  readonly model: ModelName | null;
  /** Others' text. */
  readonly title: string;
  /** Others' text. */
  readonly summary: string;
  /** The work is unfinished and the next attempt goes on from it. */
  readonly checkpoint: boolean;
}

const SUBJECT_CHARS_MAX = 72;
const BODY_BYTES_MAX = 4_000;

export function renderCommitMessage(about: CommitAbout): string {
  const body = cutBytes(neutralText(about.summary), BODY_BYTES_MAX);
  const trailers = [
    `Orch-Task: ${about.task}`,
    `Orch-Attempt: ${about.attempt}`,
    `Orch-Engine: ${about.engine}`,
    ...(about.model === null ? [] : [`Orch-Model: ${plainLine(about.model)}`]),
  ];
  return [subjectOf(about), ...(body === '' ? [] : [asProse(body)]), trailers.join('\n')].join('\n\n') + '\n';
}

function subjectOf({ title, task, checkpoint }: CommitAbout): string {
  const words = neutralLine(title) || `Work on ${task.startsWith('i') ? task : `#${task}`}`;
  return cutChars(checkpoint ? `Checkpoint: ${words}` : words, SUBJECT_CHARS_MAX);
}

/** Their lines must not read as trailers of ours, nor as git's comment lines. */
function asProse(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^(?:[A-Za-z-]+:\s|#)/.test(line) ? ` ${line}` : line))
    .join('\n');
}
