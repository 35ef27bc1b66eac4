// Owns what observing learns for applying: GraphQL ids of labels, by lower-cased name.
import type { NodeId } from '../domain/ids.ts';

export type LabelIds = Map<string, NodeId>;
