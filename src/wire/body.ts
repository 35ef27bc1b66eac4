// Owns putting a body together within GitHub's limit: what matters least goes first, and the body says so.

export interface Section {
  readonly text: string;
  /** Sections with a higher number are left out first; 0 always stays. */
  readonly rank: number;
}

/** The limit of issue bodies, pull request bodies and comments is 65,536; ours leaves room for how it is counted. */
export const BODY_CHARS_MAX = 60_000;

const LEFT_OUT = '_Some parts were left out to stay within what GitHub stores in one comment._';

/** `marker` is the last line, whatever else is left out. Ends without a line break, as GitHub stores it. */
export function renderBody(sections: readonly Section[], marker: string): string {
  const filled = sections.filter(({ text }) => text !== '');
  const budget = BODY_CHARS_MAX - marker.length - LEFT_OUT.length - 4;
  const kept = keptWithin(filled, budget);
  const texts = filled.filter((section) => kept.has(section)).map(({ text }) => text);
  const note = kept.size < filled.length ? [LEFT_OUT] : [];
  return [...texts, ...note, ...(marker === '' ? [] : [marker])].join('\n\n').toWellFormed();
}

function keptWithin(sections: readonly Section[], budget: number): ReadonlySet<Section> {
  const kept = new Set<Section>();
  let left = budget;
  for (const section of sections.toSorted((a, b) => a.rank - b.rank)) {
    const size = section.text.length + 2;
    if (section.rank > 0 && size > left) continue;
    kept.add(section);
    left -= size;
  }
  return kept;
}
