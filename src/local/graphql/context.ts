// Owns what every resolver knows: the world, who asks, and what the request costs.
import type { Limits } from '../limits.ts';
import { Refused, type Actor, type Issue } from '../model/state.ts';
import type { World } from '../model/world.ts';
import { GraphqlRefusal } from './refusal.ts';

/** Everything in a graph leads to everything else; files of one type reach the others through here. */
export interface Shapes {
  readonly pull: (issue: Issue, ctx: Ctx) => Readonly<Record<string, unknown>>;
  readonly repository: (ctx: Ctx) => Readonly<Record<string, unknown>>;
  readonly commit: (ctx: Ctx, oid: string) => Readonly<Record<string, unknown>>;
  readonly ref: (ctx: Ctx, ref: string) => Readonly<Record<string, unknown>> | null;
}

export interface Ctx {
  readonly world: World;
  readonly actor: Actor;
  readonly server_url: string;
  readonly limits: Limits;
  /** Points of this request. */
  readonly cost: number;
  readonly shapes: Shapes;
}

const NOT_FOUND = 404;

/** Any of the scopes reaches; a person's token by their role, which is write unless told otherwise. */
export function needs(
  { world, actor }: Ctx,
  scopes: readonly string[],
  level: 'read' | 'write',
  least?: 'read' | 'triage',
): void {
  try {
    world.require(actor, scopes, level, least);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new GraphqlRefusal(error.status === NOT_FOUND ? 'NOT_FOUND' : 'FORBIDDEN', error.message);
  }
}
