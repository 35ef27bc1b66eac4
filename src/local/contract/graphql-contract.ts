// Owns the check of a GraphQL exchange: the document, its variables and the shape of what was answered.
import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import type { Violation } from './exchange.ts';
import { limitsRule } from './graphql-limits.ts';
import { checkResult } from './graphql-result.ts';
import { loadGraphqlSchema } from './graphql-schema.ts';
import { isObject, objectAt, type JsonObject } from './json.ts';

export interface GraphqlExchange {
  readonly document: string;
  readonly variables?: JsonObject;
  readonly operation_name?: string;
  /** The answer's body, `{data, errors}`; `undefined` checks the request alone. */
  readonly result?: unknown;
}

export interface GraphqlContract {
  checkGraphql(exchange: GraphqlExchange): readonly Violation[];
}

interface Parsed {
  readonly document: DocumentNode;
  readonly where: string;
}

function parseDocument(exchange: GraphqlExchange): Parsed | Violation {
  try {
    const document = parse(exchange.document);
    const operation = getOperationAST(document, exchange.operation_name);
    const name = operation?.name?.value ?? operation?.operation ?? 'document';
    return { document, where: `graphql ${name}` };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return {
      kind: 'document',
      where: `graphql ${exchange.document.slice(0, 60)}`,
      message: error.message,
    };
  }
}

function checkDocument(schema: GraphQLSchema, parsed: Parsed, variables: JsonObject): readonly Violation[] {
  // GitHub removes deprecated fields at announced dates, and the published schema is older than most of those dates.
  const rules = [...specifiedRules, NoDeprecatedCustomRule, limitsRule(variables)];
  return validate(schema, parsed.document, rules).map((error) => ({
    kind: 'document',
    where: parsed.where,
    message: error.message,
  }));
}

function checkVariables(schema: GraphQLSchema, parsed: Parsed, exchange: GraphqlExchange): readonly Violation[] {
  const operation = getOperationAST(parsed.document, exchange.operation_name);
  if (!operation) return [{ kind: 'document', where: parsed.where, message: 'the document has no such operation' }];
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], exchange.variables ?? {});
  return (errors ?? []).map((error) => ({
    kind: 'variables',
    where: parsed.where,
    message: error.message,
  }));
}

function checkAnswer(schema: GraphQLSchema, parsed: Parsed, exchange: GraphqlExchange): readonly Violation[] {
  const { result } = exchange;
  if (result === undefined) return [];
  const wrong = (message: string): Violation => ({ kind: 'result', where: parsed.where, message });
  if (!isObject(result)) return [wrong('an answer is an object with data, errors or both')];
  const { data, errors } = result;
  if (!isObject(data)) {
    return Array.isArray(errors) && errors.length > 0 ? [] : [wrong('an answer without data has errors')];
  }
  const found = checkResult({
    schema,
    document: parsed.document,
    variables: exchange.variables ?? {},
    operation_name: exchange.operation_name,
    data,
  });
  return found.map(wrong);
}

function checkExchange(schema: GraphQLSchema, exchange: GraphqlExchange): readonly Violation[] {
  const parsed = parseDocument(exchange);
  if ('kind' in parsed) return [parsed];
  const asked = [
    ...checkDocument(schema, parsed, exchange.variables ?? {}),
    ...checkVariables(schema, parsed, exchange),
  ];
  // What a wrong question should have been answered, nobody can say.
  return asked.length > 0 ? asked : checkAnswer(schema, parsed, exchange);
}

/** `{query, variables, operationName}` as sent over the wire. */
export function graphqlExchange(request: unknown, result: unknown): GraphqlExchange {
  const body = isObject(request) ? request : {};
  const name = body['operationName'];
  return {
    document: typeof body['query'] === 'string' ? body['query'] : '',
    variables: objectAt(body, 'variables'),
    ...(typeof name === 'string' ? { operation_name: name } : {}),
    result,
  };
}

/** Builds the schema (0.3 s) at the first exchange, not before. */
export function createGraphqlContract(): GraphqlContract {
  return { checkGraphql: (exchange) => checkExchange(loadGraphqlSchema(), exchange) };
}
