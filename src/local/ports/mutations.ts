// Owns the writing side of the typed port: each mutation under its alias, done to the model one after the other.
import { restReaction } from '../graphql/issue-objects.ts';
import { addComment, editComment, react } from '../model/comments.ts';
import { addLabel, closeIssue, createLabel, nodeIdOf, openIssue, removeLabel } from '../model/issues.ts';
import { Refused } from '../model/state.ts';
import type { Actor, Issue } from '../model/state.ts';
import { addSubIssue, checkRoom } from '../model/sub-issues.ts';
import type { World } from '../model/world.ts';
import { labelShape } from './task-shapes.ts';
import type { Answered, GraphqlError } from './queries.ts';

type Values = Readonly<Record<string, unknown>>;

export interface Mutating {
  readonly world: World;
  readonly actor: Actor;
  readonly document: string;
  readonly values: Values;
  /** Fields from this one on are not run: a time-out leaves a prefix of them done. */
  readonly stop_at: number;
}

/** A field that fails costs no other. */
export function answerMutation({ world, actor, document, values, stop_at }: Mutating): Answered {
  const fields = [...document.matchAll(/(m\d+): (\w+)\(input: \$(i\d+)\)/g)];
  const data: Record<string, unknown> = {};
  const errors: GraphqlError[] = [];
  for (const [, alias = '', field = '', variable = ''] of fields.slice(0, stop_at)) {
    try {
      data[alias] = mutate(world, actor, field, (values[variable] ?? {}) as Values);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      data[alias] = null;
      const detail = JSON.stringify(error.errors);
      const message = /already_exists/.test(detail) ? 'Name has already been taken' : error.message;
      errors.push({ type: error.status === 404 ? 'NOT_FOUND' : 'UNPROCESSABLE', message, path: [alias] });
    }
  }
  return { data, errors };
}

export function fieldsIn(document: string): number {
  return [...document.matchAll(/m\d+: \w+\(input/g)].length;
}

function mutate(world: World, actor: Actor, field: string, input: Values): unknown {
  const text = (key: string): string => textOf(input, key);
  switch (field) {
    case 'createLabel': {
      const { name } = createLabel(world, {
        name: text('name'),
        color: text('color'),
        description: text('description'),
      });
      return { label: labelShape(world, name) };
    }
    case 'createIssue': {
      const parent = issueOf(world, text('parentIssueId'));
      checkRoom(world, parent);
      const ask = { title: text('title'), body: text('body'), labels: namesOf(world, input) };
      const issue = openIssue(world, actor, ask);
      addSubIssue(world, { parent, child: issue, replaces: false });
      return { issue: { id: nodeIdOf(issue), number: issue.number } };
    }
    case 'addComment':
      addComment(world, actor, issueOf(world, text('subjectId')), text('body'));
      return DONE;
    case 'updateIssueComment':
      editComment(world, actor, commentOf(world, text('id')), text('body'));
      return DONE;
    case 'addReaction':
      react(world, actor, commentOf(world, text('subjectId')), restReaction(text('content')));
      return DONE;
    case 'closeIssue':
      closeIssue(
        world,
        actor,
        issueOf(world, text('issueId')),
        text('stateReason') === 'NOT_PLANNED' ? 'not_planned' : 'completed',
      );
      return DONE;
    case 'addLabelsToLabelable':
      for (const name of namesOf(world, input)) addLabel(world, actor, issueOf(world, text('labelableId')), name);
      return DONE;
    case 'removeLabelsFromLabelable':
      return removeAll(world, actor, issueOf(world, text('labelableId')), namesOf(world, input));
    default:
      throw new Error(`the typed port does not know the mutation ${field}: teach it in src/local/ports/mutations.ts`);
  }
}

export function textOf(values: Values, key: string): string {
  const value = values[key];
  return typeof value === 'string' ? value : '';
}

const DONE = { clientMutationId: null };

function removeAll(world: World, actor: Actor, issue: Issue, names: readonly string[]): unknown {
  for (const name of names) if (issue.labels.includes(name)) removeLabel(world, actor, issue, name);
  return DONE;
}

function namesOf(world: World, { labelIds }: Values): readonly string[] {
  const ids = new Set(Array.isArray(labelIds) ? labelIds.map(String) : []);
  return [...world.labels.values()].filter(({ id }) => ids.has(`LA_${id}`)).map(({ name }) => name);
}

function issueOf(world: World, id: string): Issue {
  return world.issue(Number(id.slice(id.indexOf('_') + 1)));
}

function commentOf(world: World, id: string) {
  const comment = world.comments.get(Number(id.slice('IC_'.length)));
  if (comment === undefined) throw new Refused(404, 'Could not resolve to a node');
  return comment;
}
