// Owns the mutations of issues, comments, labels and reactions, each with the permission it needs.
import { addComment, deleteComment, editComment, react, unreact } from '../model/comments.ts';
import {
  addDependency,
  addLabel,
  closeIssue,
  createLabel,
  editIssue,
  openIssue,
  removeDependency,
  removeLabel,
  reopenIssue,
} from '../model/issues.ts';
import type { Comment, Issue, Reaction } from '../model/state.ts';
import { addSubIssue, checkRoom, removeSubIssue } from '../model/sub-issues.ts';
import type { Args } from './connection.ts';
import { needs, type Ctx } from './context.ts';
import {
  commentObject,
  issueObject,
  labelObject,
  reactionObject,
  restReaction,
  subjectObject,
} from './issue-objects.ts';
import { commentBy, issueBy, labelBy, payload, repositoryBy, subjectBy, textOf, type Mutation } from './lookups.ts';
import { GraphqlRefusal } from './refusal.ts';

const CLOSE_REASONS = { COMPLETED: 'completed', NOT_PLANNED: 'not_planned', DUPLICATE: 'duplicate' } as const;

export const ISSUE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  createIssue: (ctx, input) => {
    mayWrite(ctx, null, 'read');
    repositoryBy(input['repositoryId']);
    const labels = labelsIn(ctx, input).map(({ name }) => name);
    const parent = input['parentIssueId'] == null ? null : issueBy(ctx, input['parentIssueId']);
    // GitHub makes no issue that it cannot put there.
    if (parent !== null) checkRoom(ctx.world, parent);
    const issue = openIssue(ctx.world, ctx.actor, {
      title: textOf(input, 'title'),
      body: textOf(input, 'body'),
      labels,
    });
    if (parent !== null) addSubIssue(ctx.world, { parent, child: issue, replaces: false });
    return payload(input, { issue: issueObject(issue, ctx) });
  },
  updateIssue: (ctx, input) => {
    const issue = issueBy(ctx, input['id']);
    mayWrite(ctx, issue, 'triage');
    const { title, body } = input;
    editIssue(ctx.world, ctx.actor, issue, {
      title: typeof title === 'string' ? title : issue.title,
      body: typeof body === 'string' ? body : issue.body,
    });
    return payload(input, { issue: issueObject(issue, ctx) });
  },
  addComment: (ctx, input) => {
    const issue = subjectBy(ctx, input['subjectId']);
    mayWrite(ctx, issue, 'read');
    const comment = addComment(ctx.world, ctx.actor, issue, textOf(input, 'body'));
    return payload(input, {
      commentEdge: { node: () => commentObject(comment, ctx), cursor: '' },
      subject: () => subjectObject(issue, ctx),
    });
  },
  updateIssueComment: (ctx, input) => {
    const comment = commentBy(ctx, input['id']);
    ownOrWriter(ctx, comment.author === ctx.actor.person);
    editComment(ctx.world, ctx.actor, comment, textOf(input, 'body'));
    return payload(input, { issueComment: () => commentObject(comment, ctx) });
  },
  deleteIssueComment: (ctx, input) => {
    const comment = commentBy(ctx, input['id']);
    ownOrWriter(ctx, comment.author === ctx.actor.person);
    deleteComment(ctx.world, ctx.actor, comment);
    return payload(input);
  },
  addLabelsToLabelable: (ctx, input) => {
    const issue = subjectBy(ctx, input['labelableId']);
    mayWrite(ctx, issue, 'triage');
    for (const { name } of labelsIn(ctx, input)) addLabel(ctx.world, ctx.actor, issue, name);
    return payload(input, { labelable: () => subjectObject(issue, ctx) });
  },
  removeLabelsFromLabelable: (ctx, input) => {
    const issue = subjectBy(ctx, input['labelableId']);
    mayWrite(ctx, issue, 'triage');
    const held = labelsIn(ctx, input).filter(({ name }) => issue.labels.includes(name));
    for (const { name } of held) removeLabel(ctx.world, ctx.actor, issue, name);
    return payload(input, { labelable: () => subjectObject(issue, ctx) });
  },
  createLabel: (ctx, input) => {
    needs(ctx, ['issues', 'pull-requests'], 'write');
    repositoryBy(input['repositoryId']);
    const name = textOf(input, 'name');
    // As GitHub words it here, and not as REST does.
    if (ctx.world.labels.has(name.toLowerCase()))
      throw new GraphqlRefusal('UNPROCESSABLE', 'Name has already been taken');
    const label = createLabel(ctx.world, {
      name,
      color: textOf(input, 'color'),
      description: textOf(input, 'description'),
    });
    return payload(input, { label: () => labelObject(label, ctx) });
  },
  addReaction: (ctx, input) => {
    needs(ctx, ['issues', 'pull-requests'], 'write', 'read');
    const comment = commentBy(ctx, input['subjectId']);
    const { reaction } = react(ctx.world, ctx.actor, comment, contentIn(input));
    return reacted(ctx, input, comment, reaction);
  },
  removeReaction: (ctx, input) => {
    needs(ctx, ['issues', 'pull-requests'], 'write', 'read');
    const comment = commentBy(ctx, input['subjectId']);
    return reacted(ctx, input, comment, unreact(ctx.actor, comment, contentIn(input)));
  },
  closeIssue: (ctx, input) => {
    const issue = issueBy(ctx, input['issueId']);
    mayWrite(ctx, issue, 'triage');
    closeIssue(ctx.world, ctx.actor, issue, reasonIn(input));
    return payload(input, { issue: () => issueObject(issue, ctx) });
  },
  reopenIssue: (ctx, input) => {
    const issue = issueBy(ctx, input['issueId']);
    mayWrite(ctx, issue, 'triage');
    reopenIssue(ctx.world, ctx.actor, issue);
    return payload(input, { issue: () => issueObject(issue, ctx) });
  },
  addBlockedBy: (ctx, input) => depend(ctx, input, addDependency),
  removeBlockedBy: (ctx, input) => depend(ctx, input, removeDependency),
  addSubIssue: (ctx, input) => {
    const { issue, subIssue } = family(ctx, input);
    addSubIssue(ctx.world, { parent: issue, child: subIssue, replaces: input['replaceParent'] === true });
    return payload(input, { issue: () => issueObject(issue, ctx), subIssue: () => issueObject(subIssue, ctx) });
  },
  removeSubIssue: (ctx, input) => {
    const { issue, subIssue } = family(ctx, input);
    removeSubIssue(ctx.world, issue, subIssue);
    return payload(input, { issue: () => issueObject(issue, ctx), subIssue: () => issueObject(subIssue, ctx) });
  },
};

