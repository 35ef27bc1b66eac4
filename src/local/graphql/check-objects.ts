// Owns what checks, statuses and their sum look like in GraphQL.
import { rollupOf } from '../model/rollup.ts';
import type { CheckRun, CommitStatus } from '../model/state.ts';
import { connection, type Args } from './connection.ts';
import { needs, type Ctx } from './context.ts';
import { personObject } from './issue-objects.ts';

type Fields = Readonly<Record<string, unknown>>;

/** null where nobody checked the commit, and then nobody need be allowed to read checks. */
export function rollupObject(ctx: Ctx, sha: string): Fields | null {
  const rollup = rollupOf(ctx.world, sha);
  if (rollup === null) return null;
  const { state, checks, statuses } = rollup;
  if (checks.length > 0) needs(ctx, ['checks'], 'read');
  if (statuses.length > 0) needs(ctx, ['statuses'], 'read');
  const items = [
    ...checks.map((check) => checkObject(ctx, check)),
    ...statuses.map((status) => statusObject(ctx, status)),
  ];
  return {
    __typename: 'StatusCheckRollup',
    id: `SCR_${sha}`,
    state,
    commit: () => ctx.shapes.commit(ctx, sha),
    contexts: (args: Args) => connection({ items, args, show: (item) => item }),
  };
}

function checkObject({ world, server_url }: Ctx, check: CheckRun): Fields {
  const { id, name, status, conclusion, title, summary, started_at, completed_at } = check;
  const url = `${server_url}/${world.full_name}/runs/${id}`;
  return {
    __typename: 'CheckRun',
    id: `CR_${id}`,
    databaseId: id,
    name,
    status: status.toUpperCase(),
    conclusion: conclusion?.toUpperCase() ?? null,
    title,
    summary,
    startedAt: started_at,
    completedAt: completed_at,
    url,
    permalink: url,
    detailsUrl: url,
    isRequired: false,
  };
}

function statusObject(ctx: Ctx, { id, context, state, description, target_url, by, at }: CommitStatus): Fields {
  return {
    __typename: 'StatusContext',
    id: `SC_${id}`,
    context,
    state: state.toUpperCase(),
    description,
    targetUrl: target_url,
    createdAt: at,
    creator: () => personObject(by, ctx),
    isRequired: false,
  };
}
