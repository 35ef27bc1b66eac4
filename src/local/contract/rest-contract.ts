// Owns the check of a REST exchange against GitHub's own OpenAPI description (a slice, cut by .ci/openapi-slice.ts).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import ajvFormats from "ajv-formats";
import type { Exchange, Violation, ViolationKind } from "./exchange.ts";
import { isObject, listAt, objectAt, pointer, textAt, type JsonObject } from "./json.ts";
import { operationFinder, type FindOperation, type Operation } from "./operations.ts";
import { undocumentedFields } from "./undocumented.ts";

export type RestExchange = Pick<
  Exchange,
  "method" | "path" | "status" | "request_body" | "response_body"
>;

export interface RestContract {
  checkRest(exchange: RestExchange): readonly Violation[];
  /** `issues/get`, or `undefined` when GitHub's description (or our slice of it) has no such operation. */
  operationOf(method: string, path: string): string | undefined;
}

interface Description {
  readonly root: JsonObject;
  readonly find: FindOperation;
  readonly ajv: Ajv;
  readonly query_ajv: Ajv;
  readonly compiled: Map<string, ValidateFunction>;
}

/**
 * GitHub answers these everywhere and documents them on a few operations only: an ETag that still matches, malformed
 * JSON, bad credentials, missing permission or secondary limit, hidden repository, rate limit. From 500 on nothing is
 * promised at all.
 */
const statusesEverywhere = new Set(["304", "400", "401", "403", "404", "429"]);
const messagesMax = 5;

/** OpenAPI 3.0 says `nullable`; JSON Schema, and so Ajv, knows it only beside a `type` and never for an enum. */
function spellOutNullable(schema: unknown): void {
  if (Array.isArray(schema)) return schema.forEach(spellOutNullable);
  if (typeof schema !== "object" || schema === null) return;
  if ("nullable" in schema && schema.nullable === true) {
    if (!("type" in schema)) {
      const rest = { ...schema };
      for (const key of Object.keys(rest)) Reflect.deleteProperty(schema, key);
      Reflect.deleteProperty(rest, "nullable");
      Object.assign(schema, { anyOf: [rest, { type: "null" }] });
    } else if ("enum" in schema && Array.isArray(schema.enum) && !schema.enum.includes(null)) {
      Object.assign(schema, { enum: [...schema.enum, null] });
    }
  }
  Object.values(schema).forEach(spellOutNullable);
}

function loadDescription(): Description {
  const root: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, "openapi-slice.json"), "utf8"),
  );
  if (!isObject(root))
    throw new Error("openapi-slice.json holds no object: run node .ci/openapi-slice.ts");
  spellOutNullable(root);
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  // A URL holds text only, so numbers and booleans of the query are read the way GitHub reads them.
  const query_ajv = new Ajv({
    strict: false,
    allErrors: true,
    logger: false,
    coerceTypes: "array",
  });
  ajvFormats.default(ajv);
  ajvFormats.default(query_ajv);
  ajv.addSchema(root, "github");
  query_ajv.addSchema(root, "github");
  return {
    root,
    find: operationFinder(objectAt(root, "paths")),
    ajv,
    query_ajv,
    compiled: new Map(),
  };
}

function compiled(description: Description, at: string): ValidateFunction {
  const known = description.compiled.get(at);
  if (known) return known;
  const validate = description.ajv.compile({ $ref: `github#/${at}` });
  description.compiled.set(at, validate);
  return validate;
}

function messages(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
  const all = (errors ?? []).map((error) => {
    const allowed = Array.isArray(error.params["allowedValues"])
      ? `: ${error.params["allowedValues"].join(", ")}`
      : "";
    const extra = textAt(error.params, "additionalProperty");
    return `${error.instancePath || "/"} ${error.message ?? error.keyword}${allowed}${extra ? `: ${extra}` : ""}`;
  });
  return all.length > messagesMax
    ? [...all.slice(0, messagesMax), `… and ${all.length - messagesMax} more`]
    : all;
}

function resolver(description: Description): (ref: string) => JsonObject {
  const schemas = objectAt(objectAt(description.root, "components"), "schemas");
  return (ref) => objectAt(schemas, ref.replace("#/components/schemas/", ""));
}

/** A body against the schema at `at`, and against the list of fields that schema names. */
function checkBody(
  description: Description,
  at: { readonly pointer: string; readonly schema: JsonObject },
  body: { readonly kind: ViolationKind; readonly value: unknown },
): readonly Omit<Violation, "where">[] {
  const validate = compiled(description, at.pointer);
  const valid = validate(body.value);
  const wrong = valid ? [] : messages(validate.errors);
  const invented = undocumentedFields(body.value, [at.schema], resolver(description));
  const side = body.kind === "request_body" ? "sent" : "answered";
  return [
    ...wrong.map((message) => ({ kind: body.kind, message })),
    ...invented
      .slice(0, messagesMax)
      .map((field) => ({
        kind: "undocumented_field" as const,
        message: `${side} ${field}, which GitHub does not know`,
      })),
  ];
}

function jsonMediaType(content: JsonObject): string | undefined {
  return (
    Object.keys(content).find((mediaType) => mediaType.includes("json")) ?? Object.keys(content)[0]
  );
}

