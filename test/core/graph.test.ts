// Owns the proof of the dependency graph against brute force: order, cycles, what waits, the heaviest chain.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainWeights, criticalPath } from '../../src/core/critical-path.ts';
import { countWaiting, dependantsOf, sortGraph } from '../../src/core/graph.ts';
import type { Graph } from '../../src/core/graph.ts';

const NODES_MAX = 7;

/** Any graph of few nodes: loops, doubled edges and names that are no node included. */
const anyGraph = fc.integer({ min: 0, max: NODES_MAX }).chain((size) => {
  const edges = fc.array(fc.nat({ max: NODES_MAX }), { maxLength: 3 });
  return fc
    .array(edges, { minLength: size, maxLength: size })
    .map((lists) => graphOf(lists.map((list, node) => [node, list])));
});

/** Edges only to smaller numbers: no cycle; the nodes stand in any order. */
const anyForwardGraph = fc.integer({ min: 1, max: NODES_MAX }).chain((size) =>
  fc
    .tuple(...Array.from({ length: size }, (_, node) => fc.subarray(Array.from({ length: node }, (__, at) => at))))
    .map((lists) => lists.map((list, node): [number, number[]] => [node, list]))
    .chain((entries) => fc.shuffledSubarray(entries, { minLength: size }))
    .map(graphOf),
);

const ascending = (a: number, b: number): number => a - b;

function graphOf(entries: readonly (readonly [number, readonly number[]])[]): Graph<number> {
  return { nodes: entries.map(([node]) => node), waits_for: new Map(entries) };
}

function blockers({ nodes, waits_for }: Graph<number>, node: number): readonly number[] {
  return (waits_for.get(node) ?? []).filter((other) => nodes.includes(other));
}

/** All that `node` waits for over one or more edges, by Warshall's closure: slow and plain. */
function closure(graph: Graph<number>): ReadonlyMap<number, ReadonlySet<number>> {
  const reach = new Map(graph.nodes.map((node) => [node, new Set(blockers(graph, node))]));
  for (const over of graph.nodes)
    for (const from of graph.nodes)
      if (reach.get(from)?.has(over) === true) for (const to of reach.get(over) ?? []) reach.get(from)?.add(to);
  return reach;
}

