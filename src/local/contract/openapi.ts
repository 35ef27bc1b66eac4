// Owns GitHub's OpenAPI description in memory: read once, corrected for Ajv, compiled operation by operation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import { isObject, listAt, objectAt, pointer, textAt, type JsonObject } from './json.ts';
import { operationFinder, type FindOperation, type Operation } from './operations.ts';

export interface Description {
  readonly root: JsonObject;
  readonly find: FindOperation;
  readonly ajv: Ajv;
  readonly query_ajv: Ajv;
  readonly compiled: Map<string, ValidateFunction>;
}

export const messagesMax = 5;

/** OpenAPI 3.0 says `nullable`; JSON Schema, and so Ajv, knows it only beside a `type` and never for an enum. */
function spellOutNullable(schema: unknown): void {
  if (Array.isArray(schema)) return schema.forEach(spellOutNullable);
  if (typeof schema !== 'object' || schema === null) return;
  if ('nullable' in schema && schema.nullable === true) {
    if (!('type' in schema)) {
      const rest = { ...schema };
      for (const key of Object.keys(rest)) Reflect.deleteProperty(schema, key);
      Reflect.deleteProperty(rest, 'nullable');
      Object.assign(schema, { anyOf: [rest, { type: 'null' }] });
    } else if ('enum' in schema && Array.isArray(schema.enum) && !schema.enum.includes(null)) {
      Object.assign(schema, { enum: [...schema.enum, null] });
    }
  }
  Object.values(schema).forEach(spellOutNullable);
}

export function loadDescription(): Description {
  const root: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'openapi-slice.json'), 'utf8'));
  if (!isObject(root)) throw new Error('openapi-slice.json holds no object: run node .ci/openapi-slice.ts');
  spellOutNullable(root);
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  // A URL holds text only, so numbers and booleans of the query are read the way GitHub reads them.
  const query_ajv = new Ajv({
    strict: false,
    allErrors: true,
    logger: false,
    coerceTypes: 'array',
  });
  ajvFormats.default(ajv);
  ajvFormats.default(query_ajv);
  ajv.addSchema(root, 'github');
  query_ajv.addSchema(root, 'github');
  return {
    root,
    find: operationFinder(objectAt(root, 'paths')),
    ajv,
    query_ajv,
    compiled: new Map(),
  };
}

export function compiled(description: Description, at: string): ValidateFunction {
  const known = description.compiled.get(at);
  if (known) return known;
  const validate = description.ajv.compile({ $ref: `github#/${at}` });
  description.compiled.set(at, validate);
  return validate;
}

export function messages(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
  const all = (errors ?? []).map((error) => {
    const allowed = Array.isArray(error.params['allowedValues']) ? `: ${error.params['allowedValues'].join(', ')}` : '';
    const extra = textAt(error.params, 'additionalProperty');
    return `${error.instancePath || '/'} ${error.message ?? error.keyword}${allowed}${extra ? `: ${extra}` : ''}`;
  });
  return all.length > messagesMax ? [...all.slice(0, messagesMax), `… and ${all.length - messagesMax} more`] : all;
}

export function resolver(description: Description): (ref: string) => JsonObject {
  const schemas = objectAt(objectAt(description.root, 'components'), 'schemas');
  return (ref) => objectAt(schemas, ref.replace('#/components/schemas/', ''));
}

export function queryValidator(description: Description, operation: Operation): ValidateFunction {
  const at = pointer('paths', operation.template, operation.method, 'parameters');
  const known = description.compiled.get(at);
  if (known) return known;
  const parameters = listAt(operation.description, 'parameters')
    .map((one, index) => ({
      one,
      name: textAt(one, 'name').replace(/\[\]$/, ''),
      ref: `github#/${at}/${index}/schema`,
    }))
    .filter(({ one }) => textAt(one, 'in') === 'query');
  const validate = description.query_ajv.compile({
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, ref }) => [name, { $ref: ref }])),
    required: parameters.filter(({ one }) => isObject(one) && one['required'] === true).map(({ name }) => name),
    additionalProperties: false,
  });
  description.compiled.set(at, validate);
  return validate;
}
