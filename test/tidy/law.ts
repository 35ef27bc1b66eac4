// Owns what a law is: a check over the repository's files, with examples that it refuses and accepts.
import type { Comment, Program } from 'oxc-parser';
import { parseSync } from 'oxc-parser';

export interface RepositoryFile {
  /** Path below the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  /** First line is 1. */
  readonly line: number;
  /** What is wrong, and the remedy. */
  readonly message: string;
}

export interface Law {
  readonly name: string;
  readonly check: (files: readonly RepositoryFile[]) => readonly Finding[];
  /** Small repositories that break the law: a law that refuses nothing is none. */
  readonly refuses: readonly [readonly RepositoryFile[], ...(readonly RepositoryFile[])[]];
  /** Small repositories next to those that keep it. */
  readonly accepts: readonly (readonly RepositoryFile[])[];
}

/** One file, for examples. */
export function file(path: string, text: string): RepositoryFile {
  return { path, text };
}

export interface Parsed extends RepositoryFile {
  readonly program: Program;
  readonly comments: readonly Comment[];
}

const parsed = new WeakMap<RepositoryFile, Parsed>();

export function parse(source: RepositoryFile): Parsed {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const result = parseSync(source.path, source.text);
  const fresh = { ...source, program: result.program, comments: result.comments };
  parsed.set(source, fresh);
  return fresh;
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** A check that looks at one TypeScript file at a time. */
export function eachSource(
  applies: (path: string) => boolean,
  look: (source: Parsed, refuse: (offset: number, message: string) => void) => void,
): Law['check'] {
  return (files) =>
    files
      .filter((source) => source.path.endsWith('.ts') && applies(source.path))
      .flatMap((source) => {
        const findings: Finding[] = [];
        look(parse(source), (offset, message) => {
          findings.push({ path: source.path, line: lineAt(source.text, offset), message });
        });
        return findings;
      });
}

export function inSource(path: string): boolean {
  return path.startsWith('src/');
}

/** `src/core/steps/x.ts` → `core`; `src/main.ts` → `main`. */
export function ringOf(path: string): string {
  const parts = path.split('/');
  return parts.length === 2 ? (parts[1] ?? '').replace(/\.ts$/, '') : (parts[1] ?? '');
}
