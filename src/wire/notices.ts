// Owns the answers to people who spoke to Orch: one function a notice, each with the marker of the comment it answers.
import { TEXT_CHARS_MAX, Verb } from '../domain/command.ts';
import type { QueuePart } from '../domain/command.ts';
import { unreachable } from '../domain/fault.ts';
import { HEEDED_MAX } from '../domain/spoken.ts';
import { workerBeside } from '../domain/fold-journal.ts';
import type { CommentId } from '../domain/ids.ts';
import type { JobRow, Notice, RefusalNotice } from '../domain/notice.ts';
import { renderCount, renderInstant, renderList, renderSpent } from './amount-text.ts';
import { renderBody } from './body.ts';
import { USAGE } from './command-text.ts';
import { cutChars } from './cut.ts';
import { escapeLine, inlineCode } from './escape.ts';
import { NO_EXPORT, renderExport, renderImportProblem, renderToldImport } from './import-text.ts';
import { renderProposed } from './config-change.ts';
import { renderPullState, renderTask } from './link.ts';
import { renderRuns } from './schedule-text.ts';
import { renderMarker } from './marker.ts';
import { renderSettings } from './settings-text.ts';
import { renderStateLines } from './state-lines.ts';
import { renderWait } from './wait-text.ts';

export interface AnswerPlace {
  /** The one that asked: an answer is found again by it, and never given twice. */
  readonly comment: CommentId;
  /** From 0: a comment of several commands may have several answers. */
  readonly part: number;
}

export function renderNotice(notice: Notice, { comment, part }: AnswerPlace): string {
  const marker = renderMarker('answer', part === 0 ? { comment } : { comment, part });
  return renderBody([{ text: noticeText(notice), rank: 0 }], marker);
}

/** Without the marker: for places where nobody looks for it again. */
export function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case 'why':
      return whyText(notice);
    case 'status':
      return statusText(notice);
    case 'queue':
      return queueText(notice);
    case 'settings':
      return renderSettings(notice.settings, notice.origin);
    case 'jobs':
      return jobsText(notice);
    case 'proposed':
      return renderProposed(notice.change, notice.page);
    case 'runs':
      return renderRuns(notice.schedule, notice.runs);
    case 'help':
      return helpText(notice);
    case 'asked':
      return `This is ${renderTask(notice.task)} now, a task without an issue: its pull request is what you will see of it. To have it as an issue, dispatch the workflow with the issue ${inlineCode(notice.task)} and the verb ${inlineCode('publish')}.`;
    case 'imports':
      return `An issue is made for ${inlineCode(notice.path)}; its tasks become sub-issues there, and an answer there says what came of it.`;
    case 'export':
      return notice.view === null ? NO_EXPORT : renderExport(notice.view);
    case 'imported':
      return renderToldImport(notice.told);
    case 'refused':
      return renderRefusal(notice.refusal);
    case 'unheeded':
      return `Not heeded: ${renderCount(notice.commands, 'further command')} of this comment. A comment may hold up to ${HEEDED_MAX} commands to its task; \`ask\`, \`pause\`, \`resume\`, \`job\`, \`set\`, \`import\`, \`export\` and words to \`all\` stand alone. Please say the rest again, in comments of their own.`;
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
const CHANGES: ReadonlySet<string> = new Set([
  'capacity',
  'engine_capacity',
  'overlap',
  'alone',
  'behind',
  'circuit',
  'cooldown',
  'hourly',
  'stopped',
  'budget',
  'lease_unread',
  'details_unread',
  'routing_budget',
]);

const VERB_TEXT: Readonly<Record<Verb, string>> = {
  start: 'start now, with a fresh budget; `start all` starts every task that is in line',
  assign: 'give it to that engine and model from the next attempt on',
  route: 'choose the engine and model anew before the next attempt',
  retry: 'try again with a fresh budget, and with that engine and model from now on',
  reroute: 'try again with a fresh budget, and with another engine',
  skip: 'leave this issue alone, until that day or until somebody says otherwise',
  unskip: 'take a `skip` or a `hold` back',
  cancel: 'stop the running attempt; what it has done so far is kept',
  hold: 'start nothing new here; a running attempt ends by itself',
  block: 'start nothing here before somebody says `unblock`',
  unblock: 'take a `block` back, of these issues, of this task, or of all tasks',
  priority: 'move it in the queue, whatever its labels say',
  say: 'tell the next attempt something; the lines below, up to the next command, belong to it',
  complete: 'close this issue as done',
  publish: 'make an issue of a task that has none; said on its pull request, or in a dispatch',
  import: 'make issues of the tasks that a file tells of: an epic document, or lines of JSON; they go under this issue',
  export: 'keep the tasks of the queue as lines of JSON, in a file of the run that answers',
  ask: 'start a task of its own from these words and the lines below, without an issue; so does mentioning the bot where no task is',
  refresh: 'look at this task again, now',
  pause: 'start nothing new in this repository; what runs goes on',
  resume: 'take a `pause` back',
  job: 'show the scheduled jobs, switch one on or off, run one now, propose to add or remove one, or tell when a schedule falls due',
  set: 'propose another value for a setting, as a pull request that changes the configuration',
  why: 'say what it waits for',
  status: 'say where it stands, with its attempts',
  queue: 'show what is in the queue, or all tasks of one state or one source',
  settings: 'show the settings of the queue, or any that is named, and where each comes from',
  help: 'show this list',
};

