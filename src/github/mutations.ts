// Owns the mutations of each small effect, and the one document that holds many of them.
import type { NodeId } from '../domain/ids.ts';
import type { VisibleEffect } from '../reconcile/ports.ts';
import { unreachable } from '../domain/fault.ts';
import type { Known } from './known.ts';

export type BatchedEffect = Extract<
  VisibleEffect,
  { readonly kind: 'write_state_comment' | 'set_labels' | 'react' | 'post_comment' | 'close_issue' | 'ensure_labels' }
>;

export interface Mutation {
  readonly field: string;
  readonly input_type: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly selection: string;
  /** Set for a new comment, the one thing that must not be done twice: where it stands. */
  readonly comments_on: NodeId | null;
}

export interface Mutations {
  readonly mutations: readonly Mutation[];
  /** Why the effect cannot be done at all. */
  readonly impossible: string | null;
}

/** In this order inside the document; GitHub runs the fields of a mutation one after the other. */
export function mutationsOf(effect: BatchedEffect, known: Known): Mutations {
  switch (effect.kind) {
    case 'ensure_labels':
      return all(effect.labels.map(({ name, color, description }) => createLabel(known, { name, color, description })));
    case 'write_state_comment':
      return all([
        effect.comment === null
          ? addComment(effect.issue_id, effect.body)
          : mutation('updateIssueComment', { id: effect.comment, body: effect.body }),
      ]);
    case 'post_comment':
      return all([addComment(effect.issue_id, effect.body)]);
    case 'set_labels':
      return setLabels(effect, known);
    case 'react':
      return all([mutation('addReaction', { subjectId: effect.comment, content: effect.reaction })]);
    case 'close_issue':
      return all([mutation('closeIssue', { issueId: effect.issue_id, stateReason: effect.reason })]);
    default:
      return unreachable(effect);
  }
}

/** What GitHub counts as content, and limits. */
export function writesContent({ field }: Mutation): boolean {
  return field === 'addComment' || field === 'updateIssueComment' || field === 'createLabel';
}

function all(mutations: readonly Mutation[]): Mutations {
  return { mutations, impossible: null };
}

function mutation(field: string, input: Mutation['input'], selection = 'clientMutationId'): Mutation {
  const input_type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  return { field, input_type, input, selection, comments_on: null };
}

function createLabel(
  known: Known,
  label: { readonly name: string; readonly color: string; readonly description: string },
): Mutation {
  return mutation('createLabel', { repositoryId: known.repository_id, ...label }, 'label { id name }');
}

function addComment(subjectId: NodeId, body: string): Mutation {
  return { ...mutation('addComment', { subjectId, body }), comments_on: subjectId };
}

/** Added before removed: an issue between two states shows both, never none. */
function setLabels(effect: Extract<BatchedEffect, { readonly kind: 'set_labels' }>, known: Known): Mutations {
  const missing = effect.add.filter((name) => !known.labels.has(name.toLowerCase()));
  if (missing.length > 0) return { mutations: [], impossible: `the repository has no label ${missing.join(', ')}` };
  return all([...changeLabels('add', effect, known), ...changeLabels('remove', effect, known)]);
}

/** A label whose id is unknown cannot be on the issue, so there is nothing to remove. */
function changeLabels(
  change: 'add' | 'remove',
  effect: Extract<BatchedEffect, { readonly kind: 'set_labels' }>,
  known: Known,
): readonly Mutation[] {
  const labelIds = effect[change].map((name) => known.labels.get(name.toLowerCase())).filter((id) => id !== undefined);
  if (labelIds.length === 0) return [];
  const field = change === 'add' ? 'addLabelsToLabelable' : 'removeLabelsFromLabelable';
  return [mutation(field, { labelableId: effect.issue_id, labelIds })];
}

export function renderBatch(mutations: readonly Mutation[]): {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
} {
  const declared = mutations.map(({ input_type }, i) => `$i${i}: ${input_type}!`).join(', ');
  const fields = mutations
    .map(({ field, selection }, i) => `m${i}: ${field}(input: $i${i}) { ${selection} }`)
    .join('\n');
  return {
    document: `mutation Apply(${declared}) {\n${fields}\n}`,
    variables: Object.fromEntries(mutations.map(({ input }, i) => [`i${i}`, input])),
  };
}
