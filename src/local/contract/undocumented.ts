// Owns finding fields that GitHub's description does not know: a schema alone lets any invented field pass.
import { isObject, listAt, objectAt, type JsonObject } from './json.ts';

type ResolveRef = (ref: string) => JsonObject;

interface Known {
  /** True when some branch of the schema allows fields it does not name. */
  readonly open: boolean;
  readonly properties: ReadonlyMap<string, readonly JsonObject[]>;
}

const combiners = ['allOf', 'anyOf', 'oneOf'];
const depthMax = 40;

/** The schema and everything it is combined from, references followed. */
function branches(schema: JsonObject, resolveRef: ResolveRef, depth = 0): readonly JsonObject[] {
  if (depth > depthMax) return [];
  const ref = schema['$ref'];
  if (typeof ref === 'string') return branches(resolveRef(ref), resolveRef, depth + 1);
  const inner = combiners.flatMap((combiner) => listAt(schema, combiner)).filter(isObject);
  return [schema, ...inner.flatMap((branch) => branches(branch, resolveRef, depth + 1))];
}

function describesObject(branch: JsonObject): boolean {
  return 'properties' in branch || branch['type'] === 'object' || 'additionalProperties' in branch;
}

function isOpen(branch: JsonObject): boolean {
  const additional = branch['additionalProperties'];
  if (additional !== undefined) return additional !== false;
  return describesObject(branch) && Object.keys(objectAt(branch, 'properties')).length === 0;
}

function knownFields(all: readonly JsonObject[]): Known {
  const properties = new Map<string, readonly JsonObject[]>();
  for (const branch of all) {
    for (const [name, schema] of Object.entries(objectAt(branch, 'properties'))) {
      if (isObject(schema)) properties.set(name, [...(properties.get(name) ?? []), schema]);
    }
  }
  // A `oneOf` whose branches only say `required` still describes the outer properties, so a bare branch opens nothing.
  return { open: all.some(isOpen) || !all.some(describesObject), properties };
}

/**
 * Paths in `value` that no branch of `schemas` names: `/user/nickname`. Where the description leaves an object open,
 * nothing below it is judged.
 */
export function undocumentedFields(
  value: unknown,
  schemas: readonly JsonObject[],
  resolveRef: ResolveRef,
): readonly string[] {
  const all = schemas.flatMap((schema) => branches(schema, resolveRef));
  if (Array.isArray(value)) {
    const items = all.map((branch) => branch['items']).filter(isObject);
    if (items.length === 0) return [];
    return value.flatMap((item, index) => undocumentedFields(item, items, resolveRef).map((at) => `/${index}${at}`));
  }
  if (!isObject(value)) return [];
  const known = knownFields(all);
  return Object.entries(value).flatMap(([name, inner]) => {
    // JSON has no `undefined`: such a field never leaves.
    if (inner === undefined) return [];
    const described = known.properties.get(name);
    if (described) return undocumentedFields(inner, described, resolveRef).map((at) => `/${name}${at}`);
    return known.open ? [] : [`/${name}`];
  });
}
