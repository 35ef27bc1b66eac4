// Owns what a person can do to go on: the exact command, label or click.
import { unreachable } from '../domain/fault.ts';
import type { InternalEnd, Resume, StateView } from '../domain/notice.ts';
import { renderList } from './amount-text.ts';
import { renderCompareLink } from './compare-link.ts';
import { inlineCode } from './escape.ts';
import { renderTask } from './link.ts';
import { renderClosing } from './pr-body.ts';

const OPEN_NAMED_MAX = 5;

/** The imperative, without a full stop: "comment `/orch retry`". */
export function renderResume(resume: Resume, view: StateView): string {
  switch (resume.kind) {
    case 'retry':
      return 'comment `/orch retry`';
    case 'say':
      return `comment \`/orch ${resume.verb}\``;
    case 'retry_other':
      return `comment \`/orch retry ${resume.engine}\``;
    case 'add_label':
      return `add the label ${inlineCode(resume.label)}`;
    case 'remove_label':
      return `remove the label ${inlineCode(resume.label)}`;
    case 'replace_label':
      return `replace the label ${inlineCode(resume.label)} with ${renderList(resume.allowed.map(inlineCode), 'or') || 'one that exists'}`;
    case 'relabel':
      return `somebody with at least the role \`${resume.needed}\` takes the label ${inlineCode(resume.label)} off and sets it again`;
    case 'open_pull':
      return openPull(view);
    case 'review_pull':
      return `review #${resume.pr}; ${renderOnMerge(view)}`;
    case 'reopen_pull':
      return `reopen #${resume.pr}`;
    case 'close_issue':
      return 'close this issue if you agree';
    case 'reopen_issue':
      if (view.internal_end !== null) return afterInternal(view.internal_end);
      if (view.on_merge === 'leaves_issue' && view.state === 'done')
        return 'nothing to do; if something is missing, reopen this issue, and close it first if it is open';
      return view.state === 'done'
        ? 'nothing to do; reopen this issue if something is missing'
        : 'nothing to do; reopen this issue to have it done after all';
    case 'close_dependencies':
      return dependenciesToClose(view);
    case 'break_circle':
      return breakCircle(resume.at);
    default:
      return unreachable(resume);
  }
}

/** "merging it closes this issue" */
export function renderOnMerge({ on_merge }: Pick<StateView, 'on_merge'>): string {
  switch (on_merge) {
    case 'closes_issue':
      return 'merging it closes this issue';
    case 'leaves_issue':
      return 'merging it ends the task, and this issue stays open (`auto_close: false`)';
    case 'ends_task':
      return 'merging it ends the task';
    default:
      return unreachable(on_merge);
  }
}

/** Nobody can reopen what has no issue. */
function afterInternal(end: InternalEnd): string {
  return end.kind === 'published' && end.issue !== null
    ? `nothing to do here; a label on #${end.issue} has more done`
    : 'nothing to do';
}

/** The setting is named, since it is the lasting cure. */
function openPull({ compare, repository_url, on_merge, task }: StateView): string {
  const setting = '"Allow GitHub Actions to create and approve pull requests" under Settings › Actions › General';
  if (compare === null) return `open the pull request by hand, and turn on ${setting}`;
  const body = on_merge === 'ends_task' ? '' : renderClosing(renderTask(task), on_merge === 'closes_issue');
  const link = renderCompareLink({
    repository_url,
    base: compare.base,
    head: compare.head,
    title: compare.title,
    body,
  });
  return `[open the pull request](${link}), and for the next ones turn on ${setting}`;
}

/** The way out is in the issues' own pages: GitHub shows dependencies there, and texts are edited there. */
function breakCircle(at: number | null): string {
  return at === null
    ? 'take one of these dependencies away; the tasks go on by themselves then'
    : `see #${at} for the whole circle, and take one dependency away`;
}

function dependenciesToClose({ wait }: StateView): string {
  const open = openNames(wait).slice(0, OPEN_NAMED_MAX);
  const named = renderList(open, 'and') || 'what it depends on';
  return `nothing to do here; it starts by itself when ${named} ${open.length > 1 ? 'are' : 'is'} closed`;
}

function openNames(wait: StateView['wait']): readonly string[] {
  if (wait?.kind === 'foreign') return wait.open;
  const waits = wait?.kind === 'dependencies' || wait?.kind === 'children' || wait?.kind === 'phase';
  return waits ? wait.open.map((issue) => `#${issue}`) : [];
}
