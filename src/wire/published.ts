// Owns the text of an issue made of a task that had none: what was asked, by whom, and what came of it so far.
import type { TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { renderBody } from './body.ts';
import { cutBytes, cutChars } from './cut.ts';
import { escapeLine, neutralLine, quoteBlock } from './escape.ts';
import { renderTask } from './link.ts';
import { renderMarker } from './marker.ts';

const TITLE_CHARS_MAX = 200;
const PROMPT_BYTES_MAX = 30_000;
const SUMMARY_BYTES_MAX = 8_000;

export interface PublishedAbout {
  readonly task: TaskId;
  readonly journal: TaskJournal;
  readonly publish: NonNullable<TaskJournal['publish']>;
}

/** `marker` is the same whenever it is rendered: it is what finds the issue again. */
export function renderPublished({ task, journal, publish }: PublishedAbout): {
  readonly title: string;
  readonly body: string;
  readonly marker: string;
} {
  const { asked, attempts, pr } = journal;
  const summary = attempts.at(-1)?.settled?.summary ?? '';
  const by = asked === null ? '' : `, asked for by ${escapeLine(asked.by)}`;
  const came = pr === null ? '' : ` Its pull request is #${pr}.`;
  const marker = renderMarker('published', { task });
  const sections = [
    { text: quoteBlock(cutBytes(asked?.prompt ?? '', PROMPT_BYTES_MAX)), rank: 1 },
    {
      text: summary === '' ? '' : `What came of it so far:\n\n${quoteBlock(cutBytes(summary, SUMMARY_BYTES_MAX))}`,
      rank: 2,
    },
    {
      text: `This was ${renderTask(task)}${by}; ${escapeLine(publish.by)} made an issue of it.${came} Orch leaves it alone until somebody labels it.`,
      rank: 0,
    },
  ];
  const title = cutChars(neutralLine(asked?.title ?? ''), TITLE_CHARS_MAX) || `Task ${task}`;
  return { title, body: renderBody(sections, marker), marker };
}