function contentIn({ content }: Args): string {
  return restReaction(String(content));
}

/** Whose reaction, to what, and what for: the payload names all of it. */
function reacted(ctx: Ctx, input: Args, comment: Comment, reaction: Reaction): Readonly<Record<string, unknown>> {
  return payload(input, { reaction: reactionObject(reaction, ctx), subject: () => commentObject(comment, ctx) });
}

function family(ctx: Ctx, input: Args): { readonly issue: Issue; readonly subIssue: Issue } {
  const issue = issueBy(ctx, input['issueId']);
  mayWrite(ctx, issue, 'triage');
  return { issue, subIssue: issueBy(ctx, input['subIssueId']) };
}

/** A pull request's thread opens to either scope, an issue's to its own only. */
function mayWrite(ctx: Ctx, issue: Issue | null, least: 'read' | 'triage'): void {
  needs(ctx, issue?.pull == null ? ['issues'] : ['issues', 'pull-requests'], 'write', least);
}

function ownOrWriter(ctx: Ctx, own: boolean): void {
  needs(ctx, ['issues', 'pull-requests'], 'write', own ? 'read' : undefined);
}

function labelsIn(ctx: Ctx, { labelIds }: Args) {
  return (Array.isArray(labelIds) ? labelIds : []).map((id: unknown) => labelBy(ctx, id));
}

function reasonIn({ stateReason }: Args): 'completed' | 'not_planned' | 'duplicate' {
  if (stateReason === undefined || stateReason === null) return 'completed';
  if (stateReason === 'COMPLETED' || stateReason === 'NOT_PLANNED' || stateReason === 'DUPLICATE')
    return CLOSE_REASONS[stateReason];
  throw new GraphqlRefusal('UNPROCESSABLE', 'The state reason is not one of those an issue can be closed for.');
}

function depend(ctx: Ctx, input: Args, change: typeof addDependency): Readonly<Record<string, unknown>> {
  const issue = issueBy(ctx, input['issueId']);
  const blockingIssue = issueBy(ctx, input['blockingIssueId']);
  mayWrite(ctx, issue, 'triage');
  change(ctx.world, issue, blockingIssue);
  return payload(input, { issue: () => issueObject(issue, ctx), blockingIssue: () => issueObject(blockingIssue, ctx) });
}
