// Owns the law of pairs: what one function writes and another reads comes back as it was, for any value.
import { file, lineAt, parse } from './law.ts';
import type { Law, RepositoryFile } from './law.ts';

interface Exported {
  readonly path: string;
  readonly line: number;
}

export const pairsComeBack: Law = {
  name: 'every parseX with a renderX comes back as it was, shown for any value',
  check: (files) => {
    const sources = files.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts'));
    const readers = exportedFunctions(sources, 'parse');
    const writers = exportedFunctions(sources, 'render');
    const tests = files.filter(({ path }) => path.endsWith('.test.ts')).map(importedBy);
    return [...readers]
      .filter(([what]) => writers.has(what))
      .filter(
        ([what]) =>
          !tests.some(({ names, from }) => {
            const both = names.has(`parse${what}`) && names.has(`render${what}`);
            return both && from.has('fast-check');
          }),
      )
      .map(([what, { path, line }]) => ({
        path,
        line,
        message: `No test holds parse${what} against render${what}: import both beside fast-check, and show the round trip.`,
      }));
  },
  refuses: [
    [file('src/wire/a.ts', 'export function parseA() {}\nexport function renderA() {}')],
    [
      file('src/wire/a.ts', 'export function parseA() {}'),
      file('src/wire/b.ts', 'export function renderA() {}'),
      file('test/a.test.ts', "import { parseA, renderA } from '../src/wire/a.ts';"),
    ],
    [
      file('src/wire/a.ts', 'export function parseA() {}\nexport function renderA() {}'),
      file('test/a.test.ts', "import fc from 'fast-check';\nimport { parseA } from '../src/wire/a.ts';"),
      file('test/b.test.ts', "import fc from 'fast-check';\nimport { renderA } from '../src/wire/a.ts';"),
    ],
  ],
  accepts: [
    [file('src/wire/a.ts', 'export function parseA() {}\nfunction renderA() {}\nexport function renderB() {}')],
    [
      file('src/wire/a.ts', 'export function parseA() {}\nexport function renderA() {}'),
      file('test/a.test.ts', "import fc from 'fast-check';\nimport { parseA, renderA } from '../src/wire/a.ts';"),
    ],
  ],
};

/** By what follows the verb in their names. */
function exportedFunctions(
  sources: readonly RepositoryFile[],
  verb: 'parse' | 'render',
): ReadonlyMap<string, Exported> {
  const found = new Map<string, Exported>();
  for (const source of sources)
    for (const statement of parse(source).program.body) {
      if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'FunctionDeclaration')
        continue;
      const name = statement.declaration.id?.name ?? '';
      if (!/^[A-Z]/.test(name.slice(verb.length)) || !name.startsWith(verb)) continue;
      found.set(name.slice(verb.length), { path: source.path, line: lineAt(source.text, statement.start) });
    }
  return found;
}

interface Imported {
  readonly names: ReadonlySet<string>;
  readonly from: ReadonlySet<string>;
}

function importedBy(source: RepositoryFile): Imported {
  const names = new Set<string>();
  const from = new Set<string>();
  for (const statement of parse(source).program.body) {
    if (statement.type !== 'ImportDeclaration') continue;
    from.add(statement.source.value);
    for (const specifier of statement.specifiers)
      if (specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier')
        names.add(specifier.imported.name);
  }
  return { names, from };
}
