// Owns looking back while writing: ids of labels by name, and what we said on an issue last.
import { z } from 'zod';
import { NodeId } from '../domain/ids.ts';
import type { Client } from './client.ts';
import { readAs } from './faults.ts';
import type { GraphqlError } from './graphql-answer.ts';

/** Names are other people's text: they travel as variables. */
export function labelsQuery(names: readonly string[]): {
  readonly document: string;
  readonly values: Readonly<Record<string, string>>;
} {
  const declared = names.map((_, i) => `, $label${i}: String!`).join('');
  const each = names.map((_, i) => `label${i}: label(name: $label${i}) { id name }`);
  return {
    document: `query Labels($owner: String!, $name: String!${declared}) {
  repository(owner: $owner, name: $name) { ${each.join('\n')} }
}`,
    values: Object.fromEntries(names.map((name, i) => [`label${i}`, name])),
  };
}

const COMMENTS_OF = `query CommentsOf($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Issue { id comments(last: 20) { nodes { viewerDidAuthor body } } }
    ... on PullRequest { id comments(last: 20) { nodes { viewerDidAuthor body } } }
  }
}`;

const Threads = z.object({
  nodes: z.array(
    z
      .object({
        id: NodeId,
        comments: z.object({
          nodes: z.array(z.object({ viewerDidAuthor: z.boolean(), body: z.string() }).nullable()),
        }),
      })
      .nullable(),
  ),
});

/** What GitHub would not show, an issue or its comments, is told in `errors` and missing in `said`. */
export interface LookBack {
  /** Bodies of our newest comments, by the issue they stand on. */
  readonly said: ReadonlyMap<NodeId, readonly string[]>;
  readonly errors: readonly GraphqlError[];
}

export async function saidOn(client: Client, issues: readonly NodeId[]): Promise<LookBack> {
  const { data, errors } = await client.query(COMMENTS_OF, { ids: issues });
  const said = new Map(
    readAs(Threads, data, { what: 'CommentsOf' }).nodes.flatMap((thread): [NodeId, readonly string[]][] => {
      if (thread === null) return [];
      const ours = thread.comments.nodes.filter((comment) => comment?.viewerDidAuthor === true);
      return [[thread.id, ours.map((comment) => comment?.body ?? '')]];
    }),
  );
  return { said, errors };
}
