// Owns how others' text is shown inside ours: it stays readable, and nothing in it acts.

/** Invisible to a reader: control characters, and those that hide or turn text round. */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;

/** Breaks what GitHub would act on, without a trace on the page and inside code as well. */
const ZERO_WIDTH_SPACE = '\u200b';

/** Words that close an issue when a reference follows them. */
const CLOSING =
  /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?[ \t]{1,20})(?=(?:[\w.-]{1,100}\/[\w.-]{1,100})?#\d|GH-\d|https?:)/gi;

/** `@name` at the start of a word; `a@b.c` notifies nobody. */
const MENTION = /(?<![a-z0-9])@(?=\w)/gi;

/** One line for a table cell or a sentence: no Markdown of theirs survives. */
export function escapeLine(text: string): string {
  return withoutActions(plainLine(text)).replaceAll(/[\\`*_{}[\]<>|#!~&]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** As it is already: visible characters of ASCII with single blanks between them. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** One line of plain text, for places that do not render Markdown: a title, a log line. */
export function plainLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.toWellFormed().replaceAll(/\s+/g, ' ').replaceAll(INVISIBLE, '').trim();
}

/** Several lines, shown as a quotation that cannot break out of itself; their Markdown stays. */
export function quoteBlock(text: string): string {
  return neutralText(text)
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/**
 * Markdown of others in which nothing acts: mentions notify nobody, keywords close nothing, HTML and markers are only
 * text, and no image is fetched from where they please when somebody opens the page.
 */
export function neutralText(text: string): string {
  return withoutActions(visible(text))
    .replaceAll(/<(?=[a-z/!?])/gi, `<${ZERO_WIDTH_SPACE}`)
    .replaceAll('![', `!${ZERO_WIDTH_SPACE}[`)
    .trim();
}

/** A title of theirs: no Markdown is rendered there, but a squash merge makes it a commit message. */
export function neutralLine(text: string): string {
  return withoutActions(plainLine(text));
}

/** Text as code, with a fence longer than any run of backticks inside it. */
export function codeBlock(text: string): string {
  const shown = visible(text);
  const fence = fenceFor(shown, '`', 3);
  return `${fence}text\n${shown}\n${fence}`;
}

export function inlineCode(text: string): string {
  const line = plainLine(text);
  const fence = fenceFor(line, '`', 1);
  const pad = line.includes('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A run of `mark` longer than any inside the text. */
export function fenceFor(text: string, mark: '`' | '~', length_min: number): string {
  const runs = text.match(mark === '`' ? /`+/g : /~+/g) ?? [];
  const longest = runs.reduce((length, run) => Math.max(length, run.length), 0);
  return mark.repeat(Math.max(length_min, longest + 1));
}

/** What a reader sees is what is there: no hidden characters, no bidirectional tricks, one kind of line end. */
export function visible(text: string): string {
  return text.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(INVISIBLE, '');
}

function withoutActions(text: string): string {
  if (!/[@#:]|GH-/i.test(text)) return text;
  return text.replaceAll(CLOSING, `$1${ZERO_WIDTH_SPACE}$2`).replaceAll(MENTION, `@${ZERO_WIDTH_SPACE}`);
}
