// Owns the plan: a decision rendered, compared with what is there, and cut down to the differences.
import { graphView } from '../core/graph-view.ts';
import type { World } from '../core/world.ts';
import { periodSpend, periodsAt } from '../core/spend.ts';
import { readyIds } from '../core/world.ts';
import type { QueuePart } from '../domain/command.ts';
import type { Decision } from '../domain/decision.ts';
import type { AppendHistory, AppendJournal, AppendRoom, Effect, HistoryLine } from '../domain/effect.ts';
import type { Instant, LabelName, NodeId } from '../domain/ids.ts';
import { isBefore, oldestOf, plusMinutes } from '../domain/instant.ts';
import type { Alarm, Spent } from '../domain/notice.ts';
import { withRoomRecords } from '../domain/room.ts';
import type { Plan } from '../domain/plan.ts';
import type { Policy, PolicyOrigin } from '../domain/policy.ts';
import type { SettingPlaces } from '../domain/setting.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { familyManifest, labelManifest, originManifest } from '../wire/labels.ts';
import type { LabelSpec } from '../wire/labels.ts';
import { tellDispatch } from './answers.ts';
import { withinBudget } from './budget.ts';
import { exportEffects, exportView } from './export.ts';
import { historyOf } from './history-lines.ts';
import { jobsOf } from './jobs-view.ts';
import { epicEffects } from './imports.ts';
import { dispatchedProposals } from './proposals.ts';
import { settingsBelow, settingsOf } from './settings-view.ts';
import { queueView } from './queue-view.ts';
import { showTask } from './show-task.ts';
import type { ShownTask } from './show-task.ts';
import { isTroubled, spentOn } from './state-view.ts';
import type { Around } from './state-view.ts';

export interface Showing {
  readonly decision: Decision;
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly origin: PolicyOrigin;
  /** Asked for when somebody wants to know. */
  readonly places?: (() => SettingPlaces) | undefined;
}

export function planShowing({ decision, snapshot, policy, origin, places = () => new Map() }: Showing): Plan {
  const world = { snapshot, policy };
  const around = {
    policy,
    origin,
    repository: snapshot.repository,
    ready: readyIds(world),
    queue: (of: QueuePart | null) => queueView(decision, world, of),
    exported: () => exportView(decision, world),
    settings: (key: string | null) =>
      key === null ? settingsOf(policy, places()) : settingsBelow(key, policy, places()),
    jobs: jobsOf(decision, { snapshot, policy }),
    runs: snapshot.asked_runs ?? new Map<string, readonly Instant[]>(),
    spent: spentNow(decision, world),
    nodes: nodesFor(decision, snapshot),
  };
  const shown = decision.tasks.map((task) => showTask(task, world, around));
  const { kept, left } = withinBudget(shown.filter(writes), isUrgent);
  const history = historyLines(decision, kept, { left, world });
  return {
    effects: [
      ...roomAppend(decision, snapshot),
      ...inOrder({ decision, kept, history, around, exports: exportEffects(decision, world) }),
    ],
    reports: shown.map(({ report }) => report),
    alarms: [
      ...decision.told.flatMap((told) => tellDispatch(told, around)),
      ...kept.flatMap(({ told }) => told),
      ...originAlarms(origin),
      ...decision.alarms,
      ...leftAlarms(left, kept.length),
    ],
    graph: graphView(decision, snapshot, policy),
    more: decision.more || left > 0,
  };
}

/** A task that was made of a comment answers where that stands, and a pull request of no task has nothing of its own. */
function nodesFor({ tasks }: Decision, { tasks: read, pulls = new Map() }: Snapshot): Around['nodes'] {
  const asks = tasks.some(({ answers }) => answers.some(({ say }) => say?.kind === 'asked' || say?.kind === 'refused'));
  const known = asks ? [...read.values()].flatMap(({ issue, pull }) => [issue ?? [], pull ?? []].flat()) : [];
  return new Map([
    ...known.map(({ number, id }): [number, NodeId] => [Number(number), id]),
    ...[...pulls].map(([number, { id }]): [number, NodeId] => [Number(number), id]),
  ]);
}

/** Of the repository, with what this tick has taken in. */
function spentNow({ tasks }: Decision, { snapshot, policy }: World): readonly Spent[] {
  const journals = new Map([...snapshot.tasks.values()].map(({ id, journal }) => [id, journal]));
  for (const { facts, journal } of tasks) journals.set(facts.id, journal);
  return periodsAt(snapshot.at).flatMap((period) => {
    const { usd, tokens } = policy.budget[period.of];
    return usd === null && tokens === null ? [] : spentOn(period.of, periodSpend(journals, period), policy);
  });
}

function writes({ records, visible }: ShownTask): boolean {
  return records.length > 0 || visible.length > 0;
}

/** Records that only say what was seen can be seen again by the next tick; all others change what is true. */
const SEEN_AGAIN: ReadonlySet<string> = new Set(['admitted', 'rebuilt', 'opened', 'finished', 'shown']);

function isUrgent({ records, decision }: ShownTask): boolean {
  return decision.answers.length > 0 || records.some(({ kind }) => !SEEN_AGAIN.has(kind));
}

