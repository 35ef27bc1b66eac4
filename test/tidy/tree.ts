// Owns the laws on the tree of files: their names, and that every one of them is used.
import { Visitor } from 'oxc-parser';
import { importSites, resolveImport } from './imports.ts';
import { file, parse } from './law.ts';
import type { Finding, Law, Parsed, RepositoryFile } from './law.ts';

const EMPTY_WORD = /(?:^|[/._-])(utils?|helpers?|common|misc|managers?)(?=[/._-]|$)/i;

/** Folders at the top, and what else may lie beside them. */
const TOP_FOLDERS = new Set(['src', 'dist', '.github', '.ci', 'prompts', 'test', 'docs']);
const TOP_FILES =
  /^(?:README\.md|SECURITY\.md|LICENSE|action\.yml|package(?:-lock)?\.json|tsconfig(?:\.\w+)?\.json|vitest\.config\.ts|\.(?:gitignore|gitattributes|nvmrc|oxlintrc\.json|oxfmtrc\.json))$/;

/** The action's entry; package.json's scripts name the others. All files must be reached from one of them. */
const MAIN = 'src/main.ts';

/** The local GitHub serves the tests as well as the demo. */
const TEST_SUPPORT = /^src\/local\//;

export const pathsAreNouns: Law = {
  name: 'paths name what they hold',
  check: (files) =>
    files
      .filter((source) => !source.path.startsWith('dist/'))
      .flatMap((source) => {
        const word = EMPTY_WORD.exec(source.path)?.[1];
        return word === undefined
          ? []
          : [at(source.path, `"${word}" names no thing: name the file after what it owns.`)];
      }),
  refuses: [
    [file('src/core/utils.ts', '')],
    [file('test/helpers/world.ts', '')],
    [file('src/github/lease-manager.ts', '')],
  ],
  accepts: [[file('src/core/decide.ts', '')], [file('test/world.ts', '')]],
};

export const topIsSmall: Law = {
  name: 'the top of the repository holds nothing unexpected',
  check: (files) =>
    files.flatMap((source) => {
      const [top = '', ...rest] = source.path.split('/');
      const known = rest.length === 0 ? TOP_FILES.test(top) : TOP_FOLDERS.has(top);
      return known ? [] : [at(source.path, 'Not a place of ours: move it, or give it a place in test/tidy/tree.ts.')];
    }),
  refuses: [[file('notes.txt', '')], [file('scripts/build.sh', '')]],
  accepts: [[file('README.md', ''), file('src/main.ts', ''), file('.ci/run', '')]],
};

export const noFileIsDead: Law = {
  name: 'every source file is reached from main, a script or, for the local GitHub, the tests',
  check: (files) => {
    const sources = new Map(
      files.filter((source) => source.path.endsWith('.ts')).map((source) => [source.path, source]),
    );
    const paths = [...sources.keys()];
    const product = reach(sources, [MAIN, ...scriptEntries(files)]);
    const tests = reach(
      sources,
      paths.filter((path) => path.startsWith('test/')),
    );
    return paths
      .filter((path) => path.startsWith('src/') && !product.has(path) && !(TEST_SUPPORT.test(path) && tests.has(path)))
      .map((path) => at(path, 'Nothing reaches this file: wire it in, or remove it and its test.'));
  },
  refuses: [
    [file('src/main.ts', ''), file('src/core/decide.ts', '')],
    [file('src/main.ts', ''), file('src/core/a.ts', ''), file('test/a.test.ts', "import '../src/core/a.ts';")],
    [file('src/cli/lost.ts', ''), file('package.json', '{}')],
  ],
  accepts: [
    [file('src/main.ts', "await import('./modes/nudge.ts');"), file('src/modes/nudge.ts', '')],
    [file('test/door.test.ts', "import '../src/local/door.ts';"), file('src/local/door.ts', '')],
    [file('src/cli/demo.ts', ''), file('package.json', '{"scripts":{"demo":"node src/cli/demo.ts"}}')],
    [file('src/main.ts', "run(['worker.ts']);"), file('src/worker.ts', '')],
  ],
};

function scriptEntries(files: readonly RepositoryFile[]): readonly string[] {
  const scripts = files.find((source) => source.path === 'package.json')?.text ?? '';
  return [...scripts.matchAll(/\bsrc\/[\w/.-]+\.ts\b/g)].map((match) => match[0]);
}

function reach(sources: ReadonlyMap<string, RepositoryFile>, entries: readonly string[]): ReadonlySet<string> {
  const reached = new Set(entries);
  // A set grows while it is walked: every file is visited once.
  for (const path of reached) {
    const source = sources.get(path);
    if (source === undefined) continue;
    for (const target of namedFiles(parse(source))) {
      if (sources.has(target)) reached.add(target);
    }
  }
  return reached;
}

/** Files that a source imports, and those beside it that it names in a string because it starts them as a process. */
function namedFiles(source: Parsed): readonly string[] {
  const names = importSites(source).map((site) => site.specifier);
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string' && /^[\w/.-]+\.ts$/.test(node.value)) names.push(node.value);
    },
  }).visit(source.program);
  return names.map((name) => resolveImport(source.path, name));
}

export const promptsAreUsed: Law = {
  name: 'every prompt is named by the product',
  check: (files) => {
    const product = files.filter((source) => source.path.startsWith('src/')).map((source) => source.text);
    return files
      .filter((source) => source.path.startsWith('prompts/'))
      .filter((source) => {
        const name = source.path.slice('prompts/'.length).replace(/\.md$/, '');
        return !product.some((text) => text.includes(name));
      })
      .map((source) => at(source.path, 'No source names this prompt: use it, or remove it.'));
  },
  refuses: [[file('prompts/lost.md', ''), file('src/main.ts', '')]],
  accepts: [[file('prompts/route.md', ''), file('src/route/question.ts', "const name = 'route.md';")]],
};

function at(path: string, message: string): Finding {
  return { path, line: 1, message };
}
