// Owns what observing learns for applying: GraphQL ids of the repository and of its labels, by lower-cased name.
import type { NodeId } from '../domain/ids.ts';

export interface Known {
  repository_id: NodeId | null;
  readonly labels: Map<string, NodeId>;
}

export function nothingKnown(): Known {
  return { repository_id: null, labels: new Map() };
}
