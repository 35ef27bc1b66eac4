// Owns the batch of mutations: many effects, one document, each under its own alias with its own outcome.
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
}

/** In this order inside the document; GitHub runs the fields of a mutation one after the other. */
export function mutationsOf(effect: BatchedEffect, known: Known): readonly Mutation[] {
  switch (effect.kind) {
    case 'ensure_labels':
      return effect.labels.map(({ name, color, description }) => createLabel(known, { name, color, description }));
    case 'write_state_comment':
      return [
        effect.comment === null ? addComment(effect.issue_id, effect.body) : updateComment(effect.comment, effect.body),
      ];
    case 'post_comment':
      return [addComment(effect.issue_id, effect.body)];
    case 'set_labels':
      // Added before removed: an issue between two states shows both, never none.
      return [...changeLabels('add', effect, known), ...changeLabels('remove', effect, known)];
    case 'react':
      return [
        {
          field: 'addReaction',
          input_type: 'AddReactionInput',
          input: { subjectId: effect.comment, content: effect.reaction },
          selection: 'clientMutationId',
        },
      ];
    case 'close_issue':
      return [
        {
          field: 'closeIssue',
          input_type: 'CloseIssueInput',
          input: { issueId: effect.issue_id, stateReason: effect.reason },
          selection: 'clientMutationId',
        },
      ];
    default:
      return unreachable(effect);
  }
}

function createLabel(
  known: Known,
  label: { readonly name: string; readonly color: string; readonly description: string },
): Mutation {
  return {
    field: 'createLabel',
    input_type: 'CreateLabelInput',
    input: { repositoryId: known.repository_id, ...label },
    selection: 'label { id name }',
  };
}

function addComment(subjectId: NodeId, body: string): Mutation {
  return {
    field: 'addComment',
    input_type: 'AddCommentInput',
    input: { subjectId, body },
    selection: 'clientMutationId',
  };
}

function updateComment(id: NodeId, body: string): Mutation {
  return {
    field: 'updateIssueComment',
    input_type: 'UpdateIssueCommentInput',
    input: { id, body },
    selection: 'clientMutationId',
  };
}

/** A label whose id is unknown cannot be on the issue, so there is nothing to remove. */
function changeLabels(
  change: 'add' | 'remove',
  effect: Extract<VisibleEffect, { readonly kind: 'set_labels' }>,
  known: Known,
): readonly Mutation[] {
  const labelIds = effect[change].map((name) => known.labels.get(name.toLowerCase())).filter((id) => id !== undefined);
  if (labelIds.length === 0) return [];
  const field = change === 'add' ? 'addLabelsToLabelable' : 'removeLabelsFromLabelable';
  const input_type = change === 'add' ? 'AddLabelsToLabelableInput' : 'RemoveLabelsFromLabelableInput';
  return [{ field, input_type, input: { labelableId: effect.issue_id, labelIds }, selection: 'clientMutationId' }];
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