function checkRequest(
  description: Description,
  operation: Operation,
  body: unknown,
): readonly Omit<Violation, "where">[] {
  const described = objectAt(operation.description, "requestBody");
  const mediaType = jsonMediaType(objectAt(described, "content"));
  const sendsNothing = body === undefined || (isObject(body) && Object.keys(body).length === 0);
  if (mediaType === undefined) {
    return sendsNothing
      ? []
      : [{ kind: "request_body", message: "GitHub takes no body here, and one was sent" }];
  }
  if (body === undefined) {
    const required = described["required"] === true;
    return required
      ? [{ kind: "request_body", message: "GitHub requires a body here, and none was sent" }]
      : [];
  }
  const at = pointer(
    "paths",
    operation.template,
    operation.method,
    "requestBody",
    "content",
    mediaType,
    "schema",
  );
  const schema = objectAt(objectAt(objectAt(described, "content"), mediaType), "schema");
  return checkBody(description, { pointer: at, schema }, { kind: "request_body", value: body });
}

function queryValidator(description: Description, operation: Operation): ValidateFunction {
  const at = pointer("paths", operation.template, operation.method, "parameters");
  const known = description.compiled.get(at);
  if (known) return known;
  const parameters = listAt(operation.description, "parameters")
    .map((one, index) => ({
      one,
      name: textAt(one, "name").replace(/\[\]$/, ""),
      ref: `github#/${at}/${index}/schema`,
    }))
    .filter(({ one }) => textAt(one, "in") === "query");
  const validate = description.query_ajv.compile({
    type: "object",
    properties: Object.fromEntries(parameters.map(({ name, ref }) => [name, { $ref: ref }])),
    required: parameters
      .filter(({ one }) => isObject(one) && one["required"] === true)
      .map(({ name }) => name),
    additionalProperties: false,
  });
  description.compiled.set(at, validate);
  return validate;
}

function checkQuery(
  description: Description,
  operation: Operation,
  query: URLSearchParams,
): readonly Omit<Violation, "where">[] {
  const values: Record<string, string | readonly string[]> = {};
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name);
    values[name.replace(/\[\]$/, "")] = all.length === 1 ? (all[0] ?? "") : all;
  }
  const validate = queryValidator(description, operation);
  return validate(values)
    ? []
    : messages(validate.errors).map((message) => ({ kind: "query" as const, message }));
}

function checkResponse(
  description: Description,
  operation: Operation,
  answer: { readonly status: number; readonly body: unknown },
): readonly Omit<Violation, "where">[] {
  const status = String(answer.status);
  const responses = objectAt(operation.description, "responses");
  if (!(status in responses)) return checkUndocumentedStatus(description, status, answer.body);
  const content = objectAt(objectAt(responses, status), "content");
  const mediaType = jsonMediaType(content);
  if (mediaType === undefined) {
    const silent = answer.body === undefined || answer.body === "";
    return silent
      ? []
      : [
          {
            kind: "response_body",
            message: "GitHub answers without a body here, and one was given",
          },
        ];
  }
  // A body that is no JSON is another media type (a diff, an archive) or a redirect: the description says nothing of it.
  if (answer.body === undefined) return [];
  const at = pointer(
    "paths",
    operation.template,
    operation.method,
    "responses",
    status,
    "content",
    mediaType,
    "schema",
  );
  const schema = objectAt(objectAt(content, mediaType), "schema");
  return checkBody(
    description,
    { pointer: at, schema },
    { kind: "response_body", value: answer.body },
  );
}

function checkUndocumentedStatus(
  description: Description,
  status: string,
  body: unknown,
): readonly Omit<Violation, "where">[] {
  if (!statusesEverywhere.has(status)) {
    return [{ kind: "undocumented_status", message: `GitHub does not answer ${status} here` }];
  }
  const schema = objectAt(
    objectAt(objectAt(description.root, "components"), "schemas"),
    "basic-error",
  );
  const at = { pointer: "components/schemas/basic-error", schema };
  return body === undefined
    ? []
    : checkBody(description, at, { kind: "response_body", value: body });
}

function checkExchange(description: Description, exchange: RestExchange): readonly Violation[] {
  // A cut connection and a failing server promise nothing; what the client sent was checked when it was answered.
  if (exchange.status === 0 || exchange.status >= 500) return [];
  const url = new URL(exchange.path, "http://contract.invalid");
  const operation = description.find(exchange.method, url.pathname);
  if (operation === undefined) {
    const where = `${exchange.method} ${url.pathname}`;
    const message =
      "no such operation in the slice: correct the call, or add it to .ci/openapi-operations.ts";
    return [{ kind: "unknown_operation", where, message }];
  }
  // Refusing a wrong request is what GitHub does too, so only an accepted one has to be right.
  const accepted = exchange.status < 400;
  const found = [
    ...(accepted ? checkQuery(description, operation, url.searchParams) : []),
    ...(accepted ? checkRequest(description, operation, exchange.request_body) : []),
    ...checkResponse(description, operation, {
      status: exchange.status,
      body: exchange.response_body,
    }),
  ];
  const where = `${exchange.method} ${operation.template} ${exchange.status}`;
  return found.map((violation) => ({ ...violation, where }));
}

/** Reads and compiles nothing before the first exchange; then the slice once and each operation once. */
export function createRestContract(): RestContract {
  let description: Description | undefined;
  const loaded = (): Description => (description ??= loadDescription());
  return {
    checkRest: (exchange) => checkExchange(loaded(), exchange),
    operationOf: (method, path) => {
      const found = loaded().find(method, new URL(path, "http://contract.invalid").pathname);
      return found === undefined ? undefined : textAt(found.description, "operationId");
    },
  };
}
