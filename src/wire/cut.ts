// Owns cutting text to a size without breaking a character, and saying that it was cut.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false });

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** At most `bytes_max` bytes of UTF-8 from the start; the note is extra. */
export function cutBytes(text: string, bytes_max: number): string {
  const bytes = encoder.encode(text);
  if (bytes.length <= bytes_max) return text;
  const kept = decoder.decode(bytes.subarray(0, boundary(bytes, bytes_max)));
  return `${kept}\n[cut: ${bytes.length - byteLength(kept)} bytes left out]`;
}

/** At most `chars_max` code points, with an ellipsis when something is missing. */
export function cutChars(text: string, chars_max: number): string {
  const chars = Array.from(text);
  return chars.length <= chars_max ? text : `${chars.slice(0, Math.max(0, chars_max - 1)).join('')}…`;
}

/** The last `bytes_max` bytes: the end of a log is where its reason stands. */
export function tailBytes(text: string, bytes_max: number): string {
  const bytes = encoder.encode(text);
  if (bytes.length <= bytes_max) return text;
  let start = bytes.length - bytes_max;
  while (start < bytes.length && isContinuation(bytes[start])) start += 1; // at most 3 steps
  return `[cut: ${start} bytes left out]\n${decoder.decode(bytes.subarray(start))}`;
}

function boundary(bytes: Uint8Array, bytes_max: number): number {
  let end = bytes_max;
  while (end > 0 && isContinuation(bytes[end])) end -= 1; // at most 3 steps
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
