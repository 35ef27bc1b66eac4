// Owns what observing learns for applying: GraphQL ids of the repository and of its labels, by lower-cased name.
import { z } from 'zod';
import { LabelName, NodeId } from '../domain/ids.ts';

export interface Known {
  repository_id: NodeId | null;
  readonly labels: Map<string, NodeId>;
}

export function nothingKnown(): Known {
  return { repository_id: null, labels: new Map() };
}

export const Label = z.object({ id: NodeId, name: LabelName });
export type Label = z.infer<typeof Label>;

/** Any field of an answer that is a label, under whatever alias; gives them back. */
export function learn(known: Known, answer: unknown): readonly Label[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const labels = Object.values(answer).flatMap((value) => (isNamed(value) ? (Label.safeParse(value).data ?? []) : []));
  for (const { id, name } of labels) known.labels.set(name.toLowerCase(), id);
  return labels;
}

/** To be refused costs more than to be read, and most fields of an answer are no labels. */
function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value;
}
