// Owns the border to `.github/orch.yml`: YAML text in; settings, or problems that name line, key and remedy, out.
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import type { PolicyProblem } from '../domain/policy.ts';
import { PolicyFile } from './policy-schema.ts';

/** Larger files are refused before parsing. */
export const POLICY_BYTES_MAX = 256 * 1024;
const PROBLEMS_MAX = 10;

export type ParsedPolicyFile =
  | { readonly kind: 'parsed'; readonly settings: PolicyFile }
  | { readonly kind: 'invalid'; readonly problems: readonly PolicyProblem[] };

export function parsePolicyFile(text: string): ParsedPolicyFile {
  if (text.length > POLICY_BYTES_MAX) return invalid([tooLarge(text.length)]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0) return invalid(document.errors.map((error) => yamlProblem(error, lines)));
  return checkDocument(document, lines);
}

function checkDocument(document: Document.Parsed, lines: LineCounter): ParsedPolicyFile {
  const value = plainValue(document);
  if (value === TOO_MANY_ALIASES) return invalid([tooManyAliases()]);
  const parsed = PolicyFile.safeParse(value ?? {});
  if (parsed.success) return { kind: 'parsed', settings: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => schemaProblems(issue, { document, lines }));
  return invalid(problems);
}

const TOO_MANY_ALIASES = Symbol('too many aliases');

/** Aliases are bounded against the "billion laughs" expansion; `yaml` throws a ReferenceError over the bound. */
function plainValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    if (error instanceof ReferenceError) return TOO_MANY_ALIASES;
    throw error;
  }
}

function tooManyAliases(): PolicyProblem {
  return { line: null, key: '(YAML)', problem: 'the aliases expand to too much', remedy: 'Write the values out.' };
}

function invalid(problems: readonly PolicyProblem[]): ParsedPolicyFile {
  return { kind: 'invalid', problems: problems.slice(0, PROBLEMS_MAX) };
}

function tooLarge(bytes: number): PolicyProblem {
  return {
    line: null,
    key: '(file)',
    problem: `the file has ${bytes} characters`,
    remedy: `Keep it under ${POLICY_BYTES_MAX}.`,
  };
}

function yamlProblem(
  error: { readonly message: string; readonly pos: readonly [number, number] },
  lines: LineCounter,
): PolicyProblem {
  return {
    line: lines.linePos(error.pos[0]).line,
    key: '(YAML)',
    problem: error.message.split('\n')[0] ?? error.message,
    remedy: 'Correct the YAML at this line.',
  };
}

interface Place {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

function schemaProblems(issue: z.core.$ZodIssue, place: Place): readonly PolicyProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key], place));
  }
  const path = issue.path;
  return [{ line: lineOf(path, place), key: keyOf(path), problem: problemOf(issue), remedy: remedyOf(issue) }];
}

function unknownKey(path: readonly PropertyKey[], place: Place): PolicyProblem {
  return {
    line: lineOf(path, place),
    key: keyOf(path),
    problem: 'is not a key of the configuration',
    remedy: 'Remove it, or see docs/configuration.md for the keys there are.',
  };
}

function keyOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(file)' : path.map(String).join('.');
}

/** The line of the deepest node that exists on the way to the path. */
function lineOf(path: readonly PropertyKey[], { document, lines }: Place): number | null {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const start = startOf(node);
    if (start !== null) return lines.linePos(start).line;
  }
  return path.length === 0 ? 1 : null;
}

function startOf(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const range: unknown = node.range;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}

function problemOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_union' ? (deepest(issue) ?? issue.message) : issue.message;
}

/** A union's own message says nothing; the one of the branch that came furthest does. */
function deepest(issue: z.core.$ZodIssueInvalidUnion): string | null {
  const messages = issue.errors
    .flat()
    .filter((inner) => inner.code === 'invalid_format' || inner.code === 'too_big' || inner.code === 'too_small');
  return messages[0]?.message ?? null;
}

const SEE_DOCS = 'See docs/configuration.md for what this key takes.';

function remedyOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `Use one of: ${issue.values.map(String).join(', ')}.`;
    case 'invalid_type':
      return `Write a value of type ${issue.expected}.`;
    case 'too_small':
      return issue.inclusive === false
        ? `Use more than ${String(issue.minimum)}.`
        : `Use ${String(issue.minimum)} or more.`;
    case 'too_big':
      return issue.inclusive === false
        ? `Use less than ${String(issue.maximum)}.`
        : `Use ${String(issue.maximum)} or less.`;
    case 'custom':
      return typeof issue.params?.['remedy'] === 'string' ? issue.params['remedy'] : SEE_DOCS;
    default:
      return SEE_DOCS;
  }
}
