// Owns how a line that somebody typed falls into words.

export function wordsIn(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The rest of it, as it stands. */
export function withoutFirst(text: string): string {
  return /^\s*\S+\s*([^]*)$/.exec(text)?.[1] ?? '';
}
