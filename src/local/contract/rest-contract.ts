// Owns the check of a REST exchange against GitHub's own OpenAPI description (a slice, cut by .ci/openapi-slice.ts).
import type { Exchange, Violation, ViolationKind } from './exchange.ts';
import { isObject, objectAt, pointer, textAt, type JsonObject } from './json.ts';
import {
  compiled,
  loadDescription,
  messages,
  messagesMax,
  queryValidator,
  resolver,
  type Description,
} from './openapi.ts';
import type { Operation } from './operations.ts';
import { undocumentedFields } from './undocumented.ts';

export type RestExchange = Pick<Exchange, 'method' | 'path' | 'status' | 'request_body' | 'response_body'>;

export interface RestContract {
  checkRest(exchange: RestExchange): readonly Violation[];
  /** `issues/get`, or `undefined` when GitHub's description (or our slice of it) has no such operation. */
  operationOf(method: string, path: string): string | undefined;
}

/**
 * GitHub answers these everywhere and documents them on a few operations only: an ETag that still matches, malformed
 * JSON, bad credentials, missing permission or secondary limit, hidden repository, rate limit. From 500 on nothing is
 * promised at all.
 */
const statusesEverywhere = new Set(['304', '400', '401', '403', '404', '429']);

/** Our own claim: answers that many have met and GitHub does not describe. `Unexpected inputs provided: ["foo"]` is one. */
const statusesMet: Readonly<Record<string, readonly string[]>> = {
  'post /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': ['422'],
};
/** GitHub sends `status` and `errors` with every refusal, and describes each in one of its two error schemas only. */
function alsoSent(
  description: Description,
  body: { readonly kind: ViolationKind; readonly value: unknown },
): readonly JsonObject[] {
  const isRefusal = body.kind === 'response_body' && isObject(body.value) && 'documentation_url' in body.value;
  const schemas = objectAt(objectAt(description.root, 'components'), 'schemas');
  return isRefusal ? [objectAt(schemas, 'basic-error'), objectAt(schemas, 'validation-error')] : [];
}

/** A body against the schema at `at`, and against the list of fields that schema names. */
function checkBody(
  description: Description,
  at: { readonly pointer: string; readonly schema: JsonObject },
  body: { readonly kind: ViolationKind; readonly value: unknown },
): readonly Omit<Violation, 'where'>[] {
  const validate = compiled(description, at.pointer);
  const valid = validate(body.value);
  const wrong = valid ? [] : messages(validate.errors);
  const invented = undocumentedFields(body.value, [at.schema, ...alsoSent(description, body)], resolver(description));
  const side = body.kind === 'request_body' ? 'sent' : 'answered';
  return [
    ...wrong.map((message) => ({ kind: body.kind, message })),
    ...invented.slice(0, messagesMax).map((field) => ({
      kind: 'undocumented_field' as const,
      message: `${side} ${field}, which GitHub does not know`,
    })),
  ];
}

function jsonMediaType(content: JsonObject): string | undefined {
  return Object.keys(content).find((mediaType) => mediaType.includes('json')) ?? Object.keys(content)[0];
}

function checkRequest(
  description: Description,
  operation: Operation,
  body: unknown,
): readonly Omit<Violation, 'where'>[] {
  const described = objectAt(operation.description, 'requestBody');
  const mediaType = jsonMediaType(objectAt(described, 'content'));
  const sendsNothing = body === undefined || (isObject(body) && Object.keys(body).length === 0);
  if (mediaType === undefined) {
    return sendsNothing ? [] : [{ kind: 'request_body', message: 'GitHub takes no body here, and one was sent' }];
  }
  if (body === undefined) {
    const required = described['required'] === true;
    return required ? [{ kind: 'request_body', message: 'GitHub requires a body here, and none was sent' }] : [];
  }
  const at = pointer('paths', operation.template, operation.method, 'requestBody', 'content', mediaType, 'schema');
  const schema = objectAt(objectAt(objectAt(described, 'content'), mediaType), 'schema');
  return checkBody(description, { pointer: at, schema }, { kind: 'request_body', value: body });
}

function checkQuery(
  description: Description,
  operation: Operation,
  query: URLSearchParams,
): readonly Omit<Violation, 'where'>[] {
  const values: Record<string, string | readonly string[]> = {};
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name);
    values[name.replace(/\[\]$/, '')] = all.length === 1 ? (all[0] ?? '') : all;
  }
  const validate = queryValidator(description, operation);
  return validate(values) ? [] : messages(validate.errors).map((message) => ({ kind: 'query' as const, message }));
}

function checkResponse(
  description: Description,
  operation: Operation,
  answer: { readonly status: number; readonly body: unknown },
): readonly Omit<Violation, 'where'>[] {
  const status = String(answer.status);
  const responses = objectAt(operation.description, 'responses');
  const met = statusesMet[`${operation.method} ${operation.template}`] ?? [];
  if (!(status in responses || statusesEverywhere.has(status) || met.includes(status))) {
    return [{ kind: 'undocumented_status', message: `GitHub does not answer ${status} here` }];
  }
  const content = objectAt(objectAt(responses, status), 'content');
  const mediaType = jsonMediaType(content);
  if (mediaType === undefined && answer.status >= 400) return checkPlainError(description, answer.body);
  if (mediaType === undefined) {
    const silent = answer.body === undefined || answer.body === '';
    return silent
      ? []
      : [
          {
            kind: 'response_body',
            message: 'GitHub answers without a body here, and one was given',
          },
        ];
  }
  // A body that is no JSON is another media type (a diff, an archive) or a redirect: the description says nothing of it.
  if (answer.body === undefined) return [];
  const at = pointer(
    'paths',
    operation.template,
    operation.method,
    'responses',
    status,
    'content',
    mediaType,
    'schema',
  );
  const schema = objectAt(objectAt(content, mediaType), 'schema');
  return checkBody(description, { pointer: at, schema }, { kind: 'response_body', value: answer.body });
}

/** Some refusals are documented without a body, and some not at all; GitHub answers them with its plain error. */
function checkPlainError(description: Description, body: unknown): readonly Omit<Violation, 'where'>[] {
  const schema = objectAt(objectAt(objectAt(description.root, 'components'), 'schemas'), 'basic-error');
  const at = { pointer: 'components/schemas/basic-error', schema };
  return body === undefined ? [] : checkBody(description, at, { kind: 'response_body', value: body });
}

function checkExchange(description: Description, exchange: RestExchange): readonly Violation[] {
  // A cut connection and a failing server promise nothing; what the client sent was checked when it was answered.
  if (exchange.status === 0 || exchange.status >= 500) return [];
  const url = new URL(exchange.path, 'http://contract.invalid');
  const operation = description.find(exchange.method, url.pathname);
  if (operation === undefined) {
    const where = `${exchange.method} ${url.pathname}`;
    const message = 'no such operation in the slice: correct the call, or add it to .ci/openapi-operations.ts';
    return [{ kind: 'unknown_operation', where, message }];
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
      const found = loaded().find(method, new URL(path, 'http://contract.invalid').pathname);
      return found === undefined ? undefined : textAt(found.description, 'operationId');
    },
  };
}
