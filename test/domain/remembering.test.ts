// Owns the proof that what is remembered is what was said, and that it stays bounded.
import { expect, test } from 'vitest';
import { remembering } from '../../src/domain/remembering.ts';

test('a text is asked about once, and null is an answer', () => {
  const asked: string[] = [];
  const wordIn = remembering((text: string) => {
    asked.push(text);
    return text === '' ? null : text.toUpperCase();
  }, 1_000);
  expect([wordIn('a'), wordIn(''), wordIn('a'), wordIn('')]).toEqual(['A', null, 'A', null]);
  expect(asked).toEqual(['a', '']);
});

test('what is remembered is bounded: the oldest texts are asked about anew', () => {
  let asked = 0;
  const lengthOf = remembering((text: string) => {
    asked += 1;
    return text.length;
  }, 200);
  for (let length = 1; length <= 10; length += 1) expect(lengthOf('x'.repeat(length))).toBe(length);
  expect(lengthOf('x')).toBe(1);
  expect(asked).toBe(11);
});
