// Owns what people are shown of who waits for whom: the issues of this tick, and the chain of work that takes longest.
import type { Decision } from '../domain/decision.ts';
import { TaskId } from '../domain/ids.ts';
import type { GraphView } from '../domain/notice.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { criticalPath } from './critical-path.ts';
import { sortGraph } from './graph.ts';
import { outsetOf } from './outset.ts';
import { NO_TIES } from './ties.ts';
import { workMinutes } from './what-waits.ts';

/** null: nothing that was read waits for anything. */
export function graphView({ tasks }: Decision, snapshot: Snapshot, policy: Policy): GraphView | null {
  const { prepared, world } = outsetOf(snapshot, policy);
  const { graph } = world.ties ?? NO_TIES;
  if (graph.nodes.length === 0) return null;
  const minutesOf = workMinutes(prepared.drafts, policy);
  const sorted = sortGraph(graph);
  const path = criticalPath(graph, minutesOf, sorted);
  const states = new Map<string, GraphView['nodes'][number]['state']>(
    tasks.flatMap(({ facts, is_task, state }) => (is_task ? [[facts.id, state] as const] : [])),
  );
  const titles = titlesIn(snapshot);
  const follows = new Map(path.map((node, at) => [path[at + 1], node]));
  return {
    nodes: [...new Set([...path, ...sorted.order])].map((node) => ({
      task: TaskId.parse(node),
      title: titles.get(node) ?? '',
      state: states.get(node) ?? null,
    })),
    edges: [...graph.waits_for].flatMap(([to, blockers]) =>
      [...new Set(blockers)].map((from) => ({
        from: TaskId.parse(from),
        to: TaskId.parse(to),
        critical: follows.get(to) === from,
      })),
    ),
    critical: path.map((node) => TaskId.parse(node)),
    critical_minutes: path.reduce((sum, node) => sum + minutesOf(node), 0),
    partial: snapshot.scope === 'changed',
  };
}

/** An issue that was not read itself is known by those that wait for it. */
function titlesIn({ tasks }: Snapshot): ReadonlyMap<string, string> {
  const issues = [...tasks.values()].flatMap(({ issue }) => issue ?? []);
  const named = issues.flatMap(({ dependencies, children }) => [...dependencies, ...children]);
  return new Map([
    ...named.map(({ issue, title }) => [String(issue), title] as const),
    ...issues.map(({ number, title }) => [String(number), title] as const),
  ]);
}
