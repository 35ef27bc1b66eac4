// Owns what Projects v2 look like in GraphQL, and who may see them: never a job's own token.
import type { Issue, Project, ProjectField, ProjectItem } from '../model/state.ts';
import { connection, type Args } from './connection.ts';
import type { Ctx } from './context.ts';
import { personObject, subjectObject } from './issue-objects.ts';
import { GraphqlRefusal, notFound } from './refusal.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An App reaches boards of organizations it was granted; boards of a person only their own token. */
export function mayReach({ actor }: Ctx, { owner_kind }: Project, level: 'read' | 'write'): void {
  if (actor.permissions === null) return;
  const held = actor.permissions['organization-projects'];
  const grants = held === 'write' || held === 'admin' || (held === 'read' && level === 'read');
  if (actor.kind === 'app' && owner_kind === 'Organization' && grants) return;
  throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by integration');
}

export function ownerObject(ctx: Ctx, login: string, kind: 'Organization' | 'User' | 'either'): Fields | null {
  const { world } = ctx;
  const boards = world.projects.filter((project) => project.owner.toLowerCase() === login.toLowerCase());
  const actual = boards[0]?.owner_kind ?? (kind === 'either' ? 'Organization' : kind);
  const exists = boards.length > 0 || world.people.has(login.toLowerCase());
  if (!exists || (kind !== 'either' && kind !== actual)) {
    throw notFound(
      `Could not resolve to ${kind === 'User' ? 'a User' : 'an Organization'} with the login of '${login}'.`,
    );
  }
  return {
    __typename: actual,
    id: `${actual === 'User' ? 'U' : 'O'}_${world.person(login).id}`,
    login,
    url: `${ctx.server_url}/${login}`,
    projectV2: ({ number }: Args) => {
      const project = boards.find((one) => one.number === number);
      if (project === undefined) throw notFound(`Could not resolve to a ProjectV2 with the number ${String(number)}.`);
      mayReach(ctx, project, 'read');
      return projectObject(project, ctx);
    },
  };
}

export function projectObject(project: Project, ctx: Ctx): Fields {
  return {
    __typename: 'ProjectV2',
    id: project.id,
    number: project.number,
    title: project.title,
    closed: false,
    url: `${ctx.server_url}/orgs/${project.owner}/projects/${project.number}`,
    fields: (args: Args) =>
      connection({ items: project.fields, args, show: (field) => fieldObject(project, field, ctx) }),
    field: ({ name }: Args) => {
      const field = project.fields.find((one) => one.name === name);
      return field === undefined ? null : fieldObject(project, field, ctx);
    },
    items: (args: Args) => connection({ items: project.items, args, show: (item) => itemObject(project, item, ctx) }),
  };
}

export function fieldObject(project: Project, field: ProjectField, ctx: Ctx): Fields {
  const { id, name, type } = field;
  const common = { id, name, dataType: type, project: () => projectObject(project, ctx) };
  if (type !== 'SINGLE_SELECT') return { __typename: 'ProjectV2Field', ...common };
  const options = field.options.map((option) => ({
    ...option,
    nameHTML: option.name,
    color: 'GRAY',
    description: '',
    descriptionHTML: '',
  }));
  return { __typename: 'ProjectV2SingleSelectField', ...common, options };
}

export function itemObject(project: Project, item: ProjectItem, ctx: Ctx): Fields {
  const values = project.fields.flatMap((field) => valueObject(project, item, field, ctx));
  return {
    __typename: 'ProjectV2Item',
    id: item.id,
    type: kindOf(item, ctx),
    isArchived: false,
    content: () => contentObject(item, ctx),
    project: () => projectObject(project, ctx),
    fieldValues: (args: Args) => connection({ items: values, args, show: (value) => value }),
    fieldValueByName: ({ name }: Args) => values.find((value) => value['field_name'] === name) ?? null,
  };
}

function subjectOf({ content }: ProjectItem, { world }: Ctx): Issue | undefined {
  return typeof content === 'number' ? world.issues.get(content) : undefined;
}

function kindOf(item: ProjectItem, ctx: Ctx): string {
  if (typeof item.content !== 'number') return 'DRAFT_ISSUE';
  return subjectOf(item, ctx)?.pull === null ? 'ISSUE' : 'PULL_REQUEST';
}

function contentObject(item: ProjectItem, ctx: Ctx): Fields | null {
  const { content } = item;
  if (typeof content === 'number') {
    const issue = subjectOf(item, ctx);
    return issue === undefined ? null : subjectObject(issue, ctx);
  }
  const { id, title, body, by, at } = content;
  const creator = (): Fields => personObject(by, ctx);
  return { __typename: 'DraftIssue', id, title, body, bodyText: body, creator, createdAt: at, updatedAt: at };
}

/** Four things make one value, so they are taken as they come: where, whose, which, and for whom. */
function valueObject(project: Project, item: ProjectItem, field: ProjectField, ctx: Ctx): readonly Fields[] {
  const title = typeof item.content === 'number' ? subjectOf(item, ctx)?.title : item.content.title;
  const value = field.type === 'TITLE' ? title : item.values.get(field.id);
  if (value === undefined) return [];
  const common = {
    id: `PVTFV_${item.id}_${field.id}`,
    field_name: field.name,
    field: () => fieldObject(project, field, ctx),
  };
  switch (field.type) {
    case 'NUMBER':
      return [{ ...common, __typename: 'ProjectV2ItemFieldNumberValue', number: value }];
    case 'SINGLE_SELECT': {
      const name = field.options.find((option) => option.id === value)?.name ?? null;
      return [{ ...common, __typename: 'ProjectV2ItemFieldSingleSelectValue', name, optionId: value }];
    }
    case 'TEXT':
    case 'TITLE':
      return [{ ...common, __typename: 'ProjectV2ItemFieldTextValue', text: value }];
  }
}
