// Owns the mutations of Projects v2: items added once, fields created, values set.
import type { Project, ProjectField, ProjectItem } from '../model/state.ts';
import { isObject } from '../contract/json.ts';
import type { Args } from './connection.ts';
import type { Ctx } from './context.ts';
import { payload, projectBy, subjectBy, textOf, type Mutation } from './lookups.ts';
import { fieldObject, itemObject } from './project-objects.ts';
import { GraphqlRefusal, notFound } from './refusal.ts';

export const PROJECT_MUTATIONS: Readonly<Record<string, Mutation>> = {
  /** Gives back the item that is there already, and so can be called again and again. */
  addProjectV2ItemById: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const { number } = subjectBy(ctx, input['contentId']);
    const known = project.items.find(({ content }) => content === number);
    const item: ProjectItem = known ?? { id: `PVTI_${ctx.world.id()}`, content: number, values: new Map() };
    if (known === undefined) project.items.push(item);
    return payload(input, { item: () => itemObject(project, item, ctx) });
  },
  /** Unlike an issue, a draft is another one each time. */
  addProjectV2DraftIssue: (ctx, input) => {
    const { world, actor } = ctx;
    const project = projectBy(ctx, input['projectId']);
    const title = textOf(input, 'title');
    if (title.trim() === '') throw new GraphqlRefusal('UNPROCESSABLE', "Title can't be blank");
    const draft = { id: `DI_${world.id()}`, title, body: textOf(input, 'body'), by: actor.person, at: world.now() };
    const item: ProjectItem = { id: `PVTI_${world.id()}`, content: draft, values: new Map() };
    project.items.push(item);
    return payload(input, { projectItem: () => itemObject(project, item, ctx) });
  },
  deleteProjectV2Item: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const item = itemBy(project, input['itemId']);
    project.items.splice(project.items.indexOf(item), 1);
    return payload(input, { deletedItemId: item.id });
  },
  createProjectV2Field: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const name = textOf(input, 'name');
    if (project.fields.some((field) => field.name.toLowerCase() === name.toLowerCase()))
      throw new GraphqlRefusal('UNPROCESSABLE', 'Name has already been taken');
    const field = newField(ctx, input);
    project.fields.push(field);
    return payload(input, { projectV2Field: () => fieldObject(project, field, ctx) });
  },
  updateProjectV2ItemFieldValue: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const item = itemBy(project, input['itemId']);
    const field = fieldBy(project, input['fieldId']);
    item.values.set(field.id, valueFor(field, input));
    return payload(input, { projectV2Item: () => itemObject(project, item, ctx) });
  },
  clearProjectV2ItemFieldValue: (ctx, input) => {
    const project = projectBy(ctx, input['projectId']);
    const item = itemBy(project, input['itemId']);
    item.values.delete(fieldBy(project, input['fieldId']).id);
    return payload(input, { projectV2Item: () => itemObject(project, item, ctx) });
  },
};

function itemBy(project: Project, id: unknown): ProjectItem {
  const item = project.items.find((one) => one.id === id);
  if (item === undefined) throw notFound(`Could not resolve to a node with the global id of '${String(id)}'.`);
  return item;
}

function fieldBy(project: Project, id: unknown): ProjectField {
  const field = project.fields.find((one) => one.id === id);
  if (field === undefined) throw notFound(`Could not resolve to a node with the global id of '${String(id)}'.`);
  return field;
}

function newField({ world }: Ctx, input: Args): ProjectField {
  const given: readonly unknown[] = Array.isArray(input['singleSelectOptions']) ? input['singleSelectOptions'] : [];
  const options = given.filter(isObject).map((option) => ({ id: `O${world.id()}`, name: textOf(option, 'name') }));
  const type = input['dataType'];
  if (type !== 'SINGLE_SELECT' && type !== 'NUMBER' && type !== 'TEXT')
    throw new GraphqlRefusal('UNPROCESSABLE', `The local GitHub has no fields of type ${String(type)}`);
  if (type === 'SINGLE_SELECT' && options.length === 0)
    throw new GraphqlRefusal('UNPROCESSABLE', 'Options are required for a single select field');
  return {
    id: `PVT${type === 'SINGLE_SELECT' ? 'SS' : ''}F_${world.id()}`,
    name: textOf(input, 'name'),
    type,
    options,
  };
}

/** The kind of value has to be the field's own. */
function valueFor(field: ProjectField, input: Args): string | number {
  const value: Args = isObject(input['value']) ? input['value'] : {};
  const { text, number, singleSelectOptionId } = value;
  if (field.type === 'TEXT' && typeof text === 'string') return text;
  if (field.type === 'NUMBER' && typeof number === 'number') return number;
  const option = field.options.find(({ id }) => id === singleSelectOptionId);
  if (field.type === 'SINGLE_SELECT' && option !== undefined) return option.id;
  throw new GraphqlRefusal('UNPROCESSABLE', 'Did not receive a value of the type that the field has.');
}
