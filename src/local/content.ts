// Owns what GitHub's limit on generated content counts: things people are told about, made or changed.

export const CONTENT_FIELDS: ReadonlySet<string> = new Set([
  'addComment',
  'updateIssueComment',
  'createIssue',
  'updateIssue',
  'createPullRequest',
  'updatePullRequest',
  'createLabel',
]);

/** 1 when a REST request would write content, whether or not it succeeds. */
export function contentInRequest(method: string, pathname: string): 0 | 1 {
  const creates = method === 'POST' && /\/(?:issues|pulls|comments|labels|reviews)$/.test(pathname);
  const edits = method === 'PATCH' && /\/(?:issues|pulls|comments)\/\d+$/.test(pathname);
  return creates || edits ? 1 : 0;
}

/** How many fields of a document would. Read from its text: the limit comes before the document is understood. */
export function contentInDocument(query: string): number {
  return [...query.matchAll(/(\w+)\s*\(\s*input:/g)].filter(([, field = '']) => CONTENT_FIELDS.has(field)).length;
}
