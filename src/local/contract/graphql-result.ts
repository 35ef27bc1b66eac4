// Owns the check of a GraphQL answer: the answer itself is executed as if it were the database, and must come out equal.
import {
  execute,
  isAbstractType,
  isObjectType,
  Kind,
  type DocumentNode,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { isObject, type JsonObject } from './json.ts';

export interface Answered {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variables: JsonObject;
  readonly operation_name: string | undefined;
  readonly data: JsonObject;
}

const differencesMax = 5;

/** Names under which an object of this type answers the selection; fragments on other types do not apply. */
function responseKeys(
  selections: SelectionSetNode,
  type: GraphQLObjectType,
  info: GraphQLResolveInfo,
): readonly string[] {
  return selections.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.alias?.value ?? selection.name.value];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value];
    if (fragment === undefined) return [];
    const condition = info.schema.getType(fragment.typeCondition?.name.value ?? type.name);
    const applies = condition === type || (isAbstractType(condition) && info.schema.isSubType(condition, type));
    return applies ? responseKeys(fragment.selectionSet, type, info) : [];
  });
}

/** Documents need not ask for `__typename`, so a type is believed when its answer would have exactly these keys. */
function guessType(value: unknown, info: GraphQLResolveInfo, abstract: GraphQLAbstractType): string | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value['__typename'] === 'string') return value['__typename'];
  const answered = Object.keys(value).sort().join();
  const possible = info.schema.getPossibleTypes(abstract);
  const fitting = possible.find((type) => {
    const keys = info.fieldNodes.flatMap((node) =>
      node.selectionSet ? responseKeys(node.selectionSet, type, info) : [],
    );
    return [...new Set(keys)].sort().join() === answered;
  });
  return (fitting ?? possible[0])?.name;
}

function differences(answered: unknown, expected: unknown, at: string): readonly string[] {
  if (Array.isArray(answered) && Array.isArray(expected)) {
    return answered.flatMap((item, index) => differences(item, expected[index], `${at}/${index}`));
  }
  if (isObject(answered) && isObject(expected)) {
    const keys = new Set([...Object.keys(answered), ...Object.keys(expected)]);
    return [...keys].flatMap((key) => {
      if (!(key in expected)) return [`${at}/${key} was not asked for`];
      if (!(key in answered)) return [`${at}/${key} was asked for and is missing`];
      return differences(answered[key], expected[key], `${at}/${key}`);
    });
  }
  return answered === expected
    ? []
    : [`${at} is ${JSON.stringify(answered)}, and GitHub would write ${JSON.stringify(expected)}`];
}

/** What is wrong with the answer, at most a few sentences; nothing when it has exactly the shape asked for. */
export function checkResult(answered: Answered): readonly string[] {
  const outcome = execute({
    schema: answered.schema,
    document: answered.document,
    variableValues: answered.variables,
    operationName: answered.operation_name ?? null,
    rootValue: answered.data,
    fieldResolver: (source: unknown, _arguments, _context, info) =>
      isObject(source) ? source[info.path.key] : undefined,
    typeResolver: (value: unknown, _context, info, abstract) => {
      const name = guessType(value, info, abstract);
      return name !== undefined && isObjectType(info.schema.getType(name)) ? name : undefined;
    },
  });
  if (outcome instanceof Promise) throw new Error('resolvers of plain data are synchronous');
  const errors = (outcome.errors ?? []).map((error) => `/${(error.path ?? []).join('/')} ${error.message}`);
  // An error nulls what is above it, so differences would only repeat it.
  const found = errors.length > 0 ? errors : differences(answered.data, outcome.data, '');
  return found.slice(0, differencesMax);
}
