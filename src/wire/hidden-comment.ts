// Owns what readers of a Markdown page never saw: its HTML comments, taken out before the text is passed on.
import { blocksOf, hiddenSpans } from './prose.ts';

const NOTE = '[hidden comment left out]';

/** In code a comment is on the page, so there it stays. Linear in the text. */
export function withoutHiddenComments(text: string): string {
  return blocksOf(text.split('\n'))
    .map(({ kind, lines }) =>
      kind === 'fence' ? lines.join('\n') : kind === 'html' ? fromHtml(lines) : fromProse(lines),
    )
    .join('\n');
}

/** Raw HTML knows no code spans, and an open comment hides the rest. */
function fromHtml(lines: readonly string[]): string {
  const [first = '', ...rest] = lines.join('\n').split('<!--');
  const kept = rest.map((part) => {
    const end = part.indexOf('-->');
    return end < 0 ? NOTE : `${NOTE}${part.slice(end + 3)}`;
  });
  return [first, ...kept].join('');
}

/** A comment inside prose ends in its own paragraph, or is none. */
function fromProse(lines: readonly string[]): string {
  const text = lines.join('\n');
  return text
    .split(/(\n[ \t]*\n)/)
    .map(fromParagraph)
    .join('');
}

function fromParagraph(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (const { kind, from, to } of hiddenSpans(text)) {
    kept.push(text.slice(at, from), kind === 'comment' ? NOTE : text.slice(from, to));
    at = to;
  }
  return [...kept, text.slice(at)].join('');
}
