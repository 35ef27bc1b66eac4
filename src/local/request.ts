// Owns reading an API request: its JSON body, who sends it, and what a GraphQL call does by its fields.
import type { IncomingMessage } from 'node:http';
import { isObject, objectAt, textAt, type JsonObject } from './contract/json.ts';
import type { Actor } from './model/state.ts';
import { Refused } from './model/state.ts';
import type { World } from './model/world.ts';
import { isAppJwt } from './rest/app-token.ts';
import { BodyTooLarge, readText } from './results/read-body.ts';

const BODY_BYTES_MAX = 50 * 1024 * 1024;

/** No body reads as an empty object. */
export async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const text = await readText(request, BODY_BYTES_MAX).catch((error: unknown) => {
    throw error instanceof BodyTooLarge ? new Refused(413, 'Payload Too Large') : error;
  });
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The refusal below says it.
  }
  throw new Refused(400, 'Problems parsing JSON');
}

/** An App's JWT is recognised by its signature; every other token is looked up. */
export function actorOf(world: World, request: IncomingMessage): Actor {
  const token = (request.headers.authorization ?? '').replace(/^\S+ /, '');
  if (token === '') throw new Refused(401, 'Requires authentication');
  const { app } = world;
  if (app !== null && !world.tokens.has(token) && isAppJwt(token, app, world.options.now_ms())) {
    return { person: world.person(app.login), job: null, kind: 'app_jwt', permissions: { metadata: 'read' } };
  }
  return world.actorOf(token);
}

export interface GraphqlAsk {
  readonly query: string;
  readonly variables: JsonObject;
  readonly operation: string | undefined;
  /** For logs and faults: the operation's name, then its mutations: `Apply addComment closeIssue`. */
  readonly what: string;
}

export function graphqlAsk(body: JsonObject): GraphqlAsk {
  const query = textAt(body, 'query');
  const operation = textAt(body, 'operationName') || undefined;
  const name = operation ?? /(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? '?';
  const mutations = [...query.matchAll(/(\w+)\s*\(\s*input:/g)].map((match) => match[1] ?? '');
  return { query, operation, variables: objectAt(body, 'variables'), what: [name, ...new Set(mutations)].join(' ') };
}
