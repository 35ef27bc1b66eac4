// Owns the mutations of GraphQL, each with the permission it needs.
import { addComment, addLabel, closeIssue, createLabel, editComment, react, removeLabel, reopenIssue } from '../model/issues.ts';
import type { Comment, Issue, Project, ProjectField } from '../model/state.ts';
import { commentObject, itemObject, labelObject } from './objects.ts';
import type { Ctx } from './objects.ts';
import { GraphqlRefusal, notFound } from './refusal.ts';

type Args = Readonly<Record<string, unknown>>;
type Mutation = (ctx: Ctx, input: Args) => unknown;

const REACTIONS: Readonly<Record<string, string>> = { THUMBS_UP: '+1', THUMBS_DOWN: '-1', LAUGH: 'laugh', HOORAY: 'hooray', CONFUSED: 'confused', HEART: 'heart', ROCKET: 'rocket', EYES: 'eyes' };

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  addComment: (ctx, input) => {
    needs(ctx, 'issues');
    const comment = addComment(ctx.world, ctx.actor, issueBy(ctx, input['subjectId']), text(input, 'body'));
    return { clientMutationId: null, commentEdge: { node: commentObject(comment, ctx) } };
  },
  updateIssueComment: (ctx, input) => {
    needs(ctx, 'issues');
    const comment = commentBy(ctx, input['id']);
    editComment(ctx.world, ctx.actor, comment, text(input, 'body'));
    return { clientMutationId: null, issueComment: commentObject(comment, ctx) };
  },
  deleteIssueComment: (ctx, input) => {
    needs(ctx, 'issues');
    ctx.world.comments.delete(commentBy(ctx, input['id']).id);
    return { clientMutationId: null };
  },
  addLabelsToLabelable: (ctx, input) => {
    needs(ctx, 'issues');
    const issue = issueBy(ctx, input['labelableId']);
    for (const name of labelNames(ctx, input)) addLabel(ctx.world, ctx.actor, issue, name);
    return { clientMutationId: null };
  },
  removeLabelsFromLabelable: (ctx, input) => {
    needs(ctx, 'issues');
    const issue = issueBy(ctx, input['labelableId']);
    for (const name of labelNames(ctx, input)) if (issue.labels.includes(name)) removeLabel(ctx.world, ctx.actor, issue, name);
    return { clientMutationId: null };
  },
  createLabel: (ctx, input) => {
    needs(ctx, 'issues');
    return { clientMutationId: null, label: labelObject(createLabel(ctx.world, { name: text(input, 'name'), color: text(input, 'color'), description: typeof input['description'] === 'string' ? input['description'] : '' })) };
  },
  addReaction: (ctx, input) => {
    needs(ctx, 'issues');
    react(ctx.world, ctx.actor, commentBy(ctx, input['subjectId']), REACTIONS[text(input, 'content')] ?? '');
    return { clientMutationId: null };
  },
  closeIssue: (ctx, input) => {
    needs(ctx, 'issues');
    closeIssue(ctx.world, ctx.actor, issueBy(ctx, input['issueId']), input['stateReason'] === 'NOT_PLANNED' ? 'not_planned' : 'completed');
    return { clientMutationId: null };
  },
  reopenIssue: (ctx, input) => {
    needs(ctx, 'issues');
    reopenIssue(ctx.world, ctx.actor, issueBy(ctx, input['issueId']));
    return { clientMutationId: null };
  },
  addProjectV2ItemById: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const issue = issueBy(ctx, input['contentId']);
    const known = project.items.find((item) => item.issue === issue.number);
    const item = known ?? { id: `PVTI_${ctx.world.id()}`, issue: issue.number, values: new Map<string, string | number>() };
    if (known === undefined) project.items.push(item);
    return { clientMutationId: null, item: itemObject(project, item) };
  },
  createProjectV2Field: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const field = newField(ctx, input);
    project.fields.push(field);
    const __typename = field.type === 'SINGLE_SELECT' ? 'ProjectV2SingleSelectField' : 'ProjectV2Field';
    return { clientMutationId: null, projectV2Field: { __typename, id: field.id, name: field.name, options: field.options } };
  },
  updateProjectV2ItemFieldValue: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const item = project.items.find(({ id }) => id === input['itemId']);
    const value = typeof input['value'] === 'object' && input['value'] !== null ? (input['value'] as Args) : {};
    const given = value['text'] ?? value['number'] ?? value['singleSelectOptionId'];
    if (item === undefined || !project.fields.some(({ id }) => id === input['fieldId'])) throw notFound('Could not resolve to a node');
    item.values.set(text(input, 'fieldId'), typeof given === 'number' ? given : String(given));
    return { clientMutationId: null };
  },
};

function newField(ctx: Ctx, input: Args): ProjectField {
  const options = Array.isArray(input['singleSelectOptions']) ? input['singleSelectOptions'].map((option: Args, i) => ({ id: `O_${ctx.world.id()}_${i}`, name: text(option, 'name') })) : [];
  const type = input['dataType'] === 'SINGLE_SELECT' ? 'SINGLE_SELECT' : input['dataType'] === 'NUMBER' ? 'NUMBER' : 'TEXT';
  return { id: `PVTF_${ctx.world.id()}`, name: text(input, 'name'), type, options };
}

function needs({ world, actor }: Ctx, scope: string): void {
  try {
    world.require(actor, scope, 'write');
  } catch {
    throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by integration');
  }
}

function text(input: Args, key: string): string {
  const value = input[key];
  return typeof value === 'string' ? value : '';
}

function idOf(value: unknown): number {
  const id = String(value);
  return Number(id.slice(id.indexOf('_') + 1));
}

function issueBy({ world }: Ctx, id: unknown): Issue {
  const issue = world.issues.get(idOf(id));
  if (issue === undefined) throw notFound(`Could not resolve to a node with the global id of '${String(id)}'`);
  return issue;
}

function commentBy({ world }: Ctx, id: unknown): Comment {
  const comment = world.comments.get(idOf(id));
  if (comment === undefined) throw notFound(`Could not resolve to a node with the global id of '${String(id)}'`);
  return comment;
}

function projectBy({ world, actor }: Ctx, id: unknown): Project {
  if (actor.kind === 'job') throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by integration');
  const project = world.projects.find((one) => one.id === id);
  if (project === undefined) throw notFound(`Could not resolve to a node with the global id of '${String(id)}'`);
  return project;
}

function labelNames({ world }: Ctx, input: Args): readonly string[] {
  const ids = Array.isArray(input['labelIds']) ? input['labelIds'].map(idOf) : [];
  return [...world.labels.values()].filter(({ id }) => ids.includes(id)).map(({ name }) => name);
}
