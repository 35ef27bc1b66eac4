// Owns the shape in which git hands over what it read; the GitHub edge needs it and may not import the git edge.
import type { InboxEntry } from '../domain/command.ts';
import type { HistoryLine } from '../domain/effect.ts';
import type { BranchName, CommitSha, TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import type { RoomFacts } from '../domain/snapshot.ts';

export interface JournalWorld {
  readonly chains: ReadonlyMap<TaskId, { readonly journal: TaskJournal; readonly tip: CommitSha }>;
  readonly inbox: readonly (InboxEntry & { readonly tip: CommitSha })[];
  readonly history: { readonly tip: CommitSha | null; readonly lines: readonly HistoryLine[] };
  readonly room: RoomFacts;
  /** Tasks whose journal cannot be read, with the reason; everything else goes on. */
  readonly unreadable: readonly { readonly task: TaskId; readonly why: string }[];
}

export interface World extends JournalWorld {
  /** Branches of ours, with their heads. */
  readonly branches: ReadonlyMap<BranchName, CommitSha>;
}
