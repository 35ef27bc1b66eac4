// Owns the front matter of a document: YAML between two lines of dashes at its top.
import { parse } from 'yaml';
import { z } from 'zod';
import { TITLE_CHARS_MAX, unclearAt } from '../domain/task-document.ts';
import type { TaskDocument, Unclear } from '../domain/task-document.ts';

const LABELS_MAX = 20;

const word = z.string().trim().min(1);
const repository = word.regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/).nullable();

/** Read key by key, so that one mistake costs no other; keys of other tools are nobody's business. */
const KEYS = {
  title: word.transform((title) => Array.from(title).slice(0, TITLE_CHARS_MAX).join('')).nullable(),
  tracking_repo: repository,
  working_repo: repository,
  labels: z.union([z.array(word.max(50)).max(LABELS_MAX).readonly(), word.max(50).transform((label) => [label])]),
} as const;

type Front = Pick<TaskDocument, 'title' | 'tracking_repo' | 'working_repo' | 'labels'>;

export interface Split {
  readonly front: Front;
  readonly rest: readonly string[];
  /** Number of the first line of `rest`. */
  readonly first_line: number;
  readonly unclear: readonly Unclear[];
}

const NONE: Front = { title: null, tracking_repo: null, working_repo: null, labels: [] };
const FENCE = /^---\s*$/;

export function splitFrontMatter(text: string): Split {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const end = FENCE.test(lines[0] ?? '') ? lines.findIndex((line, at) => at > 0 && FENCE.test(line)) : -1;
  if (end < 0) return { front: NONE, rest: lines, first_line: 1, unclear: [] };
  const { front, unclear } = read(lines.slice(1, end));
  return { front, rest: lines.slice(end + 1), first_line: end + 2, unclear };
}

function read(lines: readonly string[]): { readonly front: Front; readonly unclear: readonly Unclear[] } {
  const value = yamlOf(lines.join('\n'));
  if (value === null) return { front: NONE, unclear: [unclearAt(1, 'front_matter', lines[0] ?? '')] };
  const unclear: Unclear[] = [];
  const keep = <Value>(key: keyof typeof KEYS, schema: z.ZodType<Value>, none: Value): Value => {
    if (value[key] === undefined || value[key] === null) return none;
    const parsed = schema.safeParse(value[key]);
    if (parsed.success) return parsed.data;
    unclear.push(unclearAt(2 + lines.findIndex((line) => line.startsWith(`${key}:`)), 'front_matter', key));
    return none;
  };
  const front = {
    title: keep('title', KEYS.title, null),
    tracking_repo: keep('tracking_repo', KEYS.tracking_repo, null),
    working_repo: keep('working_repo', KEYS.working_repo, null),
    labels: keep<readonly string[]>('labels', KEYS.labels, []),
  };
  return { front, unclear };
}

/** null: no map of keys. */
function yamlOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(parse(text, { maxAliasCount: 10 }) ?? {});
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
