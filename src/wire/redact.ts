// Owns taking secrets out of text: the values we hold, in every form they travel in, and what looks like a token.

export interface Redactor {
  /** Every line of everything that is posted or stored goes through here. */
  readonly redact: (text: string) => string;
  /** Kinds of secrets in a text, each once; never the secret itself. */
  readonly find: (text: string) => readonly string[];
}

interface Form {
  readonly kind: string;
  readonly text: string;
}

interface Format {
  readonly kind: string;
  readonly pattern: RegExp;
}

/** Shorter values would hit ordinary words; a real key is longer than any of them. */
const VALUE_CHARS_MIN = 8;
const LINE_CHARS_MIN = 16;

/** Bounded repeats only, none inside another: linear on every input. */
const FORMATS: readonly Format[] = [
  // Since 2026 an installation's token is `ghs_<app id>_<JWT>`; the plain forms below end at its first underscore.
  { kind: 'a GitHub token', pattern: /\bgh[pousr]_\d{1,12}_[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,2000}/g },
  { kind: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/g },
  { kind: 'an Anthropic key', pattern: /\bsk-ant-[\w-]{16,255}/g },
  { kind: 'an OpenAI key', pattern: /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,255}/g },
  { kind: 'a Google API key', pattern: /\bAIza[\w-]{35}/g },
  { kind: 'an AWS access key', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g },
  { kind: 'a Slack token', pattern: /\bxox[abeoprs]-[\w-]{10,255}/g },
  { kind: 'a Slack webhook', pattern: /https:\/\/hooks\.slack\.com\/services\/[\w/]{20,200}/g },
  { kind: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}/g },
  { kind: 'a GitLab token', pattern: /\bglpat-[\w-]{20,255}/g },
  { kind: 'a Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{30,255}/g },
  { kind: 'a PyPI token', pattern: /\bpypi-[\w-]{40,255}/g },
  { kind: 'a Stripe key', pattern: /\b[rs]k_live_[A-Za-z0-9]{20,255}/g },
  { kind: 'a JSON web token', pattern: /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,2000}/g },
  { kind: 'a password in a URL', pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'<>]{1,100}:[^\s/@"'<>]{3,255}@/gi },
  { kind: 'a private key', pattern: /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----[\w+/=\s:,\\-]{0,16000}/g },
];

/** `secrets` are exact values we hold. The same redactor serves a whole job. */
export function redactorFor(secrets: readonly string[]): Redactor {
  const forms = formsOf(secrets);
  return { redact: (text) => redacted(text, forms), find: (text) => found(text, forms) };
}

function redacted(text: string, forms: readonly Form[]): string {
  const without_values = forms.reduce((rest, form) => rest.replaceAll(form.text, '[redacted]'), text);
  return FORMATS.reduce((rest, { pattern }) => rest.replaceAll(pattern, '[redacted]'), without_values);
}

function found(text: string, forms: readonly Form[]): readonly string[] {
  const held = forms.filter((form) => text.includes(form.text)).map(({ kind }) => kind);
  const formatted = FORMATS.filter(({ pattern }) => text.search(pattern) >= 0).map(({ kind }) => kind);
  return [...new Set([...held, ...formatted])];
}

/** Longest first, so that a value is gone before a part of it is looked for. */
function formsOf(secrets: readonly string[]): readonly Form[] {
  const values = secrets.flatMap(valuesIn).filter((value) => value.length >= VALUE_CHARS_MIN);
  const forms = new Map(values.flatMap(encodingsOf).map((form) => [form.text, form]));
  return [...forms.values()]
    .filter(({ text }) => text.length >= VALUE_CHARS_MIN)
    .sort((a, b) => b.text.length - a.text.length);
}

/** A key file may be printed line by line. */
function valuesIn(secret: string): readonly string[] {
  const whole = secret.trim();
  const lines = whole.split('\n').map((line) => line.trim());
  return lines.length === 1
    ? [whole]
    : [whole, ...lines.filter((line) => line.length >= LINE_CHARS_MIN && !line.startsWith('-----'))];
}

const HELD = 'a secret of this run';

function encodingsOf(value: string): readonly Form[] {
  const bytes = new TextEncoder().encode(value);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const json = JSON.stringify(value).slice(1, -1);
  const named = (how: string, texts: readonly string[]): readonly Form[] =>
    texts.map((text) => ({ kind: `${HELD}, ${how}`, text }));
  return [
    { kind: HELD, text: value },
    ...named('hex-encoded', [hex, hex.toUpperCase()]),
    ...named('URL-encoded', [encodeURIComponent(value.toWellFormed())]),
    ...named('JSON-encoded', [json]),
    ...named('base64-encoded', base64Forms(bytes)),
    ...named('reversed', [[...value].reverse().join('')]),
  ];
}

/** Inside a longer text base64 depends on where the value begins: three alignments, without the edge characters. */
function base64Forms(bytes: Uint8Array): readonly string[] {
  const forms = [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const text = toBase64(padded).replaceAll('=', '');
    const whole_groups = Math.floor(((offset + bytes.length) * 8) / 6);
    return text.slice(offset === 0 ? 0 : offset + 1, whole_groups);
  });
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function toBase64(bytes: Uint8Array): string {
  return btoa([...bytes].map((byte) => String.fromCharCode(byte)).join(''));
}
