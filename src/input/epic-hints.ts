// Owns what the lines of one task say beside its text: the files it is about, and what it depends on.
import type { Line } from './epic-outline.ts';

export interface Hints {
  readonly body: string;
  readonly files: readonly string[];
  readonly depends_on: readonly { readonly line: number; readonly words: string }[];
}

const FILES = /^\s*(?:[-*]\s+)?[*_]*files?[*_]*:[*_]*\s*(.*)$/i;
const DEPENDS = /^\s*(?:[-*]\s+)?[*_]*(?:depends on|blocked by)[*_]*:?[*_]*\s+(\S.*)$/i;
const ITEM = /^\s*[-*+]\s+(\S.*)$/;
const FILES_MAX = 20;
const PATH_CHARS_MAX = 200;

export function hintsOf(lines: readonly Line[]): Hints {
  const kept: string[] = [];
  const files: string[] = [];
  const depends_on: { readonly line: number; readonly words: string }[] = [];
  let lists_files: boolean = false;
  for (const { text, number, is_text } of lines) {
    const listed: string | undefined = lists_files && is_text ? ITEM.exec(text)?.[1] : undefined;
    const named = is_text ? FILES.exec(text)?.[1] : undefined;
    const words = is_text ? DEPENDS.exec(text)?.[1] : undefined;
    if (listed !== undefined) files.push(...pathsIn(listed, 1));
    else if (named !== undefined) files.push(...pathsIn(named, FILES_MAX));
    else if (words !== undefined) depends_on.push({ line: number, words });
    else kept.push(text);
    // A blank line between is what formatters write.
    lists_files = named !== undefined || listed !== undefined || (lists_files && text.trim() === '');
  }
  return { body: trimmed(kept), files: [...new Set(files)].slice(0, FILES_MAX), depends_on };
}

/** Behind a path of a list stands a remark: `src/a.ts (new)`. */
function pathsIn(words: string, paths_max: number): readonly string[] {
  const bare = words.split(/[\s,;]+/).map((word) => word.replaceAll(/^[`'"(]+|[`'").]+$/g, ''));
  const paths = bare.filter((word) => /^[\w@.~+*-]+(?:\/[\w@.~+*-]+)*\/?$/.test(word) && /[./]/.test(word));
  return paths.filter((path) => path.length <= PATH_CHARS_MAX).slice(0, paths_max);
}

function trimmed(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
}
