// Owns the execution of one GraphQL request: GitHub's schema, our objects, errors with GitHub's types, the cost.
import {
  execute,
  getOperationAST,
  Kind,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLError,
  type OperationDefinitionNode,
} from 'graphql';
import { CONTENT_FIELDS } from '../content.ts';
import { limitsRule } from '../contract/graphql-limits.ts';
import { loadGraphqlSchema } from '../contract/graphql-schema.ts';
import type { JsonObject } from '../contract/json.ts';
import { Refused } from '../model/state.ts';
import type { GraphqlAsk } from '../request.ts';
import type { Ctx } from './context.ts';
import { pointsOf } from './cost.ts';
import { GraphqlRefusal } from './refusal.ts';
import { rootOf, SHAPES } from './root.ts';

export interface GraphqlResult {
  readonly body: Readonly<Record<string, unknown>>;
  readonly mutating: boolean;
  readonly points: number;
  readonly content_writes: number;
}

export async function executeGraphql(given: Omit<Ctx, 'cost' | 'shapes'>, ask: GraphqlAsk): Promise<GraphqlResult> {
  const prepared = prepare(ask.query);
  if ('errors' in prepared) return failed(prepared.errors);
  const { document } = prepared;
  const operation = getOperationAST(document, ask.operation);
  if (operation == null) return failed([{ message: 'An operation name is required' }]);
  const excessive = validate(loadGraphqlSchema(), document, [limitsRule(ask.variables)]);
  if (excessive.length > 0) return failed(excessive.map(({ message }) => ({ type: 'EXCESSIVE_PAGINATION', message })));
  const cost = pointsOf(document, operation.selectionSet, ask.variables);
  const body = await run({ ...given, cost, shapes: SHAPES }, document, ask);
  const mutating = operation.operation === 'mutation';
  return { body, mutating, points: cost, content_writes: mutating ? contentWrites(operation, body) : 0 };
}

async function run(ctx: Ctx, document: DocumentNode, { variables, operation }: GraphqlAsk): Promise<JsonObject> {
  const result = await execute({
    schema: loadGraphqlSchema(),
    document,
    rootValue: rootOf(ctx),
    variableValues: variables,
    operationName: operation ?? null,
  });
  const errors = (result.errors ?? []).map(errorShape);
  // Variables of the wrong kind end the request before there is any data.
  if (result.data === undefined) return { errors };
  return { data: result.data, ...(errors.length > 0 ? { errors } : {}) };
}

type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly JsonObject[] };

/** Programs send the same few documents again and again, and checking one takes longer than answering it. */
const prepared = new Map<string, Prepared>();
const PREPARED_MAX = 500;

function prepare(query: string): Prepared {
  const known = prepared.get(query);
  if (known !== undefined) return known;
  const made = check(query);
  if (prepared.size >= PREPARED_MAX) prepared.clear();
  prepared.set(query, made);
  return made;
}

function check(query: string): Prepared {
  try {
    const document = parse(query);
    const problems = validate(loadGraphqlSchema(), document, specifiedRules);
    return problems.length === 0 ? { document } : { errors: problems.map(errorShape) };
  } catch (error) {
    return { errors: [{ message: error instanceof Error ? error.message : String(error) }] };
  }
}

function failed(errors: readonly JsonObject[]): GraphqlResult {
  return { body: { errors }, mutating: false, points: 1, content_writes: 0 };
}

function errorShape({ originalError, message, path, locations }: GraphQLError): JsonObject {
  // A bug in a resolver must not pass for one of GitHub's refusals.
  if (
    originalError != null &&
    !(originalError instanceof Refused) &&
    !(originalError instanceof GraphqlRefusal) &&
    !isGraphqlError(originalError)
  ) {
    throw originalError;
  }
  const type =
    originalError instanceof GraphqlRefusal
      ? originalError.type
      : originalError instanceof Refused
        ? typeOf(originalError)
        : undefined;
  const shape = {
    ...(type === undefined ? {} : { type }),
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations }),
  };
  return { ...shape, message: originalError instanceof Refused ? wordsOf(originalError) : message };
}

function isGraphqlError(error: Error): boolean {
  return error.name === 'GraphQLError';
}

function typeOf({ status }: Refused): string {
  if (status === 404) return 'NOT_FOUND';
  return status === 403 ? 'FORBIDDEN' : 'UNPROCESSABLE';
}

/** REST says the reason in `errors`; GraphQL has one sentence for both. */
function wordsOf({ message, errors }: Refused): string {
  const details = errors.flatMap((error) =>
    typeof error === 'object' && error !== null && 'message' in error ? [String(error.message)] : [],
  );
  return details.length > 0 ? details.join(', ') : message;
}

/** Of fields that failed nothing was written. */
function contentWrites(operation: OperationDefinitionNode, { data }: JsonObject): number {
  const answered: Readonly<Record<string, unknown>> = typeof data === 'object' && data !== null ? { ...data } : {};
  return operation.selectionSet.selections.filter(
    (selection) =>
      selection.kind === Kind.FIELD &&
      CONTENT_FIELDS.has(selection.name.value) &&
      answered[selection.alias?.value ?? selection.name.value] != null,
  ).length;
}
