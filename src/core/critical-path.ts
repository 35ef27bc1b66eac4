// Owns the critical path: how much work hangs on a task, along the longest chain of what waits for it.
import { dependantsOf, sortGraph } from './graph.ts';
import type { Graph } from './graph.ts';

/**
 * Per node: its weight and the heaviest chain of nodes that can only follow it. Weights are not negative, in any unit.
 * A node in a cycle never starts, so chains end before it, and its own figure is 0. Linear in nodes and edges.
 */
export function chainWeights<Node>(graph: Graph<Node>, weightOf: (node: Node) => number): ReadonlyMap<Node, number> {
  const { order, cycles } = sortGraph(graph);
  const dependants = dependantsOf(graph);
  const stuck = new Set(cycles.flat());
  const chains = new Map<Node, number>();
  for (const node of order.toReversed()) {
    const after = (dependants.get(node) ?? []).reduce((most, next) => Math.max(most, chains.get(next) ?? 0), 0);
    chains.set(node, stuck.has(node) ? 0 : weightOf(node) + after);
  }
  return chains;
}
