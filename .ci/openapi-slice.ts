// Owns the slice of GitHub's OpenAPI description that our contract checks use: which operations, and how it is cut.
//
//   node .ci/openapi-slice.ts [path to api.github.com.json]
//
// Without a path the package is fetched into a temporary folder. It is no devDependency, because it installs 385 MB of
// which we need 1 MB. Running this twice gives identical bytes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operationIds } from './openapi-operations.ts';

const openapiPackage = {
  name: '@octokit/openapi',
  version: '23.0.2',
  description: 'package/generated/api.github.com.json',
  sha512: 'pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==',
};
const slicePath = join(import.meta.dirname, '../src/local/contract/openapi-slice.json');
const sliceBytesMax = 1_500_000;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const keywordsOfData = [
  '$ref',
  'type',
  'required',
  'enum',
  'nullable',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];

/** Validation keywords we keep; what they hold is a schema, a list, a map of schemas, or plain data. */
const keptKeywords: Readonly<Record<string, 'schema' | 'schemas' | 'map' | 'data'>> = {
  items: 'schema',
  not: 'schema',
  additionalProperties: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  properties: 'map',
  patternProperties: 'map',
  ...Object.fromEntries(keywordsOfData.map((keyword) => [keyword, 'data'] as const)),
};

/** Words for readers and generators. Any keyword in neither list stops the script, so nothing is lost in silence. */
const droppedKeywords = new Set([
  'description',
  'title',
  'summary',
  'example',
  'examples',
  'default',
  'deprecated',
  'readOnly',
  'discriminator',
  'externalDocs',
  'x-github',
  'x-github-breaking-changes',
  'x-githubEnterpriseOnly',
  'x-octokit',
]);

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw new Error(`${what} is not an object in the description`);
  return value;
}

function mapValues(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

function slimKeyword(keyword: string, value: Json): Json {
  const holds = keptKeywords[keyword];
  if (holds === 'schema' && isObject(value)) return slimSchema(value);
  if (holds === 'schemas' && Array.isArray(value)) return value.map(slimSchema);
  if (holds === 'map' && isObject(value)) return mapValues(value, slimSchema);
  return value;
}

function slimSchema(schema: Json): Json {
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !droppedKeywords.has(keyword));
  const unknown = kept.find(([keyword]) => !(keyword in keptKeywords));
  if (unknown) throw new Error(`keyword ${unknown[0]} is in neither list of .ci/openapi-slice.ts: decide about it`);
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, slimKeyword(keyword, value)]));
}

function resolve(description: JsonObject, value: Json): JsonObject {
  if (!isObject(value)) throw new Error('a reference or object was expected');
  const pointer = value['$ref'];
  if (typeof pointer !== 'string') return value;
  const target = pointer
    .replace('#/', '')
    .split('/')
    .reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), description);
  return objectAt(target, pointer);
}

/** A media type's schemas: `{"application/json": {"schema": …}}`, as the description has it, without examples. */
function slimContent(content: Json | undefined): JsonObject {
  if (!isObject(content)) return {};
  return mapValues(content, (media) => ({
    schema: slimSchema(objectAt(media, 'media type')['schema'] ?? {}),
  }));
}

function slimParameter(parameter: JsonObject): Json {
  const multiSegment = parameter['x-multi-segment'] === true;
  return {
    name: parameter['name'] ?? '',
    in: parameter['in'] ?? '',
    ...(parameter['required'] === true ? { required: true } : {}),
    ...(multiSegment ? { 'x-multi-segment': true } : {}),
    schema: slimSchema(parameter['schema'] ?? {}),
  };
}

function slimOperation(description: JsonObject, operation: JsonObject): JsonObject {
  const parameters = Array.isArray(operation['parameters']) ? operation['parameters'] : [];
  const body = operation['requestBody'] === undefined ? undefined : resolve(description, operation['requestBody']);
  const responses = objectAt(operation['responses'], 'responses');
  return {
    operationId: operation['operationId'] ?? '',
    parameters: parameters.map((parameter: Json) => slimParameter(resolve(description, parameter))),
    ...(body
      ? {
          requestBody: {
            required: body['required'] === true,
            content: slimContent(body['content']),
          },
        }
      : {}),
    responses: mapValues(responses, (response) => ({
      content: slimContent(resolve(description, response)['content']),
    })),
  };
}

