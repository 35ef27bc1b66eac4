// Owns the execution of one GraphQL request: GitHub's schema, our objects, errors with GitHub's types, the cost.
import { execute, parse, validate } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLError, SelectionSetNode } from 'graphql';
import { loadGraphqlSchema } from '../contract/graphql-schema.ts';
import { Refused } from '../model/state.ts';
import { GraphqlRefusal } from './refusal.ts';
import { rootOf } from './root.ts';
import type { Ctx } from './objects.ts';

export interface GraphqlResult {
  readonly body: Readonly<Record<string, unknown>>;
  readonly operation: string;
  readonly mutating: boolean;
  readonly points: number;
  readonly content_writes: number;
}

const CONTENT_FIELDS = new Set(['addComment', 'updateIssueComment', 'createIssue', 'createPullRequest', 'createLabel']);

export async function executeGraphql(ctx: Ctx, query: string, variables: Readonly<Record<string, unknown>>): Promise<GraphqlResult> {
  const schema = loadGraphqlSchema();
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    return failed('?', [{ message: error instanceof Error ? error.message : String(error) }]);
  }
  const facts = factsOf(document, variables);
  const problems = validate(schema, document);
  if (problems.length > 0) return failed(facts.operation, problems.map(({ message }) => ({ message })));
  const result = await execute({ schema, document, rootValue: rootOf(ctx), variableValues: variables, contextValue: ctx });
  const errors = result.errors?.map(errorShape) ?? [];
  return { body: { data: result.data ?? null, ...(errors.length > 0 ? { errors } : {}) }, ...facts };
}

function failed(operation: string, errors: readonly unknown[]): GraphqlResult {
  return { body: { errors }, operation, mutating: false, points: 1, content_writes: 0 };
}

function errorShape(error: GraphQLError): Readonly<Record<string, unknown>> {
  const { originalError, message, path } = error;
  const type = originalError instanceof GraphqlRefusal ? originalError.type : originalError instanceof Refused ? (originalError.status === 403 ? 'FORBIDDEN' : 'UNPROCESSABLE') : undefined;
  const detail = originalError instanceof Refused ? originalError.errors.map((one) => JSON.stringify(one)).join(' ') : '';
  return { ...(type === undefined ? {} : { type }), path: path ?? [], message: detail === '' ? message : `${message} ${detail}` };
}

function factsOf(document: DocumentNode, variables: Readonly<Record<string, unknown>>): Omit<GraphqlResult, 'body'> {
  const operation = document.definitions.find((definition) => definition.kind === 'OperationDefinition');
  if (operation?.kind !== 'OperationDefinition') return { operation: '?', mutating: false, points: 1, content_writes: 0 };
  const fields = operation.selectionSet.selections.filter((selection) => selection.kind === 'Field');
  const mutating = operation.operation === 'mutation';
  return {
    operation: operation.name?.value ?? '?',
    mutating,
    points: Math.max(1, Math.round(requestsIn(operation.selectionSet, variables) / 100)),
    content_writes: mutating ? fields.filter(({ name }) => CONTENT_FIELDS.has(name.value)).length : 0,
  };
}

/** GitHub's rule: each connection counts once per node of the one above it, as if every page were full. */
function requestsIn(set: SelectionSetNode | undefined, variables: Readonly<Record<string, unknown>>): number {
  let sum = 0;
  for (const selection of set?.selections ?? []) {
    if (selection.kind === 'FragmentSpread') continue;
    const size = selection.kind === 'Field' ? sizeOf(selection, variables) : null;
    const inner = requestsIn(selection.selectionSet, variables);
    sum += size === null ? inner : 1 + size * inner;
  }
  return sum;
}

function sizeOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number | null {
  if (field.name.value === 'nodes' && field.arguments?.some(({ name }) => name.value === 'ids')) {
    const ids = variables['ids'];
    return Array.isArray(ids) ? ids.length : 1;
  }
  const argument = field.arguments?.find(({ name }) => name.value === 'first' || name.value === 'last');
  if (argument === undefined) return null;
  if (argument.value.kind === 'IntValue') return Number(argument.value.value);
  return argument.value.kind === 'Variable' ? Number(variables[argument.value.name.value] ?? 0) : null;
}
