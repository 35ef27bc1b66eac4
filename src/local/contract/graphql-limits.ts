// Owns GitHub's rules for GraphQL documents that no schema states: page sizes, and how many nodes one call may ask for.
// https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
import {
  getNamedType,
  GraphQLError,
  isObjectType,
  Kind,
  type ASTVisitor,
  type FieldNode,
  type ValidationContext,
  type ValueNode,
} from 'graphql';
import type { JsonObject } from './json.ts';

const pageMax = 100;
const nodesMax = 500_000;

function integer(value: ValueNode | undefined, variables: JsonObject): number | undefined {
  if (value === undefined || value.kind === Kind.NULL) return undefined;
  if (value.kind === Kind.INT) return Number(value.value);
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return typeof given === 'number' ? given : undefined;
}

function pageSize(field: FieldNode, variables: JsonObject): number | undefined {
  const argument = (name: string): ValueNode | undefined =>
    field.arguments?.find((one) => one.name.value === name)?.value;
  return integer(argument('first'), variables) ?? integer(argument('last'), variables);
}

/** `issues { totalCount }` needs no page; records do. A spread may hold them, so it counts as asking. */
function asksForRecords(field: FieldNode): boolean {
  return (field.selectionSet?.selections ?? []).some(
    (selection) => selection.kind !== Kind.FIELD || ['nodes', 'edges'].includes(selection.name.value),
  );
}

/**
 * Records without `first` or `last`, or with more than 100, is refused by GitHub, and so is a call whose nested
 * pages could reach more than 500,000 nodes. Fragments are counted once, where they are defined.
 */
export function limitsRule(variables: JsonObject): (context: ValidationContext) => ASTVisitor {
  return (context) => {
    const nested: number[] = [];
    let nodes = 0;
    const sizeOf = (field: FieldNode): number | undefined => {
      const type = getNamedType(context.getType());
      const paged = context.getFieldDef()?.args.some((argument) => argument.name === 'first') ?? false;
      if (!isObjectType(type) || !type.name.endsWith('Connection') || !paged) return undefined;
      if (!asksForRecords(field)) return undefined;
      return pageSize(field, variables) ?? 0;
    };
    const report = (message: string, field: FieldNode): void =>
      context.reportError(new GraphQLError(message, { nodes: field }));
    return {
      Field: {
        enter(field) {
          const size = sizeOf(field);
          nested.push(size === undefined ? 1 : Math.max(size, 1));
          if (size === undefined) return;
          const name = field.name.value;
          if (size < 1) report(`"${name}" needs "first" or "last"`, field);
          if (size > pageMax) report(`"${name}" asks for ${size} records; GitHub gives ${pageMax} at most`, field);
          nodes += nested.reduce((product, one) => product * one, 1);
          if (nodes > nodesMax) report(`the call could reach ${nodes} nodes; GitHub allows ${nodesMax}`, field);
        },
        leave() {
          nested.pop();
        },
      },
    };
  };
}
