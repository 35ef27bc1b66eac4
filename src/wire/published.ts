// Owns how a task without an issue reads elsewhere: as the issue that is made of it, and as a draft on the board.
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
  return { title: titleOf(task, journal), body: renderBody(sections, marker), marker };
}

/** What a board shows of it: never edited, so that people may write below. */
export function renderDraft(
  task: TaskId,
  journal: TaskJournal,
): { readonly title: string; readonly body: string; readonly marker: string } {
  const marker = renderMarker('draft', { task });
  const prompt = quoteBlock(cutBytes(journal.asked?.prompt ?? '', PROMPT_BYTES_MAX));
  const about = `This is ${renderTask(task)} of Orch; \`/orch publish\` on its pull request makes an issue of it.`;
  const sections = [
    { text: prompt, rank: 1 },
    { text: about, rank: 0 },
  ];
  return { title: titleOf(task, journal), body: renderBody(sections, marker), marker };
}

function titleOf(task: TaskId, { asked }: TaskJournal): string {
  return cutChars(neutralLine(asked?.title ?? ''), TITLE_CHARS_MAX) || `Task ${task}`;
}
