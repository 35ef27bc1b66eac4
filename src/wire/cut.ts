// Owns cutting text to a size without breaking a character, and saying that it was cut.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false });

/** Of UTF-8, for one UTF-16 unit. */
const UNIT_BYTES_MAX = 3;

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** At most `bytes_max` bytes of UTF-8 from the start; the note is extra. */
export function cutBytes(text: string, bytes_max: number): string {
  if (text.length * UNIT_BYTES_MAX <= bytes_max) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= bytes_max) return text;
  const kept = decoder.decode(bytes.subarray(0, boundary(bytes, bytes_max)));
  return `${kept}\n[cut: ${bytes.length - byteLength(kept)} bytes left out]`;
}

/** At most `chars_max` UTF-16 units, as JSON, zod and GitHub's forms count them; an ellipsis where something is missing. */
export function cutChars(text: string, chars_max: number): string {
  if (text.length <= chars_max) return text;
  const end = Math.max(0, chars_max - 1);
  return `${text.slice(0, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end)}…`;
}

/** The last `bytes_max` bytes: the end of a log is where its reason stands. */
export function tailBytes(text: string, bytes_max: number): string {
  if (text.length * UNIT_BYTES_MAX <= bytes_max) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= bytes_max) return text;
  let start = bytes.length - bytes_max;
  while (start < bytes.length && isContinuation(bytes[start])) start += 1; // at most 3 steps
  return `[cut: ${start} bytes left out]\n${decoder.decode(bytes.subarray(start))}`;
}

/** The last `chars_max` UTF-16 units, with an ellipsis in front where something is missing. */
export function tailChars(text: string, chars_max: number): string {
  if (text.length <= chars_max) return text;
  const start = text.length - Math.max(0, chars_max - 1);
  return `…${text.slice(isLowSurrogate(text.charCodeAt(start)) ? start + 1 : start)}`;
}

function boundary(bytes: Uint8Array, bytes_max: number): number {
  let end = bytes_max;
  while (end > 0 && isContinuation(bytes[end])) end -= 1; // at most 3 steps
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
