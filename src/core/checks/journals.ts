// Owns the invariants of what a plan writes down: one fenced append per task, records that fit what is already there.
import { FINDINGS_MAX } from '../../domain/finding.ts';
import { foldJournal, liveAttempt, liveWith, withRecords } from '../../domain/fold-journal.ts';
import type { AppendJournal } from '../../domain/effect.ts';
import type { JournalRecord, TaskJournal } from '../../domain/journal.ts';
import { withRoomRecords } from '../../domain/room.ts';
import type { Room } from '../../domain/room.ts';
import { effectsOf } from './checked.ts';
import type { Checked, Violation } from './checked.ts';

export function checkJournals(checked: Checked): readonly Violation[] {
  const appends = effectsOf(checked.plan, 'append_journal');
  return [
    ...onceEach(appends),
    ...appends.flatMap((append) => checkAppend(append, checked)),
    ...checkRoom(checked),
    ...checkInbox(checked),
  ];
}

function onceEach(appends: readonly AppendJournal[]): readonly Violation[] {
  const seen = new Set<string>();
  return appends.flatMap(({ task }) => {
    const twice = seen.has(task);
    seen.add(task);
    return twice ? [{ invariant: 'one append per task', task, detail: 'two appends would race each other' }] : [];
  });
}

function checkAppend({ task, expected, records }: AppendJournal, { snapshot }: Checked): readonly Violation[] {
  const facts = snapshot.tasks.get(task);
  const broken = (invariant: string, detail: string): Violation => ({ invariant, task, detail });
  return [
    ...(expected === (facts?.journal_tip ?? null)
      ? []
      : [broken('the fence is the tip that was seen', `expected ${expected}, seen ${facts?.journal_tip ?? null}`)]),
    ...(facts?.issue_read === 'unread'
      ? [broken('nothing is decided for a task that was not read', 'its issue is unread')]
      : []),
    ...obeyedEdits(records, snapshot).map((comment) => broken('an edit does not speak', `comment ${comment}`)),
    ...(records.length > 0 ? [] : [broken('an append says something', 'no records')]),
    ...checkRecords(facts?.journal ?? foldJournal([]), records).map((detail) =>
      broken('records fit the journal', detail),
    ),
  ];
}

function obeyedEdits(records: readonly JournalRecord[], { commands }: Checked['snapshot']): readonly number[] {
  const obeyed = records.flatMap((record) =>
    record.kind === 'commanded' && record.refused === null && 'comment' in record.from ? [record.from.comment] : [],
  );
  if (obeyed.length === 0) return [];
  const edited = new Set(commands.filter((command) => command.edited === true).map(({ comment }) => comment));
  return obeyed.filter((comment) => edited.has(comment));
}

/** Record by record, since each is judged in the light of those before it. */
function checkRecords(journal: TaskJournal, records: readonly JournalRecord[]): readonly string[] {
  const problems: string[] = [];
  let so_far = journal;
  for (const [at, record] of records.entries()) {
    problems.push(...misfit(so_far, record), ...repeated(record, records.slice(0, at), journal));
    so_far = withRecords(so_far, [record]);
  }
  return problems;
}

function misfit(journal: TaskJournal, record: JournalRecord): readonly string[] {
  const live = liveAttempt(journal);
  switch (record.kind) {
    case 'settled':
      return liveWith(journal, record.attempt) !== null
        ? []
        : [`attempt ${record.attempt} is settled and does not hold the lease`];
    case 'claimed':
      return live === null || (live.claim.group !== undefined && live.claim.group === record.group)
        ? []
        : [`attempt ${record.attempt} is claimed while attempt ${live.number} holds the lease`];
    case 'priced':
      return ['only the attempt itself knows what it cost'];
    case 'asked':
      return journal.handled_runs.has(record.run) ? ['a dispatch is handled twice'] : [];
    case 'filing':
      return record.findings.length <= FINDINGS_MAX ? [] : [`${record.findings.length} findings of ${FINDINGS_MAX}`];
    case 'rebuilt':
      return journal.attempts.length === 0 ? [] : ['a journal that is there is rebuilt'];
    case 'commanded':
    case 'admitted':
    case 'routed':
    case 'opened':
    case 'pr_refused':
    case 'shown':
    case 'finished':
    case 'published':
    case 'proposed':
    case 'filed':
    case 'importing':
    case 'imported':
      return [];
  }
}

/** One comment may hold several commands, none twice in a row: all of them are in the append that first speaks of it. */
function repeated(record: JournalRecord, earlier: readonly JournalRecord[], before: TaskJournal): readonly string[] {
  if (record.kind !== 'commanded') return [];
  const { from } = record;
  const is_handled =
    'comment' in from ? before.handled_comments.has(from.comment) : 'run' in from && before.handled_runs.has(from.run);
  // What was not understood is written down without its words: two such commands look alike, and change nothing.
  const said = isUnderstood(record) ? JSON.stringify(record) : null;
  const last = JSON.stringify(earlier.findLast(isUnderstood));
  return is_handled || said === last ? ['a command is handled twice'] : [];
}

function isUnderstood(record: JournalRecord): boolean {
  return record.kind === 'commanded' && (record.command !== undefined || record.refused === null);
}

function checkRoom({ plan, snapshot }: Checked): readonly Violation[] {
  const appends = effectsOf(plan, 'append_room');
  const broken = (invariant: string, detail: string): Violation => ({ invariant, task: null, detail });
  return [
    ...(appends.length > 1 ? [broken('one append to the room', `${appends.length} would race each other`)] : []),
    ...appends
      .filter(({ expected }) => expected !== snapshot.room.tip)
      .map(({ expected }) => broken('the fence is the tip that was seen', `the room: expected ${expected}`)),
    ...appends
      .filter(({ records, room }) => !sameRoom(room, withRoomRecords(snapshot.room.state, records)))
      .map(() => broken('the room is what its records make of it', 'the state differs')),
  ];
}

function sameRoom(a: Room, b: Room): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What a dispatch said exists nowhere else: it is cleared only when it was seen. */
function checkInbox({ plan, snapshot }: Checked): readonly Violation[] {
  const tips = new Map(snapshot.inbox.map(({ run, tip }) => [run, tip]));
  return effectsOf(plan, 'clear_inbox')
    .filter(({ run, expected }) => tips.get(run) !== expected)
    .map(({ run }) => ({ invariant: 'only what was read leaves the inbox', task: null, detail: `run ${run}` }));
}
