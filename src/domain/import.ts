// Owns imports: what was seen of a file and of the issue its tasks go under, and what is done about it.
import type { InboxEntry } from './command.ts';
import { IssueNumber } from './ids.ts';
import type { Instant, LabelName, NodeId, TaskId } from './ids.ts';
import { isBefore } from './instant.ts';
import type { Commanded, TaskJournal } from './journal.ts';
import type { DocumentTask, TaskDocument, Unclear } from './task-document.ts';

/** More tasks than this are refused with the figure: nobody reviews them, and GitHub counts every issue. */
export const IMPORTED_MAX = 100;
/** GitHub asks for a second between writes, and a tick is not to take minutes. */
export const IMPORTED_A_TICK_MAX = 20;
/** https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/adding-sub-issues */
export const SUB_ISSUES_MAX = 100;
export const IMPORT_BYTES_MAX = 256 * 1024;

/** Why a file is not imported. */
export type ImportProblem =
  | { readonly kind: 'no_file' }
  | { readonly kind: 'no_text' }
  | { readonly kind: 'too_large'; readonly bytes: number; readonly bytes_max: number }
  /** Tasks of another repository are somebody else's queue. */
  | { readonly kind: 'other_repository'; readonly key: 'tracking_repo' | 'working_repo'; readonly named: string }
  | { readonly kind: 'no_tasks' }
  /** The issue has as many sub-issues as it may have, and none of them goes on for it. */
  | { readonly kind: 'full' }
  | { readonly kind: 'too_many'; readonly tasks: number; readonly tasks_max: number }
  /** Where the word stands is no issue. */
  | { readonly kind: 'no_issue' }
  | { readonly kind: 'unread' };

/** The issue that tasks go under, and those that go on where it is full, in this order. */
export interface EpicPart {
  readonly id: NodeId;
  readonly number: IssueNumber;
  /** How many sub-issues it has, whoever made them. */
  readonly children: number;
}

/** A sub-issue that was made of a task of the document. */
export interface ImportedTask {
  readonly key: string;
  readonly issue: IssueNumber;
  /** The word that it was made for. */
  readonly word: string;
}

export type FoundDocument =
  | { readonly kind: 'document'; readonly document: TaskDocument }
  | { readonly kind: 'problem'; readonly problem: ImportProblem };

export interface ImportSight {
  readonly found: FoundDocument;
  readonly parts: readonly EpicPart[];
  readonly there: readonly ImportedTask[];
  /** Of the labels that the document names, in lower case, those that the repository has. */
  readonly labels: ReadonlySet<string>;
}

/** One issue to make, in this order. */
export type ImportStep =
  /** Goes on where the issue before it is full; it is itself the last sub-issue there. */
  | { readonly kind: 'part'; readonly part: number }
  | { readonly kind: 'task'; readonly task: DocumentTask; readonly labels: readonly LabelName[] };

export interface ImportPlan {
  readonly steps: readonly ImportStep[];
  /** Tasks for the ticks after this one. */
  readonly left: number;
  /** Of this word. */
  readonly made: readonly ImportedTask[];
  /** Of earlier ones. */
  readonly here: readonly ImportedTask[];
  /** The document says that they are done. */
  readonly done: number;
  readonly unclear: readonly Unclear[];
  /** Named, and in neither the repository nor our families; others' text. */
  readonly labels_left_out: readonly string[];
}

/** The same for as long as the word stands. */
export function wordKey(from: Commanded['from']): string {
  if ('comment' in from) return `c${from.comment}`;
  if ('run' in from) return `r${from.run}`;
  return 'label' in from ? 'label' : from.event;
}

/** A tick makes issues of a file, or tells the end; until then no other one does. `until: null`: it is through. */
export interface Importing {
  readonly kind: 'importing';
  readonly at: Instant;
  readonly from: Commanded['from'];
  readonly until: Instant | null;
  /** What was made: a list that is read right after may not show it yet. */
  readonly made?: readonly ImportedTask[] | undefined;
}

/** A file was imported here to its end, and people were told what came of it. */
export interface Imported {
  readonly kind: 'imported';
  readonly at: Instant;
  readonly from: Commanded['from'];
  readonly made: number;
}

/** What was seen for one file at one issue; null: an issue is to be made. */
export function importId(task: TaskId | null, path: string): string {
  return `${task ?? ''} ${path}`;
}

/** A file that a dispatch names no issue for goes where it went before: what is new in it belongs there. */
export function withHomes<Entry extends InboxEntry>(
  inbox: readonly Entry[],
  journals: ReadonlyMap<TaskId, TaskJournal>,
): readonly Entry[] {
  return inbox.map((entry) => {
    const { ask } = entry;
    if (ask.kind !== 'word' || ask.task !== null || ask.command.verb !== 'import') return entry;
    const issue = IssueNumber.safeParse(Number(homeOf(ask.command.path, journals)));
    if (!issue.success) return entry;
    return { ...entry, ask: { kind: 'command', issue: issue.data, command: ask.command, at_home: true } };
  });
}

/** Where that issue is gone, another one is made. */
export function withoutLostHomes<Entry extends InboxEntry>(
  inbox: readonly Entry[],
  is_gone: (issue: IssueNumber) => boolean,
): readonly Entry[] {
  return inbox.map((entry) => {
    const { ask } = entry;
    if (ask.kind !== 'command' || ask.at_home !== true || !is_gone(ask.issue)) return entry;
    return { ...entry, ask: { kind: 'word', task: null, command: ask.command } };
  });
}

function homeOf(path: string, journals: ReadonlyMap<TaskId, TaskJournal>): TaskId | null {
  const homes = [...journals].flatMap(([id, { import_paths, finished }]) => {
    const at = import_paths.get(path);
    return at === undefined || finished?.state === 'archived' ? [] : [{ id, at }];
  });
  return (
    homes.reduce<(typeof homes)[number] | null>(
      (newest, each) => (newest === null || isBefore(newest.at, each.at) ? each : newest),
      null,
    )?.id ?? null
  );
}
