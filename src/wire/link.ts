// Owns how issues, pull requests, runs and branches are named and linked in text.
import type { BranchName, RunId, TaskId } from '../domain/ids.ts';
import type { StateView } from '../domain/notice.ts';
import { escapeLine, inlineCode } from './escape.ts';

/** `#12`, which GitHub links by itself; an internal task has no issue to link. */
export function renderTask(task: TaskId): string {
  return task.startsWith('i') ? `task ${task}` : `#${task}`;
}

/** `draft`, `open`, `open, approved`, `open, changes requested`, `merged`, `closed` */
export function renderPullState({ state, draft, review }: NonNullable<StateView['pull']>): string {
  if (state !== 'open') return state;
  if (draft) return 'draft';
  return review === null ? 'open' : `open, ${review.replace('_', ' ')}`;
}

export function renderLink(text: string, url: string): string {
  return `[${escapeLine(text)}](${url.replaceAll(/[()\s<>]/g, (char) => encodeURIComponent(char).replace('(', '%28').replace(')', '%29'))})`;
}

export interface RunOf {
  readonly run: RunId;
  readonly run_attempt: number;
}

export function runUrl(repository_url: string, { run, run_attempt }: RunOf): string {
  const url = `${repository_url}/actions/runs/${run}`;
  return run_attempt > 1 ? `${url}/attempts/${run_attempt}` : url;
}

export function renderBranchLink(repository_url: string, branch: BranchName): string {
  const path = branch.split('/').map(encodeURIComponent).join('/');
  return `[${inlineCode(branch)}](${repository_url}/tree/${path})`;
}
