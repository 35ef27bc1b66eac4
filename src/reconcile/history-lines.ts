// Owns what the history remembers of a tick: routes, endings that became known, tasks that were finished.
import type { HistoryLine } from '../domain/effect.ts';
import type { Attempt, JournalRecord } from '../domain/journal.ts';
import type { ShownTask } from './show-task.ts';

/** An ending is news until people are shown it, and is remembered in the same push. */
export function historyOf({ decision, records }: ShownTask): readonly HistoryLine[] {
  const shows = records.some(({ kind }) => kind === 'shown');
  const news = new Set(shows ? decision.journal.news : []);
  const settled = decision.journal.attempts
    .filter(({ number }) => news.has(number))
    .flatMap((attempt) => settledLine(decision.facts.id, attempt));
  return [...settled, ...records.flatMap((record) => recordLine(decision.facts.id, record))];
}

type TaskOf = HistoryLine & { readonly kind: 'settled' };

function settledLine(task: TaskOf['task'], { number, claim, settled }: Attempt): readonly HistoryLine[] {
  if (settled === null) return [];
  const { at, outcome, seconds, usage } = settled;
  return [
    {
      kind: 'settled',
      at,
      task,
      attempt: number,
      engine: claim.engine,
      model: claim.model,
      outcome,
      seconds,
      cost_usd: usage.cost_usd,
    },
  ];
}

function recordLine(task: TaskOf['task'], record: JournalRecord): readonly HistoryLine[] {
  if (record.kind === 'routed')
    return [{ kind: 'route', at: record.at, task, engine: record.route.engine, source: record.route.source }];
  if (record.kind === 'finished')
    return [{ kind: 'finished', at: record.at, task, state: record.state, pr: record.pr }];
  return [];
}
