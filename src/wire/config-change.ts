// Owns how a change of the configuration is told: in an answer, and as a pull request.
import type { Login, TaskId } from '../domain/ids.ts';
import type { ProposalPage } from '../domain/notice.ts';
import { CONFIG_PATH } from '../domain/setting.ts';
import type { ConfigChange } from '../domain/setting.ts';
import { cutChars } from './cut.ts';
import { renderCompareLink } from './compare-link.ts';
import { escapeLine, inlineCode, neutralLine, quoteBlock } from './escape.ts';
import { renderTask } from './link.ts';

const TITLE_CHARS_MAX = 120;

export interface ChangePull {
  readonly title: string;
  readonly body: string;
}

/** `task`: under which it was asked for; null: by a dispatch to the whole repository. */
export function renderChangePull(
  change: ConfigChange,
  { by, task }: { readonly by: Login; readonly task: TaskId | null },
): ChangePull {
  const where = task === null ? 'by a dispatch' : `on ${renderTask(task)}`;
  const asked = `${escapeLine(by)} asked for this ${where}: ${changeText(change)}.`;
  const prompt = change.kind === 'add_job' ? ['', 'What it is asked each time:', '', quoteBlock(change.prompt)] : [];
  const then = `Merge it and it holds from the next tick on; close it and everything stays as it is. Only \`${CONFIG_PATH}\` is changed.`;
  return { title: renderChangeTitle(change), body: [asked, ...prompt, '', then].join('\n') };
}

export function renderProposed(change: ConfigChange, page: ProposalPage): string {
  const link = renderCompareLink({ ...page, title: renderChangeTitle(change), body: '' });
  return `The configuration is a file, so this is a pull request: [${renderChangeTitle(change)}](${link}). It holds once somebody merges it. Should GitHub not let Actions open pull requests here, that page has the button that does.`;
}

function renderChangeTitle(change: ConfigChange): string {
  return cutChars(neutralLine(titleOf(change)), TITLE_CHARS_MAX);
}

function titleOf(change: ConfigChange): string {
  switch (change.kind) {
    case 'set':
      return change.value === 'default' ? `Let ${change.key} have its default` : `Set ${change.key} to ${change.value}`;
    case 'add_job':
      return `Add the job ${change.name}`;
    case 'remove_job':
      return `Remove the job ${change.name}`;
  }
}

function changeText(change: ConfigChange): string {
  switch (change.kind) {
    case 'set':
      return change.value === 'default'
        ? `let ${inlineCode(change.key)} have its default`
        : `set ${inlineCode(change.key)} to ${escapeLine(change.value)}`;
    case 'add_job':
      return `add the job ${inlineCode(change.name)}, at ${inlineCode(change.cron)} in ${inlineCode(change.timezone)}${change.role === 'audit' ? ', as an audit' : ''}`;
    case 'remove_job':
      return `remove the job ${inlineCode(change.name)}`;
  }
}
