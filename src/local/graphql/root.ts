// Owns the entry points of GraphQL: what can be asked of the repository, of nodes by id, and of boards.
import { personObject, commentObject, labelObject, subjectObject } from './issue-objects.ts';
import { MUTATIONS } from './mutations.ts';
import { needs, type Ctx, type Shapes } from './context.ts';
import type { Args } from './connection.ts';
import type { Transferred } from '../model/state.ts';
import { ownerObject, mayReach, projectObject } from './project-objects.ts';
import { notFound } from './refusal.ts';
import { pullObject } from './pull-object.ts';
import { commitObject, neighbourObject, refObject, repositoryObject } from './repository-object.ts';
import { isObject } from '../contract/json.ts';

export function rootOf(ctx: Ctx): Readonly<Record<string, unknown>> {
  const { world, actor } = ctx;
  const mutations = Object.entries(MUTATIONS).map(([name, act]) => [
    name,
    ({ input }: Args) => act(ctx, isObject(input) ? input : {}),
  ]);
  return {
    viewer: () => personObject(actor.person, ctx),
    rateLimit: () => rateLimit(ctx),
    repository: ({ owner, name }: Args) => {
      const asked = `${String(owner)}/${String(name)}`;
      const neighbour = world.neighbours.get(asked);
      if (neighbour !== undefined) return neighbourObject(asked, neighbour);
      if (asked.toLowerCase() !== world.full_name.toLowerCase()) {
        throw notFound(`Could not resolve to a Repository with the name '${asked}'.`);
      }
      needs(ctx, ['metadata'], 'read');
      return repositoryObject(ctx);
    },
    repositoryOwner: ({ login }: Args) => ownerObject(ctx, String(login), 'either'),
    organization: ({ login }: Args) => ownerObject(ctx, String(login), 'Organization'),
    user: ({ login }: Args) => ownerObject(ctx, String(login), 'User'),
    node: ({ id }: Args) => nodeOf(ctx, String(id)),
    nodes: ({ ids }: Args) =>
      (Array.isArray(ids) ? ids : []).map((id: unknown) => orError(() => nodeOf(ctx, String(id)))),
    ...Object.fromEntries(mutations),
  };
}

export const SHAPES: Shapes = { pull: pullObject, repository: repositoryObject, commit: commitObject, ref: refObject };

/** As it stands after this request. */
function rateLimit({ limits, actor, cost }: Ctx): Readonly<Record<string, unknown>> {
  const { limit, used, remaining, reset } = limits.read(actor, 'graphql');
  const resetAt = `${new Date(reset * 1000).toISOString().slice(0, 19)}Z`;
  return { cost, limit, used: used + cost, remaining: Math.max(0, remaining - cost), resetAt, nodeCount: 0 };
}

/** One node that is gone must not take the others with it: an error in a list is that place's own. */
function orError(ask: () => unknown): unknown {
  try {
    return ask();
  } catch (error) {
    return error;
  }
}

function nodeOf(ctx: Ctx, id: string): unknown {
  const { world } = ctx;
  const [kind = '', name = ''] = id.split(/_(.*)/s);
  const number = Number(name);
  switch (kind) {
    case 'R':
      return number === 1 ? repositoryObject(ctx) : missing(id);
    case 'I':
    case 'PR': {
      const moved = world.transferred.get(number);
      if (moved !== undefined && kind === 'I') return transferredObject(moved, ctx);
      const issue = world.issues.get(number);
      if (issue === undefined || (issue.pull === null) !== (kind === 'I')) return missing(id);
      needs(ctx, [kind === 'I' ? 'issues' : 'pull-requests'], 'read');
      return subjectObject(issue, ctx);
    }
    case 'IC': {
      const comment = world.comments.get(number);
      return comment === undefined ? missing(id) : commentObject(comment, ctx);
    }
    case 'LA': {
      const label = [...world.labels.values()].find((one) => one.id === number);
      return label === undefined ? missing(id) : labelObject(label, ctx);
    }
    case 'PVT': {
      const project = world.projects.find((one) => one.id === id);
      if (project === undefined) return missing(id);
      mayReach(ctx, project, 'read');
      return projectObject(project, ctx);
    }
    default:
      return missing(id);
  }
}

/** Whoever reads the repository that it went to still finds it by its old id. */
function transferredObject({ issue, to }: Transferred, ctx: Ctx): Readonly<Record<string, unknown>> {
  return { ...subjectObject(issue, ctx), number: to.number, repository: { nameWithOwner: to.repository } };
}

function missing(id: string): never {
  throw notFound(`Could not resolve to a node with the global id of '${id}'.`);
}
