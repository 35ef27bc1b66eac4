// Owns the hidden markers in text that GitHub shows: versioned JSON inside an HTML comment.

export type MarkerKind = 'state' | 'pr' | 'answer' | 'call' | 'published' | 'draft' | 'imported' | 'epic' | 'finding';

/** `<` and `>` are written as escapes, so that no value can end the comment or open another. */
export function renderMarker(kind: MarkerKind, value: unknown): string {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
  return `<!-- orch:${kind} v1 ${json} -->`;
}

/** The last marker of that kind, since ours is written last; null when there is none or it is not JSON. */
export function parseMarker(kind: MarkerKind, text: string): unknown {
  const start = text.lastIndexOf(`<!-- orch:${kind} v1 `);
  if (start < 0) return null;
  const end = text.indexOf(' -->', start);
  if (end < 0) return null;
  try {
    return JSON.parse(text.slice(start + `<!-- orch:${kind} v1 `.length, end));
  } catch {
    return null;
  }
}
