// Owns the queue as JSON text, short enough for an output of a job.
import type { Queue, QueueCounts, QueueItem } from '../domain/queue.ts';
import { cutChars } from './cut.ts';

/**
 * Outputs of a job may hold 1 MiB together, counted in UTF-16 as two bytes a character; what starts the attempts is one
 * of them. https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs
 */
export const QUEUE_CHARS_MAX = 200_000;
const TITLE_CHARS_MAX = 80;

export interface QueueText {
  /** A JSON array: as many items as there is room for, from the first on. */
  readonly queue: string;
  /** A JSON object that says how many there are in all. */
  readonly counts: string;
}

export function renderQueueText({ items, counts }: Queue): QueueText {
  const texts: string[] = [];
  let chars = 2;
  for (const item of items) {
    const text = JSON.stringify(shortened(item));
    chars += text.length + 1;
    if (chars > QUEUE_CHARS_MAX) break;
    texts.push(text);
  }
  const all: QueueCounts = { ...counts, listed: texts.length };
  return { queue: `[${texts.join(',')}]`, counts: JSON.stringify(all) };
}

function shortened(item: QueueItem): QueueItem {
  return item.title === null ? item : { ...item, title: cutChars(item.title, TITLE_CHARS_MAX).toWellFormed() };
}