interface Left {
  readonly left: number;
  readonly world: World;
}

/** The line that says "looked at until here" is only written when nothing was left behind. */
function historyLines(
  decision: Decision,
  kept: readonly ShownTask[],
  { left, world: { snapshot } }: Left,
): readonly HistoryLine[] {
  const lines = kept.flatMap(historyOf);
  if (left > 0) return lines;
  const heard = { ...heardUntil(kept, snapshot), ...owedSince(kept, snapshot.at) };
  if (decision.history.length > 0)
    return [...lines, ...decision.history.map((line) => (line.kind === 'tick' ? { ...line, ...heard } : line))];
  const appends = kept.some(({ records }) => records.length > 0);
  return appends ? [...lines, { kind: 'tick', at: snapshot.at, sweep: false, ...heard }] : lines;
}

/** What cannot be answered, on a locked issue for one, or cannot be read, is not looked for any longer. */
const OWED_MINUTES_MAX = 24 * 60;

/** The history may win where a journal loses, and what nobody wrote down must not count as heard. */
function heardUntil(
  kept: readonly ShownTask[],
  { at: now, unheard_since }: Snapshot,
): { readonly heard_until?: Instant } {
  const from = plusMinutes(now, -OWED_MINUTES_MAX);
  const left = unheard_since != null && isBefore(from, unheard_since) ? [unheard_since] : [];
  const said = kept.flatMap(({ records }) =>
    records.flatMap((record) => (record.kind === 'commanded' && 'comment' in record.from ? [record.at] : [])),
  );
  const heard_until = oldestOf([...left, ...said]);
  return heard_until === null ? {} : { heard_until };
}

function owedSince(kept: readonly ShownTask[], now: Instant): { readonly owed_since?: Instant } {
  const from = plusMinutes(now, -OWED_MINUTES_MAX);
  const owed = kept.flatMap(({ decision }) => decision.answers.map(({ at }) => at)).filter((at) => isBefore(from, at));
  const owed_since = oldestOf(owed);
  return owed_since === null ? {} : { owed_since };
}

function roomAppend({ room: records }: Decision, { room: { state, tip } }: Snapshot): readonly AppendRoom[] {
  if (records.length === 0) return [];
  return [{ kind: 'append_room', expected: tip, records, room: withRoomRecords(state, records) }];
}

interface Parts {
  readonly decision: Decision;
  readonly kept: readonly ShownTask[];
  readonly history: readonly HistoryLine[];
  readonly around: Around;
  readonly exports: readonly Effect[];
}

function inOrder({ decision, kept, history, around, exports }: Parts): readonly Effect[] {
  const journals = kept.flatMap(({ decision: { facts }, records }): AppendJournal[] =>
    records.length === 0 ? [] : [{ kind: 'append_journal', task: facts.id, expected: facts.journal_tip, records }],
  );
  const lines = history.map((line): AppendHistory => ({ kind: 'append_history', line }));
  const starts = kept.flatMap(({ claims }) => claims.map(({ start }) => start));
  const visible = kept.flatMap((task) => task.visible);
  const last = kept.flatMap((task) => task.last);
  const branches = kept.flatMap((task) => task.branch);
  const epics = epicEffects(decision.epics);
  return [
    ...journals,
    ...lines,
    ...decision.inbox,
    ...branches,
    ...starts,
    ...missingLabels([...visible, ...epics], around),
    ...exports,
    ...visible,
    ...dispatchedProposals(decision, around.repository),
    ...epics,
    ...last,
    ...kept.flatMap(({ mirror }) => mirror),
  ];
}

/** Labels are made when the first one is needed; a quiet tick asks for none. */
function missingLabels(visible: readonly Effect[], around: Around): readonly Effect[] {
  const born = [...new Set(visible.flatMap(bornWith))];
  const labels = [...missingPicks(visible, around), ...originManifest(born), ...familyManifest(born)];
  return labels.length === 0 ? [] : [{ kind: 'ensure_labels', labels }];
}

/** Labels of issues that are made. */
function bornWith(effect: Effect): readonly LabelName[] {
  if (effect.kind === 'create_issue' || effect.kind === 'create_epic' || effect.kind === 'file_finding')
    return effect.labels;
  return effect.kind === 'import_tasks' ? effect.issues.flatMap(({ labels }) => labels) : [];
}

function missingPicks(visible: readonly Effect[], { policy, repository, ready }: Around): readonly LabelSpec[] {
  if (!visible.some(({ kind }) => kind === 'set_labels')) return [];
  const known = new Set([...repository.labels].map((name) => name.toLowerCase()));
  return labelManifest(policy.intake.label, ready).filter(({ name }) => !known.has(name.toLowerCase()));
}

function originAlarms(origin: PolicyOrigin): readonly Alarm[] {
  return isTroubled(origin) ? [{ kind: 'policy', origin }] : [];
}

function leftAlarms(left: number, kept: number): readonly Alarm[] {
  return left === 0 ? [] : [{ kind: 'bounded', what: 'shown', left, limit: kept }];
}