const QUEUE_ROWS_MAX = 30;
const TITLE_CHARS_MAX = 80;
const LABELS_SHOWN_MAX = 3;

function statusText({ view, wait, spent }: Notice & { readonly kind: 'status' }): string {
  const { budget, branch, pull } = view;
  const chosen = workerBeside(view) ?? view.route;
  const facts = [
    `State: \`${view.state}\``,
    ...(chosen === null
      ? []
      : [`engine: ${chosen.engine}${chosen.model === null ? '' : ` with ${inlineCode(chosen.model)}`}`]),
    `attempts: ${budget.charged} of ${budget.attempts_max} in this budget, ${view.attempts_total} in all`,
    ...(branch === null ? [] : [`branch: ${inlineCode(branch.name)}`]),
    ...(pull === null ? [] : [`pull request: #${pull.number}, ${renderPullState(pull)}`]),
    ...[...budget.spent, ...spent].map(renderSpent),
  ];
  return `${whyText({ kind: 'why', view, wait })}\n\n${facts.join('; ')}.`;
}

const SOURCES: ReadonlySet<QueuePart> = new Set<QueuePart>(['issues', 'jobs', 'prompts']);

function emptyText(of: QueuePart | null): string {
  if (of === null) return 'Nothing is in the queue.';
  return SOURCES.has(of) ? `No open task came from ${of}.` : `No task is at \`${of}\`.`;
}

function queueText({ queue: { of, paused, rows, unread } }: Notice & { readonly kind: 'queue' }): string {
  const shown = rows.slice(0, QUEUE_ROWS_MAX);
  const left = rows.length - shown.length;
  const table = shown.map(({ task, title, labels, milestone, state, wait, turn }) => {
    const why = wait === null ? '' : renderWait(wait);
    const about = labels.slice(0, LABELS_SHOWN_MAX).map((label) => ` ${inlineCode(label).replaceAll('|', '\\|')}`);
    if (milestone !== null) about.push(` (milestone ${escapeLine(cutChars(milestone, TITLE_CHARS_MAX))})`);
    return `| ${turn ?? ''} | ${renderTask(task)} ${escapeLine(cutChars(title, TITLE_CHARS_MAX))}${about.join('')} | \`${state}\` | ${why.replaceAll('|', '\\|')} |`;
  });
  const more = [
    ...(left > 0 ? [`${renderCount(left, 'more task')} not shown.`] : []),
    ...(unread > 0
      ? [`${renderCount(unread, 'task')} had no news and ${unread === 1 ? 'was' : 'were'} not looked at.`]
      : []),
  ];
  return [
    ...(paused === null ? [] : [renderWait({ kind: 'paused', by: paused.by, since: paused.at }), '']),
    ...(shown.length === 0
      ? [emptyText(of)]
      : ['| Turn | Task | State | Why |', '| --- | --- | --- | --- |', ...table]),
    ...(more.length === 0 ? [] : ['', more.join(' ')]),
  ].join('\n');
}

