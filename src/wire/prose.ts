// Owns which lines of a Markdown text are its author's own prose: not quoted, not code, not hidden.

const CHARS_MAX = 70_000;

interface Reading {
  /** Whether a fence may stand behind list markers and deeper indentation. */
  readonly fence: RegExp;
}

/**
 * Where a fence opens depends on the list around it, which only a full parser knows. A line counts as prose when it is
 * prose under both readings, so that code never speaks; linear in the text.
 */
const STRICT: Reading = { fence: /^( {0,3})(`{3,}|~{3,})/ };
const LIBERAL: Reading = { fence: /^((?:[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]){0,40})(`{3,}|~{3,})/ };

/** All lines, each with whether it speaks. */
export function withProse(text: string): readonly { readonly line: string; readonly is_prose: boolean }[] {
  const lines = text.slice(0, CHARS_MAX).split(/\r\n|\r|\n/);
  const [strict, liberal] = [proseIndexes(lines, STRICT), proseIndexes(lines, LIBERAL)];
  return lines.map((line, index) => ({ line, is_prose: strict.has(index) && liberal.has(index) }));
}

type Block =
  | { readonly kind: 'text' }
  | { readonly kind: 'fence'; readonly mark: string; readonly indent: number }
  /** HTML that ends at a mark, blank lines or not: a comment, `<pre>` and its like. */
  | { readonly kind: 'html'; readonly end: RegExp };

const TEXT: Block = { kind: 'text' };
const COMMENT_START = /^ {0,3}<!--/;
const HTML_UNTIL: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [COMMENT_START, /-->/],
  [/^ {0,3}<(?:pre|script|style|textarea)(?:[\s>]|$)/i, /<\/(?:pre|script|style|textarea)>/i],
];

function proseIndexes(lines: readonly string[], reading: Reading): ReadonlySet<number> {
  const prose = new Set<number>();
  let block = TEXT;
  let paragraph: number[] = [];
  const endParagraph = (): void => {
    for (const index of spokenIn(paragraph, lines)) prose.add(index);
    paragraph = [];
  };
  lines.forEach((line, index) => {
    const opened = block.kind === 'text' ? openedBy(line, reading) : null;
    if (block.kind === 'text' && opened === null && line.trim() !== '') paragraph.push(index);
    else endParagraph();
    block = after(line, { block, opened });
  });
  endParagraph();
  return prose;
}

function openedBy(line: string, { fence }: Reading): Block | null {
  const [, lead = '', mark] = fence.exec(line) ?? [];
  const info = line.slice(lead.length + (mark?.length ?? 0));
  // A backtick in the info string makes it inline code.
  if (mark !== undefined && !(mark.startsWith('`') && info.includes('`')))
    return { kind: 'fence', mark, indent: lead.length };
  const html = HTML_UNTIL.find(([start]) => start.test(line));
  return html === undefined ? null : { kind: 'html', end: html[1] };
}

function closes(line: string, block: Block): boolean {
  if (block.kind === 'html') return block.end.test(line);
  if (block.kind === 'text') return false;
  const [, lead = '', mark = ''] = /^(\s*)(`{3,}|~{3,})\s*$/.exec(line) ?? [];
  return mark.length >= block.mark.length && mark.startsWith(block.mark.charAt(0)) && lead.length <= block.indent + 3;
}

const QUOTE = /^ {0,3}>/;
const HTML = /^ {0,3}<[/a-z!?]/i;
const INDENTED = /^(?: {4}| {0,3}\t)/;

/** From a quotation or HTML tag on, the lines up to the next blank one belong to it, as GitHub shows them. */
function spokenIn(paragraph: readonly number[], lines: readonly string[]): readonly number[] {
  const silent = paragraph.findIndex((index) => QUOTE.test(lines[index] ?? '') || HTML.test(lines[index] ?? ''));
  const own = silent < 0 ? paragraph : paragraph.slice(0, silent);
  const hidden = hiddenStarts(own.map((index) => lines[index] ?? ''));
  return own.filter((index, place) => !hidden.has(place) && !INDENTED.test(lines[index] ?? ''));
}

/** Places of lines that begin inside a code span or an inline comment that an earlier line of the paragraph opened. */
function hiddenStarts(lines: readonly string[]): ReadonlySet<number> {
  const spans = hiddenSpans(lines.join('\n'));
  const hidden = new Set<number>();
  let start = 0;
  let next = 0;
  lines.forEach((line, place) => {
    while (next < spans.length && (spans[next]?.to ?? 0) <= start) next += 1; // never back: one pass over both
    const span = spans[next];
    if (span !== undefined && span.from < start) hidden.add(place);
    start += line.length + 1;
  });
  return hidden;
}

interface Span {
  readonly kind: 'code' | 'comment';
  readonly from: number;
  /** First place behind it. */
  readonly to: number;
}

/** Code spans and inline comments, left to right; each ends before the next begins. */
export function hiddenSpans(text: string): readonly Span[] {
  const marks = [...text.matchAll(/`+|<!--/g)].map((match) => ({ at: match.index, mark: match[0] }));
  const closing = closingRuns(marks);
  const last_end = text.lastIndexOf('-->');
  const spans: Span[] = [];
  let free = 0;
  marks.forEach(({ at, mark }, index) => {
    if (at < free || text.charAt(at - 1) === '\\') return;
    const end = mark === '<!--' ? (at < last_end ? text.indexOf('-->', at) : -1) : (closing[index] ?? -1);
    if (end < 0) return;
    free = end + (mark === '<!--' ? 3 : mark.length);
    spans.push({ kind: mark === '<!--' ? 'comment' : 'code', from: at, to: free });
  });
  return spans;
}

/** For each run of backticks, where the next run of the same length stands; filled from the right in one pass. */
function closingRuns(marks: readonly { readonly at: number; readonly mark: string }[]): readonly number[] {
  const next = new Map<string, number>();
  const closing: number[] = Array.from({ length: marks.length }, () => -1);
  for (const [index, { at, mark }] of [...marks.entries()].toReversed()) {
    closing[index] = next.get(mark) ?? -1;
    next.set(mark, at);
  }
  return closing;
}

export interface Lines {
  readonly kind: Block['kind'];
  readonly lines: readonly string[];
}

/** The text in runs of lines: fenced code with its fences, raw HTML to its end, and everything else. */
export function blocksOf(lines: readonly string[]): readonly Lines[] {
  const blocks: { kind: Block['kind']; lines: string[] }[] = [];
  let block: Block = TEXT;
  for (const line of lines) {
    const opened = block.kind === 'text' ? openedBy(line, STRICT) : null;
    const kind = opened?.kind ?? block.kind;
    const last = blocks.at(-1);
    if (opened === null && last?.kind === kind) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
    block = after(line, { block, opened });
  }
  return blocks;
}

/** What the next line stands in. */
function after(line: string, { block, opened }: { readonly block: Block; readonly opened: Block | null }): Block {
  if (opened === null) return closes(line, block) ? TEXT : block;
  return opened.kind === 'html' && closes(line.replace(COMMENT_START, ''), opened) ? TEXT : opened;
}
