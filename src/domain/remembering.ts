// Owns remembering: what a pure function once said, for as long as little enough has been asked of it.

/** `answer` is only asked for a key that is not known. */
export type Memory<Key, Answer> = (key: Key, answer: (key: Key) => Answer) => Answer;

/**
 * A tick asks the same few texts again and again: a comment is read, rendered anew and compared. `size_max`: of what is
 * remembered, in characters; beyond it everything is forgotten at once, which costs time and nothing else.
 */
export function createMemory<Key extends string | number, Answer extends object | string | number | null>(
  size_max: number,
): Memory<Key, Answer> {
  const known = new Map<Key, Answer>();
  let size = 0;
  return (key, answer) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const said = answer(key);
    size += sizeOf(key);
    if (size > size_max) {
      known.clear();
      size = sizeOf(key);
    }
    known.set(key, said);
    return said;
  };
}

/** The same function, asked once for each key. */
export function remembering<Key extends string | number, Answer extends object | string | number | null>(
  answer: (key: Key) => Answer,
  size_max: number,
): (key: Key) => Answer {
  const memory = createMemory<Key, Answer>(size_max);
  return (key) => memory(key, answer);
}

/** What is kept besides the text itself. */
const ENTRY_CHARS = 50;

function sizeOf(key: string | number): number {
  return ENTRY_CHARS + (typeof key === 'string' ? key.length : 0);
}
