// Owns the proof that a secret does not get out, in whatever form and on whatever line it stands.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactorFor } from '../../src/wire/redact.ts';

const KEY = 'kv7+/Zq9=pL2"mN4 xW8';
const { redact, find } = redactorFor([KEY, '', 'short']);

describe('a value we hold', () => {
  const forms: readonly (readonly [form: string, text: string])[] = [
    ['as it is', KEY],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['in base64 for URLs', Buffer.from(KEY).toString('base64url')],
    ['in base64, one byte in', Buffer.from(`a${KEY}`).toString('base64')],
    ['in base64, two bytes in', Buffer.from(`ab${KEY}`).toString('base64')],
    ['in base64 of a header', Buffer.from(`x-access-token:${KEY}\n`).toString('base64')],
    ['in hex', Buffer.from(KEY).toString('hex')],
    ['in upper-case hex', Buffer.from(KEY).toString('hex').toUpperCase()],
    ['in a URL', encodeURIComponent(KEY)],
    ['in JSON', JSON.stringify({ key: KEY })],
    ['reversed', [...KEY].reverse().join('')],
  ];
  it.each(forms)('is taken out %s [SEC-09] [BLT-11]', (_, form) => {
    const text = `before ${form} after`;
    expect(find(text)).toHaveLength(1);
    expect(find(redact(text))).toEqual([]);
    expect(redact(text)).toContain('[redacted]');
  });

  it.each(['# ', '* ', '// ', '> ', '    ', '| ', '<!-- '])('is taken out of a line that begins with %j', (start) => {
    expect(redact(`${start}${KEY}`)).toBe(`${start}[redacted]`);
  });

  it('of several lines is found line by line', () => {
    const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nCgYEA7bq3kTz8vFjH2mXnQwE\n-----END KEY-----\n';
    const { redact: without } = redactorFor([pem]);
    expect(without('log: CgYEA7bq3kTz8vFjH2mXnQwE')).toBe('log: [redacted]');
  });

  it('leaves no trace in any text it is put into', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(redact(`${before}${KEY}${after}`)).not.toContain(KEY);
      }),
    );
  });

  it('that is shorter than eight characters is not looked for, since it would hit words', () => {
    expect(redact('a short word')).toBe('a short word');
  });
});

describe('what looks like a token', () => {
  // Put together here, so that no scanner takes this file for a leak.
  const tokens: readonly (readonly [kind: string, token: string])[] = [
    ['a GitHub token', `ghp_${'a1B2'.repeat(9)}`],
    ['a GitHub token', `ghs_${'a1B2'.repeat(9)}`],
    ['a GitHub token', `ghs_15368_eyJ${'a1B2'.repeat(9)}.eyJ${'a1_2'.repeat(40)}.${'a1-2'.repeat(80)}`],
    ['a GitHub token', `github_pat_${'a1B2_'.repeat(12)}`],
    ['an Anthropic key', `sk-ant-${'api03-x9'.repeat(5)}`],
    ['an OpenAI key', `sk-proj-${'aB3dE5'.repeat(8)}`],
    ['a Google API key', `AIza${'Sy4bC_d'.repeat(5)}`],
    ['an AWS access key', `AKIA${'ABCD2345'.repeat(2)}`],
    ['a Slack token', `xoxb-${'123456-abc'.repeat(3)}`],
    ['an npm token', `npm_${'a1B2c3'.repeat(6)}`],
    ['a GitLab token', `glpat-${'a1B2c3d4'.repeat(3)}`],
    ['a Hugging Face token', `hf_${'aBcDeF'.repeat(6)}`],
    ['a JSON web token', `eyJ${'hbGciOiJ'.repeat(3)}.eyJ${'zdWIiOiI'.repeat(3)}.${'sflKxwRJ'.repeat(3)}`],
    ['a password in a URL', 'https://user:hunter22@example.com/x'],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow\n'.repeat(6)}-----END RSA PRIVATE KEY-----`],
  ];
  it.each(tokens)('is named and taken out: %s [BLT-11]', (kind, token) => {
    expect(find(`x = "${token}"`)).toContain(kind);
    expect(find(redact(`x = "${token}"`))).toEqual([]);
  });

  it.each([
    'a sha 3f786850e387550fdab836ed7e6dc881de23001b',
    'sk-learn',
    'https://example.com:8080/path@v1',
    'AKIAHELLO',
    'task-force-one-two-three',
  ])('is not seen in %j', (words) => {
    expect(find(words)).toEqual([]);
  });

  it.each(['eyJ', 'eyJa.', 'sk-', '-----BEGIN ', 'a:', 'https://a:', 'ghp_'])(
    'is looked for at once in a megabyte of %j',
    (part) => {
      expect(redact(part.repeat(Math.ceil(1_000_000 / part.length))).length).toBeGreaterThan(0);
    },
  );
});
