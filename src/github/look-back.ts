// Owns the GraphQL text of looking back while writing: ids of labels by name, and what we said on an issue last.

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

export const COMMENTS_OF = `query CommentsOf($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Issue { id comments(last: 20) { nodes { viewerDidAuthor body } } } }
}`;
