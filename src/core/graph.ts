// Owns the graph of who waits for whom: an order with blockers first, the cycles, and how much waits for a task.

/** `waits_for` names, per node, what has to end first; names that are no node (closed or unknown issues) are ignored. */
export interface Graph<Node> {
  readonly nodes: readonly Node[];
  readonly waits_for: ReadonlyMap<Node, readonly Node[]>;
}

export interface Sorted<Node> {
  /** Every node once. What a node waits for stands before it, except inside a cycle, whose members stand together. */
  readonly order: readonly Node[];
  /** Nodes that wait for each other, each group once, in the order of `nodes`. A node that waits for itself is one. */
  readonly cycles: readonly (readonly Node[])[];
}

interface Visit {
  readonly at: number;
  low: number;
  open: boolean;
}

/**
 * Tarjan's strongly connected components, which come out blockers first: one walk gives order and cycles.
 * Without recursion: a chain of ten thousand issues is deeper than the call stack. Linear in nodes and edges.
 */
export function sortGraph<Node>({ nodes, waits_for }: Graph<Node>): Sorted<Node> {
  const places = new Map(nodes.map((node, at) => [node, at]));
  const visits = new Map<Node, Visit>();
  const pending: Node[] = [];
  const groups: Node[][] = [];
  for (const root of nodes) {
    if (visits.has(root)) continue;
    const path = [enter(root)];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = step.edges.next();
      if (next.done === true) {
        path.pop();
        leave(step, path.at(-1));
      } else if (places.has(next.value)) {
        const seen = visits.get(next.value);
        if (seen === undefined) path.push(enter(next.value));
        else if (seen.open) step.visit.low = Math.min(step.visit.low, seen.at);
      }
    }
  }
  return { order: groups.flat(), cycles: groups.filter(isCycle) };

  function enter(node: Node): Step<Node> {
    const visit = { at: visits.size, low: visits.size, open: true };
    visits.set(node, visit);
    pending.push(node);
    return { node, visit, edges: (waits_for.get(node) ?? []).values() };
  }

  function leave({ node, visit }: Step<Node>, parent: Step<Node> | undefined): void {
    if (parent !== undefined) parent.visit.low = Math.min(parent.visit.low, visit.low);
    if (visit.low !== visit.at) return;
    const group = pending.splice(pending.lastIndexOf(node));
    for (const member of group) close(member);
    groups.push(group.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0)));
  }

  function close(node: Node): void {
    const visit = visits.get(node);
    if (visit !== undefined) visit.open = false;
  }

  function isCycle([first, ...others]: readonly Node[]): boolean {
    return first !== undefined && (others.length > 0 || (waits_for.get(first) ?? []).includes(first));
  }
}

interface Step<Node> {
  readonly node: Node;
  readonly visit: Visit;
  readonly edges: Iterator<Node, unknown>;
}

/** Who waits for a node, directly. */
export function dependantsOf<Node>({ nodes, waits_for }: Graph<Node>): ReadonlyMap<Node, readonly Node[]> {
  const dependants = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const blocker of new Set(waits_for.get(node))) dependants.get(blocker)?.push(node);
  return dependants;
}

/**
 * How many nodes wait for this one, through others too, itself not counted. Counting all of them for every node is
 * quadratic in any known way, so the walk ends at `limit` nodes: above it all count the same.
 */
export function countWaiting<Node>(node: Node, dependants: ReadonlyMap<Node, readonly Node[]>, limit: number): number {
  const found = new Set([node]);
  for (const member of found) {
    for (const next of dependants.get(member) ?? []) {
      found.add(next);
      if (found.size > limit) return limit;
    }
  }
  return found.size - 1;
}
