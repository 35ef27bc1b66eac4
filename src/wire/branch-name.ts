// Owns the names of our branches: `orch/<task>-<slug>`.
import { BranchName, TaskId } from '../domain/ids.ts';

export const BRANCH_PREFIX = 'orch/';
const SLUG_CHARS_MAX = 40;

/** Only `[a-z0-9-]` comes out, whatever a title holds: a branch name travels through many other tools. */
export function branchFor(task: TaskId, title: string): BranchName {
  return BranchName.parse(`${BRANCH_PREFIX}${task}-${slugOf(title)}`);
}

export function parseBranch(name: string): { readonly task: TaskId; readonly slug: string } | null {
  const match = /^orch\/(i?\d+)-([a-z0-9-]+)$/.exec(name);
  const task = TaskId.safeParse(match?.[1]);
  return task.success ? { task: task.data, slug: match?.[2] ?? '' } : null;
}

function slugOf(title: string): string {
  const ascii = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const cut = ascii.length <= SLUG_CHARS_MAX ? ascii : ascii.slice(0, SLUG_CHARS_MAX).replace(/-[^-]*$/, '');
  return cut.replaceAll(/-+$/g, '') || 'task';
}