describe('a dependency graph', () => {
  it('every task stands once in the order, after all it waits for', () => {
    fc.assert(
      fc.property(anyForwardGraph, (graph) => {
        const { order, cycles } = sortGraph(graph);
        expect(cycles).toEqual([]);
        expect(order.toSorted(ascending)).toEqual(graph.nodes.toSorted(ascending));
        for (const node of graph.nodes)
          for (const blocker of blockers(graph, node)) expect(order.indexOf(blocker)).toBeLessThan(order.indexOf(node));
      }),
    );
  });

  it('with cycles in it, every task outside of them still comes after all it waits for', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const { order } = sortGraph(graph);
        const reach = closure(graph);
        expect(order.toSorted(ascending)).toEqual(graph.nodes.toSorted(ascending));
        for (const node of graph.nodes)
          for (const blocker of blockers(graph, node))
            if (reach.get(blocker)?.has(node) !== true)
              expect(order.indexOf(blocker)).toBeLessThan(order.indexOf(node));
      }),
    );
  });

  it('a task is in a cycle exactly when it waits for itself, and each cycle is listed once', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const reach = closure(graph);
        const { cycles } = sortGraph(graph);
        const stuck = graph.nodes.filter((node) => reach.get(node)?.has(node));
        expect(cycles.flat().toSorted(ascending)).toEqual(stuck.toSorted(ascending));
        for (const cycle of cycles)
          for (const member of cycle)
            expect(stuck.filter((other) => reach.get(member)?.has(other) && reach.get(other)?.has(member))).toEqual(
              cycle,
            );
      }),
    );
  });

  it('finds the same cycles, each with the same members, whatever order the issues are read in', () => {
    const shuffled = anyGraph.chain((graph) =>
      fc
        .shuffledSubarray([...graph.nodes], { minLength: graph.nodes.length })
        .map((nodes) => ({ graph, other: { nodes, waits_for: graph.waits_for } })),
    );
    const found = (graph: Graph<number>): readonly string[] =>
      sortGraph(graph)
        .cycles.map((cycle) => cycle.toSorted(ascending).join(' '))
        .toSorted();
    fc.assert(
      fc.property(shuffled, ({ graph, other }) => {
        expect(found(other)).toEqual(found(graph));
        expect(new Set(found(graph)).size).toBe(found(graph).length);
      }),
    );
  });

  it('more work anywhere never makes a critical path shorter', () => {
    const weights = fc.array(fc.nat({ max: 8 }), { minLength: NODES_MAX, maxLength: NODES_MAX });
    fc.assert(
      fc.property(anyGraph, weights, weights, (graph, weight, more) => {
        const before = chainWeights(graph, (node) => weight[node] ?? 0);
        const after = chainWeights(graph, (node) => (weight[node] ?? 0) + (more[node] ?? 0));
        for (const node of graph.nodes) expect(after.get(node) ?? 0).toBeGreaterThanOrEqual(before.get(node) ?? 0);
      }),
    );
  });

  it('what waits for a task is counted through others, up to the limit', () => {
    fc.assert(
      fc.property(anyGraph, fc.integer({ min: 1, max: NODES_MAX }), (graph, limit) => {
        const reach = closure(graph);
        const dependants = dependantsOf(graph);
        for (const node of graph.nodes) {
          const waiting = graph.nodes.filter((other) => other !== node && reach.get(other)?.has(node));
          expect(countWaiting(node, dependants, limit)).toBe(Math.min(waiting.length, limit));
        }
      }),
    );
  });

  it('the critical path is the heaviest of all chains', () => {
    const weights = fc.array(fc.nat({ max: 8 }), { minLength: NODES_MAX, maxLength: NODES_MAX });
    fc.assert(
      fc.property(anyForwardGraph, weights, (graph, weight) => {
        const weightOf = (node: number): number => weight[node] ?? 0;
        const heaviest = (node: number): number => {
          const next = graph.nodes.filter((other) => blockers(graph, other).includes(node));
          return weightOf(node) + Math.max(0, ...next.map(heaviest));
        };
        const chains = chainWeights(graph, weightOf);
        for (const node of graph.nodes) expect(chains.get(node)).toBe(heaviest(node));
      }),
    );
  });

  it('[DEP-05] the path shown as critical is such a chain: each waits for the one before, and no other weighs more', () => {
    const weights = fc.array(fc.nat({ max: 8 }), { minLength: NODES_MAX, maxLength: NODES_MAX });
    fc.assert(
      fc.property(anyGraph, weights, (graph, weight) => {
        const weightOf = (node: number): number => weight[node] ?? 0;
        const { cycles } = sortGraph(graph);
        const free = graph.nodes.filter((node) => !cycles.flat().includes(node));
        const after = (node: number) => free.filter((other) => blockers(graph, other).includes(node));
        const heaviest = (node: number): number => weightOf(node) + Math.max(0, ...after(node).map(heaviest));
        const path = criticalPath(graph, weightOf);
        path.slice(1).forEach((node, at) => expect(blockers(graph, node)).toContain(path[at]));
        const begins = free.filter((node) => after(node).length > 0);
        expect(path.length === 0).toBe(begins.length === 0);
        expect(path.reduce((sum, node) => sum + weightOf(node), 0)).toBe(Math.max(0, ...begins.map(heaviest)));
      }),
    );
  });

  it('work that hangs on a cycle gives nobody weight', () => {
    const graph = graphOf([
      [1, []],
      [2, [1, 3]],
      [3, [2]],
    ]);
    const chains = chainWeights(graph, () => 5);
    expect(graph.nodes.map((node) => chains.get(node))).toEqual([5, 0, 0]);
  });

  it('a chain of ten thousand issues is no deeper than any other', () => {
    const graph = graphOf(Array.from({ length: 10_000 }, (_, node) => [node, node === 0 ? [] : [node - 1]]));
    expect(sortGraph(graph).order).toEqual(graph.nodes);
    expect(chainWeights(graph, () => 1).get(0)).toBe(10_000);
  });
});
