// Owns the GraphQL schema that documents are checked against: GitHub's published one, plus our marked extension.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSchema, GraphQLError, isScalarType, type GraphQLSchema } from 'graphql';

/** Scalars whose text has a form that clients parse. A scalar missing here is checked by nobody. */
const scalarForms: Readonly<Record<string, RegExp>> = {
  BigInt: /^-?\d+$/,
  Date: /^\d{4}-\d\d-\d\d$/,
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/,
  GitObjectID: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  URI: /^[a-z][a-z0-9+.-]*:|^\//,
};

/** The package exports its types only, so the SDL is found beside them, not imported. */
function publishedSchemaPath(): string {
  const folders = createRequire(import.meta.url).resolve.paths('@octokit/graphql-schema') ?? [];
  const paths = folders.map((folder) => join(folder, '@octokit/graphql-schema/schema.graphql'));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error('@octokit/graphql-schema is not installed: run npm ci');
  return found;
}

function enforceForm(schema: GraphQLSchema, name: string, form: RegExp): void {
  const scalar = schema.getType(name);
  if (!isScalarType(scalar)) throw new Error(`GitHub's schema has no scalar ${name}`);
  scalar.serialize = (value: unknown): string => {
    if (typeof value === 'string' && form.test(value)) return value;
    throw new GraphQLError(`${JSON.stringify(value)} is no ${name}`);
  };
}

let loaded: GraphQLSchema | undefined;

function load(): GraphQLSchema {
  const published = readFileSync(publishedSchemaPath(), 'utf8');
  const extension = readFileSync(join(import.meta.dirname, 'schema-extension.graphql'), 'utf8');
  const schema = buildSchema(`${published}\n${extension}`, { assumeValidSDL: true, noLocation: true });
  for (const [name, form] of Object.entries(scalarForms)) enforceForm(schema, name, form);
  return schema;
}

/** Takes about 0.3 s, once a process: server and contract share it, for a schema is never changed. */
export function loadGraphqlSchema(): GraphQLSchema {
  loaded ??= load();
  return loaded;
}
