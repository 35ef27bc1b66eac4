// Owns the labels Orch sets on issues it makes itself: where they come from. Typed by hand they mean nothing.
import { CommentId, LabelName } from './ids.ts';
import type { IssueNumber, TaskId } from './ids.ts';
import type { JobName } from './job.ts';
import type { TaskJournal } from './journal.ts';

export const SCHEDULED = LabelName.parse('scheduled');
export const MENTION = LabelName.parse('mention');
export const SELF_IMPROVEMENT = LabelName.parse('self-improvement');

const CHARS_MAX = 50;
const ORIGINS: ReadonlySet<string> = new Set([SCHEDULED, MENTION, SELF_IMPROVEMENT]);

/** Also of labels that somebody typed. */
export function isOriginLabel(label: LabelName): boolean {
  const name = label.toLowerCase();
  return ORIGINS.has(name) || /^(?:job:.|parent:\d)/.test(name);
}

/** GitHub allows fifty characters: of a longer name the beginning. */
export function jobLabel(job: JobName): LabelName {
  return LabelName.parse(`job:${job}`.slice(0, CHARS_MAX));
}

/** Of an issue that Orch makes as part of another. */
export function parentLabel(parent: IssueNumber): LabelName {
  return LabelName.parse(`parent:${parent}`);
}

/** Of the issue that a task without one becomes; none where somebody dispatched it. */
export function originLabels(task: TaskId, { asked, handled_comments }: TaskJournal): readonly LabelName[] {
  if (asked?.job !== undefined) return [SCHEDULED, jobLabel(asked.job.name)];
  // Such a task is named after the comment that asked for it.
  const comment = CommentId.safeParse(Number(task.slice(1)));
  return comment.success && handled_comments.has(comment.data) ? [MENTION] : [];
}
