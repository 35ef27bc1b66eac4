// Owns the mutations of pull requests and refs; `updateRefs` is the compare-and-swap of several refs at once.
import { closePull, createPull, editPull, mergePull, readyForReview, reopenPull } from '../model/pulls.ts';
import { createRef, deleteRef, swapRefs, updateRef, type RefSwap } from '../model/refs.ts';
import { isObject } from '../contract/json.ts';
import type { Args } from './connection.ts';
import { needs, type Ctx } from './context.ts';
import { payload, pullBy, repositoryBy, textOf, type Mutation } from './lookups.ts';
import { pullObject } from './pull-object.ts';
import { notFound } from './refusal.ts';
import { refObject } from './repository-object.ts';

export const PULL_MUTATIONS: Readonly<Record<string, Mutation>> = {
  createPullRequest: (ctx, input) => {
    needs(ctx, ['pull-requests'], 'write', 'read');
    repositoryBy(input['repositoryId']);
    const issue = createPull(ctx.world, ctx.actor, {
      title: textOf(input, 'title'),
      body: textOf(input, 'body'),
      head: textOf(input, 'headRefName'),
      base: textOf(input, 'baseRefName'),
      draft: input['draft'] === true,
    });
    return payload(input, { pullRequest: () => pullObject(issue, ctx) });
  },
  updatePullRequest: (ctx, input) => {
    const issue = writable(ctx, input['pullRequestId']);
    const { title, body, state } = input;
    editPull(ctx.world, ctx.actor, issue, {
      title: typeof title === 'string' ? title : issue.title,
      body: typeof body === 'string' ? body : issue.body,
    });
    if (state === 'CLOSED') closePull(ctx.world, ctx.actor, issue);
    if (state === 'OPEN') reopenPull(ctx.world, ctx.actor, issue);
    return payload(input, { pullRequest: () => pullObject(issue, ctx) });
  },
  markPullRequestReadyForReview: (ctx, input) => {
    const issue = writable(ctx, input['pullRequestId']);
    readyForReview(ctx.world, ctx.actor, issue);
    return payload(input, { pullRequest: () => pullObject(issue, ctx) });
  },
  closePullRequest: (ctx, input) => {
    const issue = writable(ctx, input['pullRequestId']);
    closePull(ctx.world, ctx.actor, issue);
    return payload(input, { pullRequest: () => pullObject(issue, ctx) });
  },
  mergePullRequest: (ctx, input) => {
    needs(ctx, ['contents'], 'write');
    const issue = pullBy(ctx, input['pullRequestId']);
    const { expectedHeadOid, mergeMethod } = input;
    const method = mergeMethod === 'SQUASH' ? 'squash' : mergeMethod === 'REBASE' ? 'rebase' : 'merge';
    mergePull(ctx.world, ctx.actor, issue, {
      method,
      ...(typeof expectedHeadOid === 'string' ? { sha: expectedHeadOid } : {}),
    });
    return payload(input, { pullRequest: () => pullObject(issue, ctx) });
  },
  createRef: (ctx, input) => {
    needs(ctx, ['contents'], 'write');
    repositoryBy(input['repositoryId']);
    createRef(ctx.world, ctx.actor, textOf(input, 'name'), textOf(input, 'oid'));
    return payload(input, { ref: () => refObject(ctx, textOf(input, 'name')) });
  },
  updateRef: (ctx, input) => {
    needs(ctx, ['contents'], 'write');
    const ref = refBy(ctx, input['refId']);
    updateRef(ctx.world, ctx.actor, { ref, sha: textOf(input, 'oid'), force: input['force'] === true });
    return payload(input, { ref: () => refObject(ctx, ref) });
  },
  deleteRef: (ctx, input) => {
    needs(ctx, ['contents'], 'write');
    deleteRef(ctx.world, ctx.actor, refBy(ctx, input['refId']));
    return payload(input);
  },
  updateRefs: (ctx, input) => {
    needs(ctx, ['contents'], 'write');
    repositoryBy(input['repositoryId']);
    const updates: readonly unknown[] = Array.isArray(input['refUpdates']) ? input['refUpdates'] : [];
    swapRefs(ctx.world, ctx.actor, updates.map(swapOf));
    return payload(input);
  },
};

function writable(ctx: Ctx, id: unknown) {
  needs(ctx, ['pull-requests'], 'write');
  return pullBy(ctx, id);
}

function refBy({ world }: Ctx, id: unknown): string {
  const ref = String(id).replace(/^REF_/, '');
  if (world.git.resolve(ref) === null)
    throw notFound(`Could not resolve to a node with the global id of '${String(id)}'.`);
  return ref;
}

function swapOf(update: unknown): RefSwap {
  const given: Args = isObject(update) ? update : {};
  const before = given['beforeOid'];
  return {
    name: textOf(given, 'name'),
    before: typeof before === 'string' ? before : undefined,
    after: textOf(given, 'afterOid'),
    force: given['force'] === true,
  };
}
