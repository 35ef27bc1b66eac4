// Owns Draft: what has been decided so far for one task; every step takes one and returns one.
import type { Answer, PullOrder, StartOrder, TaskDecision } from '../domain/decision.ts';
import { withRecords } from '../domain/fold-journal.ts';
import type { JournalRecord, TaskJournal } from '../domain/journal.ts';
import type { Deed } from '../domain/notice.ts';
import type { WaitReason } from '../domain/plan.ts';
import type { RoomRecord } from '../domain/room.ts';
import type { TaskFacts } from '../domain/snapshot.ts';
import type { LabelAsks } from '../domain/label.ts';
import { asksOf } from './world.ts';
import type { World } from './world.ts';

export interface Draft {
  readonly facts: TaskFacts;
  /** What the labels ask for; null without an issue. */
  readonly asks: LabelAsks | null;
  /** The journal with this tick's records taken in. */
  readonly journal: TaskJournal;
  readonly records: readonly JournalRecord[];
  readonly starts: readonly StartOrder[];
  readonly answers: readonly Answer[];
  readonly told: TaskDecision['told'];
  readonly open_pull: PullOrder | null;
  readonly close: TaskDecision['close'];
  readonly delete_branch: TaskDecision['delete_branch'];
  readonly publish: TaskDecision['publish'];
  readonly proposals: TaskDecision['proposals'];
  readonly imports: TaskDecision['imports'];
  /** Set by dispatch for a task that could start but does not; everything else derives its wait. */
  readonly wait: WaitReason | null;
  /** Its place in line, from 1; null: it starts, or is not in line. */
  readonly turn: number | null;
  readonly did: readonly Deed[];
  /** What people's words to this task change for the whole repository. */
  readonly room: readonly RoomRecord[];
}

/** One step of decide, seen from one task. */
export type Step = (draft: Draft, world: World) => Draft;

export function openDraft(facts: TaskFacts, world: World): Draft {
  return {
    facts,
    asks: facts.issue === null ? null : asksOf(world, facts.issue),
    journal: facts.journal,
    records: [],
    starts: [],
    answers: [],
    told: [],
    open_pull: null,
    close: null,
    delete_branch: null,
    publish: null,
    proposals: [],
    imports: null,
    wait: null,
    turn: null,
    did: [],
    room: [],
  };
}

/** Writes records down, and what they mean in a word. */
export function record(draft: Draft, records: readonly JournalRecord[], deed: Deed): Draft {
  return {
    ...draft,
    journal: withRecords(draft.journal, records),
    records: [...draft.records, ...records],
    did: [...draft.did, deed],
  };
}

/** A task is what was let in, or what asks to be: an open issue with the intake label. All else is somebody's issue. */
export function isTask({ journal, facts, asks }: Draft): boolean {
  if (journal.admitted !== null || journal.asked !== null || journal.rebuilt || journal.shown !== null) return true;
  if (journal.attempts.length > 0) return true;
  return facts.issue !== null && facts.issue.open && asks?.intake === true;
}
