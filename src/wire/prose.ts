// Owns which lines of a Markdown text are its author's own prose: not quoted, not code, not hidden.

const CHARS_MAX = 70_000;

interface Reading {
  readonly fence: RegExp;
  /** One that opens on the line of a list marker, and ends with the list's item. */
  readonly listed: RegExp | null;
}

/**
 * Where a fence opens depends on the list around it, which only a full parser knows: STRICT takes one where it is sure,
 * LIBERAL wherever there may be one. A line counts as prose when it is prose under both readings, so that code never
 * speaks; linear in the text.
 */
const STRICT: Reading = {
  fence: /^( {0,3})(`{3,}|~{3,})/,
  listed: /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)]) {1,4}){1,9})(`{3,}|~{3,})/,
};
const LIBERAL: Reading = { fence: /^((?:[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]){0,40})(`{3,}|~{3,})/, listed: null };

/** All lines, each with whether it speaks. */
export function withProse(text: string): readonly { readonly line: string; readonly is_prose: boolean }[] {
  const lines = text.slice(0, CHARS_MAX).split(/\r\n|\r|\n/);
  const [strict, liberal] = [STRICT, LIBERAL].map((reading) => textIndexes(lines, reading, spokenIn));
  return lines.map((line, index) => ({ line, is_prose: strict?.has(index) === true && liberal?.has(index) === true }));
}

/**
 * What a reader of the page sees as text, in runs of lines: no code block, no comment. Quotations and lists are there,
 * and what only one reading takes for code: here a line too few would do harm, not a line too many.
 */
export function shownRuns(text: string): readonly string[] {
  const lines = text.slice(0, CHARS_MAX).split(/\r\n|\r|\n/);
  const readings = [STRICT, LIBERAL].map((reading) => textIndexes(lines, reading, shownIn));
  const runs: string[][] = [[]];
  lines.forEach((line, index) => {
    if (line.trim() === '' || readings.some((shown) => shown.has(index))) runs.at(-1)?.push(line);
    else runs.push([]);
  });
  return runs.map((run) => run.join('\n'));
}

type Block =
  | { readonly kind: 'text' }
  /** `item`: indentation without which a line ends the item of the list around it. */
  | { readonly kind: 'fence'; readonly mark: string; readonly indent: number; readonly item: number }
  /** HTML that ends at a mark, blank lines or not: a comment, `<pre>` and its like. */
  | { readonly kind: 'html'; readonly end: RegExp };

const TEXT: Block = { kind: 'text' };
const COMMENT_START = /^ {0,3}<!--/;
const HTML_UNTIL: readonly (readonly [start: RegExp, end: RegExp])[] = [
  [COMMENT_START, /-->/],
  [/^ {0,3}<(?:pre|script|style|textarea)(?:[\s>]|$)/i, /<\/(?:pre|script|style|textarea)>/i],
];

type Choice = (paragraph: readonly number[], lines: readonly string[]) => readonly number[];

function textIndexes(lines: readonly string[], reading: Reading, chosenIn: Choice): ReadonlySet<number> {
  const chosen = new Set<number>();
  let block = TEXT;
  let paragraph: number[] = [];
  const endParagraph = (): void => {
    for (const index of chosenIn(paragraph, lines)) chosen.add(index);
    paragraph = [];
  };
  lines.forEach((line, index) => {
    const { kind, next } = readOn(line, { block, before: lines[index - 1] ?? '' }, reading);
    if (kind === 'text' && line.trim() !== '') paragraph.push(index);
    else endParagraph();
    block = next;
  });
  endParagraph();
  return chosen;
}

interface Place {
  readonly block: Block;
  /** The line above. */
  readonly before: string;
}

interface Step {
  /** What the line stands in. */
  readonly kind: Block['kind'];
  readonly opens: boolean;
  readonly next: Block;
}

function readOn(line: string, { block, before }: Place, reading: Reading): Step {
  const around = endsItem(line, block) ? TEXT : block;
  const opened = around.kind === 'text' ? openedBy(line, before, reading) : null;
  return {
    kind: opened?.kind ?? around.kind,
    opens: opened !== null,
    next: after(line, { block: around, opened }),
  };
}

function endsItem(line: string, block: Block): boolean {
  return block.kind === 'fence' && line.trim() !== '' && line.search(/[^ ]/) < block.item;
}

const FIRST_ITEM = /^ {0,3}(?:[-*+]|1[.)]) /;
const MAY_STAND_ABOVE = /^\s*$|^ {0,3}(?:[-*+]|\d{1,9}[.)]) |^ *(?:`{3,}|~{3,}) *$/;

/** In the middle of a paragraph only a first item begins a list. */
function beginsItem(line: string, before: string): boolean {
  return FIRST_ITEM.test(line) || MAY_STAND_ABOVE.test(before);
}

function openedBy(line: string, before: string, { fence, listed }: Reading): Block | null {
  const in_item = beginsItem(line, before) ? listed?.exec(line) : null;
  const [, lead = '', mark] = in_item ?? fence.exec(line) ?? [];
  const info = line.slice(lead.length + (mark?.length ?? 0));
  // A backtick in the info string makes it inline code.
  if (mark !== undefined && !(mark.startsWith('`') && info.includes('`')))
    return { kind: 'fence', mark, indent: lead.length, item: in_item == null ? 0 : lead.length };
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
/** `<https://…>` is a link. */
const HTML = /^ {0,3}<(?![a-z][a-z\d+.-]{1,31}:)[/a-z!?]/i;
const INDENTED = /^(?: {4}| {0,3}\t)/;

/** From a quotation or HTML tag on, the lines up to the next blank one belong to it, as GitHub shows them. */
function spokenIn(paragraph: readonly number[], lines: readonly string[]): readonly number[] {
  const silent = paragraph.findIndex((index) => QUOTE.test(lines[index] ?? '') || HTML.test(lines[index] ?? ''));
  const own = silent < 0 ? paragraph : paragraph.slice(0, silent);
  const hidden = hiddenStarts(own.map((index) => lines[index] ?? ''));
  return own.filter((index, place) => !hidden.has(place) && !INDENTED.test(lines[index] ?? ''));
}

function shownIn(paragraph: readonly number[], lines: readonly string[]): readonly number[] {
  const hidden = hiddenStarts(paragraph.map((index) => lines[index] ?? ''));
  return paragraph.filter((_, place) => !hidden.has(place));
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
  for (const [index, line] of lines.entries()) {
    const { kind, opens, next } = readOn(line, { block, before: lines[index - 1] ?? '' }, STRICT);
    const last = blocks.at(-1);
    if (!opens && last?.kind === kind) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
    block = next;
  }
  return blocks;
}

/** What the next line stands in. */
function after(line: string, { block, opened }: { readonly block: Block; readonly opened: Block | null }): Block {
  if (opened === null) return closes(line, block) ? TEXT : block;
  return opened.kind === 'html' && closes(line.replace(COMMENT_START, ''), opened) ? TEXT : opened;
}
