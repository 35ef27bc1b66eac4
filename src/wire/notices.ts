// Owns the answers to people who spoke to Orch: one function a notice, each with the marker of the comment it answers.
import { Verb } from '../domain/command.ts';
import { unreachable } from '../domain/fault.ts';
import type { CommentId } from '../domain/ids.ts';
import type { Notice, RefusalNotice } from '../domain/notice.ts';
import { renderList } from './amount-text.ts';
import { renderBody } from './body.ts';
import { inlineCode } from './escape.ts';
import { renderTask } from './link.ts';
import { renderMarker } from './marker.ts';
import { renderStateLines } from './state-lines.ts';
import { renderWait } from './wait-text.ts';

/** `comment` is the one that asked: an answer is found again by it, and never given twice. */
export function renderNotice(notice: Notice, comment: CommentId): string {
  return renderBody([{ text: textOf(notice), rank: 0 }], renderMarker('answer', { comment }));
}

function textOf(notice: Notice): string {
  switch (notice.kind) {
    case 'why':
      return whyText(notice);
    case 'help':
      return helpText(notice);
    case 'refused':
      return renderRefusal(notice.refusal);
    default:
      return unreachable(notice);
  }
}

/** The same three lines as the state comment, and the figures of this very moment where they say more. */
function whyText({ view, wait }: Notice & { readonly kind: 'why' }): string {
  const { what, why, next } = renderStateLines(view);
  const now = wait !== null && CHANGES.has(wait.kind) ? renderWait(wait) : why;
  return `**${renderTask(view.task)}: ${what}.**\\\n**Why:** ${now}\\\n**Next:** ${next}`;
}

/** Reasons whose figures change from tick to tick, which is why the state comment leaves them out. */
const CHANGES: ReadonlySet<string> = new Set(['capacity', 'lease_unread', 'details_unread', 'routing_budget']);

const VERB_TEXT: Readonly<Record<Verb, readonly [usage: string, text: string]>> = {
  retry: ['retry [engine] [model]', 'try again with a fresh budget, and with that engine and model from now on'],
  skip: ['skip', 'leave this issue alone until somebody retries it'],
  cancel: ['cancel', 'stop the running attempt; what it has done so far is kept'],
  why: ['why', 'say what it waits for'],
  help: ['help', 'show this list'],
};

function helpText({ commands, mention, ready }: Notice & { readonly kind: 'help' }): string {
  const rows = Verb.options.map(
    (verb) => `| \`/orch ${VERB_TEXT[verb][0]}\` | ${VERB_TEXT[verb][1]} | ${commands[verb]} |`,
  );
  const engines =
    ready.length === 0
      ? 'No engine can run here yet: none of their keys is set.'
      : `Engines that can run here: ${renderList(ready, 'and')}.`;
  return [
    'Write a command at the start of a line:',
    '',
    '| Command | What it does | Role it takes |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `${inlineCode(`${mention} retry`)} says the same as \`/orch retry\`. ${engines} Labels work too: \`agent:<engine>\`, \`model:<name>\`, \`complexity:<size>\`, \`priority:<level>\`.`,
  ].join('\n');
}

export function renderRefusal(refusal: RefusalNotice): string {
  switch (refusal.kind) {
    case 'not_permitted':
      return `\`/orch ${refusal.verb}\` takes at least the role \`${refusal.needed}\` in this repository, and yours is \`${refusal.held}\`. Somebody with that role can say it for you.`;
    case 'unknown_verb':
      return `Orch does not know ${inlineCode(refusal.word)}. It knows ${renderList(
        Verb.options.map((verb) => `\`${verb}\``),
        'and',
      )}; \`/orch help\` explains them.`;
    case 'unknown_engine':
      return `${inlineCode(refusal.word)} is not an engine. ${refusal.ready.length === 0 ? 'None can run here yet: none of their keys is set.' : `These can run here: ${renderList(refusal.ready, 'and')}. An example: \`/orch retry ${refusal.ready[0] ?? ''}\`.`}`;
    case 'not_a_task':
      return `This issue is not in Orch's queue. The label ${inlineCode(refusal.intake_label)} puts it there.`;
    case 'nothing_to_cancel':
      return `Nothing is running here; it stands at \`${refusal.state}\`. \`/orch skip\` takes it out of the queue.`;
    case 'already_running':
      return `Attempt ${refusal.attempt} is running already. \`/orch cancel\` stops it; after that, \`/orch retry\` starts anew.`;
    case 'already_done':
      return `This is ${refusal.state === 'done' ? 'done' : 'closed as not planned'}. Reopen the issue to have more done.`;
    case 'label_forbids':
      return `A label decides here: ${refusal.remedy === 'add' ? 'add' : 'remove'} ${inlineCode(refusal.label)} first, and then say it again.`;
    default:
      return unreachable(refusal);
  }
}
