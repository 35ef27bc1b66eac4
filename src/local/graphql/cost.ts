// Owns what a GraphQL request costs, by the rule GitHub publishes.
// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
import { Kind, type DocumentNode, type FieldNode, type SelectionSetNode } from 'graphql';
import type { JsonObject } from '../contract/json.ts';

const REQUESTS_PER_POINT = 100;

/** Requests needed to fulfil each connection, as if every page were full, in hundreds; 1 at least. */
export function pointsOf(document: DocumentNode, set: SelectionSetNode, variables: JsonObject): number {
  const fragments = new Map(
    document.definitions.flatMap((one): [string, SelectionSetNode][] =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one.selectionSet]] : [],
    ),
  );
  const requestsIn = (within: SelectionSetNode | undefined): number =>
    (within?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + requestsIn(fragments.get(selection.name.value));
      const inner = requestsIn(selection.selectionSet);
      const size = selection.kind === Kind.FIELD ? sizeOf(selection, variables) : null;
      return sum + (size === null ? inner : 1 + size * inner);
    }, 0);
  return Math.max(1, Math.round(requestsIn(set) / REQUESTS_PER_POINT));
}

/** How many records a field asks for; null for one that is no connection. */
function sizeOf(field: FieldNode, variables: JsonObject): number | null {
  const argument = field.arguments?.find(({ name }) => name.value === 'first' || name.value === 'last');
  const ids = field.name.value === 'nodes' ? field.arguments?.find(({ name }) => name.value === 'ids') : undefined;
  const { value } = argument ?? ids ?? {};
  if (value === undefined) return null;
  if (value.kind === Kind.INT) return Number(value.value);
  if (value.kind === Kind.LIST) return value.values.length;
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return Array.isArray(given) ? given.length : typeof given === 'number' ? given : null;
}
