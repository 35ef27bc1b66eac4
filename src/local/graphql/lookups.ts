// Owns finding what a mutation's input names by node id.
import type { Comment, Issue, Label, Project } from '../model/state.ts';
import type { Args } from './connection.ts';
import type { Ctx } from './context.ts';
import { mayReach } from './project-objects.ts';
import { notFound } from './refusal.ts';

export type Mutation = (ctx: Ctx, input: Args) => Readonly<Record<string, unknown>>;

export function textOf(input: Args, key: string): string {
  const value = input[key];
  return typeof value === 'string' ? value : '';
}

/** What every payload may give back. */
export function payload(
  input: Args,
  fields: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { clientMutationId: input['clientMutationId'] ?? null, ...fields };
}

function unresolved(id: unknown): Error {
  return notFound(`Could not resolve to a node with the global id of '${String(id)}'.`);
}

function numberIn(id: unknown, kinds: readonly string[]): number {
  const [kind = '', rest = ''] = String(id).split(/_(.*)/s);
  return kinds.includes(kind) ? Number(rest) : Number.NaN;
}

/** An issue or a pull request. */
export function subjectBy({ world }: Ctx, id: unknown): Issue {
  const issue = world.issues.get(numberIn(id, ['I', 'PR']));
  if (issue === undefined) throw unresolved(id);
  return issue;
}

export function issueBy(ctx: Ctx, id: unknown): Issue {
  const issue = subjectBy(ctx, id);
  if (issue.pull !== null) throw unresolved(id);
  return issue;
}

export function pullBy(ctx: Ctx, id: unknown): Issue {
  const issue = subjectBy(ctx, id);
  if (issue.pull === null) throw unresolved(id);
  return issue;
}

export function commentBy({ world }: Ctx, id: unknown): Comment {
  const comment = world.comments.get(numberIn(id, ['IC']));
  if (comment === undefined) throw unresolved(id);
  return comment;
}

export function labelBy({ world }: Ctx, id: unknown): Label {
  const number = numberIn(id, ['LA']);
  const label = [...world.labels.values()].find((one) => one.id === number);
  if (label === undefined) throw unresolved(id);
  return label;
}

export function projectBy(ctx: Ctx, id: unknown): Project {
  const project = ctx.world.projects.find((one) => one.id === id);
  if (project === undefined) throw unresolved(id);
  mayReach(ctx, project, 'write');
  return project;
}

export function repositoryBy(id: unknown): void {
  if (id !== 'R_1') throw unresolved(id);
}
