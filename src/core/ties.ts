// Owns how the tasks of one tick hang together: who waits for whom, which of them wait in a circle, which phase is due.
import { IssueNumber, TaskId } from '../domain/ids.ts';
import type { EpicPlace } from '../domain/journal.ts';
import { phaseOf } from '../domain/label.ts';
import type { IssueFacts, Snapshot, TaskFacts } from '../domain/snapshot.ts';
import { sortGraph } from './graph.ts';
import type { Graph } from './graph.ts';

/** Issues that wait for each other, lowest first, each waiting for the next and the last for the first. */
export type Circle = readonly IssueNumber[];

export interface Ties {
  /** Open issues and what has to be closed before them: dependencies, sub-issues, earlier phases. Nodes are `TaskId`s. */
  readonly graph: Graph<string>;
  readonly circles: ReadonlyMap<TaskId, Circle>;
  /** Open sub-issues of the same epic that stand in an earlier phase. */
  readonly earlier: ReadonlyMap<TaskId, readonly IssueNumber[]>;
}

export const NO_TIES: Ties = {
  graph: { nodes: [], waits_for: new Map() },
  circles: new Map(),
  earlier: new Map(),
};

/** Only what was read is a fact; of a task that was not, its journal still knows circle and phase. */
export function tiesOf({ tasks }: Snapshot): Ties {
  const places = [...tasks.values()].flatMap((facts) => placeOf(facts) ?? []);
  const earlier = earlierPhases(places);
  const waits_for = new Map<string, readonly string[]>();
  for (const { id, blockers } of places) {
    const all = [...blockers, ...(earlier.get(id) ?? [])];
    if (all.length > 0) waits_for.set(id, all.map(String));
  }
  if (waits_for.size === 0) return NO_TIES;
  const nodes = [...new Set([...waits_for.keys(), ...[...waits_for.values()].flat()])];
  const graph = { nodes, waits_for };
  return { graph, circles: circlesOf(graph, tasks), earlier };
}

export function openDependencies({ number, dependencies }: IssueFacts): readonly IssueNumber[] {
  return dependencies
    .filter(({ open, issue, source }) => open && issue !== number && source !== 'soft')
    .map(({ issue }) => issue);
}

export function openChildren({ children }: IssueFacts): readonly IssueNumber[] {
  return children.filter(({ open }) => open).map(({ issue }) => issue);
}

/** They block like our own; whether they wait for us in turn is not known. */
export function openForeign({ foreign = [] }: IssueFacts): readonly string[] {
  return [...new Set(foreign.filter(({ open }) => open).map(({ name }) => name))];
}

function blockersOf({ id, issue, journal: { shown } }: TaskFacts): readonly IssueNumber[] {
  if (issue === null) return remembered(id, shown?.knot ?? []);
  return issue.open ? [...openDependencies(issue), ...openChildren(issue)] : [];
}

/** Whom it waited for in the circle it was last shown to be part of. */
function remembered(id: TaskId, circle: Circle): readonly IssueNumber[] {
  const at = circle.findIndex((issue) => String(issue) === id);
  const next = circle[(at + 1) % circle.length];
  return next === undefined || String(next) === id ? [] : [next];
}

/** The place of a task in an epic; null: it has none. */
export function epicOf({ issue, journal }: Pick<TaskFacts, 'issue' | 'journal'>): EpicPlace | null {
  if (issue === null) return journal.finished === null ? (journal.shown?.epic ?? null) : null;
  const phase = phaseOf(issue.labels);
  return issue.parent === null || phase === null ? null : { parent: issue.parent, phase };
}

interface Place {
  readonly id: TaskId;
  readonly blockers: readonly IssueNumber[];
  readonly epic: EpicPlace | null;
}

/** null: facts that cannot be read, which prepare.ts tells of; the others hang together without them. */
function placeOf(facts: TaskFacts): Place | null {
  try {
    const open = facts.issue?.open !== false;
    return { id: facts.id, blockers: blockersOf(facts), epic: open ? epicOf(facts) : null };
  } catch {
    return null;
  }
}

function earlierPhases(all: readonly Place[]): ReadonlyMap<TaskId, readonly IssueNumber[]> {
  const places = all.flatMap(({ id, epic }) => (epic === null ? [] : [{ id, ...epic }]));
  const epics = Map.groupBy(places, ({ parent }) => parent);
  return new Map(
    places.flatMap(({ id, parent, phase }): [TaskId, readonly IssueNumber[]][] => {
      const before = (epics.get(parent) ?? []).filter((other) => other.phase < phase);
      return before.length === 0 ? [] : [[id, before.map((other) => IssueNumber.parse(Number(other.id)))]];
    }),
  );
}

function circlesOf(graph: Graph<string>, tasks: Snapshot['tasks']): ReadonlyMap<TaskId, Circle> {
  const found = new Map<TaskId, Circle>();
  for (const members of sortGraph(graph).cycles) {
    const circle = walk(members, graph).map((member) => IssueNumber.parse(Number(member)));
    for (const member of members) {
      const id = TaskId.parse(member);
      if (tasks.has(id)) found.set(id, circle);
    }
  }
  return found;
}

/** The shortest way from the lowest member back to itself: what a person has to look at. */
function walk(members: readonly string[], { waits_for }: Graph<string>): readonly string[] {
  const inside = new Set(members);
  const first = members.toSorted((a, b) => Number(a) - Number(b))[0] ?? '';
  const ways = [[first]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of waits_for.get(way.at(-1) ?? '') ?? []) {
      if (next === first) return way;
      if (!inside.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return members;
}
