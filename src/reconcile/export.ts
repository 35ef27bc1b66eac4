// Owns the queue as an export: every open task as a line that an import reads, with what has come of it so far.
import { filesHinted } from '../core/overlap.ts';
import { spendOf } from '../core/spend.ts';
import { PRIORITY_NAMES } from '../domain/command.ts';
import type { Decision, TaskDecision } from '../domain/decision.ts';
import type { Effect } from '../domain/effect.ts';
import { lastAttempt } from '../domain/fold-journal.ts';
import type { TaskId } from '../domain/ids.ts';
import type { TaskJournal } from '../domain/journal.ts';
import { ownLabels, phaseOf, PRIORITIES, readLabels } from '../domain/label.ts';
import type { ExportView } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot, TaskFacts } from '../domain/snapshot.ts';
import type { TaskLine } from '../domain/task-line.ts';
import { isOver } from '../domain/task.ts';
import { runUrl } from '../wire/link.ts';
import { renderTaskLines } from '../wire/task-lines.ts';
import { byTurn, lastState, unread } from './queue.ts';
import { titleOf } from './state-view.ts';

interface World {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
}

/** Only where somebody asks for it. */
export function exportEffects(decision: Decision, world: World): readonly Effect[] {
  const asked = [
    ...decision.told.map(({ say }) => say),
    ...decision.tasks.flatMap(({ answers, told }) => [...answers, ...told].map(({ say }) => say)),
  ];
  if (!asked.some((say) => say?.kind === 'export')) return [];
  return [{ kind: 'keep_export', text: renderTaskLines(linesOf(decision, world)) }];
}

/** What people are told of it. */
export function exportView(decision: Decision, world: World): ExportView {
  const { repository, run } = world.snapshot;
  const others = unread(decision.tasks, world.snapshot).flatMap(({ journal }) => lastState(journal) ?? []);
  const just_over = decision.tasks.filter(({ is_task, state }) => is_task && isOver(state));
  return {
    tasks: listed(decision).length,
    over: others.filter(isOver).length + just_over.length,
    unread: others.filter((state) => !isOver(state)).length,
    run_url: runUrl(repository.url, run),
  };
}

/** What has come to its end in this very tick is over too. */
function listed({ tasks }: Decision): readonly TaskDecision[] {
  return tasks.filter(({ is_task, state }) => is_task && !isOver(state));
}

/** In the order of the queue; of a task that was not read nobody knows what it says. */
function linesOf(decision: Decision, world: World): readonly TaskLine[] {
  return listed(decision)
    .toSorted(byTurn)
    .map((decision) => lineOf(decision, world));
}

function lineOf({ facts, journal, state }: TaskDecision, { snapshot, policy }: World): TaskLine {
  const labels = facts.issue?.labels ?? [];
  const name = nameIn(snapshot);
  const body = facts.issue?.body ?? journal.asked?.prompt ?? '';
  const { intake } = policy;
  return {
    id: name(facts.id),
    title: titleOf(facts, journal),
    body,
    state,
    priority: journal.priority ?? priorityIn(readLabels(labels, intake.label).priorities),
    phase: phaseOf(labels),
    labels: ownLabels(labels, intake.label),
    dependencies: (facts.issue?.dependencies ?? [])
      .filter(({ source }) => source !== 'soft')
      .map(({ issue }) => name(issue)),
    files: filesHinted(body),
    done_so_far: doneSoFar(facts, journal, snapshot),
  };
}

function nameIn({ repository: { owner, name } }: Snapshot): (task: TaskId | number) => string {
  return (task) => `${owner}/${name}#${task}`;
}

function priorityIn([highest]: readonly number[]): TaskLine['priority'] {
  return PRIORITY_NAMES.find((name) => PRIORITIES[name] === highest) ?? null;
}

function doneSoFar(facts: TaskFacts, journal: TaskJournal, snapshot: Snapshot): TaskLine['done_so_far'] {
  const { attempts, unpriced, usd, tokens } = spendOf(journal.attempts);
  const parent = facts.issue?.parent ?? null;
  const last = lastAttempt(journal);
  return {
    engine: last?.claim.engine ?? journal.route?.engine ?? null,
    attempts: last?.number ?? journal.attempts_before,
    pull_request: journal.pr,
    cost_usd: attempts === 0 || unpriced === attempts ? null : usd,
    tokens: tokens === 0 ? null : tokens,
    parent: parent === null ? null : nameIn(snapshot)(parent),
    as_of: snapshot.at,
  };
}