function slimPaths(description: JsonObject): JsonObject {
  const wanted = new Set(operationIds);
  const paths: Record<string, Json> = {};
  for (const [path, item] of Object.entries(objectAt(description['paths'], 'paths'))) {
    const operations = Object.entries(objectAt(item, path)).flatMap(([method, operation]) => {
      const id = isObject(operation) ? operation['operationId'] : undefined;
      return isObject(operation) && typeof id === 'string' && wanted.delete(id)
        ? [[method, slimOperation(description, operation)] as const]
        : [];
    });
    if (operations.length > 0) paths[path] = Object.fromEntries(operations);
  }
  if (wanted.size > 0) throw new Error(`the description has no operation ${[...wanted].join(', ')}`);
  return paths;
}

/**
 * Where the description contradicts itself, and which of its own words win. `account` of a listed installation is said
 * to be a person and an enterprise at once; read alone, the same installation is one or the other.
 */
const corrections: readonly { readonly path: string; readonly method: string; readonly schema: Json }[] = [
  {
    path: '/app/installations',
    method: 'get',
    schema: { type: 'array', items: { $ref: '#/components/schemas/installation' } },
  },
];

function correct(paths: JsonObject): JsonObject {
  return mapValues(paths, (item, path) =>
    mapValues(objectAt(item, path), (operation, method) => {
      const found = corrections.find((one) => one.path === path && one.method === method);
      if (!found) return operation;
      const ok = { content: { 'application/json': { schema: found.schema } } };
      const described = objectAt(operation, path);
      return { ...described, responses: { ...objectAt(described['responses'], path), 200: ok } };
    }),
  );
}

function referencedSchemas(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencedSchemas);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string'
      ? [inner.replace('#/components/schemas/', '')]
      : referencedSchemas(inner),
  );
}

/** Every schema reachable from the paths, plus `basic-error`, which answers what no operation documents. */
function reachableSchemas(description: JsonObject, paths: JsonObject): JsonObject {
  const schemas = objectAt(objectAt(description['components'], 'components')['schemas'], 'schemas');
  const reached = new Map<string, Json>();
  const waiting = ['basic-error', ...referencedSchemas(paths)];
  for (const name of waiting) {
    if (reached.has(name)) continue;
    const schema = slimSchema(objectAt(schemas[name], name));
    reached.set(name, schema);
    waiting.push(...referencedSchemas(schema));
  }
  return Object.fromEntries([...reached].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function fetchDescription(): string {
  const folder = mkdtempSync(join(tmpdir(), 'orch-openapi-'));
  try {
    const spec = `${openapiPackage.name}@${openapiPackage.version}`;
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, spec], {
      encoding: 'utf8',
    });
    const tarball = join(folder, packed.trim());
    const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64');
    if (digest !== openapiPackage.sha512) throw new Error(`${spec} is not the package we know: sha512-${digest}`);
    execFileSync('tar', ['-xzf', tarball, '-C', folder, openapiPackage.description]);
    return readFileSync(join(folder, openapiPackage.description), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line per path and per schema: a new version of the description then shows as a readable diff. */
function render(paths: JsonObject, schemas: JsonObject): string {
  const lines = (object: JsonObject): string =>
    Object.entries(object)
      .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
      .join(',\n');
  const source = `${openapiPackage.name}@${openapiPackage.version}`;
  return `{"source":${JSON.stringify(source)},\n"paths":{\n${lines(paths)}\n},\n"components":{"schemas":{\n${lines(schemas)}\n}}}\n`;
}

function main(given: string | undefined): void {
  const text = given === undefined ? fetchDescription() : readFileSync(given, 'utf8');
  const parsed: Json = JSON.parse(text);
  const description = objectAt(parsed, 'the description');
  const paths = correct(slimPaths(description));
  const slice = render(paths, reachableSchemas(description, paths));
  if (slice.length > sliceBytesMax) throw new Error(`the slice has ${slice.length} bytes, more than ${sliceBytesMax}`);
  writeFileSync(slicePath, slice);
  console.log(`${operationIds.length} operations, ${slice.length} bytes`);
}

main(process.argv[2]);
