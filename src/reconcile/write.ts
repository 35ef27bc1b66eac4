// Owns writing: journals in one push, then what people see of the tasks whose journal we won.
import type {
  AppendHistory,
  AppendJournal,
  AppendRoom,
  ClearInbox,
  DeleteBranch,
  Effect,
  StartAttempt,
} from '../domain/effect.ts';
import { TaskId } from '../domain/ids.ts';
import type { Instant } from '../domain/ids.ts';
import type { JournalRecord } from '../domain/journal.ts';
import type { Alarm } from '../domain/notice.ts';
import type { Plan } from '../domain/plan.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Appended, EffectResult, TickPorts, VisibleEffect } from './ports.ts';

export interface Parts {
  readonly room: AppendRoom | null;
  readonly journals: readonly AppendJournal[];
  readonly history: readonly AppendHistory[];
  readonly inbox: readonly ClearInbox[];
  readonly branches: readonly DeleteBranch[];
  readonly starts: readonly StartAttempt[];
  readonly visible: readonly VisibleEffect[];
}

export function partsOf({ effects }: Plan): Parts {
  return {
    room: effects.find((effect) => effect.kind === 'append_room') ?? null,
    journals: effects.filter((effect) => effect.kind === 'append_journal'),
    history: effects.filter((effect) => effect.kind === 'append_history'),
    inbox: effects.filter((effect) => effect.kind === 'clear_inbox'),
    branches: effects.filter((effect) => effect.kind === 'delete_branch'),
    starts: effects.filter((effect) => effect.kind === 'start_attempt'),
    visible: effects.filter(isVisible),
  };
}

function isVisible(effect: Effect): effect is VisibleEffect {
  return (
    effect.kind !== 'append_room' &&
    effect.kind !== 'append_journal' &&
    effect.kind !== 'append_history' &&
    effect.kind !== 'clear_inbox' &&
    effect.kind !== 'delete_branch' &&
    effect.kind !== 'start_attempt'
  );
}

export type Written = Appended;

/** What a tick decided holds only in the room it saw; whoever finds it moved looks again. */
export async function writeRoom({ journals, log }: TickPorts, { room }: Parts): Promise<'written' | 'lost'> {
  if (room === null) return 'written';
  if ((await journals.appendRoom(room)) === 'won') return 'written';
  log.warning('Another tick changed what holds for the whole repository: nothing was done, the next tick looks again.');
  return 'lost';
}

export async function writeJournals(
  { journals: port }: TickPorts,
  { journals, history, inbox, branches }: Parts,
): Promise<Written> {
  if (journals.length + history.length + inbox.length + branches.length === 0)
    return { won: new Map(), lost: new Map(), deleted: [] };
  return port.append(journals, { history, inbox, branches });
}

/** A lost compare-and-swap drops that task's other effects; the next tick sees the truth. */
export async function showPeople(
  { apply }: TickPorts,
  { visible }: Parts,
  { lost, deleted }: Written,
): Promise<readonly EffectResult[]> {
  const allowed = visible.filter((effect) => !('task' in effect) || !lost.has(effect.task));
  return allowed.length === 0 ? deleted : [...deleted, ...(await apply.apply(allowed))];
}

/** What only GitHub's answer tells: what it forbids is not tried again, and an issue that was made is not made twice. */
export async function rememberAnswers(
  ports: TickPorts,
  results: readonly EffectResult[],
  { won, snapshot }: { readonly won: Written['won']; readonly snapshot: Snapshot },
): Promise<void> {
  const at = ports.clock.now();
  const told = Map.groupBy(
    results.flatMap((result) => answerOf(result, at) ?? []),
    ({ task }) => task,
  );
  const appends = [...told].map(([task, answers]): AppendJournal => {
    const expected = won.get(task)?.tip ?? snapshot.tasks.get(task)?.journal_tip ?? null;
    return { kind: 'append_journal', task, expected, records: answers.map(({ record }) => record) };
  });
  const inbox = results.flatMap(answeredEntry);
  if (appends.length + inbox.length > 0) await ports.journals.append(appends, { history: [], inbox, branches: [] });
}

function answerOf(
  { effect, result, forbidden, why, issue, pull, imported }: EffectResult,
  at: Instant,
): { readonly task: TaskId; readonly record: JournalRecord } | null {
  if (effect.kind === 'open_pull_request' && forbidden === true)
    return { task: effect.task, record: { kind: 'pr_refused', at, detail: why ?? '' } };
  if (effect.kind === 'create_issue' && issue !== undefined)
    return { task: effect.task, record: { kind: 'published', at, issue } };
  if (effect.kind === 'file_finding' && issue !== undefined)
    return { task: effect.task, record: { kind: 'filed', at, key: effect.key, issue } };
  if (effect.kind === 'create_epic' && issue !== undefined)
    return { task: TaskId.parse(String(issue)), record: effect.wish };
  if (effect.kind === 'tell_import' && result !== 'failed')
    return { task: effect.task, record: { kind: 'imported', at, from: effect.from, made: effect.made } };
  if (effect.kind === 'tell_import' || effect.kind === 'import_tasks') {
    const made = imported === undefined ? {} : { made: imported };
    return { task: effect.task, record: { kind: 'importing', at, from: effect.from, until: null, ...made } };
  }
  if (effect.kind === 'propose_change' && (result !== 'failed' || forbidden === true)) {
    const { task, from } = effect;
    return { task, record: { kind: 'proposed', at, from, pr: pull ?? null, detail: why ?? '' } };
  }
  return null;
}

/** A dispatch is forgotten once GitHub has answered what it asked for. */
function answeredEntry({ effect, result, forbidden }: EffectResult): readonly ClearInbox[] {
  const is_answered = result !== 'failed' || forbidden === true;
  return effect.kind === 'propose_asked' && is_answered ? [effect.entry] : [];
}

export function troubles(results: readonly EffectResult[], { lost }: Written): readonly Alarm[] {
  const failed = results.filter(({ result }) => result === 'failed');
  return [
    ...[...lost].map(([task, why]): Alarm => ({ kind: 'lost', task, why })),
    ...failed.map(({ effect, why }): Alarm => ({
      kind: 'effect_failed',
      task: 'task' in effect ? effect.task : null,
      what: effect.kind,
      why: why ?? '',
    })),
  ];
}