function jobsText({ jobs }: Notice & { readonly kind: 'jobs' }): string {
  if (jobs.length === 0) return 'There are no jobs: `jobs:` in `.github/orch.yml` lists them.';
  const rows = jobs.map(({ job, schedule, off, next, last }) => {
    const ran =
      last === null ? 'never' : `${renderInstant(last.slot)}: ${renderTask(last.task)}, \`${last.state ?? 'new'}\``;
    return `| ${inlineCode(job)} | ${inlineCode(schedule)} | ${off === null ? nextText(next) : offText(off)} | ${ran} |`;
  });
  return ['| Job | Schedule | Next run | Last run |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function nextText(next: JobRow['next']): string {
  return next === null ? 'never' : `after ${renderInstant(next)}`;
}

function offText({ by, at }: NonNullable<JobRow['off']>): string {
  if (at === null) return 'off in the configuration';
  return `off since ${renderInstant(at)}, ${by === null ? 'after failures' : `by ${escapeLine(by)}`}`;
}

function helpText({ commands, mention, ready }: Notice & { readonly kind: 'help' }): string {
  const rows = Verb.options.map(
    (verb) => `| \`/orch ${USAGE[verb].replaceAll('|', '\\|')}\` | ${VERB_TEXT[verb]} | ${commands[verb]} |`,
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
    case 'unknown_words':
      return `\`/orch ${refusal.verb}\` is said like this: \`/orch ${USAGE[refusal.verb]}\`.`;
    case 'edited':
      return 'This comment was edited after it was written, so nobody can tell whose words these are, and edits are not heeded. Please say it again, in a new comment.';
    case 'too_long':
      return `\`/orch ${refusal.verb}\` takes at most ${renderCount(TEXT_CHARS_MAX[refusal.verb], 'character')}, and these are ${refusal.chars}, with the lines below it. Nothing of it was taken: please shorten it, or say it in several comments.`;
    case 'past_day':
      return `${renderInstant(refusal.until)} is not ahead any more, so nothing changed. Name a day to come (it ends when that day begins, at midnight UTC), or leave \`until\` out.`;
    case 'has_issue':
      return 'This task has an issue already; `/orch publish` is for tasks without one.';
    case 'unknown_job':
      return `No job is called ${inlineCode(refusal.name)}. ${refusal.jobs.length === 0 ? 'There are none: `jobs:` in `.github/orch.yml` lists them.' : `There are ${renderList(refusal.jobs.map(inlineCode), 'and')}.`}`;
    case 'job_running':
      return `The last run of ${inlineCode(refusal.job)}, ${renderTask(refusal.task)}, is not over yet: a job has one run at a time. Merge or close its pull request if it has one.`;
    case 'job_off':
      return `The configuration itself says \`enabled: false\` for ${inlineCode(refusal.job)}: change that in \`.github/orch.yml\`. \`/orch job run ${refusal.job}\` runs it once all the same.`;
    case 'wrong_setting':
      return settingRefusal(refusal);
    case 'given_up':
      return 'Nothing came of it within a day, and it is not tried any longer. The summaries of the runs say why; dispatch it again once that is mended.';
    case 'already_set':
      return 'The configuration says so already.';
    case 'not_imported':
      return renderImportProblem(refusal.path, refusal.problem);
    case 'wrong_schedule':
      return scheduleRefusal(refusal);
    case 'not_skipped':
      return 'Nobody skipped or holds it by a command, so there is nothing to take back.';
    case 'not_blocked':
      return notBlocked(refusal);
    case 'not_a_task':
      if (refusal.intake_label === null)
        return 'This pull request belongs to no task of Orch. What is meant for a task is said on its issue, or on its own pull request.';
      return `This issue is not in Orch's queue. The label ${inlineCode(refusal.intake_label)} puts it there.`;
    case 'nothing_to_cancel':
      return `Nothing is running here; it stands at \`${refusal.state}\`.${refusal.state === 'skipped' ? '' : ' `/orch skip` takes it out of the queue.'}`;
    case 'already_running':
      return `Attempt ${refusal.attempt} is running already. \`/orch cancel\` stops it; after that, \`/orch retry\` starts anew.`;
    case 'already_done':
      return `This is ${refusal.state === 'done' ? 'done' : 'closed as not planned'}. Reopen its issue to have more done, and close it first if it is open; what has no issue is asked for anew with \`/orch ask\`.`;
    case 'label_forbids':
      return `A label decides here: ${refusal.remedy === 'add' ? 'add' : 'remove'} ${inlineCode(refusal.label)} first, and then say it again.`;
    default:
      return unreachable(refusal);
  }
}

function notBlocked({ open, by_word }: RefusalNotice & { readonly kind: 'not_blocked' }): string {
  if (by_word !== undefined)
    return `${renderWait({ kind: 'blocked_by_word', ...by_word })} \`/orch unblock\` takes all of that back.`;
  return open.length === 0
    ? 'Nobody blocked it by a command, so there is nothing to take back.'
    : `Nobody blocked it by a command: it ${renderWait({ kind: 'dependencies', open }).slice(3)} Close them, or take the dependency away.`;
}

function scheduleRefusal({ schedule, wrong }: RefusalNotice & { readonly kind: 'wrong_schedule' }): string {
  return wrong.key === 'timezone'
    ? `${inlineCode(schedule.timezone)} is not a time zone. Take a name of the time-zone database, such as \`Europe/Berlin\` or \`UTC\`.`
    : `${inlineCode(schedule.cron)} ${wrong.problem}. A schedule has five fields: minute, hour, day of month, month, day of week, such as \`30 6 * * MON-FRI\`; \`@daily\` and its like work too.`;
}

/** With a line, it is the file as it stands that is wrong; without, what was asked for. */
function settingRefusal({
  problem: { line, key, problem, remedy },
}: RefusalNotice & { readonly kind: 'wrong_setting' }): string {
  const named = key === '' ? '' : `${inlineCode(key)}${/^[A-Z]/.test(problem) ? ':' : ''} `;
  const what = `${named}${problem.replace(/\.$/, '')}. ${remedy}`;
  return line === null
    ? what
    : `\`.github/orch.yml\` cannot be used as it is, so nothing is built on it. Line ${line}: ${what}`;
}
