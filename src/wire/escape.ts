// Owns how others' text is shown inside ours: it stays readable, and nothing in it acts.

/** Invisible and direction-changing characters; a reader must see what is there. */
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Words that close an issue when a reference follows them. */
const CLOSING = /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(\s*:?\s+)(?=(?:[\w.-]+\/[\w.-]+)?#\d|https?:)/gi;

/** One line for a table cell or a sentence: no Markdown of theirs survives. */
export function escapeLine(text: string): string {
  return text
    .replaceAll(INVISIBLE, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(CLOSING, '$1\u200b$2')
    .replaceAll(/[\\`*_{}[\]<>|#!~&]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replaceAll('@', '@\u200b');
}

/** Several lines, shown as a quotation that cannot break out of itself. */
export function quoteBlock(text: string): string {
  return text
    .replaceAll(INVISIBLE, '')
    .trim()
    .split('\n')
    .map((line) => `> ${neutral(line)}`.trimEnd())
    .join('\n');
}

/** Text as code, with a fence longer than any run of backticks inside it. */
export function codeBlock(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.replaceAll(INVISIBLE, '')}\n${fence}`;
}

export function inlineCode(text: string): string {
  const one_line = text.replaceAll(INVISIBLE, '').replaceAll(/\s+/g, ' ').trim();
  const longest = Math.max(0, ...(one_line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${one_line}${fence}` : `${fence} ${one_line} ${fence}`;
}

/** Their Markdown stays, but mentions notify nobody, keywords close nothing, and HTML is only text. */
function neutral(line: string): string {
  return line.replaceAll(CLOSING, '$1\u200b$2').replaceAll('@', '@\u200b').replaceAll('<', '&lt;');
}
