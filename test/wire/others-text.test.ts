// Owns the proof that text of others, shown by us, notifies nobody, closes nothing, hides nothing and breaks out of nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLength, cutBytes, cutChars, tailBytes, tailChars } from '../../src/wire/cut.ts';
import { codeBlock, escapeLine, fenceFor, inlineCode, neutralText, quoteBlock } from '../../src/wire/escape.ts';
import { parseMarker } from '../../src/wire/marker.ts';
import * as any from './arbitraries.ts';

const everyText = (check: (text: string) => void): void =>
  fc.assert(
    fc.property(any.text, (text) => {
      check(text);
    }),
    { numRuns: 500 },
  );

describe('shown text', () => {
  it('mentions nobody, closes nothing, holds no marker, no HTML and no image', () => {
    everyText((text) => {
      for (const shown of [quoteBlock(text), escapeLine(text), neutralText(text)]) {
        expect(shown).not.toMatch(/(?<![a-z0-9])@\w/i);
        expect(shown).not.toMatch(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+#\d/i);
        expect(shown).not.toMatch(/<[a-z/!?]/i);
        expect(shown).not.toContain('![');
        expect(parseMarker('state', shown)).toBeNull();
        expect(shown.isWellFormed()).toBe(true);
      }
    });
  });

  it('stays inside its quotation, its code, its line', () => {
    everyText((text) => {
      expect(
        quoteBlock(text)
          .split('\n')
          .every((line) => line.startsWith('>')),
      ).toBe(true);
      const code = codeBlock(text).split('\n');
      const fence = code.at(-1) ?? '';
      expect(code[0]).toBe(`${fence}text`);
      expect(code.slice(1, -1).some((line) => line.includes(fence))).toBe(false);
      expect(escapeLine(text)).not.toMatch(/[\n|`<>*_[\]]/);
      expect(inlineCode(text)).not.toContain('\n');
    });
  });

  it('reads as it was written', () => {
    expect(escapeLine('Add `--json` to @cli (a_b)')).toMatchInlineSnapshot(`"Add &#96;--json&#96; to @​cli (a&#95;b)"`);
    expect(quoteBlock('I fixed #3:\n\n```ts\nconst a: Array<string> = [];\n```\nmail me@example.com'))
      .toMatchInlineSnapshot(`
      "> I fixed​ #3:
      >
      > \`\`\`ts
      > const a: Array<​string> = [];
      > \`\`\`
      > mail me@example.com"
    `);
  });

  it('has a fence longer than any run inside', () => {
    expect(fenceFor('a ````` b', '`', 3)).toBe('``````');
    expect(fenceFor('a', '~', 4)).toBe('~~~~');
  });
});

describe('cutting', () => {
  it('never breaks a character, and says what is missing', () => {
    fc.assert(
      fc.property(any.wellFormed, fc.nat({ max: 60 }), (text, limit) => {
        for (const cut of [
          cutBytes(text, limit),
          tailBytes(text, limit),
          cutChars(text, limit),
          tailChars(text, limit),
        ]) {
          expect(cut.isWellFormed()).toBe(true);
          expect(cut).not.toContain('\ufffd'.repeat(text.includes('\ufffd') ? 99 : 1));
        }
        expect(cutChars(text, limit).length).toBeLessThanOrEqual(Math.max(1, limit));
        if (byteLength(text) > limit) expect(cutBytes(text, limit)).toContain('bytes left out]');
        else expect(cutBytes(text, limit)).toBe(text);
      }),
      { numRuns: 500 },
    );
    expect(cutBytes('a😀b', 3)).toBe('a\n[cut: 5 bytes left out]');
    expect(tailBytes('a😀b', 3)).toBe('[cut: 5 bytes left out]\nb');
    expect(cutChars('a😀b', 3)).toBe('a…');
  });
});
