// Owns the proof that what the local GitHub signs is read back as it was, and refused once altered, over or elsewhere's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRuntimeToken, renderRuntimeToken } from '../../src/local/results/runtime-token.ts';
import { parseSignedUrl, renderSignedUrl } from '../../src/local/results/signed-url.ts';

const DAY_MS = 86_400_000;
const word = fc.stringMatching(/^[a-z][\w.-]{0,20}$/);
const signing = fc.record({
  secret: fc.string({ minLength: 1 }),
  now_ms: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});

describe('a runtime token', () => {
  const claims = fc.record({
    run_id: fc.integer({ min: 1 }),
    run_attempt: fc.integer({ min: 1, max: 99 }),
    job: word,
    cache_scope: fc.string(),
    cache_mode: fc.constantFrom('write' as const, 'read' as const, 'none' as const),
  });

  test('says what it was given, to whoever signed it, while it lasts', () => {
    fc.assert(
      fc.property(claims, signing, (given, signed) => {
        const token = renderRuntimeToken(given, signed);
        expect(parseRuntimeToken(token, signed)).toEqual(given);
        expect(parseRuntimeToken(token, { ...signed, secret: `${signed.secret}!` })).toBeUndefined();
        expect(parseRuntimeToken(token, { ...signed, now_ms: signed.now_ms + DAY_MS })).toBeUndefined();
      }),
    );
  });

  test('is refused with any one character changed', () => {
    fc.assert(
      fc.property(claims, signing, fc.nat(), (given, signed, at) => {
        const token = renderRuntimeToken(given, signed);
        const index = at % token.lastIndexOf('.');
        const other = token[index] === 'A' ? 'B' : 'A';
        const altered = token.slice(0, index) + other + token.slice(index + 1);
        expect(parseRuntimeToken(altered, signed)).toBeUndefined();
      }),
    );
  });
});

describe('a signed URL', () => {
  const right = fc.constantFrom('read' as const, 'write' as const);

  test('opens its blob with its right while it lasts, and nothing else', () => {
    fc.assert(
      fc.property(word, word, right, signing, (blob, other, may, signed) => {
        const url = new URL(renderSignedUrl('http://127.0.0.1:1', blob, may, signed));
        expect(parseSignedUrl(url, may, signed)).toBe(blob);
        expect(parseSignedUrl(url, may === 'read' ? 'write' : 'read', signed)).toBeUndefined();
        expect(parseSignedUrl(url, may, { ...signed, now_ms: signed.now_ms + DAY_MS })).toBeUndefined();
        const moved = new URL(url.href.replace(`/${blob}?`, `/${other}?`));
        expect(parseSignedUrl(moved, may, signed)).toBe(other === blob ? blob : undefined);
      }),
    );
  });
});
