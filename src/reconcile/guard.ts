// Owns the last look at a plan: what breaks an invariant is our own mistake, and nothing of it is done.
import type { Violation } from '../core/checks/checked.ts';
import type { Effect } from '../domain/effect.ts';
import { bugFault } from '../domain/fault.ts';
import type { RunId, TaskId } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';

/**
 * Stop rather than guess: a task whose part of the plan breaks a rule is left alone, and the others go on, since what
 * breaks in one tick breaks in the next. What breaks a rule for all of them ends the tick.
 */
export function guarded(plan: Plan, check: (plan: Plan) => readonly Violation[]): Plan {
  const found = check(plan);
  const tasks = new Set(found.flatMap(({ task }) => task ?? []));
  insist(found.filter(({ task }) => task === null));
  if (tasks.size === 0) return plan;
  const runs = askedIn(plan, tasks);
  const rest = {
    ...plan,
    effects: plan.effects.filter(
      (effect) => !concerns(effect, tasks) && !(effect.kind === 'clear_inbox' && runs.has(effect.run)),
    ),
    alarms: [
      ...plan.alarms,
      ...[...tasks].map((task) => ({ kind: 'withheld', task, why: whyOf(found, task) }) as const),
    ],
  };
  insist(check(rest));
  return rest;
}

function concerns(effect: Effect, tasks: ReadonlySet<TaskId>): boolean {
  const about = effect.kind === 'append_history' ? effect.line : effect;
  return 'task' in about && tasks.has(about.task);
}

/** A dispatch leaves the inbox with the record of it, and not before. */
function askedIn({ effects }: Plan, tasks: ReadonlySet<TaskId>): ReadonlySet<RunId> {
  const records = effects.flatMap((effect) =>
    effect.kind === 'append_journal' && tasks.has(effect.task) ? effect.records : [],
  );
  return new Set(
    records.flatMap((record) => {
      if (record.kind === 'asked') return [record.run];
      return record.kind === 'commanded' && 'run' in record.from ? [record.from.run] : [];
    }),
  );
}

function whyOf(found: readonly Violation[], task: TaskId): string {
  return found
    .filter((violation) => violation.task === task)
    .map(({ invariant, detail }) => `${invariant} (${detail})`)
    .slice(0, NAMED_MAX)
    .join('; ');
}

const NAMED_MAX = 5;

function insist(violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  const named = violations
    .slice(0, NAMED_MAX)
    .map(({ invariant, task, detail }) => `${task === null ? '' : `task ${task}: `}${invariant} (${detail})`);
  const more = violations.length - named.length;
  throw bugFault({
    title: 'The plan of this tick breaks its own rules; nothing was done',
    cause: `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    remedy: 'Please report this as a bug, with the run link.',
  });
}
