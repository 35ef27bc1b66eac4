// Owns the critical path: how much work hangs on a task, along the longest chain of what waits for it.
import { dependantsOf, sortGraph } from './graph.ts';
import type { Graph, Sorted } from './graph.ts';

/**
 * Per node: its weight and the heaviest chain of nodes that can only follow it. Weights are not negative, in any unit.
 * A node in a cycle never starts, so chains end before it, and its own figure is 0. Linear in nodes and edges.
 */
export function chainWeights<Node>(
  graph: Graph<Node>,
  weightOf: (node: Node) => number,
  { order, cycles }: Sorted<Node> = sortGraph(graph),
): ReadonlyMap<Node, number> {
  const dependants = dependantsOf(graph);
  const stuck = new Set(cycles.flat());
  const chains = new Map<Node, number>();
  for (const node of order.toReversed()) {
    const after = (dependants.get(node) ?? []).reduce((most, next) => Math.max(most, chains.get(next) ?? 0), 0);
    chains.set(node, stuck.has(node) ? 0 : weightOf(node) + after);
  }
  return chains;
}

/**
 * The nodes of the heaviest chain, in the order they can be done; of equal chains the one whose nodes are listed first.
 * Empty without edges; a cycle ends it, since nothing in it starts. Linear in nodes and edges.
 */
export function criticalPath<Node>(
  graph: Graph<Node>,
  weightOf: (node: Node) => number,
  sorted: Sorted<Node> = sortGraph(graph),
): readonly Node[] {
  const chains = chainWeights(graph, weightOf, sorted);
  const dependants = dependantsOf(graph);
  const stuck = new Set(sorted.cycles.flat());
  const heaviest = (nodes: readonly Node[]): Node | undefined =>
    nodes.reduce<Node | undefined>((best, node) => {
      if (stuck.has(node)) return best;
      return best === undefined || (chains.get(node) ?? 0) > (chains.get(best) ?? 0) ? node : best;
    }, undefined);
  const waited_for = graph.nodes.filter((node) => (dependants.get(node) ?? []).some((next) => !stuck.has(next)));
  const path: Node[] = [];
  // bounded: a chain outside of cycles passes no node twice
  for (let next = heaviest(waited_for); next !== undefined; next = heaviest(dependants.get(next) ?? []))
    path.push(next);
  return path;
}
